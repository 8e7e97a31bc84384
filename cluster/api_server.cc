#include "cluster/api_server.h"

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/numbers.h"
#include "base/status.h"
#include "cluster/discovery.h"
#include "cluster/responses.h"
#include "cluster/reviews.h"

namespace heat_scheduler::cluster {

ApiServer::ApiServer(net::EventLoop& loop, ApiServerOptions options)
    : loop_(loop),
      options_(std::move(options)),
      store_(loop, options_.store),
      registry_(store_),
      watches_(loop, store_, options_.watch) {}

void ApiServer::Handle(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) {
  try {
    Outcome<Answer> answer = Dispatch(request, sink);
    if (!answer.ok()) {
      sink->Send(ErrorResponse(answer.error()));
    } else if (answer->has_value()) {
      sink->Send(**std::move(answer));
    }
  } catch (const Json::exception& error) {
    // A document of a shape that no check foresaw: refused, and nothing was written.
    sink->Send(ErrorResponse(BadRequest(error.what())));
  }
}

Outcome<ApiServer::Answer> ApiServer::Dispatch(const net::HttpRequest& http,
                                               const std::shared_ptr<net::ResponseSink>& sink) {
  if (http.body.size() > options_.max_body_bytes) return RequestTooLarge(options_.max_body_bytes);
  ASSIGN_OR_RETURN(const ApiRequest request, ParseApiRequest(http));
  if (request.object.resource == nullptr) return HandleOther(request);
  if (request.subresource == "bindings") return Bind(request);
  if (!request.subresource.empty()) return HandleSubresource(request);
  if (request.object.name.empty()) return HandleCollection(request, sink);
  return HandleObject(request, sink);
}

Outcome<ApiServer::Answer> ApiServer::HandleOther(const ApiRequest& request) {
  if (auto response = AnswerDiscovery(request)) return Answer(*std::move(response));
  ASSIGN_OR_RETURN(Answer review, AnswerReview(request, options_.token));
  if (review.has_value()) return review;
  return UnknownPath();
}

Outcome<ApiServer::Answer> ApiServer::HandleCollection(
    const ApiRequest& request, const std::shared_ptr<net::ResponseSink>& sink) {
  const std::string& method = request.http->method;
  if (method == "GET") {
    return request.Flag("watch") ? StartWatch(request, sink) : List(request);
  }
  if (request.object.resource->namespaced && request.object.namespace_.empty()) {
    return MethodNotSupported();
  }
  if (method == "POST") return Create(request);
  if (method == "DELETE") return DeleteCollection(request);
  return MethodNotSupported();
}

Outcome<ApiServer::Answer> ApiServer::HandleObject(const ApiRequest& request,
                                                   const std::shared_ptr<net::ResponseSink>& sink) {
  const std::string& method = request.http->method;
  if (request.object.resource->namespaced && request.object.namespace_.empty()) {
    return UnknownPath();
  }
  if (method == "GET") {
    if (request.Flag("watch")) return StartWatch(request, sink);
    return Read(request);
  }
  if (method == "PUT") return Update(request, Part::kMain);
  if (method == "PATCH") return Patch(request, Part::kMain);
  if (method == "DELETE") return Delete(request);
  return MethodNotSupported();
}

Outcome<ApiServer::Answer> ApiServer::HandleSubresource(const ApiRequest& request) {
  const std::string& method = request.http->method;
  const std::string& name = request.subresource;
  const ResourceInfo& resource = *request.object.resource;
  if (name == "status" && resource.has_status) {
    if (method == "GET") return Read(request);
    if (method == "PUT") return Update(request, Part::kStatus);
    if (method == "PATCH") return Patch(request, Part::kStatus);
    return MethodNotSupported();
  }
  if (&resource == &PodResource() && (name == "binding" || name == "eviction")) {
    if (method != "POST") return MethodNotSupported();
    return name == "binding" ? Bind(request) : Evict(request);
  }
  if (name == "scale" && resource.has_scale) return HandleScale(request);
  return UnknownPath();
}

Outcome<ApiServer::Answer> ApiServer::Read(const ApiRequest& request) {
  ASSIGN_OR_RETURN(const View view, ReadView(request, loop_));
  ASSIGN_OR_RETURN(const DocumentRef document, registry_.Get(request.object));
  return Answer(JsonResponse(200, view.Render(document)));
}

Outcome<ApiServer::Answer> ApiServer::StartWatch(const ApiRequest& request,
                                                 const std::shared_ptr<net::ResponseSink>& sink) {
  ASSIGN_OR_RETURN(WatchOptions options, ReadWatchOptions(request));
  ASSIGN_OR_RETURN(const View view, ReadView(request, loop_));
  if (Refusal refusal = watches_.Start(view, std::move(options), sink)) {
    return *std::move(refusal);
  }
  return Answer(std::nullopt);
}

Outcome<ApiServer::Answer> ApiServer::List(const ApiRequest& request) {
  ASSIGN_OR_RETURN(const ListOptions options, ReadListOptions(request));
  ASSIGN_OR_RETURN(const ObjectList list, ListObjects(store_, *request.object.resource, options));
  ASSIGN_OR_RETURN(const View view, ReadView(request, loop_));
  return Answer(JsonResponse(200, view.RenderList(list)));
}

Outcome<ApiServer::Answer> ApiServer::Create(const ApiRequest& request) {
  ASSIGN_OR_RETURN(Json body, ReadBody(request));
  ASSIGN_OR_RETURN(const DocumentRef made,
                   registry_.Create(*request.object.resource, request.object.namespace_,
                                    std::move(body), request.Writer("create")));
  return Answer(JsonResponse(201, View{request.object.resource}.Render(made)));
}

Outcome<ApiServer::Answer> ApiServer::Update(const ApiRequest& request, Part part) {
  ASSIGN_OR_RETURN(Json body, ReadBody(request));
  const char* operation = part == Part::kStatus ? "update status" : "update";
  ASSIGN_OR_RETURN(
      const DocumentRef updated,
      registry_.Update(request.object, part, std::move(body), request.Writer(operation)));
  return Answer(JsonResponse(200, View{request.object.resource}.Render(updated)));
}

Outcome<ApiServer::Answer> ApiServer::Patch(const ApiRequest& request, Part part) {
  const std::optional<PatchType> type =
      PatchTypeOf(net::FindHeader(request.http->headers, "Content-Type"));
  if (!type.has_value()) return UnsupportedMediaType(kPatchMediaTypes);
  ASSIGN_OR_RETURN(const Json body, ReadBody(request));
  const bool existed = registry_.Get(request.object).ok();
  const char* operation = part == Part::kStatus ? "patch status" : "patch";
  ASSIGN_OR_RETURN(const DocumentRef patched,
                   registry_.Patch(request.object, part, *type, body, request.Writer(operation)));
  return Answer(JsonResponse(existed ? 200 : 201, View{request.object.resource}.Render(patched)));
}

Outcome<ApiServer::Answer> ApiServer::Delete(const ApiRequest& request) {
  ASSIGN_OR_RETURN(const Json body, ReadBody(request));
  DeleteOptions options = ReadDeleteOptions(body);
  if (const std::string_view grace = request.Query("gracePeriodSeconds"); !grace.empty()) {
    options.grace_seconds = ParseInt64(grace);
  }
  ASSIGN_OR_RETURN(const Deleted deleted,
                   registry_.Delete(request.object, options, request.Writer("delete")));
  const ResourceInfo& resource = *request.object.resource;
  // What is gone is answered with a Status, pods and what lingers with the object.
  if (!deleted.gone || &resource == &PodResource()) {
    return Answer(JsonResponse(200, View{&resource}.Render(deleted.document)));
  }
  Json status = {{"kind", "Status"},
                 {"apiVersion", "v1"},
                 {"metadata", Json::object()},
                 {"status", "Success"},
                 {"details",
                  {{"name", request.object.name},
                   {"kind", resource.plural},
                   {"uid", TextAt(deleted.document->json(), {"metadata", "uid"})}}}};
  if (!resource.group.empty()) status["details"]["group"] = resource.group;
  return Answer(JsonResponse(200, Dump(status)));
}

Outcome<ApiServer::Answer> ApiServer::DeleteCollection(const ApiRequest& request) {
  ASSIGN_OR_RETURN(const Json body, ReadBody(request));
  ASSIGN_OR_RETURN(const ListOptions options, ReadListOptions(request));
  ASSIGN_OR_RETURN(ObjectList list, ListObjects(store_, *request.object.resource, options));
  for (const DocumentRef& document : list.items) {
    const ObjectName object{request.object.resource, std::string(document->namespace_()),
                            std::string(document->name())};
    // One that goes meanwhile is as good as deleted.
    registry_.Delete(object, ReadDeleteOptions(body), request.Writer("delete"));
  }
  return Answer(JsonResponse(200, View{request.object.resource}.RenderList(list)));
}

Outcome<ApiServer::Answer> ApiServer::Bind(const ApiRequest& request) {
  if (request.http->method != "POST") return MethodNotSupported();
  ASSIGN_OR_RETURN(const Json binding, ReadBody(request));
  const std::string_view named = TextAt(binding, {"metadata", "name"});
  const std::string pod(request.object.name.empty() ? named : request.object.name);
  if (pod.empty()) return BadRequest("the Binding names no pod: metadata.name is empty");
  if (!named.empty() && named != pod) {
    return BadRequest("name in URL does not match name in Binding object");
  }
  if (Refusal refusal =
          registry_.Bind(request.object.namespace_, pod, binding, request.Writer("bind"))) {
    return *std::move(refusal);
  }
  return Answer(SuccessResponse(201));
}

Outcome<ApiServer::Answer> ApiServer::Evict(const ApiRequest& request) {
  ASSIGN_OR_RETURN(const Json eviction, ReadBody(request));
  if (Refusal refusal = registry_.Evict(request.object.namespace_, request.object.name, eviction,
                                        request.Writer("evict"))) {
    return *std::move(refusal);
  }
  return Answer(SuccessResponse(201));
}

}  // namespace heat_scheduler::cluster
