// Laws of the volume plugins over random clusters with storage: they read what they declare and no
// more, answer node by node, and what they choose can be had.
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "kube/selectors.h"
#include "kube/storage.h"
#include "nlohmann/json.hpp"
#include "plugins/defaults/volumes/volume_binding.h"
#include "policy/plugin_registry.h"
#include "rapidcheck/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/plugins/defaults/volumes/storage_objects.h"
#include "tests/plugins/scenes.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace volume_laws_test {

constexpr char kDriver[] = "csi.example.com";
constexpr char kZone[] = "topology.kubernetes.io/zone";

// A cluster with few zones, sizes and claims, so that they meet.
struct StorageScene {
  std::vector<kube::Node> nodes;
  std::vector<kube::Pod> others;
  std::vector<kube::Object> objects;
  kube::Pod pod;
};

bool OneIn(int chances) { return Below(chances) == 0; }
std::string Numbered(const char* stem, int number) { return absl::StrCat(stem, number); }

kube::Object DrawVolume(const std::string& name) {
  VolumeBuilder volume = MakeVolume(name);
  volume.Class(OneOf({"static", "dynamic"})).Size(Numbered("", 1 + Below(3)) + "Gi");
  if (OneIn(2)) volume.ReachedFrom(kZone, {OneOf({"a", "b"})});
  if (OneIn(3)) volume.Label(kZone, OneOf({"a", "b", "a__b"}));
  if (OneIn(5)) volume.For(Numbered("c", Below(6)));
  if (OneIn(6)) volume.Phase("Released");
  if (!OneIn(4)) volume.Csi(kDriver, "h-" + name);
  return volume;
}

kube::Object DrawClaim(const std::string& name, int volumes) {
  ClaimBuilder claim = MakeClaim(name);
  claim.Class(OneOf({"static", "dynamic", "dynamic", "zoned"}));
  claim.Size(Numbered("", 1 + Below(3)) + "Gi");
  if (OneIn(3)) claim.BoundTo(Numbered("v", Below(volumes + 1)));
  if (OneIn(6)) claim.SelectedNode(Numbered("n", Below(3)));
  if (OneIn(4)) claim.Mode("ReadWriteOncePod");
  return claim;
}

kube::Pod DrawPodWithClaims(const std::string& name) {
  PodBuilder pod = MakePod(name);
  const int first = Below(6);
  for (int i = Below(3); i >= 0; --i) pod.Claim(Numbered("c", (first + i) % 6));
  return pod;
}

StorageScene DrawStorage() {
  StorageScene scene;
  const int nodes = 1 + Below(4);
  const int volumes = 1 + Below(6);
  for (int i = 0; i < nodes; ++i) {
    NodeBuilder node = MakeNode(Numbered("n", i));
    if (!OneIn(4)) node.Label(kZone, OneOf({"a", "b"}));
    scene.nodes.push_back(node);
    if (!OneIn(3)) {
      scene.objects.push_back(ObjectOf(MakeCsiNode(Numbered("n", i), kDriver, Below(4))));
    }
  }
  for (int i = 0; i < volumes; ++i) scene.objects.push_back(DrawVolume(Numbered("v", i)));
  for (int i = 0; i < 6; ++i) scene.objects.push_back(DrawClaim(Numbered("c", i), volumes));
  kube::StorageClass zoned = WaitingClass("zoned", kDriver);
  zoned.allowed_topologies = {{Require(kZone, kube::SelectorOperator::kIn, {"b"})}};
  scene.objects.push_back(ObjectOf(zoned));
  scene.objects.push_back(ObjectOf(WaitingClass("dynamic", kDriver)));
  scene.objects.push_back(ObjectOf(WaitingClass("static", "kubernetes.io/no-provisioner")));
  for (int i = Below(4); i > 0; --i) {
    kube::Pod other = DrawPodWithClaims(Numbered("other-", i));
    other.node_name = Numbered("n", Below(nodes));
    scene.others.push_back(std::move(other));
  }
  scene.pod = DrawPodWithClaims("p");
  return scene;
}

std::unique_ptr<ClusterState> ClusterOf(const StorageScene& scene) {
  auto cluster = MakeCluster(scene.nodes, scene.others);
  for (const kube::Object& object : scene.objects) cluster->UpsertObject(object);
  return cluster;
}

class VolumeLaw : public testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Plugin> Create() const { return *CreatePlugin(GetParam(), nullptr); }
};

// What no volume plugin reads.
void ChangeTheRest(StorageScene& scene) {
  for (kube::Node& node : scene.nodes) {
    node.allocatable["cpu"] = Q("0");
    node.unschedulable = true;
    node.images.push_back({{"app:1"}, 99});
    node.metadata.annotations["nerdalize/temp"] = "99";
    node.taints.push_back({"new", "", kube::TaintEffect::kNoExecute});
  }
  kube::Service service;
  service.metadata.name = "new";
  service.selector.emplace();
  scene.objects.push_back(ObjectOf(service));
  scene.pod.metadata.labels["app"] = "other";
  scene.pod.spec->containers.front().requests["cpu"] = Q("9");
}

TEST_P(VolumeLaw, ReadsVolumesClaimsAndLabelsAlone) {
  const auto plugin = Create();
  EXPECT_TRUE(rc::check([&] {
    StorageScene scene = DrawStorage();
    const auto before = Asking(*ClusterOf(scene), scene.pod, *plugin).Filter();
    ChangeTheRest(scene);
    RC_ASSERT(Asking(*ClusterOf(scene), scene.pod, *plugin).Filter() == before);
  }));
}

TEST_P(VolumeLaw, AnswersTheSameWhateverCameFirst) {
  const auto plugin = Create();
  EXPECT_TRUE(rc::check([&] {
    StorageScene scene = DrawStorage();
    const auto before = Asking(*ClusterOf(scene), scene.pod, *plugin).Filter();
    std::reverse(scene.objects.begin(), scene.objects.end());
    std::reverse(scene.nodes.begin(), scene.nodes.end());
    RC_ASSERT(Asking(*ClusterOf(scene), scene.pod, *plugin).Filter() == before);
  }));
}

TEST_P(VolumeLaw, AnswersForEachNodeAlone) {
  const auto plugin = Create();
  EXPECT_TRUE(rc::check([&] {
    const StorageScene scene = DrawStorage();
    const auto cluster = ClusterOf(scene);
    Asking asking(*cluster, scene.pod, *plugin);
    if (asking.PreFilter() != "ok") return;
    const std::vector<std::string> together = asking.FilterNodes(cluster->nodes());
    for (std::size_t i = 0; i < together.size(); ++i) {
      RC_ASSERT(asking.FilterNodes({cluster->nodes()[i]}) == std::vector<std::string>{together[i]});
    }
  }));
}

INSTANTIATE_TEST_SUITE_P(Plugins, VolumeLaw,
                         testing::Values("VolumeRestrictions", "NodeVolumeLimits", "VolumeBinding",
                                         "VolumeZone"),
                         [](const auto& row) { return row.param; });

using Choices = std::map<std::string, std::string>;

// Runs PreFilter and Filter on a node; returns what the claims get there, or nothing if it is
// refused.
std::optional<Choices> ChoicesOn(ClusterState& cluster, const VolumeBinding& plugin,
                                 const kube::Pod& pod, NodeId node) {
  Asking asking(cluster, pod, plugin);
  if (asking.PreFilter() != "ok") return std::nullopt;
  if (asking.FilterNodes({node}) != std::vector<std::string>{"ok"}) return std::nullopt;
  Choices choices;
  std::vector<ClaimChoice> chosen;
  RC_ASSERT(plugin.ChooseVolumes(asking.cycle(), node, chosen).ok());
  for (const ClaimChoice& choice : chosen) {
    choices[absl::StrCat(choice.claim.namespace_, "/", choice.claim.name)] = choice.volume;
  }
  return choices;
}

RC_GTEST_PROP(VolumeBindingLaw, ChoosesWhatTheClaimMayHaveAndTheNodeReaches, ()) {
  const StorageScene scene = DrawStorage();
  const auto cluster = ClusterOf(scene);
  const VolumeBinding plugin;
  for (const NodeId node : cluster->nodes()) {
    const auto choices = ChoicesOn(*cluster, plugin, scene.pod, node);
    if (!choices) continue;
    std::set<std::string> taken;
    for (const auto& [key, name] : *choices) {
      if (name.empty()) continue;
      RC_ASSERT(taken.insert(name).second);
      const auto* found_claim = cluster->objects().Find<kube::PersistentVolumeClaim>(key);
      const auto* found_volume = cluster->objects().Find<kube::PersistentVolume>(name);
      RC_ASSERT(found_claim != nullptr);
      RC_ASSERT(found_volume != nullptr);
      const kube::PersistentVolumeClaim& claim = *found_claim;
      const kube::PersistentVolume& volume = *found_volume;
      RC_ASSERT(kube::StorageCapacityOf(volume) >= kube::StorageRequestOf(claim));
      RC_ASSERT(kube::StorageClassOf(volume) == kube::StorageClassOf(claim));
      RC_ASSERT(volume.claim_name.empty() || volume.claim_name == claim.metadata.name);
      const auto& labels = cluster->columns().node[node]->metadata.labels;
      // In brackets of its own: the macro's || would look at both sides.
      RC_ASSERT((!volume.node_affinity || kube::Matches(*volume.node_affinity, labels, "")));
    }
  }
}

RC_GTEST_PROP(VolumeBindingLaw, StandsByWhatItReservedAndGivesItToNobodyElse, ()) {
  const StorageScene scene = DrawStorage();
  const auto cluster = ClusterOf(scene);
  const VolumeBinding plugin;
  for (const NodeId node : cluster->nodes()) {
    const auto choices = ChoicesOn(*cluster, plugin, scene.pod, node);
    if (!choices) continue;
    {
      Asking asking(*cluster, scene.pod, plugin);
      RC_ASSERT(asking.PreFilter() == "ok");
      std::vector<ClaimChoice> chosen;
      RC_ASSERT(plugin.ChooseVolumes(asking.cycle(), node, chosen).ok());
      cluster->assumed_volumes().Assume("p", cluster->columns().name[node], std::move(chosen));
    }
    RC_ASSERT(ChoicesOn(*cluster, plugin, scene.pod, node) == choices);
    kube::Pod second = DrawPodWithClaims("second");
    const auto its_choices = ChoicesOn(*cluster, plugin, second, node);
    for (const auto& [claim, volume] : its_choices.value_or(Choices())) {
      if (volume.empty() || choices->contains(claim)) continue;
      RC_ASSERT(std::none_of(choices->begin(), choices->end(),
                             [&](const auto& choice) { return choice.second == volume; }));
    }
    Asking asking(*cluster, scene.pod, plugin);
    cluster->assumed_volumes().Forget("p");
    RC_ASSERT(asking.PreFilter() == "ok");
  }
}

}  // namespace volume_laws_test
}  // namespace heat_scheduler
