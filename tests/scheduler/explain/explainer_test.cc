// Decisions of a running scheduler, explained afterwards.
#include "scheduler/explain/explainer.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/default_profile.h"
#include "policy/profile_config.h"
#include "tests/scheduler/core/machine.h"

namespace heat_scheduler {
namespace explainer_test {

using nlohmann::ordered_json;
using testing::HasSubstr;

constexpr std::uint64_t kSeed = 11;

// kube-scheduler's own plugins, or Heat before them.
enum class Plugins { kKube, kHeat };

absl::StatusOr<Profile> Make(Plugins plugins) {
  if (plugins == Plugins::kHeat) return DefaultProfile();
  return ProfileFromJson({{"schedulerName", "heat-scheduler"}});
}

// A machine and who explains it.
struct Explained {
  explicit Explained(Plugins plugins = Plugins::kKube, std::size_t bytes = 1 << 20,
                     TieRule rule = TieRule::kRotate)
      : machine(*Make(plugins), {.seed = kSeed, .tie_rule = rule, .history_bytes = bytes}),
        explainer(*machine, [plugins](const std::string& name) {
          EXPECT_EQ(name, "heat-scheduler");
          return Make(plugins);
        }) {}

  ordered_json Of(const std::string& pod, std::optional<std::uint64_t> number = std::nullopt) {
    absl::StatusOr<ordered_json> document = explainer.Explain("default", pod, number);
    EXPECT_TRUE(document.ok()) << document.status();
    if (!document.ok()) return {};
    EXPECT_FALSE(document->contains("differs")) << document->dump(1);
    return *std::move(document);
  }

  std::string WhyNot(const std::string& pod, std::optional<std::uint64_t> number = std::nullopt) {
    const absl::Status status = explainer.Explain("default", pod, number).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    return std::string(status.message());
  }

  // Decides and has the API show the binding of each pod that was placed.
  void BindAll() {
    while (auto attempt = machine.One()) {
      if (!attempt->node.empty()) machine.Show(OurPod(attempt->pod.name).Node(attempt->node));
    }
  }

  Machine machine;
  Explainer explainer;
};

NodeBuilder Room(std::string_view name, std::string_view cpu = "4") {
  return MakeNode(name).Cpu(cpu).Memory("8Gi");
}

const ordered_json& EntryOf(const ordered_json& document, const std::string& node) {
  for (const ordered_json& entry : document.at("nodes")) {
    if (entry.at("node") == node) return entry;
  }
  ADD_FAILURE() << "no entry of node " << node;
  return document;
}

TEST(Explainer, TotalsAddUp) {
  Explained world;
  for (const char* name : {"a", "b", "c"}) world.machine.Show(Room(name).Label("zone", name));
  world.machine.Show(Room("full", "0"));
  world.machine.Show(OurPod("on-b", "2").Node("b"));
  world.machine.Show(OurPod("p", "1"));
  const std::string node = world.machine.One()->node;
  const ordered_json document = world.Of("p");
  EXPECT_EQ(document.at("result"), "Scheduled");
  EXPECT_EQ(document.at("node"), node);
  EXPECT_EQ(document.at("feasible"), 3);
  std::int64_t greatest = 0;
  for (const char* name : {"a", "b", "c"}) {
    const ordered_json& entry = EntryOf(document, name);
    EXPECT_EQ(entry.at("outcome"), "Scored");
    std::int64_t sum = 0;
    std::set<std::string> plugins;
    for (const ordered_json& score : entry.at("scores")) {
      const std::string plugin = score.at("plugin");
      plugins.insert(plugin);
      EXPECT_EQ(score.at("weighted").get<std::int64_t>(),
                score.at("normalized").get<std::int64_t>() *
                    document.at("weights").at(plugin).get<std::int64_t>());
      sum += score.at("weighted").get<std::int64_t>();
    }
    EXPECT_EQ(entry.at("total"), sum);
    EXPECT_TRUE(plugins.contains("NodeResourcesFit"));
    greatest = std::max(greatest, sum);
  }
  EXPECT_EQ(EntryOf(document, node).at("total"), greatest);
  EXPECT_LT(EntryOf(document, "b").at("total"), greatest);
  const ordered_json& full = EntryOf(document, "full");
  EXPECT_EQ(full.at("outcome"), "Rejected");
  EXPECT_EQ(full.at("plugin"), "NodeResourcesFit");
  EXPECT_EQ(full.at("code"), "UnschedulableAndUnresolvable");
  EXPECT_EQ(full.at("reasons"), ordered_json({"Insufficient cpu"}));
}

TEST(Explainer, SaysHowATieWasBroken) {
  Explained world;
  for (const char* name : {"a", "b", "c", "d"}) world.machine.Show(Room(name));
  world.machine.Show(OurPod("p"));
  const std::string node = world.machine.One()->node;
  const ordered_json tie = world.Of("p").at("tieBreak");
  EXPECT_EQ(tie.at("rule"), "rotate");
  EXPECT_EQ(tie.at("candidates"), ordered_json({"a", "b", "c", "d"}));
  const std::size_t drawn = tie.at("drawnPosition");
  EXPECT_EQ(drawn, Mix(kSeed, 0) % 4);
  EXPECT_EQ(tie.at("candidates").at(drawn), node);

  Explained by_name(Plugins::kKube, 1 << 20, TieRule::kSmallestName);
  for (const char* name : {"b", "a"}) by_name.machine.Show(Room(name));
  by_name.machine.Show(OurPod("p"));
  by_name.machine.One();
  EXPECT_EQ(by_name.Of("p").at("tieBreak").dump(),
            R"({"rule":"smallest-name","candidates":["a","b"]})");
}

TEST(Explainer, NamesTheSetFilterThatDroppedANode) {
  Explained world(Plugins::kHeat);
  world.machine.Show(Room("cool").Annotation("nerdalize/temp", "20"));
  world.machine.Show(Room("warm").Annotation("nerdalize/temp", "40"));
  world.machine.Show(OurPod("p"));
  EXPECT_EQ(world.machine.One()->node, "cool");
  // The reading is another by now; what was read then holds.
  world.machine.Show(Room("cool").Annotation("nerdalize/temp", "99"));
  const ordered_json document = world.Of("p");
  EXPECT_EQ(EntryOf(document, "warm").dump(),
            R"({"node":"warm","outcome":"DroppedBySetFilter","plugin":"Heat"})");
  EXPECT_EQ(EntryOf(document, "cool").at("outcome"), "Fits");
  EXPECT_EQ(document.at("setFilters").dump(),
            R"([{"plugin":"Heat","note":"coolest at 20 C of 2 nodes; next warm at 40 C"}])");
}

TEST(Explainer, TellsOfAPreemption) {
  Explained world;
  world.machine.Show(Room("a"));
  world.machine.Show(OurPod("low", "3").Node("a"));
  world.machine.Show(OurPod("lower", "1").Priority(-1).Node("a"));
  world.machine.Show(OurPod("p", "3").Priority(5));
  const auto attempt = world.machine.One();
  ASSERT_EQ(attempt->preempts_on, "a");
  // Both go, and the preemptor's nomination is shown: nothing of that was so then.
  world.machine.Evicted("low", "p");
  world.machine.Gone(OurPod("low"));
  const ordered_json document = world.Of("p");
  EXPECT_EQ(document.at("result"), "Unschedulable");
  EXPECT_EQ(document.at("message"), attempt->message);
  const ordered_json& preemption = document.at("preemption");
  EXPECT_EQ(preemption.at("node"), "a");
  ASSERT_EQ(preemption.at("victims").size(), attempt->victims.size());
  EXPECT_EQ(preemption.at("victims")[0].at("name"), "low");
  EXPECT_EQ(document.at("waysOut")[0].at("text"), "3 less cpu would fit on 1 node");
  EXPECT_EQ(document.at("now").dump(), R"({"state":"Pending","nominatedNode":"a"})");
}

TEST(Explainer, KeepsEarlierDecisionsApart) {
  Explained world;
  world.machine.Show(Room("a", "1"));
  world.machine.Show(OurPod("p", "2"));
  const std::string message = world.machine.One()->message;
  world.machine.Show(Room("b"));
  world.machine.Pass(absl::Seconds(5));
  EXPECT_EQ(world.machine.One()->node, "b");
  const ordered_json last = world.Of("p");
  EXPECT_EQ(last.at("decision").at("attempt"), 2);
  EXPECT_EQ(last.at("now").dump(), R"({"state":"Binding","node":"b"})");
  ASSERT_EQ(last.at("decisionsKept").size(), 2u);
  const ordered_json first = world.Of("p", last.at("decisionsKept")[0].at("number"));
  EXPECT_EQ(first.at("message"), message);
  EXPECT_EQ(first.at("nodeCount"), 1);
  EXPECT_EQ(world.WhyNot("p", 17),
            "decision 17 on pod \"default/p\" is not known or no longer kept; "
            "--decision-history-bytes says how much is kept");
}

TEST(Explainer, SaysThatADecisionIsNoLongerKept) {
  Explained world(Plugins::kKube, 4000);
  world.machine.Show(Room("a"));
  world.machine.Show(OurPod("p"));
  world.BindAll();
  EXPECT_EQ(world.Of("p").at("node"), "a");
  for (int i = 0; i < 30; ++i) {
    world.machine.Show(Room("a").Annotation("round", std::to_string(i)));
  }
  EXPECT_THAT(world.WhyNot("p"), HasSubstr("is on node \"a\", but the decision is not kept"));
}

TEST(Explainer, SaysWhyThereIsNoDecision) {
  Explained world;
  world.machine.Show(Room("a"));
  world.machine.Show(OurPod("gated").Gate("wait-for-me"));
  world.machine.Show(OurPod("early"));
  world.machine.Show(OurPod("bound").Node("a"));
  world.machine.Show(MakePod("foreign").Scheduler("other").Node("a"));
  EXPECT_EQ(world.WhyNot("nobody"),
            "pod \"default/nobody\" is not known: it does not exist, or is no pod of this "
            "scheduler's and on no node");
  EXPECT_EQ(world.WhyNot("gated"),
            "pod \"default/gated\" is not let into the queue by plugin SchedulingGates: waiting "
            "for scheduling gates: [wait-for-me]");
  EXPECT_THAT(world.WhyNot("early"), HasSubstr("it waits for its first attempt"));
  EXPECT_THAT(world.WhyNot("bound"), HasSubstr("was made before this scheduler began"));
  EXPECT_EQ(world.WhyNot("foreign"),
            "pod \"default/foreign\" is not decided on here: its schedulerName is \"other\"");

  Explained off(Plugins::kKube, 0);
  EXPECT_EQ(off.explainer.Explain("default", "p", std::nullopt).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(Explainer, ExplainsAPodThatIsGone) {
  Explained world;
  world.machine.Show(Room("a"));
  world.machine.Show(OurPod("p"));
  world.BindAll();
  world.machine.Gone(OurPod("p").Node("a"));
  world.machine.Gone(Room("a"));
  const ordered_json document = world.Of("p");
  EXPECT_EQ(document.at("node"), "a");
  EXPECT_EQ(document.at("now").dump(), R"({"state":"Gone"})");
}

}  // namespace explainer_test
}  // namespace heat_scheduler
