#include "plugins/defaults/volumes/csi_migration.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/check.h"
#include "base/status.h"
#include "base/strings.h"

namespace heat_scheduler {
namespace {

using DiskPlugin = kube::InTreeDisk::Plugin;

struct Migration {
  DiskPlugin plugin;
  std::string_view name;  // As provisioners and the annotation of CSINodes have it.
  std::string_view driver;
  std::string_view topology_key;  // Empty: its topology is not translated.
};

constexpr std::array<Migration, 5> kMigrations = {{
    {DiskPlugin::kAwsElasticBlockStore, "kubernetes.io/aws-ebs", "ebs.csi.aws.com",
     "topology.ebs.csi.aws.com/zone"},
    {DiskPlugin::kAzureDisk, "kubernetes.io/azure-disk", "disk.csi.azure.com", ""},
    {DiskPlugin::kCinder, "kubernetes.io/cinder", "cinder.csi.openstack.org",
     "topology.cinder.csi.openstack.org/zone"},
    {DiskPlugin::kGcePersistentDisk, "kubernetes.io/gce-pd", "pd.csi.storage.gke.io",
     "topology.gke.io/zone"},
    {DiskPlugin::kPortworxVolume, "kubernetes.io/portworx-volume", "pxd.portworx.com", ""},
}};

// Translated by the library, but not among the plugins that the scheduler takes for migrated.
constexpr std::array<std::string_view, 2> kOthersInTree = {"kubernetes.io/azure-file",
                                                           "kubernetes.io/vsphere-volume"};

constexpr std::string_view kMigratedPlugins = "storage.alpha.kubernetes.io/migrated-plugins";
constexpr std::string_view kZone = "topology.kubernetes.io/zone";
constexpr std::string_view kRegion = "topology.kubernetes.io/region";
constexpr std::string_view kBetaZone = "failure-domain.beta.kubernetes.io/zone";
constexpr std::string_view kBetaRegion = "failure-domain.beta.kubernetes.io/region";
// Between the zones of a volume's label.
constexpr char kZoneDelimiter[] = "__";
constexpr char kUnspecified[] = "UNSPECIFIED";

const Migration& MigrationOf(DiskPlugin plugin) {
  for (const Migration& migration : kMigrations) {
    if (migration.plugin == plugin) return migration;
  }
  HS_CHECK(false, "an in-tree plugin is missing in the table of migrations");
}

// Returns the label's value, or empty text.
std::string LabelOf(const kube::PersistentVolume& volume, std::string_view key) {
  const auto found = volume.metadata.labels.find(key);
  return found == volume.metadata.labels.end() ? "" : found->second;
}

// Takes aws://<zone>/vol-1, aws:///vol-1 and the bare vol-1.
absl::StatusOr<std::string> EbsVolumeId(const std::string& id) {
  constexpr char kScheme[] = "aws://";
  if (!absl::StartsWith(id, kScheme)) return id;
  std::string path = id.substr(sizeof kScheme - 1);
  path.erase(0, path.find('/'));
  path.erase(std::min(path.size(), path.find_first_of("?#")));
  const auto is_slash = [](char c) { return c == '/'; };
  path.erase(path.begin(), std::find_if_not(path.begin(), path.end(), is_slash));
  path.erase(std::find_if_not(path.rbegin(), path.rend(), is_slash).base(), path.end());
  if (!absl::StartsWith(path, "vol-") || absl::StrContains(path, '/')) {
    return absl::InvalidArgumentError(
        absl::StrCat("failed to translate Kubernetes ID to EBS Volume ID Invalid format for AWS "
                     "volume (",
                     id, ")"));
  }
  return path;
}

absl::StatusOr<std::string> GceRegionOf(const std::vector<std::string>& zones) {
  std::set<std::string> regions;
  for (const std::string& zone : zones) {
    const std::vector<std::string> parts = absl::StrSplit(zone, '-');
    if (parts.size() != 3) {
      return absl::InvalidArgumentError(
          absl::StrCat("failed to get region from zones: zone in unexpected format, expected: "
                       "{locale}-{region}-{zone}, got: ",
                       zone));
    }
    regions.insert(absl::StrCat(parts[0], "-", parts[1]));
  }
  if (regions.size() == 1) return *regions.begin();
  return absl::InvalidArgumentError(absl::StrCat(
      "failed to get region from zones: multiple or no regions gotten from zones, got: map[",
      absl::StrJoin(
          regions, " ",
          [](std::string* out, const std::string& region) { absl::StrAppend(out, region, ":{}"); }),
      "]"));
}

absl::StatusOr<std::string> GceHandleOf(const kube::PersistentVolume& volume) {
  std::string label = LabelOf(volume, kBetaZone);
  if (label.empty()) label = LabelOf(volume, kZone);
  const std::vector<std::string> zones = absl::StrSplit(label, kZoneDelimiter);
  const std::string& disk = volume.in_tree_disk->id;
  if (zones.size() == 1) {
    return absl::StrCat("projects/", kUnspecified, "/zones/",
                        zones[0].empty() ? kUnspecified : zones[0], "/disks/", disk);
  }
  ASSIGN_OR_RETURN(const std::string region, GceRegionOf(zones));
  return absl::StrCat("projects/", kUnspecified, "/regions/", region, "/disks/", disk);
}

template <typename Visit>
void ForEachRequirement(std::optional<kube::NodeSelector>& affinity, std::string_view key,
                        Visit visit) {
  if (!affinity) return;
  for (kube::NodeSelectorTerm& term : affinity->terms) {
    for (kube::SelectorRequirement& requirement : term.match_expressions) {
      if (requirement.key == key) visit(requirement);
    }
  }
}

bool HasKey(std::optional<kube::NodeSelector>& affinity, std::string_view key) {
  bool has = false;
  ForEachRequirement(affinity, key, [&](const auto& /*requirement*/) { has = true; });
  return has;
}

bool HasValues(std::optional<kube::NodeSelector>& affinity, std::string_view key) {
  bool has = false;
  ForEachRequirement(affinity, key,
                     [&](const auto& requirement) { has = has || !requirement.values.empty(); });
  return has;
}

void Rename(std::optional<kube::NodeSelector>& affinity, std::string_view from,
            std::string_view to) {
  ForEachRequirement(affinity, from, [&](auto& requirement) { requirement.key = std::string(to); });
}

// Demands one of the zones in every term. Zones that are blank do not count.
void DemandZones(std::optional<kube::NodeSelector>& affinity, std::string_view key,
                 const std::vector<std::string>& zones) {
  std::set<std::string> valid;
  for (const std::string& zone : zones) {
    const absl::string_view trimmed = absl::StripAsciiWhitespace(zone);
    if (!trimmed.empty()) valid.emplace(trimmed);
  }
  if (valid.empty()) return;
  if (!affinity) affinity.emplace();
  if (affinity->terms.empty()) affinity->terms.emplace_back();
  for (kube::NodeSelectorTerm& term : affinity->terms) {
    term.match_expressions.push_back(
        {std::string(key), kube::SelectorOperator::kIn, {valid.begin(), valid.end()}});
  }
}

// Returns true if the volume speaks of zones and regions by their old names.
bool SpeaksBeta(std::optional<kube::NodeSelector>& affinity, const kube::StringMap& labels) {
  if (HasKey(affinity, kZone)) return false;
  if (HasKey(affinity, kBetaZone)) return true;
  return !labels.contains(kZone) && labels.contains(kBetaZone);
}

}  // namespace

std::string_view CsiDriverOf(DiskPlugin plugin) { return MigrationOf(plugin).driver; }

bool IsInTreeProvisioner(std::string_view provisioner) {
  return CsiDriverOfProvisioner(provisioner) != provisioner;
}

std::string_view CsiDriverOfProvisioner(std::string_view provisioner) {
  for (const Migration& migration : kMigrations) {
    if (migration.name == provisioner) return migration.driver;
  }
  const bool other =
      std::find(kOthersInTree.begin(), kOthersInTree.end(), provisioner) != kOthersInTree.end();
  return other ? std::string_view() : provisioner;
}

bool IsMigratedOn(const kube::CsiNode* csi_node, DiskPlugin plugin) {
  if (csi_node == nullptr) return false;
  const auto annotation = csi_node->metadata.annotations.find(kMigratedPlugins);
  if (annotation == csi_node->metadata.annotations.end()) return false;
  const std::vector<absl::string_view> names = absl::StrSplit(annotation->second, ',');
  const absl::string_view name = ToAbsl(MigrationOf(plugin).name);
  return std::find(names.begin(), names.end(), name) != names.end();
}

absl::StatusOr<std::string> CsiHandleOf(const kube::InTreeDisk& disk) {
  switch (disk.plugin) {
    case DiskPlugin::kAwsElasticBlockStore:
      return EbsVolumeId(disk.id);
    case DiskPlugin::kAzureDisk:
      if (!disk.azure_kind.empty() && !absl::EqualsIgnoreCase(disk.azure_kind, "Managed")) {
        return absl::InvalidArgumentError(
            absl::StrCat("kind(", disk.azure_kind, ") is not supported in csi migration"));
      }
      return disk.id;
    case DiskPlugin::kCinder:
    case DiskPlugin::kPortworxVolume:
      return disk.id;
    case DiskPlugin::kGcePersistentDisk:
      return absl::StrCat("projects/", kUnspecified, "/zones/", kUnspecified, "/disks/", disk.id);
  }
  HS_CHECK(false, "an in-tree plugin outside its enumeration");
}

absl::StatusOr<std::string> CsiHandleOf(const kube::PersistentVolume& volume) {
  if (volume.in_tree_disk->plugin == DiskPlugin::kGcePersistentDisk) return GceHandleOf(volume);
  return CsiHandleOf(*volume.in_tree_disk);
}

absl::StatusOr<std::optional<kube::NodeSelector>> CsiNodeAffinityOf(
    const kube::PersistentVolume& volume) {
  // A volume without a handle cannot be translated.
  RETURN_IF_ERROR(CsiHandleOf(volume).status());
  std::optional<kube::NodeSelector> affinity = volume.node_affinity;
  const std::string_view topology_key = MigrationOf(volume.in_tree_disk->plugin).topology_key;
  if (topology_key.empty()) return affinity;

  const bool beta = SpeaksBeta(affinity, volume.metadata.labels);
  const std::string_view zone = beta ? kBetaZone : kZone;
  if (HasValues(affinity, zone)) {
    Rename(affinity, zone, topology_key);
  } else {
    DemandZones(affinity, topology_key, absl::StrSplit(LabelOf(volume, zone), kZoneDelimiter));
  }
  if (beta && HasValues(affinity, kBetaRegion)) Rename(affinity, kBetaRegion, kRegion);
  return affinity;
}

}  // namespace heat_scheduler
