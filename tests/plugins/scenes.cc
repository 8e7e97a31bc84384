#include "tests/plugins/scenes.h"

#include <cstdint>
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/plugins/asking.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace {

bool Coin() { return *rc::gen::arbitrary<bool>(); }

kube::TaintEffect DrawEffect() {
  return *rc::gen::element(kube::TaintEffect::kNoSchedule, kube::TaintEffect::kPreferNoSchedule,
                           kube::TaintEffect::kNoExecute);
}

kube::NodeSelectorTerm DrawTerm() {
  using enum kube::SelectorOperator;
  kube::NodeSelectorTerm term;
  if (Coin()) {
    term.match_expressions.push_back(Require(OneOf({"disk", "zone"}), Coin() ? kIn : kNotIn,
                                             {OneOf({"a", "b"}), OneOf({"a", "c"})}));
  }
  if (Below(3) == 0) {
    term.match_fields.push_back(
        Require("metadata.name", Coin() ? kIn : kNotIn, {absl::StrCat("n", Below(6))}));
  }
  return term;
}

kube::LabelSelector DrawSelector() {
  using enum kube::SelectorOperator;
  kube::LabelSelector selector;
  if (Coin()) {
    selector.match_labels["app"] = OneOf({"a", "b"});
  } else {
    selector.match_expressions.push_back(
        Require("app", Coin() ? kNotIn : kIn, {OneOf({"a", "b"}), "c"}));
  }
  return selector;
}

std::string DrawTopologyKey() { return OneOf({"disk", "zone", "kubernetes.io/hostname"}); }

kube::PodAffinityTerm DrawAffinityTerm() {
  using enum kube::SelectorOperator;
  kube::PodAffinityTerm term;
  term.label_selector = DrawSelector();
  term.topology_key = DrawTopologyKey();
  if (Below(4) == 0) term.namespaces = {OneOf({"default", "other"})};
  if (Below(4) == 0) {
    term.namespace_selector.emplace().match_expressions = {
        Require("team", Coin() ? kIn : kNotIn, {OneOf({"a", "b"})})};
  }
  return term;
}

// Draws what a pod wants of the pods around it.
void DrawNeighbours(PodBuilder& pod) {
  if (Below(3) == 0) pod.RequiredPodAffinity(DrawAffinityTerm());
  if (Below(3) == 0) pod.RequiredPodAntiAffinity(DrawAffinityTerm());
  if (Below(3) == 0) pod.PreferredPodAffinity(1 + Below(3), DrawAffinityTerm());
  if (Below(3) == 0) pod.PreferredPodAntiAffinity(1 + Below(3), DrawAffinityTerm());
  for (int constraints = Below(3); constraints > 0; --constraints) {
    kube::TopologySpreadConstraint constraint;
    constraint.max_skew = 1 + Below(2);
    constraint.topology_key = DrawTopologyKey();
    constraint.schedule_anyway = Coin();
    constraint.label_selector = DrawSelector();
    if (Below(3) == 0) constraint.min_domains = 1 + Below(3);
    constraint.honor_node_affinity = Coin();
    constraint.honor_node_taints = Coin();
    pod.Spread(constraint);
  }
}

}  // namespace

int Below(int bound) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, bound)); }

std::string OneOf(const std::vector<std::string>& choices) { return *rc::gen::elementOf(choices); }

std::unique_ptr<ClusterState> MakeCluster(const Scene& scene) {
  auto cluster = MakeCluster(scene.nodes, scene.others);
  for (const kube::Object& object : scene.objects) cluster->UpsertObject(object);
  return cluster;
}

kube::Pod DrawPod(const std::string& key) {
  PodBuilder pod = MakePod(key);
  if (Coin()) pod.Cpu(absl::StrCat(1 + Below(3000), "m"));
  if (Coin()) pod.Memory(absl::StrCat(1 + Below(3000), "Mi"));
  if (Below(4) == 0) pod.Request("ephemeral-storage", absl::StrCat(1 + Below(8), "Gi"));
  if (Below(4) == 0) pod.Request("example.com/gpu", absl::StrCat(1 + Below(2)));
  if (Below(3) == 0) pod.Port(80 + Below(2), Coin() ? "TCP" : "UDP", OneOf({"", "10.0.0.1"}));
  if (Below(4) == 0) pod.NodeSelector(OneOf({"disk", "zone"}), OneOf({"a", "b"}));
  for (int terms = Below(3); terms > 0; --terms) {
    if (Coin()) pod.RequiredNodeTerm(DrawTerm());
  }
  if (Coin()) pod.TolerateKey(OneOf({"k", "l", ""}), DrawEffect());
  if (Below(4) == 0) pod.TolerateKey("node.kubernetes.io/unschedulable");
  for (int terms = Below(3); terms > 0; --terms) {
    pod.PreferredNodeTerm(1 + Below(100), DrawTerm());
  }
  if (Coin()) pod.Label("app", OneOf({"a", "b"}));
  if (Coin()) DrawNeighbours(pod);
  kube::Pod drawn = pod;
  drawn.spec->containers.front().image = OneOf({"app:1", "app", "other:1"});
  drawn.spec->containers.front().restarts_all_containers = Below(4) == 0;
  if (Below(4) == 0) drawn.spec->volumes.emplace_back().image = "data:1";
  return drawn;
}

kube::Node DrawNode(const std::string& name) {
  NodeBuilder node = MakeNode(name);
  node.Pods(Below(4)).Cpu(absl::StrCat(Below(5))).Memory(absl::StrCat(Below(5), "Gi"));
  if (Coin()) node.Resource("ephemeral-storage", "4Gi");
  if (Coin()) node.Resource("example.com/gpu", absl::StrCat(Below(3)));
  if (Coin()) node.Label("disk", OneOf({"a", "b", "c"}));
  if (Coin()) node.Label("zone", OneOf({"a", "b"}));
  if (Below(3) == 0) node.Taint(OneOf({"k", "l"}), "v", DrawEffect());
  if (Below(4) == 0) node.Unschedulable();
  // An image has one size, whichever node has it.
  for (const auto& [image, mebibytes] : std::initializer_list<std::pair<const char*, std::int64_t>>{
           {"app:1", 600}, {"app:latest", 900}, {"other:1", 300}, {"data:1", 1200}}) {
    if (Coin()) node.Image(image, mebibytes << 20);
  }
  if (Below(4) != 0) {
    node.Annotation("nerdalize/temp",
                    OneOf({"10", "40.5", "40.5", "69", "71", "-5", "hot", "900"}));
  }
  if (Coin()) {
    node.Annotation("nerdalize/temp-time",
                    OneOf({"1970-01-01T00:00:00Z", "1969-12-31T23:57:00Z", "1969-12-31T23:54:00Z",
                           "1970-01-01T00:04:00Z", "1970-01-01T01:00:00Z", "yesterday"}));
  }
  kube::Node drawn = node;
  if (Coin()) drawn.declared_features = {"RestartAllContainersOnContainerExits"};
  return drawn;
}

Scene DrawScene() {
  Scene scene;
  const int nodes = 1 + Below(6);
  for (int i = 0; i < nodes; ++i) scene.nodes.push_back(DrawNode(absl::StrCat("n", i)));
  const int others = Below(5);
  for (int i = 0; i < others; ++i) {
    scene.others.push_back(
        DrawPod(absl::StrCat(OneOf({"default", "default", "other"}), "/other-", i)));
    scene.others.back().node_name = absl::StrCat("n", Below(nodes));
  }
  for (const std::string name : {"default", "other"}) {
    auto object = std::make_shared<kube::Namespace>();
    object->metadata.name = name;
    object->metadata.labels["team"] = OneOf({"a", "b"});
    scene.objects.emplace_back(kube::Ref<kube::Namespace>(std::move(object)));
  }
  if (Coin()) {
    auto service = std::make_shared<kube::Service>();
    service->metadata.namespace_ = "default";
    service->metadata.name = "a";
    service->selector.emplace().match_labels["app"] = "a";
    scene.objects.emplace_back(kube::Ref<kube::Service>(std::move(service)));
  }
  scene.pod = DrawPod("default/p");
  return scene;
}

}  // namespace heat_scheduler
