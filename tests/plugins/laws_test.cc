// Laws that every plugin keeps, whatever the cluster: it reads what it declares and no more,
// answers for each node whatever the others are called, and, unless pods are what it is about, does
// not refuse where there is nothing to refuse for.
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "policy/plugin_registry.h"
#include "rapidcheck/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/plugins/scenes.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace laws_test {

const absl::Time kNow = absl::UnixEpoch();

// A registered plugin, with arguments that turn on what it can do.
struct Case {
  std::string name;
  std::string plugin;
  std::string args;
  bool about_pods = false;  // Where other pods are decides, and they may be wanted.
};

const std::vector<Case> kCases = {
    {"NodeUnschedulable", "NodeUnschedulable", "null"},
    {"NodeName", "NodeName", "null"},
    {"TaintToleration", "TaintToleration", "null"},
    {"NodeAffinity", "NodeAffinity", "null"},
    {"NodeAffinityAdded", "NodeAffinity", R"({"addedAffinity": {
        "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 40, "preference":
          {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["b"]}]}}]}})"},
    {"NodePorts", "NodePorts", "null"},
    {"NodeResourcesFit", "NodeResourcesFit", "null"},
    {"VolumeRestrictions", "VolumeRestrictions", "null"},
    {"NodeVolumeLimits", "NodeVolumeLimits", "null"},
    {"VolumeBinding", "VolumeBinding", "null"},
    {"VolumeZone", "VolumeZone", "null"},
    {"NodeResourcesFitMostAllocated", "NodeResourcesFit",
     R"({"ignoredResources": ["example.com/gpu"],
        "scoringStrategy": {"type": "MostAllocated", "resources":
          [{"name": "cpu", "weight": 3}, {"name": "example.com/gpu", "weight": 2}]}})"},
    {"NodeResourcesFitRatio", "NodeResourcesFit", R"({"scoringStrategy": {
         "type": "RequestedToCapacityRatio", "requestedToCapacityRatio": {"shape":
           [{"utilization": 0, "score": 2}, {"utilization": 60, "score": 10},
            {"utilization": 100, "score": 0}]}}})"},
    {"NodeDeclaredFeatures", "NodeDeclaredFeatures", "null"},
    {"BalancedAllocation", "NodeResourcesBalancedAllocation", "null"},
    {"BalancedAllocationOfThree", "NodeResourcesBalancedAllocation", R"({"resources":
         [{"name": "cpu"}, {"name": "memory"}, {"name": "example.com/gpu"}]})"},
    {"ImageLocality", "ImageLocality", "null"},
    {"DynamicResources", "DynamicResources", "null"},
    {"PodTopologySpread", "PodTopologySpread", "null", true},
    {"PodTopologySpreadListed", "PodTopologySpread",
     R"({"defaultingType": "List", "defaultConstraints": [
         {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"},
         {"maxSkew": 2, "topologyKey": "disk", "whenUnsatisfiable": "ScheduleAnyway"}]})",
     true},
    {"InterPodAffinity", "InterPodAffinity", "null", true},
    {"HeatCoolest", "Heat", R"({"mode": "Coolest"})"},
    {"HeatScore", "Heat", R"({"mode": "Score"})"},
    {"HeatCoolestLimited", "Heat", R"({"hotLimitCelsius": 70, "staleAfter": "5m"})"},
    {"HeatScoreLimited", "Heat", R"({"mode": "Score", "hotLimitCelsius": 70, "staleAfter": "5m"})"},
    {"HeatForever", "Heat", R"({"hotLimitCelsius": 70})"},
};

std::unique_ptr<Plugin> Create(const Case& listed) {
  return *CreatePlugin(listed.plugin, nlohmann::json::parse(listed.args));
}

// Returns the cases of plugins with that extension point.
template <typename Interface>
std::vector<Case> CasesWith() {
  std::vector<Case> cases;
  for (const Case& listed : kCases) {
    if (dynamic_cast<const Interface*>(Create(listed).get()) != nullptr) cases.push_back(listed);
  }
  return cases;
}

class Law : public testing::TestWithParam<Case> {
 protected:
  std::unique_ptr<Plugin> Create() const { return laws_test::Create(GetParam()); }
};
class FilterLaw : public Law {};
class ScoreLaw : public Law {};

// Of filters that do not look at other pods' labels.
class LawOfPlentifulNodes : public Law {};

std::vector<Case> CasesNotAboutPods() {
  std::vector<Case> cases = CasesWith<FilterPlugin>();
  std::erase_if(cases, [](const Case& listed) { return listed.about_pods; });
  return cases;
}

// What a plugin says of a scene at each of its extension points, as text.
struct Said {
  std::string pre_filter;
  std::string filter;
  std::string set_filter;
  std::string score;
};

std::string SayFilterSet(const Plugin& plugin, const Asking& asking, const ClusterState& cluster) {
  const auto* point = dynamic_cast<const SetFilterPlugin*>(&plugin);
  if (point == nullptr) return "";
  std::vector<std::uint8_t> keep(cluster.nodes().size(), 1);
  std::string said = point->FilterSet(asking.cycle(), cluster.nodes(), absl::MakeSpan(keep));
  for (std::uint8_t kept : keep) absl::StrAppend(&said, " ", kept);
  return said;
}

using Points = std::map<std::string, std::int64_t>;

std::string Text(const std::optional<Points>& points) {
  if (!points) return "Skip";
  std::string text;
  for (const auto& [node, score] : *points) absl::StrAppend(&text, node, " ", score, "; ");
  return text;
}

Said Ask(const Plugin& plugin, const Scene& scene, absl::Time now) {
  const auto cluster = MakeCluster(scene);
  Asking asking(*cluster, scene.pod, plugin, now);
  Said said;
  said.pre_filter = asking.PreFilter();
  if (asking.narrowed_to()) {
    for (const std::string& name : *asking.narrowed_to()) said.pre_filter += " " + name;
  }
  if (dynamic_cast<const FilterPlugin*>(&plugin) != nullptr) {
    for (const auto& [node, answer] : asking.Filter()) said.filter += node + " " + answer + "; ";
  }
  said.set_filter = SayFilterSet(plugin, asking, *cluster);
  if (dynamic_cast<const ScorePlugin*>(&plugin) != nullptr) {
    said.score = Text(asking.Scored());
  }
  return said;
}

// One thing that changes in a scene, and the input that stands for it.
struct Change {
  Inputs input;
  std::function<void(Scene&, absl::Time&)> apply;
};

template <typename F>
Change OfNodes(Inputs input, F change) {
  return {input, [change](Scene& scene, absl::Time&) {
            for (kube::Node& node : scene.nodes) change(node);
          }};
}

std::vector<Change> Changes() {
  using kube::Node;
  return {
      OfNodes({Input::kNodeResources},
              [](Node& node) {
                node.allocatable["cpu"] += Q("1");
                node.allocatable["pods"] = Q("0");
                node.allocatable["example.com/gpu"] = Q("0");
              }),
      OfNodes({Input::kNodeLabels, Input::kTopologyCounts},
              [](Node& node) { node.metadata.labels["disk"] = "b"; }),
      OfNodes({Input::kNodeTaints},
              [](Node& node) {
                node.unschedulable = !node.unschedulable;
                node.taints.push_back({"new", "", kube::TaintEffect::kNoExecute});
              }),
      OfNodes({Input::kNodeImages},
              [](Node& node) {
                node.images.push_back({{"app:1"}, 999 << 20});
              }),
      OfNodes({Input::kNodeAnnotations},
              [](Node& node) {
                node.metadata.annotations["nerdalize/temp"] =
                    node.metadata.name == "n0" ? "99" : "1";
                node.metadata.annotations["nerdalize/temp-time"] = "1970-01-01T00:00:01Z";
              }),
      OfNodes({Input::kNodeDeclaredFeatures},
              [](Node& node) { node.declared_features.push_back("Feature"); }),
      {{Input::kNodePods, Input::kTopologyCounts},
       [](Scene& scene, absl::Time&) {
         for (const Node& node : scene.nodes) {
           const std::string name = "default/new-" + node.metadata.name;
           PodBuilder pod = MakePod(name).Node(node.metadata.name).Label("app", "a");
           scene.others.push_back(pod.Cpu("1").Memory("1Gi").Port(80));
         }
       }},
      {{Input::kPodFacts},
       [](Scene& scene, absl::Time&) {
         scene.pod.metadata.labels["app"] = "b";
         scene.pod.node_name = "n1";
       }},
      {{Input::kPodIdentity},
       [](Scene& scene, absl::Time&) {
         scene.pod.metadata.name = "renamed";
         scene.pod.metadata.uid = "other-uid";
         scene.pod.spec->priority = 7;
       }},
      {{Input::kNamespaceLabels},
       [](Scene& scene, absl::Time&) {
         for (const std::string name : {"default", "other"}) {
           kube::Namespace object;
           object.metadata.name = name;
           object.metadata.labels["team"] = name == "default" ? "a" : "c";
           scene.objects.emplace_back(std::make_shared<const kube::Namespace>(object));
         }
       }},
      {{Input::kSelectingOwners},
       [](Scene& scene, absl::Time&) {
         kube::Service service;
         service.metadata.namespace_ = "default";
         service.metadata.name = "new";
         service.selector.emplace().match_labels["app"] = "b";
         scene.objects.emplace_back(std::make_shared<const kube::Service>(service));
       }},
      {{Input::kTime}, [](Scene&, absl::Time& now) { now += absl::Minutes(3); }},
      // What no input stands for.
      OfNodes({},
              [](Node& node) {
                node.capacity["cpu"] = Q("99");
                node.conditions.push_back({"Ready", "False"});
                node.metadata.resource_version = "2";
                node.metadata.uid = "other";
              }),
      {{},
       [](Scene& scene, absl::Time&) {
         scene.pod.metadata.annotations["nerdalize/temp"] = "1";
         scene.pod.spec->containers.front().limits["cpu"] = Q("9");
       }},
  };
}

// True if the change is one of those that the plugin says it reads; a change without input is none.
bool Declared(Inputs declared, const Change& change) { return declared.Intersects(change.input); }

TEST_P(Law, ReadsWhatItDeclaresAndNoMore) {
  const auto plugin = Create();
  const auto* pre_filter = dynamic_cast<const PreFilterPlugin*>(plugin.get());
  const auto* filter = dynamic_cast<const FilterPlugin*>(plugin.get());
  const auto* set_filter = dynamic_cast<const SetFilterPlugin*>(plugin.get());
  const auto* score = dynamic_cast<const ScorePlugin*>(plugin.get());
  EXPECT_TRUE(rc::check([&] {
    const Scene before = DrawScene();
    const Said said = Ask(*plugin, before, kNow);
    for (const Change& change : Changes()) {
      Scene after = before;
      absl::Time now = kNow;
      change.apply(after, now);
      const Said then = Ask(*plugin, after, now);
      if (pre_filter != nullptr && !Declared(pre_filter->pre_filter_inputs(), change)) {
        RC_ASSERT(then.pre_filter == said.pre_filter);
      }
      if (filter != nullptr && !Declared(filter->filter_inputs(), change)) {
        RC_ASSERT(then.filter == said.filter);
      }
      if (set_filter != nullptr && !Declared(set_filter->set_filter_inputs(), change)) {
        RC_ASSERT(then.set_filter == said.set_filter);
      }
      if (score != nullptr && !Declared(score->score_inputs(), change)) {
        RC_ASSERT(then.score == said.score);
      }
    }
  }));
}

TEST_P(FilterLaw, AnswersNodeByNodeInAnyOrder) {
  const auto plugin = Create();
  EXPECT_TRUE(rc::check([&] {
    const Scene scene = DrawScene();
    const auto cluster = MakeCluster(scene);
    Asking asking(*cluster, scene.pod, *plugin, kNow);
    if (asking.PreFilter() != "ok") return;
    const std::vector<std::string> in_order = asking.FilterNodes(cluster->nodes());
    std::vector<NodeId> shuffled(cluster->nodes().begin(), cluster->nodes().end());
    for (std::size_t i = shuffled.size(); i > 1; --i) {
      std::swap(shuffled[i - 1], shuffled[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    const std::vector<std::string> answers = asking.FilterNodes(shuffled);
    for (std::size_t i = 0; i < shuffled.size(); ++i) {
      const auto at = std::find(cluster->nodes().begin(), cluster->nodes().end(), shuffled[i]);
      RC_ASSERT(answers[i] == in_order[at - cluster->nodes().begin()]);
      RC_ASSERT(asking.FilterNodes({shuffled[i]}) == std::vector<std::string>{answers[i]});
    }
  }));
}

// Returns the scene with each node called otherwise, and what becomes of each name.
std::pair<Scene, std::map<std::string, std::string>> Renamed(const Scene& scene) {
  std::vector<std::string> names;
  for (const kube::Node& node : scene.nodes) names.push_back(node.metadata.name);
  for (std::size_t i = names.size(); i > 1; --i) {
    std::swap(names[i - 1], names[*rc::gen::inRange<std::size_t>(0, i)]);
  }
  std::map<std::string, std::string> renamed;
  for (std::size_t i = 0; i < names.size(); ++i) renamed[scene.nodes[i].metadata.name] = names[i];
  const auto rename = [&](std::string& name) {
    if (const auto found = renamed.find(name); found != renamed.end()) name = found->second;
  };
  Scene other = scene;
  for (kube::Node& node : other.nodes) rename(node.metadata.name);
  for (kube::Pod& pod : other.others) rename(pod.node_name);
  const auto rename_in = [&](kube::NodeSelectorTerm& term) {
    for (auto& field : term.match_fields) {
      std::for_each(field.values.begin(), field.values.end(), rename);
    }
  };
  kube::Affinity& affinity = other.pod.spec->affinity;
  if (auto& required = affinity.required_node_affinity) {
    for (kube::NodeSelectorTerm& term : required->terms) rename_in(term);
  }
  for (auto& preferred : affinity.preferred_node_affinity) rename_in(preferred.preference);
  return {std::move(other), std::move(renamed)};
}

TEST_P(Law, PermutingNodesPermutesAnswers) {
  const auto plugin = Create();
  EXPECT_TRUE(rc::check([&] {
    const Scene scene = DrawScene();
    const auto [other, renamed] = Renamed(scene);
    const auto cluster = MakeCluster(scene);
    const auto other_cluster = MakeCluster(other);
    Asking asking(*cluster, scene.pod, *plugin, kNow);
    Asking other_asking(*other_cluster, other.pod, *plugin, kNow);
    if (dynamic_cast<const FilterPlugin*>(plugin.get()) != nullptr) {
      const auto answers = other_asking.Filter();
      for (const auto& [node, answer] : asking.Filter()) {
        RC_ASSERT(answers.at(renamed.at(node)) == answer);
      }
    }
    if (dynamic_cast<const ScorePlugin*>(plugin.get()) != nullptr) {
      const auto scored = asking.Scored();
      const auto other_scored = other_asking.Scored();
      RC_ASSERT(scored.has_value() == other_scored.has_value());
      if (!scored) return;
      for (const auto& [node, score] : *scored) {
        RC_ASSERT(other_scored->at(renamed.at(node)) == score);
      }
    }
  }));
}

// Returns a node that has all that the pod asks for: its selector's labels, its size twice, nothing
// to tolerate, a fresh and cool reading.
kube::Node NodeFor(const kube::Pod& pod) {
  NodeBuilder node = MakeNode("n0");
  node.Cpu("1000").Memory("1000Gi").Resource("ephemeral-storage", "1000Gi");
  node.Resource("example.com/gpu", "1000").Annotation("nerdalize/temp", "10");
  node.Annotation("nerdalize/temp-time", "1970-01-01T00:00:00Z");
  for (const auto& [key, value] : pod.spec->node_selector) node.Label(key, value);
  kube::Node made = node;
  made.declared_features = {"RestartAllContainersOnContainerExits"};
  return made;
}

TEST_P(LawOfPlentifulNodes, LetsAPodPassWhereAllIsThere) {
  const auto plugin = Create();
  EXPECT_TRUE(rc::check([&] {
    kube::Pod pod = DrawPod("default/p");
    pod.spec->affinity.required_node_affinity.reset();
    const kube::Node node = NodeFor(pod);
    const auto cluster = MakeCluster({node});
    RC_ASSERT(Asking(*cluster, pod, *plugin, kNow).Filter().at("n0") == "ok");
    // Beside a twin of its own it fits as well, but for the ports.
    kube::Pod twin = pod;
    twin.metadata.name = "twin";
    twin.metadata.uid = "twin-uid";
    twin.node_name = "n0";
    cluster->UpsertPod(std::make_shared<const kube::Pod>(twin));
    const bool ports_taken =
        GetParam().plugin == "NodePorts" && !pod.spec->containers.front().ports.empty();
    RC_ASSERT((Asking(*cluster, pod, *plugin, kNow).Filter().at("n0") == "ok") != ports_taken);
  }));
}

TEST_P(LawOfPlentifulNodes, NeverRefusesBecauseAPodWentAway) {
  const auto plugin = Create();
  EXPECT_TRUE(rc::check([&] {
    const Scene scene = DrawScene();
    const auto cluster = MakeCluster(scene);
    kube::Pod leaving = DrawPod("default/leaving");
    leaving.node_name = "n0";
    cluster->UpsertPod(std::make_shared<const kube::Pod>(leaving));
    const auto before = Asking(*cluster, scene.pod, *plugin, kNow).Filter();
    cluster->RemovePod(PodKey(leaving.metadata));
    const auto after = Asking(*cluster, scene.pod, *plugin, kNow).Filter();
    for (const auto& [node, answer] : before) RC_ASSERT(answer != "ok" || after.at(node) == "ok");
  }));
}

TEST_P(ScoreLaw, ScoresWithinBoundsInAnyOrder) {
  const auto plugin = Create();
  EXPECT_TRUE(rc::check([&] {
    const Scene scene = DrawScene();
    const auto cluster = MakeCluster(scene);
    Asking asking(*cluster, scene.pod, *plugin, kNow);
    const std::optional<Points> in_order = asking.Scored();
    std::vector<std::string> names;
    for (const kube::Node& node : scene.nodes) names.push_back(node.metadata.name);
    for (std::size_t i = names.size(); i > 1; --i) {
      std::swap(names[i - 1], names[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    RC_ASSERT(asking.Scored(names) == in_order);
    if (!in_order) return;
    for (const auto& [node, score] : *in_order) {
      RC_ASSERT(score >= kMinNodeScore);
      RC_ASSERT(score <= kMaxNodeScore);
    }
  }));
}

TEST_P(ScoreLaw, APodThatCameAndWentLeavesNoTrace) {
  const auto plugin = Create();
  EXPECT_TRUE(rc::check([&] {
    const Scene scene = DrawScene();
    const auto cluster = MakeCluster(scene);
    const auto before = Asking(*cluster, scene.pod, *plugin, kNow).Scored();
    kube::Pod guest = DrawPod("default/guest");
    guest.node_name = "n0";
    cluster->UpsertPod(std::make_shared<const kube::Pod>(guest));
    cluster->RemovePod(PodKey(guest.metadata));
    RC_ASSERT(Asking(*cluster, scene.pod, *plugin, kNow).Scored() == before);
  }));
}

std::string CaseName(const testing::TestParamInfo<Case>& row) { return row.param.name; }

INSTANTIATE_TEST_SUITE_P(Plugins, Law, testing::ValuesIn(kCases), CaseName);
INSTANTIATE_TEST_SUITE_P(Plugins, FilterLaw, testing::ValuesIn(CasesWith<FilterPlugin>()),
                         CaseName);
INSTANTIATE_TEST_SUITE_P(Plugins, LawOfPlentifulNodes, testing::ValuesIn(CasesNotAboutPods()),
                         CaseName);
INSTANTIATE_TEST_SUITE_P(Plugins, ScoreLaw, testing::ValuesIn(CasesWith<ScorePlugin>()), CaseName);

// Every plugin with a filter or a score is under the laws.
TEST(Laws, HoldForEveryFilterAndScoreThereIs) {
  for (const PluginRegistration& registration : PluginRegistry()) {
    const auto plugin = registration.create(nullptr);
    if (dynamic_cast<const FilterPlugin*>(plugin->get()) == nullptr &&
        dynamic_cast<const ScorePlugin*>(plugin->get()) == nullptr) {
      continue;
    }
    EXPECT_TRUE(std::any_of(kCases.begin(), kCases.end(), [&](const Case& listed) {
      return listed.plugin == registration.name;
    })) << registration.name;
  }
}

// ---- Laws of one plugin ----

RC_GTEST_PROP(CoolestLaw, KeepsTheFirstOfTheLowestReadings, ()) {
  Scene scene = DrawScene();
  const auto plugin = *CreatePlugin("Heat", nullptr);
  const auto cluster = MakeCluster(scene);
  Asking asking(*cluster, scene.pod, *plugin, kNow);
  std::vector<std::uint8_t> keep(cluster->nodes().size(), 1);
  dynamic_cast<const SetFilterPlugin&>(*plugin).FilterSet(asking.cycle(), cluster->nodes(),
                                                          absl::MakeSpan(keep));
  // The texts that scenes have, coolest first; anything else is no reading.
  const std::vector<std::string> order = {"-5", "10", "40.5", "69", "71"};
  const auto rank = [&](NodeId node) {
    const auto& annotations = cluster->columns().node[node]->metadata.annotations;
    const auto text = annotations.find("nerdalize/temp");
    return text == annotations.end() ? order.end()
                                     : std::find(order.begin(), order.end(), text->second);
  };
  const auto coolest = std::min_element(cluster->nodes().begin(), cluster->nodes().end(),
                                        [&](NodeId a, NodeId b) { return rank(a) < rank(b); });
  std::vector<std::uint8_t> expected(keep.size(), 0);
  expected[coolest - cluster->nodes().begin()] = 1;
  RC_ASSERT(keep == expected);
}

RC_GTEST_PROP(LeastAllocatedLaw, ScoresNoHigherBesideOneMorePod, ()) {
  const Scene scene = DrawScene();
  const auto plugin = *CreatePlugin("NodeResourcesFit", nullptr);
  const auto cluster = MakeCluster(scene);
  const auto before = Asking(*cluster, scene.pod, *plugin).Score();
  kube::Pod more = DrawPod("default/more");
  more.node_name = "n0";
  cluster->UpsertPod(std::make_shared<const kube::Pod>(more));
  const auto after = Asking(*cluster, scene.pod, *plugin).Score();
  for (const auto& [node, score] : after) {
    RC_ASSERT(score <= before.at(node));
    RC_ASSERT(score >= kMinNodeScore);
    RC_ASSERT(before.at(node) <= kMaxNodeScore);
  }
}

}  // namespace laws_test
}  // namespace heat_scheduler
