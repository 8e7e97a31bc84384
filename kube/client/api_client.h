// The API server's calls that a scheduler makes, typed and asynchronous, many in flight.
//
// A failure says whether the request may have been carried out (api_result.h) and its status is
// fit for a log line. Callbacks run once each on the loop's thread, never inside the call that
// asked for them, and not at all after Cancel or the client's end. Not destroyed inside a callback.
// Wire forms: Kubernetes v1.36 OpenAPI; bind and status patch as kube-scheduler sends them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "kube/client/api_result.h"
#include "kube/client/requester.h"
#include "kube/client/resources.h"
#include "kube/client/volume_patches.h"
#include "kube/codec.h"
#include "net/event_loop.h"
#include "net/http_transport.h"

namespace heat_scheduler::kube {

// Limits of what is read (docs: a page of 500 large pods is tens of MB; etcd keeps objects under
// 1.5 MiB, and a watch line holds one of them in its frame).
inline constexpr std::size_t kMaxListBytes = 256u * 1024 * 1024;
inline constexpr std::size_t kMaxWatchLineBytes = 3 * 1024 * 1024 + 4096;
inline constexpr absl::Duration kListTimeout = absl::Minutes(1);
// Twice the interval of the API server's bookmarks: a watch that is silent longer is dead.
inline constexpr absl::Duration kWatchIdleTimeout = absl::Minutes(2);

// A change of pods/status. What is absent is left as it is.
struct PodStatusPatch {
  std::string namespace_;
  std::string name;
  std::string uid;  // Precondition, unless empty: a pod of another UID gives 409.
  std::optional<PodCondition> condition;
  std::optional<absl::Time> transition_time;       // The condition's lastTransitionTime.
  std::optional<std::string> nominated_node_name;  // Empty: removes it.
};

// Returns the strategic merge patch: conditions merge by type.
std::string EncodePodStatusPatch(const PodStatusPatch& patch);

// How a watch ended, and why.
struct WatchEnd {
  enum class Reason {
    kRefused,      // It never opened: an HTTP error, or the server was not reached.
    kClosed,       // The server ended it between two events, as it does when its time is over.
    kLost,         // Cut, or silent for too long.
    kGarbled,      // An event could not be read, or was cut in the middle.
    kLineTooLong,  // An event is over kMaxWatchLineBytes.
  };
  Reason reason = Reason::kClosed;
  ApiFailure failure = {};  // Empty for kClosed.
};

struct WatchHandlers {
  std::function<void()> on_open;
  std::function<void(WatchEvent event)> on_event;
  std::function<void(WatchEnd end)> on_end;  // Last, once.
};

class ApiClient {
 public:
  template <typename T>
  using Callback = std::function<void(ApiResult<T> result)>;

  // Borrows transport, loop and decoder.
  ApiClient(net::HttpTransport& transport, net::EventLoop& loop, Decoder& decoder,
            RequesterOptions options = {});

  // Reads one object.
  CallId Get(Kind kind, std::string_view namespace_, std::string_view name,
             Callback<Object> callback, CallOptions options = {});

  // Reads one page. The body limit is kMaxListBytes, whatever `options` says.
  CallId List(const ListQuery& query, Callback<ListPage> callback,
              CallOptions options = {.timeout = kListTimeout});

  // Watches; the server's end is an end like any other.
  CallId Watch(const WatchQuery& query, WatchHandlers handlers);

  // Binds the pod of `binding.metadata` (name, namespace, UID as precondition) to its node.
  CallId BindPod(const Binding& binding, Callback<Accepted> callback, CallOptions options = {});

  // Changes pods/status, and returns the pod as it is then.
  CallId PatchPodStatus(const PodStatusPatch& patch, Callback<Ref<Pod>> callback,
                        CallOptions options = {});

  // Deletes the pod, if it still has that UID: another one of the name gives 409. It may have its
  // grace period yet.
  CallId DeletePod(std::string_view namespace_, std::string_view name, std::string_view uid,
                   Callback<Accepted> callback, CallOptions options = {});

  // Sets a volume aside for a claim, or says on which node one is to be provisioned for it.
  CallId PatchVolume(const VolumePatch& patch, Callback<Accepted> callback,
                     CallOptions options = {});
  CallId PatchClaim(const ClaimPatch& patch, Callback<Accepted> callback, CallOptions options = {});

  // Writes an event (events.k8s.io/v1).
  CallId CreateEvent(const Event& event, Callback<Accepted> callback, CallOptions options = {});

  // Says that an event has happened `count` times, last at `last_observed`.
  CallId PatchEventSeries(std::string_view namespace_, std::string_view name, std::int32_t count,
                          absl::Time last_observed, Callback<Accepted> callback,
                          CallOptions options = {});

  CallId GetLease(std::string_view namespace_, std::string_view name, Callback<Ref<Lease>> callback,
                  CallOptions options = {});
  CallId CreateLease(const Lease& lease, Callback<Ref<Lease>> callback, CallOptions options = {});
  // Replaces the lease if its resourceVersion is still that of `lease`; 409 otherwise.
  CallId UpdateLease(const Lease& lease, Callback<Ref<Lease>> callback, CallOptions options = {});

  // Drops a call: its callback is not called. Unknown ids are ignored.
  void Cancel(CallId id) { requester_.Cancel(id); }

  // Returns the state of the credentials, for health and metrics.
  const TokenSource& token() const { return requester_.token(); }

 private:
  // Sends a write and decodes the object in the answer.
  template <typename T>
  CallId SendFor(Kind kind, ApiRequest request, CallOptions options, Callback<Ref<T>> callback);

  Decoder& decoder_;
  Requester requester_;
};

}  // namespace heat_scheduler::kube
