#include "bench/machine.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "policy/default_profile.h"
#include "policy/profile_config.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace {

constexpr int kZones = 3;

Profile ProfileFor(Workload workload) {
  if (workload == Workload::kHeatCoolest) return DefaultProfile().value();
  nlohmann::json profile;
  profile["schedulerName"] = kDefaultSchedulerName;
  if (workload == Workload::kHeatScore) {
    profile["plugins"]["multiPoint"]["enabled"][0]["name"] = "Heat";
    profile["pluginConfig"][0] = {{"name", "Heat"}, {"args", {{"mode", "Score"}}}};
  }
  return ProfileFromJson(profile).value();
}

kube::PodAffinityTerm BesideLike(const std::string& topology_key) {
  kube::PodAffinityTerm term;
  term.label_selector.emplace().match_labels["app"] = "bench";
  term.topology_key = topology_key;
  return term;
}

kube::TopologySpreadConstraint OverZones(bool schedule_anyway) {
  kube::TopologySpreadConstraint constraint;
  constraint.max_skew = 5;
  constraint.topology_key = "topology.kubernetes.io/zone";
  constraint.schedule_anyway = schedule_anyway;
  constraint.label_selector.emplace().match_labels["app"] = "bench";
  return constraint;
}

}  // namespace

std::unique_ptr<Scheduler> MakeBenchMachine(Workload workload, SelectorKind selector, int nodes) {
  std::vector<Profile> profiles;
  profiles.push_back(ProfileFor(workload));
  SchedulerOptions options;
  options.selector = selector;
  std::unique_ptr<Scheduler> scheduler = Scheduler::Create(std::move(profiles), options).value();
  for (int i = 0; i < nodes; ++i) {
    scheduler->Handle(ObjectChanged{MakeBenchNode(i, 0)}, kBenchNow);
  }
  return scheduler;
}

kube::Ref<kube::Node> MakeBenchNode(int number, int version) {
  // Temperatures from 20 to 69.9 °C, no two neighbours alike.
  const std::string temperature =
      absl::StrCat(20 + (number * 37 + version * 11) % 50, ".", (number + version) % 10);
  return MakeNode(absl::StrCat("node-", number))
      .Cpu("4")
      .Memory("32Gi")
      .Label("topology.kubernetes.io/zone", absl::StrCat("zone-", number % kZones))
      .Annotation("nerdalize/temp", temperature)
      .Ref();
}

kube::Ref<kube::Pod> MakeBenchPod(Workload workload, int number, int pod_class) {
  PodBuilder pod = MakePod(absl::StrCat("default/pod-", number));
  pod.Cpu(absl::StrCat(100 + pod_class, "m")).Memory("500Mi").Scheduler(kDefaultSchedulerName);
  pod.Label("app", "bench");
  switch (workload) {
    case Workload::kHeatCoolest:
    case Workload::kHeatScore:
    case Workload::kBasic:
      break;
    case Workload::kSpreadZones:
      pod.Spread(OverZones(false));
      break;
    case Workload::kPreferSpread:
      pod.Spread(OverZones(true));
      break;
    case Workload::kZoneAffinity:
      pod.RequiredPodAffinity(BesideLike("topology.kubernetes.io/zone"));
      break;
    case Workload::kHostAntiAffinity:
      pod.RequiredPodAntiAffinity(BesideLike("kubernetes.io/hostname"));
      break;
    case Workload::kPreferAffinity:
      pod.PreferredPodAffinity(1, BesideLike("kubernetes.io/hostname"));
      break;
    case Workload::kNodeAffinity:
      pod.RequiredNodeTerm({{Require("topology.kubernetes.io/zone", kube::SelectorOperator::kIn,
                                     {"zone-0", "zone-1"})},
                            {}});
      break;
  }
  return pod.Ref();
}

}  // namespace heat_scheduler
