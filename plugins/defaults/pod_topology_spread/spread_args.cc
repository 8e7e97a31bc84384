#include "plugins/defaults/pod_topology_spread/spread_args.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/status.h"
#include "kube/selectors.h"
#include "nlohmann/json.hpp"
#include "scheduler/framework/args_reader.h"

namespace heat_scheduler {
namespace {

constexpr std::string_view kDoNotSchedule = "DoNotSchedule";
constexpr std::string_view kScheduleAnyway = "ScheduleAnyway";

enum class Defaulting { kSystem, kList };

kube::TopologySpreadConstraint Constraint(std::string topology_key, std::int32_t max_skew) {
  kube::TopologySpreadConstraint constraint;
  constraint.topology_key = std::move(topology_key);
  constraint.max_skew = max_skew;
  constraint.schedule_anyway = true;
  return constraint;
}

std::vector<kube::TopologySpreadConstraint> SystemDefaultConstraints() {
  return {Constraint("kubernetes.io/hostname", 3), Constraint("topology.kubernetes.io/zone", 5)};
}

kube::TopologySpreadConstraint ReadConstraint(ArgsReader& reader) {
  kube::TopologySpreadConstraint constraint;
  constraint.max_skew = 0;
  reader.Read("maxSkew", constraint.max_skew);
  if (constraint.max_skew <= 0) {
    reader.Reject("maxSkew", absl::StrCat("want 1 or more, got ", constraint.max_skew));
  }
  reader.Read("topologyKey", constraint.topology_key);
  if (!kube::IsQualifiedName(constraint.topology_key)) {
    reader.Reject("topologyKey",
                  absl::StrCat("want the key of a label, got ", Quoted(constraint.topology_key)));
  }
  std::string action;
  reader.Read("whenUnsatisfiable", action);
  if (action != kDoNotSchedule && action != kScheduleAnyway) {
    reader.Reject("whenUnsatisfiable",
                  absl::StrCat("want DoNotSchedule or ScheduleAnyway, got ", Quoted(action)));
  }
  constraint.schedule_anyway = action == kScheduleAnyway;
  if (reader.Take("labelSelector") != nullptr) {
    reader.Reject("labelSelector", "must not be there: each pod's is deduced from what selects it");
  }
  std::int32_t min_domains = 1;
  reader.Read("minDomains", min_domains);
  constraint.min_domains = min_domains;
  reader.Read<bool>("nodeAffinityPolicy", {{"Honor", true}, {"Ignore", false}},
                    constraint.honor_node_affinity);
  reader.Read<bool>("nodeTaintsPolicy", {{"Honor", true}, {"Ignore", false}},
                    constraint.honor_node_taints);
  // Says nothing where the selector is deduced.
  reader.Read("matchLabelKeys", constraint.match_label_keys);
  return constraint;
}

void CheckNotRepeated(const std::vector<kube::TopologySpreadConstraint>& constraints,
                      ArgsReader& reader) {
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (constraints[j].topology_key != constraints[i].topology_key ||
          constraints[j].schedule_anyway != constraints[i].schedule_anyway) {
        continue;
      }
      reader.Reject(absl::StrCat("defaultConstraints[", i, "]"),
                    absl::StrCat("has the topologyKey and whenUnsatisfiable of [", j, "]"));
      break;
    }
  }
}

}  // namespace

absl::StatusOr<PodTopologySpreadArgs> DecodePodTopologySpreadArgs(const nlohmann::json& json) {
  ArgsReader reader(json, "PodTopologySpreadArgs");
  std::vector<kube::TopologySpreadConstraint> listed;
  reader.ReadObjects("defaultConstraints",
                     [&](ArgsReader& item) { listed.push_back(ReadConstraint(item)); });
  CheckNotRepeated(listed, reader);
  auto defaulting = Defaulting::kSystem;
  reader.Read<Defaulting>(
      "defaultingType", {{"System", Defaulting::kSystem}, {"List", Defaulting::kList}}, defaulting);
  if (defaulting == Defaulting::kSystem && !listed.empty()) {
    reader.Reject("defaultingType", "must be List where there are defaultConstraints");
  }
  RETURN_IF_ERROR(reader.Finish());
  PodTopologySpreadArgs args;
  args.system_defaulting = defaulting == Defaulting::kSystem;
  args.default_constraints =
      args.system_defaulting ? SystemDefaultConstraints() : std::move(listed);
  return args;
}

}  // namespace heat_scheduler
