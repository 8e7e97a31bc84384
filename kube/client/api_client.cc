#include "kube/client/api_client.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "kube/client/line_splitter.h"

namespace heat_scheduler::kube {
namespace {

using nlohmann::json;

constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kMergePatchType = "application/merge-patch+json";
constexpr std::string_view kStrategicMergePatchType = "application/strategic-merge-patch+json";

// Bytes that are no UTF-8 become U+FFFD: text of others must not stop a write.
std::string Dump(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string ObjectName(std::string_view namespace_, std::string_view name) {
  return namespace_.empty() ? std::string(name)
                            : absl::StrCat(ToAbsl(namespace_), "/", ToAbsl(name));
}

ApiRequest MakeRead(std::string_view verb, Kind kind, std::string object, std::string target) {
  const Resource& resource = ResourceOf(kind);
  return {.verb = verb,
          .group = resource.group,
          .resource = resource.plural,
          .object = std::move(object),
          .http = {.method = "GET", .target = std::move(target)}};
}

ApiRequest MakeWrite(std::string_view verb, std::string_view method, Kind kind, std::string object,
                     std::string target, std::string_view content_type, std::string body) {
  ApiRequest request = MakeRead(verb, kind, std::move(object), std::move(target));
  request.http.method = method;
  request.http.headers = {{"Content-Type", std::string(content_type)}};
  request.http.body = std::move(body);
  return request;
}

// Returns a callback for the requester that forgets the answer's body.
Requester::Done Accepting(ApiClient::Callback<Accepted> callback) {
  return [callback = std::move(callback)](ApiResult<net::HttpResponse> response) {
    if (response.ok()) {
      callback(Accepted{});
    } else {
      callback(response.failure());
    }
  };
}

// A watch under way: cuts its bytes into events. Shared by the callbacks of one call.
struct WatchState {
  Kind kind;
  ApiRequest request;  // For messages.
  WatchHandlers handlers;
  LineSplitter splitter{kMaxWatchLineBytes};

  // Ends the watch with a failure of ours.
  void End(WatchEnd::Reason reason, const absl::Status& why) {
    handlers.on_end({.reason = reason, .failure = Requester::Unreadable(request, why)});
  }
};

// Returns what hands on `read` of the response's body: a T, or why there is none.
template <typename T, typename Read>
auto Reading(const ApiRequest& request, ApiClient::Callback<T> callback, Read read) {
  return [request, callback = std::move(callback),
          read = std::move(read)](const ApiResult<net::HttpResponse>& response) {
    if (!response.ok()) return callback(response.failure());
    absl::StatusOr<T> value = read(response->body);
    if (!value.ok()) return callback(Requester::Unreadable(request, value.status()));
    callback(*std::move(value));
  };
}

}  // namespace

std::string EncodePodStatusPatch(const PodStatusPatch& patch) {
  json document = json::object();
  if (!patch.uid.empty()) document["metadata"]["uid"] = patch.uid;
  json& status = document["status"];
  status = json::object();
  if (patch.condition.has_value()) {
    json condition = {{"type", patch.condition->type},
                      {"status", patch.condition->status},
                      {"reason", patch.condition->reason},
                      {"message", patch.condition->message},
                      {"lastProbeTime", nullptr}};
    if (patch.transition_time.has_value()) {
      condition["lastTransitionTime"] = FormatRfc3339(*patch.transition_time);
    }
    status["conditions"] = json::array({std::move(condition)});
  }
  if (patch.nominated_node_name.has_value()) {
    status["nominatedNodeName"] =
        patch.nominated_node_name->empty() ? json(nullptr) : json(*patch.nominated_node_name);
  }
  return Dump(document);
}

ApiClient::ApiClient(net::HttpTransport& transport, net::EventLoop& loop, Decoder& decoder,
                     RequesterOptions options)
    : decoder_(decoder), requester_(transport, loop, decoder, std::move(options)) {}

CallId ApiClient::Get(Kind kind, std::string_view namespace_, std::string_view name,
                      Callback<Object> callback, CallOptions options) {
  ApiRequest request =
      MakeRead("get", kind, ObjectName(namespace_, name), ObjectTarget(kind, namespace_, name));
  return requester_.Send(
      request, options,
      Reading<Object>(request, std::move(callback), [this, kind](const auto& body) {
        return decoder_.DecodeObject(kind, body);
      }));
}

CallId ApiClient::List(const ListQuery& query, Callback<ListPage> callback, CallOptions options) {
  const Kind kind = query.selection.kind;
  ApiRequest request = MakeRead("list", kind, "", ListTarget(query));
  options.max_body_bytes = kMaxListBytes;
  return requester_.Send(
      request, options,
      Reading<ListPage>(request, std::move(callback), [this, kind](const auto& body) {
        return decoder_.DecodeList(kind, body);
      }));
}

CallId ApiClient::Watch(const WatchQuery& query, WatchHandlers handlers) {
  auto state = std::make_shared<WatchState>();
  state->kind = query.selection.kind;
  state->request = MakeRead("watch", state->kind, "", WatchTarget(query));
  state->handlers = std::move(handlers);
  // A call that ended by a fault of its bytes cancels itself; its id is known only after Stream.
  auto id = std::make_shared<CallId>(0);

  const auto on_line = [this, state, id](std::string_view line) {
    absl::StatusOr<WatchEvent> event = decoder_.DecodeWatchEvent(state->kind, line);
    if (!event.ok()) {
      requester_.Cancel(*id);
      state->End(WatchEnd::Reason::kGarbled, event.status());
      return false;
    }
    state->handlers.on_event(*std::move(event));
    return requester_.IsActive(*id);
  };
  const auto on_data = [this, state, id, on_line](std::string_view data) {
    const absl::Status status = state->splitter.Feed(data, on_line);
    if (status.ok()) return;
    requester_.Cancel(*id);
    state->End(WatchEnd::Reason::kLineTooLong, status);
  };
  const auto on_end = [state](StreamEnd end) {
    if (!end.opened) {
      state->handlers.on_end({WatchEnd::Reason::kRefused, std::move(end.failure)});
    } else if (!end.clean()) {
      state->handlers.on_end({WatchEnd::Reason::kLost, std::move(end.failure)});
    } else if (state->splitter.has_partial_line()) {
      state->End(WatchEnd::Reason::kGarbled, absl::DataLossError("it ends inside an event"));
    } else {
      state->handlers.on_end({WatchEnd::Reason::kClosed, {}});
    }
  };
  *id = requester_.Stream(
      state->request, {.idle_timeout = kWatchIdleTimeout},
      {.on_open = [state] { state->handlers.on_open(); }, .on_data = on_data, .on_end = on_end});
  return *id;
}

CallId ApiClient::BindPod(const Binding& binding, Callback<Accepted> callback,
                          CallOptions options) {
  const ObjectMeta& pod = binding.metadata;
  ApiRequest request = MakeWrite("create", "POST", Kind::kPod, KeyOf(pod),
                                 ObjectTarget(Kind::kPod, pod.namespace_, pod.name, "binding"),
                                 kJsonType, EncodeBinding(binding));
  request.resource = "pods/binding";
  return requester_.Send(std::move(request), options, Accepting(std::move(callback)));
}

template <typename T>
CallId ApiClient::SendFor(Kind kind, ApiRequest request, CallOptions options,
                          Callback<Ref<T>> callback) {
  return requester_.Send(request, options,
                         Reading<Ref<T>>(request, std::move(callback),
                                         [this, kind](const auto& body) -> absl::StatusOr<Ref<T>> {
                                           ASSIGN_OR_RETURN(Object object,
                                                            decoder_.DecodeObject(kind, body));
                                           return std::get<Ref<T>>(std::move(object));
                                         }));
}

CallId ApiClient::PatchPodStatus(const PodStatusPatch& patch, Callback<Ref<Pod>> callback,
                                 CallOptions options) {
  ApiRequest request =
      MakeWrite("patch", "PATCH", Kind::kPod, ObjectName(patch.namespace_, patch.name),
                ObjectTarget(Kind::kPod, patch.namespace_, patch.name, "status"),
                kStrategicMergePatchType, EncodePodStatusPatch(patch));
  request.resource = "pods/status";
  return SendFor<Pod>(Kind::kPod, std::move(request), options, std::move(callback));
}

CallId ApiClient::DeletePod(std::string_view namespace_, std::string_view name,
                            std::string_view uid, Callback<Accepted> callback,
                            CallOptions options) {
  const json delete_options = {{"kind", "DeleteOptions"},
                               {"apiVersion", "v1"},
                               {"preconditions", {{"uid", std::string(uid)}}}};
  return requester_.Send(
      MakeWrite("delete", "DELETE", Kind::kPod, ObjectName(namespace_, name),
                ObjectTarget(Kind::kPod, namespace_, name), kJsonType, Dump(delete_options)),
      options, Accepting(std::move(callback)));
}

CallId ApiClient::PatchVolume(const VolumePatch& patch, Callback<Accepted> callback,
                              CallOptions options) {
  const Kind kind = Kind::kPersistentVolume;
  return requester_.Send(
      MakeWrite("patch", "PATCH", kind, patch.volume, ObjectTarget(kind, "", patch.volume),
                kMergePatchType, EncodeVolumePatch(patch)),
      options, Accepting(std::move(callback)));
}

CallId ApiClient::PatchClaim(const ClaimPatch& patch, Callback<Accepted> callback,
                             CallOptions options) {
  const Kind kind = Kind::kPersistentVolumeClaim;
  return requester_.Send(MakeWrite("patch", "PATCH", kind, ObjectName(patch.namespace_, patch.name),
                                   ObjectTarget(kind, patch.namespace_, patch.name),
                                   kMergePatchType, EncodeClaimPatch(patch)),
                         options, Accepting(std::move(callback)));
}

CallId ApiClient::CreateEvent(const Event& event, Callback<Accepted> callback,
                              CallOptions options) {
  return requester_.Send(MakeWrite("create", "POST", Kind::kEvent, KeyOf(event.metadata),
                                   CollectionTarget(Kind::kEvent, event.metadata.namespace_),
                                   kJsonType, EncodeEvent(event)),
                         options, Accepting(std::move(callback)));
}

CallId ApiClient::PatchEventSeries(std::string_view namespace_, std::string_view name,
                                   std::int32_t count, absl::Time last_observed,
                                   Callback<Accepted> callback, CallOptions options) {
  const json patch = {
      {"series", {{"count", count}, {"lastObservedTime", FormatRfc3339Micro(last_observed)}}}};
  return requester_.Send(
      MakeWrite("patch", "PATCH", Kind::kEvent, ObjectName(namespace_, name),
                ObjectTarget(Kind::kEvent, namespace_, name), kMergePatchType, Dump(patch)),
      options, Accepting(std::move(callback)));
}

CallId ApiClient::GetLease(std::string_view namespace_, std::string_view name,
                           Callback<Ref<Lease>> callback, CallOptions options) {
  return SendFor<Lease>(Kind::kLease,
                        MakeRead("get", Kind::kLease, ObjectName(namespace_, name),
                                 ObjectTarget(Kind::kLease, namespace_, name)),
                        options, std::move(callback));
}

CallId ApiClient::CreateLease(const Lease& lease, Callback<Ref<Lease>> callback,
                              CallOptions options) {
  return SendFor<Lease>(Kind::kLease,
                        MakeWrite("create", "POST", Kind::kLease, KeyOf(lease.metadata),
                                  CollectionTarget(Kind::kLease, lease.metadata.namespace_),
                                  kJsonType, EncodeLease(lease)),
                        options, std::move(callback));
}

CallId ApiClient::UpdateLease(const Lease& lease, Callback<Ref<Lease>> callback,
                              CallOptions options) {
  const ObjectMeta& meta = lease.metadata;
  return SendFor<Lease>(Kind::kLease,
                        MakeWrite("update", "PUT", Kind::kLease, KeyOf(meta),
                                  ObjectTarget(Kind::kLease, meta.namespace_, meta.name), kJsonType,
                                  EncodeLease(lease)),
                        options, std::move(callback));
}

}  // namespace heat_scheduler::kube
