// The scale subresource of workloads (ApiServer::HandleScale): spec.replicas as autoscaling/v1.
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/status.h"
#include "cluster/api_server.h"
#include "cluster/responses.h"

namespace heat_scheduler::cluster {
namespace {

Json ScaleOf(const Document& workload) {
  const Json& json = workload.json();
  Json metadata = {{"name", workload.name()}, {"namespace", workload.namespace_()}};
  for (const char* key : {"uid", "resourceVersion", "creationTimestamp"}) {
    metadata[key] = TextAt(json, {"metadata", key});
  }
  const std::int64_t wanted = IntegerAt(json, {"spec", "replicas"}).value_or(1);
  return {{"kind", "Scale"},
          {"apiVersion", "autoscaling/v1"},
          {"metadata", std::move(metadata)},
          {"spec", {{"replicas", wanted}}},
          {"status", {{"replicas", IntegerAt(json, {"status", "replicas"}).value_or(0)}}}};
}

}  // namespace

Outcome<ApiServer::Answer> ApiServer::HandleScale(const ApiRequest& request) {
  ASSIGN_OR_RETURN(const DocumentRef current, registry_.Get(request.object));
  const std::string& method = request.http->method;
  Json scale = ScaleOf(*current);
  if (method == "GET") return Answer(JsonResponse(200, Dump(scale)));
  ASSIGN_OR_RETURN(const Json body, ReadBody(request));
  if (method == "PATCH") {
    const auto type = PatchTypeOf(net::FindHeader(request.http->headers, "Content-Type"));
    if (!type.has_value()) return UnsupportedMediaType(kPatchMediaTypes);
    ASSIGN_OR_RETURN(scale, ApplyPatch(*type, scale, body));
  } else if (method == "PUT") {
    scale = body;
  } else {
    return MethodNotSupported();
  }
  const auto replicas = IntegerAt(scale, {"spec", "replicas"});
  if (!replicas.has_value() || *replicas < 0) {
    return Invalid(*request.object.resource, request.object.name,
                   {InvalidValue("spec.replicas", Dump(scale["spec"]["replicas"]),
                                 "must be an integer of 0 or more")});
  }
  Json updated = current->json();
  updated["spec"]["replicas"] = *replicas;
  const std::string_view version = TextAt(scale, {"metadata", "resourceVersion"});
  if (!version.empty()) updated["metadata"]["resourceVersion"] = version;
  ASSIGN_OR_RETURN(
      const DocumentRef written,
      registry_.Update(request.object, Part::kMain, std::move(updated), request.Writer("scale")));
  return Answer(JsonResponse(200, Dump(ScaleOf(*written))));
}

}  // namespace heat_scheduler::cluster
