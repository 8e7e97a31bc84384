// Laws of AddPod and RemovePod: what is counted on or off is as if it had been there, or not, from
// the start; and it changes no other copy of the cycle data.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "policy/plugin_registry.h"
#include "rapidcheck/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/plugins/scenes.h"

namespace heat_scheduler {
namespace corrections_test {

using Answers = std::vector<Verdict>;

struct Case {
  std::string name;
  std::string plugin;
  std::string args;
};

class Corrections : public testing::TestWithParam<Case> {};

// A scene with one pod more, which stands on a node or beside the cluster, and a plugin that is
// asked about the scene's pod.
class Ask {
 public:
  Ask(const Plugin& plugin, const Scene& scene, const kube::Pod& extra, bool is_there)
      : pre_filter_(dynamic_cast<const PreFilterPlugin&>(plugin)),
        filter_(dynamic_cast<const FilterPlugin&>(plugin)),
        cluster_(MakeCluster(scene)),
        node_(cluster_->FindNode(extra.node_name)),
        asking_(*cluster_, scene.pod, plugin) {
    kube::Pod pod = extra;
    if (!is_there) pod.node_name.clear();
    extra_ = &cluster_->UpsertPod(std::make_shared<const kube::Pod>(std::move(pod)));
  }

  std::string PreFilter() { return asking_.PreFilter(); }
  CycleState& state() const { return asking_.cycle().state; }

  void AddTo(CycleState& state) const { pre_filter_.AddPod(CycleWith(state), *extra_, node_); }
  void RemoveFrom(CycleState& state) const {
    pre_filter_.RemovePod(CycleWith(state), *extra_, node_);
  }

  Answers Filter(CycleState& state) const {
    Answers answers(cluster_->nodes().size());
    filter_.Filter(CycleWith(state), cluster_->nodes(), absl::MakeSpan(answers));
    return answers;
  }

  // What is said where PreFilter leaves the filter out.
  Answers AllPass() const { return Answers(cluster_->nodes().size()); }

 private:
  Cycle CycleWith(CycleState& state) const {
    return {*cluster_, asking_.cycle().pod, state, asking_.cycle().now};
  }

  const PreFilterPlugin& pre_filter_;
  const FilterPlugin& filter_;
  std::unique_ptr<ClusterState> cluster_;
  NodeId node_;
  Asking asking_;
  const PodRecord* extra_;
};

// Asks about one pod in one scene, with the other pod and without. Returns how often it was
// answered.
int CheckOneScene(const Plugin& plugin) {
  const Scene scene = DrawScene();
  kube::Pod extra = DrawPod("default/extra");
  extra.node_name = "n0";
  Ask without(plugin, scene, extra, false);
  Ask with(plugin, scene, extra, true);
  const bool without_runs = without.PreFilter() == "ok";
  const bool with_runs = with.PreFilter() == "ok";
  if (without_runs) {
    const Answers before = without.Filter(without.state());
    CycleState copy = without.state().Clone();
    without.AddTo(copy);
    RC_ASSERT(without.Filter(copy) == (with_runs ? with.Filter(with.state()) : with.AllPass()));
    RC_ASSERT(without.Filter(without.state()) == before);
    without.RemoveFrom(copy);
    RC_ASSERT(without.Filter(copy) == before);
  }
  if (with_runs) {
    const Answers before = with.Filter(with.state());
    with.RemoveFrom(with.state());
    RC_ASSERT(with.Filter(with.state()) ==
              (without_runs ? without.Filter(without.state()) : without.AllPass()));
    with.AddTo(with.state());
    RC_ASSERT(with.Filter(with.state()) == before);
  }
  return int{without_runs} + int{with_runs};
}

TEST_P(Corrections, AreAsIfThePodHadBeenThereOrNot) {
  const auto plugin = *CreatePlugin(GetParam().plugin, nlohmann::json::parse(GetParam().args));
  int asked = 0;
  EXPECT_TRUE(rc::check([&] {
    // Many pods ask for nothing of the plugin.
    for (int scenes = 0; scenes < 4; ++scenes) asked += CheckOneScene(*plugin);
  }));
  EXPECT_GT(asked, 20);
}

INSTANTIATE_TEST_SUITE_P(Plugins, Corrections,
                         testing::ValuesIn(std::vector<Case>{
                             {"InterPodAffinity", "InterPodAffinity", "null"},
                             {"PodTopologySpread", "PodTopologySpread", "null"},
                             {"PodTopologySpreadListed", "PodTopologySpread",
                              R"({"defaultingType": "List", "defaultConstraints": [
             {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}]})"},
                         }),
                         [](const auto& row) { return row.param.name; });

}  // namespace corrections_test
}  // namespace heat_scheduler
