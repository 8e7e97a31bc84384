// The binding subresource of pods (Registry::Bind).
// Source: kubernetes v1.36 pkg/registry/core/pod/storage/storage.go (BindingREST).
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "cluster/pod_admission.h"
#include "cluster/registry.h"

namespace heat_scheduler::cluster {
namespace {

// What is wrong with the Binding itself.
Refusal CheckBinding(const Json& binding) {
  const std::string_view kind = TextAt(binding, {"target", "kind"});
  if (!kind.empty() && kind != "Node") {
    ApiError error =
        BadRequest(absl::StrCat("Binding is invalid: target.kind: Unsupported value: \"",
                                ToAbsl(kind), "\": supported values: \"Node\", \"<empty>\""));
    error.code = 422;
    error.reason = "Invalid";
    return error;
  }
  if (TextAt(binding, {"target", "name"}).empty()) {
    ApiError error = BadRequest("Binding is invalid: target.name: Required value");
    error.code = 422;
    error.reason = "Invalid";
    return error;
  }
  return std::nullopt;
}

// Why the pod cannot be bound now, or nothing.
std::string Obstacle(const Json& pod) {
  const std::string_view name = TextAt(pod, {"metadata", "name"});
  if (Find(pod, {"metadata", "deletionTimestamp"}) != nullptr) {
    return absl::StrCat("pod ", ToAbsl(name), " is being deleted, cannot be assigned to a host");
  }
  const std::string_view node = TextAt(pod, {"spec", "nodeName"});
  if (!node.empty()) {
    return absl::StrCat("pod ", ToAbsl(name), " is already assigned to node \"", ToAbsl(node),
                        "\"");
  }
  if (!ArrayAt(pod, {"spec", "schedulingGates"}).empty()) {
    return absl::StrCat("pod ", ToAbsl(name), " has non-empty .spec.schedulingGates");
  }
  return "";
}

void CopyTexts(const Json& binding, Json& pod, const char* map) {
  for (const auto& [key, value] : ObjectAt(binding, {"metadata", map}).items()) {
    if (value.is_string()) EnsureObject(pod["metadata"], map)[key] = value;
  }
}

}  // namespace

Refusal Registry::Bind(std::string_view namespace_, std::string_view pod, const Json& binding,
                       const WriteContext& context) {
  if (Refusal refusal = CheckBinding(binding)) return refusal;
  const DocumentRef current = store_.Get(PodResource(), namespace_, pod);
  if (current == nullptr) return NotFound(PodResource(), pod);
  Json bound = current->json();
  // The store holds these against the pod: they are the binding's preconditions.
  const std::string uid(TextAt(binding, {"metadata", "uid"}));
  const std::string version(TextAt(binding, {"metadata", "resourceVersion"}));
  const bool same_pod = uid.empty() || uid == TextAt(bound, {"metadata", "uid"});
  if (const std::string obstacle = Obstacle(bound); same_pod && !obstacle.empty()) {
    return Conflict("pods/binding", pod, obstacle);
  }
  Json& metadata = bound["metadata"];
  if (!uid.empty()) metadata["uid"] = uid;
  if (!version.empty()) metadata["resourceVersion"] = version;
  bound["spec"]["nodeName"] = std::string(TextAt(binding, {"target", "name"}));
  CopyTexts(binding, bound, "annotations");
  CopyTexts(binding, bound, "labels");
  EnsureObject(bound, "status").erase("nominatedNodeName");
  SetPodCondition(bound, "PodScheduled", "True", "", "", store_.Now().wall);
  auto updated = store_.Update(PodResource(), std::move(bound), context);
  if (!updated.ok()) return updated.error();
  return std::nullopt;
}

}  // namespace heat_scheduler::cluster
