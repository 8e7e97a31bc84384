#include "cluster/manifest.h"

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "kube/yaml.h"

namespace heat_scheduler::cluster {
namespace {

constexpr const char* kStrippedMetadata[] = {"uid", "resourceVersion", "creationTimestamp",
                                             "generation", "selfLink"};

absl::Status Create(Registry& registry, Json document) {
  const ResourceInfo* resource =
      FindKind(TextAt(document, {"apiVersion"}), TextAt(document, {"kind"}));
  if (resource == nullptr) {
    return absl::InvalidArgumentError("heat-cluster does not serve this apiVersion and kind");
  }
  Json& metadata = EnsureObject(document, "metadata");
  for (const char* key : kStrippedMetadata) metadata.erase(key);
  const WriteContext context{"heat-cluster/load", "create"};
  std::string namespace_;
  if (resource->namespaced) {
    namespace_ = TextAt(metadata, {"namespace"});
    if (namespace_.empty()) namespace_ = "default";
  }
  const Json status = ObjectAt(document, {"status"});
  auto made = registry.Create(*resource, namespace_, std::move(document), context);
  if (!made.ok()) return absl::InvalidArgumentError(made.error().message);
  if (status.empty() || !resource->has_status) return absl::OkStatus();
  Json with_status = (*made)->json();
  with_status["status"] = status;
  const ObjectName object{resource, namespace_, std::string((*made)->name())};
  made = registry.Update(object, Part::kStatus, std::move(with_status),
                         {"heat-cluster/load", "update status"});
  return made.ok() ? absl::OkStatus() : absl::InvalidArgumentError(made.error().message);
}

}  // namespace

absl::Status LoadManifests(Registry& registry, std::string_view text, std::string_view source) {
  ASSIGN_OR_RETURN(std::vector<Json> documents,
                   kube::ParseManifests(text, source, kMaxManifestBytes));
  for (Json& document : documents) {
    const std::string what =
        absl::StrCat(ToAbsl(source), ": ", ToAbsl(TextAt(document, {"kind"})), " ",
                     ObjectKey(TextAt(document, {"metadata", "namespace"}),
                               TextAt(document, {"metadata", "name"})));
    RETURN_IF_ERROR(Annotate(Create(registry, std::move(document)), what));
  }
  return absl::OkStatus();
}

}  // namespace heat_scheduler::cluster
