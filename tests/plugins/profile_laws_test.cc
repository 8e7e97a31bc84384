// Laws of whole decisions with kube-scheduler's plugins, whatever the cluster.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "policy/profile_config.h"
#include "rapidcheck/gtest.h"
#include "scheduler/core/full_scan.h"
#include "tests/plugins/asking.h"
#include "tests/plugins/scenes.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace profile_laws_test {

std::string App() { return *rc::gen::element<std::string>("web", "db"); }

kube::PodAffinityTerm DrawPodTerm() {
  kube::PodAffinityTerm term;
  term.label_selector = kube::LabelSelector{{{"app", App()}}, {}};
  term.topology_key = Below(2) == 0 ? "zone" : "kubernetes.io/hostname";
  return term;
}

// Gives the pod labels, and wishes about its neighbours.
void AddNeighbourhood(kube::Pod& pod) {
  pod.metadata.labels["app"] = App();
  kube::Affinity& affinity = pod.spec->affinity;
  if (Below(4) == 0) affinity.required_pod_affinity.push_back(DrawPodTerm());
  if (Below(4) == 0) affinity.required_pod_anti_affinity.push_back(DrawPodTerm());
  if (Below(3) == 0) affinity.preferred_pod_affinity.push_back({1 + Below(100), DrawPodTerm()});
  if (Below(3) == 0) {
    affinity.preferred_pod_anti_affinity.push_back({1 + Below(100), DrawPodTerm()});
  }
  if (Below(3) != 0) return;
  kube::TopologySpreadConstraint constraint;
  constraint.max_skew = 1 + Below(3);
  constraint.topology_key = "zone";
  constraint.schedule_anyway = Below(2) == 0;
  constraint.label_selector = kube::LabelSelector{{{"app", App()}}, {}};
  pod.spec->topology_spread_constraints.push_back(std::move(constraint));
}

Scene DrawNeighbourhood() {
  Scene scene = DrawScene();
  for (kube::Pod& pod : scene.others) AddNeighbourhood(pod);
  AddNeighbourhood(scene.pod);
  // Most scenes of the plugins' own laws leave no node: here there is to be something to choose.
  for (kube::Node& node : scene.nodes) {
    node.allocatable["pods"] = Q("10");
    node.allocatable["cpu"] = Q("20");
    node.allocatable["memory"] = Q("40Gi");
    node.allocatable["ephemeral-storage"] = Q("100Gi");
    if (Below(3) != 0) node.taints.clear();
    node.unschedulable = false;
  }
  scene.pod.spec->node_selector.clear();
  scene.pod.spec->affinity.required_node_affinity.reset();
  return scene;
}

const Profile& KubeProfile() {
  static const Profile* const kProfile = new Profile(*ProfileFromJson(nullptr));
  return *kProfile;
}

// What is decided about the scene's pod, by node name.
struct Decided {
  std::map<std::string, std::string> nodes;  // Reasons, or the plugins' scores.
  std::vector<std::string> best;

  friend bool operator==(const Decided&, const Decided&) = default;
};

Decided Decide(ClusterState& cluster, const kube::Pod& pod) {
  const PodRecord record = cluster.UpsertPod(std::make_shared<const kube::Pod>(pod));
  CycleState state;
  const Cycle cycle{cluster, record, state, Instant{}};
  DecisionRecord decision;
  FullScan(TieRule::kSmallestName, 0).Select(KubeProfile(), cycle, 0, &decision);
  Decided decided;
  for (const auto& entry : decision.nodes) {
    std::string& said = decided.nodes[cluster.columns().name[entry.node]];
    for (const std::string& reason : entry.reasons) absl::StrAppend(&said, reason, "; ");
    for (const auto& score : entry.scores) {
      absl::StrAppend(&said, std::string(score.plugin->name()), " ", score.weighted, "; ");
    }
  }
  for (NodeId node : decision.best) decided.best.push_back(cluster.columns().name[node]);
  cluster.RemovePod(PodKey(pod.metadata));
  return decided;
}

RC_GTEST_PROP(DecisionLaw, APodThatCameAndWentLeavesNoTrace, ()) {
  const Scene scene = DrawNeighbourhood();
  const auto cluster = MakeCluster(scene.nodes, scene.others);
  const Decided before = Decide(*cluster, scene.pod);
  kube::Pod passing = DrawPod("default/passing");
  AddNeighbourhood(passing);
  passing.node_name = scene.nodes.front().metadata.name;
  cluster->UpsertPod(std::make_shared<const kube::Pod>(passing));
  cluster->RemovePod(PodKey(passing.metadata));
  RC_ASSERT(Decide(*cluster, scene.pod) == before);
}

RC_GTEST_PROP(DecisionLaw, TheOrderInWhichNodesCameDoesNotMatter, ()) {
  const Scene scene = DrawNeighbourhood();
  std::vector<kube::Node> reversed(scene.nodes.rbegin(), scene.nodes.rend());
  const auto cluster = MakeCluster(scene.nodes, scene.others);
  const auto other = MakeCluster(reversed, scene.others);
  RC_ASSERT(Decide(*cluster, scene.pod) == Decide(*other, scene.pod));
}

// What a bound pod is asked with itself taken off is what it was asked before.
RC_GTEST_PROP(DecisionLaw, ABoundPodTakenOffPassesAgain, ()) {
  const Scene scene = DrawNeighbourhood();
  const auto cluster = MakeCluster(scene.nodes, scene.others);
  const Decided first = Decide(*cluster, scene.pod);
  RC_PRE(!first.best.empty());
  kube::Pod bound = scene.pod;
  bound.metadata.name = "bound";
  bound.metadata.uid = "bound-uid";
  bound.node_name = first.best.front();
  const PodRecord& record = cluster->UpsertPod(std::make_shared<const kube::Pod>(bound));
  ClusterState::WhatIf what_if(*cluster, record.node);
  what_if.Remove(record);
  RC_ASSERT(Decide(*cluster, scene.pod) == first);
}

}  // namespace profile_laws_test
}  // namespace heat_scheduler
