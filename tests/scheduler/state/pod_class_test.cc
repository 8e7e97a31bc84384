#include "scheduler/state/pod_class.h"

#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace pod_class_test {

using kube::SelectorOperator;

kube::NodeSelectorTerm FieldTerm(const std::string& node) {
  return {{}, {Require("metadata.name", SelectorOperator::kIn, {node})}};
}

kube::Pod FullPod() {
  return MakePod("default/p")
      .Cpu("500m")
      .Memory("1Gi")
      .Request("example.com/gpu", "1")
      .Port(8080)
      .NodeSelector("disk", "ssd")
      .RequiredNodeTerm({{Require("zone", SelectorOperator::kIn, {"a"})}, {}})
      .TolerateKey("dedicated");
}

struct Row {
  std::string name;
  std::function<void(kube::Pod&)> change;
};
std::string RowName(const testing::TestParamInfo<Row>& info) { return info.param.name; }

class SharedClass : public testing::TestWithParam<Row> {};

TEST_P(SharedClass, HoldsBothPods) {
  Interner names;
  PodClassTable table(names);
  kube::Pod other = FullPod();
  GetParam().change(other);
  EXPECT_EQ(table.Acquire(FullPod()).id, table.Acquire(other).id);
  EXPECT_EQ(table.size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    Differences, SharedClass,
    testing::ValuesIn(std::vector<Row>{
        {"Name", [](kube::Pod& pod) { pod.metadata.name = "q"; }},
        {"Uid", [](kube::Pod& pod) { pod.metadata.uid = "other"; }},
        {"Labels", [](kube::Pod& pod) { pod.metadata.labels["index"] = "7"; }},
        {"Annotations", [](kube::Pod& pod) { pod.metadata.annotations["a"] = "b"; }},
        {"Status", [](kube::Pod& pod) { pod.status.phase = "Running"; }},
        {"NodeName", [](kube::Pod& pod) { pod.node_name = "n"; }},
        {"Claim", [](kube::Pod& pod) { pod.spec->volumes.emplace_back().claim_name = "data-p-0"; }},
        {"Priority", [](kube::Pod& pod) { pod.spec->priority = 10; }},
        {"Gates", [](kube::Pod& pod) { pod.spec->scheduling_gates = {"g"}; }},
        {"PodGroup", [](kube::Pod& pod) { pod.spec->pod_group = "gang"; }},
        {"TolerationSeconds",
         [](kube::Pod& pod) { pod.spec->tolerations[0].toleration_seconds = 30; }},
        {"SameAmountInOtherWords",
         [](kube::Pod& pod) { pod.spec->containers[0].requests["cpu"] = Q("0.5"); }},
        {"NameTermOfTheRequiredAffinity",
         [](kube::Pod& pod) {
           pod.spec->affinity.required_node_affinity->terms[0].match_fields = {
               Require("metadata.name", SelectorOperator::kIn, {"n1"})};
         }},
    }),
    RowName);

class OwnClass : public testing::TestWithParam<Row> {};

TEST_P(OwnClass, IsGivenToThePodThatDiffers) {
  Interner names;
  PodClassTable table(names);
  kube::Pod other = FullPod();
  GetParam().change(other);
  EXPECT_NE(table.Acquire(FullPod()).id, table.Acquire(other).id);
  EXPECT_EQ(table.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(
    Differences, OwnClass,
    testing::ValuesIn(std::vector<Row>{
        {"Namespace", [](kube::Pod& pod) { pod.metadata.namespace_ = "other"; }},
        {"Cpu", [](kube::Pod& pod) { pod.spec->containers[0].requests["cpu"] = Q("600m"); }},
        {"Memory", [](kube::Pod& pod) { pod.spec->containers[0].requests["memory"] = Q("2Gi"); }},
        {"Gpu",
         [](kube::Pod& pod) { pod.spec->containers[0].requests["example.com/gpu"] = Q("2"); }},
        {"HostPort", [](kube::Pod& pod) { pod.spec->containers[0].ports[0].host_port = 8081; }},
        {"NodeSelector", [](kube::Pod& pod) { pod.spec->node_selector["disk"] = "hdd"; }},
        {"AffinityValues",
         [](kube::Pod& pod) {
           pod.spec->affinity.required_node_affinity->terms[0].match_expressions[0].values = {"b"};
         }},
        {"AffinityOperator",
         [](kube::Pod& pod) {
           pod.spec->affinity.required_node_affinity->terms[0].match_expressions[0].op =
               SelectorOperator::kNotIn;
         }},
        {"AffinityWithoutTerms",
         [](kube::Pod& pod) { pod.spec->affinity.required_node_affinity->terms.clear(); }},
        {"NoAffinity", [](kube::Pod& pod) { pod.spec->affinity.required_node_affinity.reset(); }},
        {"TolerationValue", [](kube::Pod& pod) { pod.spec->tolerations[0].value = "db"; }},
        {"NoTolerations", [](kube::Pod& pod) { pod.spec->tolerations.clear(); }},
        {"PreferredNodeTerm",
         [](kube::Pod& pod) {
           pod.spec->affinity.preferred_node_affinity = {
               {1, {{Require("zone", SelectorOperator::kExists)}, {}}}};
         }},
        {"RequiredPodAffinity",
         [](kube::Pod& pod) { pod.spec->affinity.required_pod_affinity.emplace_back(); }},
        {"PreferredPodAffinity",
         [](kube::Pod& pod) { pod.spec->affinity.preferred_pod_affinity.emplace_back(); }},
        {"RequiredPodAntiAffinity",
         [](kube::Pod& pod) { pod.spec->affinity.required_pod_anti_affinity.emplace_back(); }},
        {"PreferredPodAntiAffinity",
         [](kube::Pod& pod) { pod.spec->affinity.preferred_pod_anti_affinity.emplace_back(); }},
        {"SpreadConstraint",
         [](kube::Pod& pod) { pod.spec->topology_spread_constraints.emplace_back(); }},
        {"Image", [](kube::Pod& pod) { pod.spec->containers[0].image = "app:2"; }},
        {"VolumeImage", [](kube::Pod& pod) { pod.spec->volumes.emplace_back().image = "data:1"; }},
        {"Disk",
         [](kube::Pod& pod) { pod.spec->volumes.emplace_back().in_tree_disk.emplace().id = "d"; }},
        {"RestartRule",
         [](kube::Pod& pod) { pod.spec->containers[0].restarts_all_containers = true; }},
        {"UserNamespaceOnHostNetwork",
         [](kube::Pod& pod) {
           pod.spec->host_network = true;
           pod.spec->host_users = false;
         }},
        // The same totals, but another container counts with the default of 100m in scores.
        {"ContainerWithoutRequests", [](kube::Pod& pod) { pod.spec->containers.emplace_back(); }},
    }),
    RowName);

// Terms of affinity and constraints that differ in one thing.
kube::PodAffinityTerm FullTerm() {
  kube::PodAffinityTerm term;
  term.label_selector = kube::LabelSelector{{{"app", "db"}}, {}};
  term.namespaces = {"a"};
  term.namespace_selector = kube::LabelSelector{{{"team", "x"}}, {}};
  term.topology_key = "zone";
  return term;
}

struct TermRow {
  std::string name;
  std::function<void(kube::PodAffinityTerm&)> change;
};

class OwnTermClass : public testing::TestWithParam<TermRow> {};

TEST_P(OwnTermClass, IsGivenToThePodWhoseTermDiffers) {
  Interner names;
  PodClassTable table(names);
  kube::Pod pod = FullPod();
  pod.spec->affinity.required_pod_affinity = {FullTerm()};
  kube::Pod other = pod;
  GetParam().change(other.spec->affinity.required_pod_affinity[0]);
  EXPECT_NE(table.Acquire(pod).id, table.Acquire(other).id);
}

INSTANTIATE_TEST_SUITE_P(
    Differences, OwnTermClass,
    testing::ValuesIn(std::vector<TermRow>{
        {"NoSelector", [](kube::PodAffinityTerm& term) { term.label_selector.reset(); }},
        {"EmptySelector", [](kube::PodAffinityTerm& term) { term.label_selector.emplace(); }},
        {"Namespaces", [](kube::PodAffinityTerm& term) { term.namespaces = {"b"}; }},
        {"NoNamespaceSelector",
         [](kube::PodAffinityTerm& term) { term.namespace_selector.reset(); }},
        {"TopologyKey", [](kube::PodAffinityTerm& term) { term.topology_key = "rack"; }},
    }),
    [](const testing::TestParamInfo<TermRow>& row) { return row.param.name; });

TEST(PodClass, TellsConstraintsByTheirMatchLabelKeys) {
  Interner names;
  PodClassTable table(names);
  kube::TopologySpreadConstraint constraint;
  constraint.topology_key = "zone";
  const kube::Pod pod = MakePod("p").Spread(constraint);
  constraint.match_label_keys = {"pod-template-hash"};
  const kube::Pod other = MakePod("p").Spread(constraint);
  EXPECT_NE(table.Acquire(pod).id, table.Acquire(other).id);
}

TEST(PodClass, CanBeHeldBeyondItsLastUser) {
  Interner names;
  PodClassTable table(names);
  const PodClass& pod_class = table.Acquire(MakePod("p").Cpu("1"));
  const std::shared_ptr<const PodClass> shared = table.Share(pod_class.id);
  const std::uint64_t serial = shared->serial;
  table.Release(shared->id);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(shared->requests.milli_cpu, 1000);
  EXPECT_NE(table.Acquire(MakePod("p").Cpu("1")).serial, serial);
}

TEST(PodFacts, HoldClaimsInTheOrderOfTheVolumes) {
  kube::Pod pod = MakePod("default/web-0");
  pod.spec->volumes.resize(3);
  pod.spec->volumes[0].name = "cache";
  pod.spec->volumes[1].name = "scratch";
  pod.spec->volumes[1].ephemeral = true;
  pod.spec->volumes[2].name = "data";
  pod.spec->volumes[2].claim_name = "data-web-0";
  pod.spec->volumes[2].claim_read_only = true;
  const PodFacts facts = FactsOf(pod);
  ASSERT_EQ(facts.claims.size(), 2u);
  EXPECT_EQ(facts.claims[0].claim_name, "web-0-scratch");
  EXPECT_TRUE(facts.claims[0].ephemeral);
  EXPECT_FALSE(facts.claims[0].read_only);
  EXPECT_EQ(facts.claims[1].volume_name, "data");
  EXPECT_EQ(facts.claims[1].claim_name, "data-web-0");
  EXPECT_FALSE(facts.claims[1].ephemeral);
  EXPECT_TRUE(facts.claims[1].read_only);
}

TEST(PodClass, HoldsWhatThePodAsksFor) {
  Interner names;
  PodClassTable table(names);
  const PodClass& pod_class = table.Acquire(FullPod());
  EXPECT_EQ(pod_class.namespace_, "default");
  EXPECT_EQ(pod_class.requests.milli_cpu, 500);
  EXPECT_EQ(pod_class.requests.memory, 1 << 30);
  EXPECT_EQ(AmountOf(pod_class.requests.scalars, *names.Find("example.com/gpu")), 1);
  EXPECT_EQ(pod_class.nonzero_milli_cpu, 500);
  EXPECT_EQ(pod_class.nonzero_memory, 1 << 30);
  ASSERT_EQ(pod_class.host_ports.size(), 1u);
  EXPECT_EQ(pod_class.host_ports[0], (kube::HostPort{"TCP", "0.0.0.0", 8080}));
  EXPECT_EQ(pod_class.node_selector, (kube::StringMap{{"disk", "ssd"}}));
  EXPECT_TRUE(pod_class.has_required_node_affinity);
  ASSERT_EQ(pod_class.node_affinity_terms.size(), 1u);
  EXPECT_EQ(pod_class.node_affinity_terms[0].match_expressions[0].key, "zone");
  ASSERT_EQ(pod_class.tolerations.size(), 1u);
  EXPECT_EQ(pod_class.tolerations[0].key, "dedicated");
}

TEST(PodClass, ScoresCountWhatIsNotRequestedAtItsDefault) {
  Interner names;
  PodClassTable table(names);
  const PodClass& pod_class = table.Acquire(MakePod("p"));
  EXPECT_EQ(pod_class.requests, Resources{});
  EXPECT_EQ(pod_class.nonzero_milli_cpu, 100);
  EXPECT_EQ(pod_class.nonzero_memory, 200 * 1024 * 1024);
  EXPECT_FALSE(pod_class.has_required_node_affinity);
}

// Of a pod to be placed, kube-scheduler scores the containers' requests alone.
TEST(PodClass, RequestsOfThePodAsAWholeAreNotScored) {
  Interner names;
  PodClassTable table(names);
  const PodClass& pod_class =
      table.Acquire(MakePod("p")
                        .Cpu("500m")
                        .Request("hugepages-2Mi", "4Mi")
                        .PodLevelRequests({{"cpu", Q("2")}, {"hugepages-2Mi", Q("8Mi")}}));
  const TextId huge_pages = *names.Find("hugepages-2Mi");
  EXPECT_EQ(pod_class.nonzero_milli_cpu, 2000);
  EXPECT_EQ(AmountOf(pod_class.requests.scalars, huge_pages), 8 * 1024 * 1024);
  EXPECT_EQ(pod_class.scored.milli_cpu, 500);
  EXPECT_EQ(pod_class.scored.memory, 200 * 1024 * 1024);
  EXPECT_EQ(AmountOf(pod_class.scored.scalars, huge_pages), 4 * 1024 * 1024);
  const PodClass& plain = table.Acquire(MakePod("q").Cpu("500m").Request("example.com/gpu", "1"));
  EXPECT_EQ(plain.scored.milli_cpu, plain.nonzero_milli_cpu);
  EXPECT_EQ(plain.scored.memory, plain.nonzero_memory);
  EXPECT_EQ(plain.scored.scalars, plain.requests.scalars);
}

TEST(PodClass, NameTermsGoToTheFactsTermByTerm) {
  const kube::Pod pod = MakePod("default/p")
                            .RequiredNodeTerm({{Require("zone", SelectorOperator::kExists)}, {}})
                            .RequiredNodeTerm(FieldTerm("n2"));
  Interner names;
  PodClassTable table(names);
  const PodClass& pod_class = table.Acquire(pod);
  const PodFacts facts = FactsOf(pod);
  ASSERT_EQ(pod_class.node_affinity_terms.size(), 2u);
  EXPECT_TRUE(pod_class.node_affinity_terms[1].match_expressions.empty());
  EXPECT_TRUE(pod_class.node_affinity_terms[1].match_fields.empty());
  ASSERT_EQ(facts.node_affinity_fields.size(), 2u);
  EXPECT_TRUE(facts.node_affinity_fields[0].empty());
  ASSERT_EQ(facts.node_affinity_fields[1].size(), 1u);
  EXPECT_EQ(facts.node_affinity_fields[1][0].values, std::vector<std::string>{"n2"});
}

TEST(PodFacts, HoldWhatIsThePodsOwn) {
  const PodFacts facts =
      FactsOf(MakePod("ns/p").Uid("u").Node("n").Priority(7).Gate("g1").Gate("g2"));
  EXPECT_EQ(facts.namespace_, "ns");
  EXPECT_EQ(facts.name, "p");
  EXPECT_EQ(facts.uid, "u");
  EXPECT_EQ(facts.node_name, "n");
  EXPECT_EQ(facts.priority, 7);
  EXPECT_EQ(facts.scheduling_gates, (std::vector<std::string>{"g1", "g2"}));
}

TEST(PodClassTable, TheLastUserFreesTheClassAndItsNumber) {
  Interner names;
  PodClassTable table(names);
  const PodClassId id = table.Acquire(MakePod("a").Cpu("1")).id;
  EXPECT_EQ(table.Acquire(MakePod("b").Cpu("1")).id, id);
  table.Release(id);
  EXPECT_EQ(table.size(), 1u);
  table.Release(id);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.Acquire(MakePod("c").Cpu("2")).id, id);
}

TEST(PodClassTable, AClassStaysInPlaceWhileOthersComeAndGo) {
  Interner names;
  PodClassTable table(names);
  const PodClass* first = &table.Acquire(MakePod("a").Cpu("1"));
  for (int i = 2; i < 500; ++i) {
    const PodClass& other = table.Acquire(MakePod("b").Cpu(std::to_string(i)));
    if (i % 2 == 0) table.Release(other.id);
  }
  EXPECT_EQ(&table.Acquire(MakePod("c").Cpu("1")), first);
  EXPECT_EQ(first->requests.milli_cpu, 1000);
}

TEST(PodClassTableDeathTest, ReleasingTooOftenIsOurMistake) {
  Interner names;
  PodClassTable table(names);
  const PodClassId id = table.Acquire(MakePod("a")).id;
  table.Release(id);
  EXPECT_DEATH(table.Release(id), "released too often");
}

}  // namespace pod_class_test
}  // namespace heat_scheduler
