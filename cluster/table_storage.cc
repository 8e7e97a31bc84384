// The columns of volumes, claims and storage classes (cluster/table.h).
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "cluster/table.h"

namespace heat_scheduler::cluster {
namespace {

std::string Or(const Json& object, Path path, std::string_view otherwise) {
  const std::string_view text = TextAt(object, path);
  return std::string(text.empty() ? otherwise : text);
}

// Returns "RWO,RWX" of a list of modes, in kubectl's order.
std::string ShortModes(const Json& modes) {
  std::string text;
  for (const auto& [mode, letters] :
       std::initializer_list<std::pair<const char*, const char*>>{{"ReadWriteOnce", "RWO"},
                                                                  {"ReadOnlyMany", "ROX"},
                                                                  {"ReadWriteMany", "RWX"},
                                                                  {"ReadWriteOncePod", "RWOP"}}) {
    for (const Json& listed : modes) {
      if (listed != mode) continue;
      absl::StrAppend(&text, text.empty() ? "" : ",", letters);
      break;
    }
  }
  return text;
}

std::string PhaseCell(const Json& object, absl::Time /*now*/) {
  const bool going = Find(object, {"metadata", "deletionTimestamp"}) != nullptr;
  return going ? "Terminating" : std::string(TextAt(object, {"status", "phase"}));
}

std::string ClassCell(const Json& object, absl::Time /*now*/) {
  const std::string_view old =
      TextAt(object, {"metadata", "annotations", "volume.beta.kubernetes.io/storage-class"});
  return std::string(old.empty() ? TextAt(object, {"spec", "storageClassName"}) : old);
}

std::string AttributesClassCell(const Json& object, absl::Time /*now*/) {
  return Or(object, {"spec", "volumeAttributesClassName"}, "<unset>");
}

std::string VolumeModeCell(const Json& object, absl::Time /*now*/) {
  return Or(object, {"spec", "volumeMode"}, "<unset>");
}

std::string VolumeCapacityCell(const Json& object, absl::Time /*now*/) {
  return Or(object, {"spec", "capacity", "storage"}, "0");
}

std::string VolumeModesCell(const Json& object, absl::Time /*now*/) {
  return ShortModes(ArrayAt(object, {"spec", "accessModes"}));
}

std::string ReclaimPolicyCell(const Json& object, absl::Time /*now*/) {
  return std::string(TextAt(object, {"spec", "persistentVolumeReclaimPolicy"}));
}

std::string ClaimCell(const Json& object, absl::Time /*now*/) {
  const Json* claim = Find(object, {"spec", "claimRef"});
  if (claim == nullptr) return "";
  return absl::StrCat(std::string(TextAt(*claim, {"namespace"})), "/",
                      std::string(TextAt(*claim, {"name"})));
}

std::string ReasonCell(const Json& object, absl::Time /*now*/) {
  return std::string(TextAt(object, {"status", "reason"}));
}

std::string VolumeCell(const Json& object, absl::Time /*now*/) {
  return std::string(TextAt(object, {"spec", "volumeName"}));
}

std::string ClaimCapacityCell(const Json& object, absl::Time /*now*/) {
  if (TextAt(object, {"spec", "volumeName"}).empty()) return "";
  return Or(object, {"status", "capacity", "storage"}, "0");
}

std::string ClaimModesCell(const Json& object, absl::Time /*now*/) {
  if (TextAt(object, {"spec", "volumeName"}).empty()) return "";
  return ShortModes(ArrayAt(object, {"status", "accessModes"}));
}

std::string ClassNameCell(const Json& object, absl::Time /*now*/) {
  const bool is_default = TextAt(object, {"metadata", "annotations",
                                          "storageclass.kubernetes.io/is-default-class"}) == "true";
  return absl::StrCat(std::string(TextAt(object, {"metadata", "name"})),
                      is_default ? " (default)" : "");
}

std::string ProvisionerCell(const Json& object, absl::Time /*now*/) {
  return std::string(TextAt(object, {"provisioner"}));
}

std::string ClassPolicyCell(const Json& object, absl::Time /*now*/) {
  return Or(object, {"reclaimPolicy"}, "Delete");
}

std::string BindingModeCell(const Json& object, absl::Time /*now*/) {
  return Or(object, {"volumeBindingMode"}, "Immediate");
}

std::string ExpansionCell(const Json& object, absl::Time /*now*/) {
  return TrueAt(object, {"allowVolumeExpansion"}) ? "true" : "false";
}

}  // namespace

std::vector<Column> PersistentVolumeColumns() {
  return {{"Name", false, NameCell},
          {"Capacity", false, VolumeCapacityCell},
          {"Access Modes", false, VolumeModesCell},
          {"Reclaim Policy", false, ReclaimPolicyCell},
          {"Status", false, PhaseCell},
          {"Claim", false, ClaimCell},
          {"StorageClass", false, ClassCell},
          {"VolumeAttributesClass", false, AttributesClassCell},
          {"Reason", false, ReasonCell},
          {"Age", false, AgeCell},
          {"VolumeMode", true, VolumeModeCell}};
}

std::vector<Column> PersistentVolumeClaimColumns() {
  return {{"Name", false, NameCell},
          {"Status", false, PhaseCell},
          {"Volume", false, VolumeCell},
          {"Capacity", false, ClaimCapacityCell},
          {"Access Modes", false, ClaimModesCell},
          {"StorageClass", false, ClassCell},
          {"VolumeAttributesClass", false, AttributesClassCell},
          {"Age", false, AgeCell},
          {"VolumeMode", true, VolumeModeCell}};
}

std::vector<Column> StorageClassColumns() {
  return {{"Name", false, ClassNameCell},
          {"Provisioner", false, ProvisionerCell},
          {"ReclaimPolicy", false, ClassPolicyCell},
          {"VolumeBindingMode", false, BindingModeCell},
          {"AllowVolumeExpansion", false, ExpansionCell},
          {"Age", false, AgeCell}};
}

}  // namespace heat_scheduler::cluster
