#include "tests/plugins/scenes.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace {

bool Coin() { return *rc::gen::arbitrary<bool>(); }

int Below(int bound) { return *rc::gen::inRange(0, bound); }

std::string OneOf(const std::vector<std::string>& choices) { return *rc::gen::elementOf(choices); }

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

}  // namespace

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
  kube::Pod drawn = pod;
  drawn.spec.containers.front().image = OneOf({"app:1", "app", "other:1"});
  drawn.spec.containers.front().restarts_all_containers = Below(4) == 0;
  if (Below(4) == 0) drawn.spec.volumes.emplace_back().image = "data:1";
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
  for (const char* image : {"app:1", "app:latest", "other:1", "data:1"}) {
    if (Coin()) node.Image(image, std::int64_t{1 + Below(1200)} << 20);
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
    scene.others.push_back(DrawPod(absl::StrCat("default/other-", i)));
    scene.others.back().spec.node_name = absl::StrCat("n", Below(nodes));
  }
  scene.pod = DrawPod("default/p");
  return scene;
}

}  // namespace heat_scheduler
