// A preemption carried out, against the embedded API: from the refused pod to its room, and what
// may come between.
#include <functional>
#include <memory>
#include <string>
#include <tuple>

#include "cluster/registry.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/live/live_cluster.h"

namespace heat_scheduler {
namespace preemption_test {

using nlohmann::json;
using ::testing::HasSubstr;

const cluster::WriteContext kTest = {"test", "test"};

class LivePreemption : public ::testing::Test {
 protected:
  LivePreemption() {
    live_.AddPriorityClass("important", 1000);
    live_.AddPriorityClass("middling", 500);
    live_.AddNode("n1", "30");
  }
  void Create(const cluster::ResourceInfo& resource, const json& object) {
    const auto made = live_.server().registry().Create(resource, "default", object, kTest);
    ASSERT_TRUE(made.ok()) << made.error().message;
  }
  // A pod that takes a whole node.
  void AddPod(const std::string& name, const std::string& priority_class = "") {
    live_.AddPod(name, "4", "heat-scheduler", priority_class);
  }
  // Fills n1 with the pod "low", and lets "high" come.
  void FillAndPreempt() {
    AddPod("low");
    live_.StartScheduler();
    ASSERT_TRUE(live_.UntilBound("low"));
    AddPod("high", "important");
  }
  // Fills n1 and n2, lets "high" come, and returns the node that it is to get, the pod that leaves
  // that and the one that stays on the other; an empty node if it does not come to that.
  std::tuple<std::string, std::string, std::string> FillTwoAndPreemptOnOne() {
    live_.AddNode("n2", "50");
    AddPod("low");
    AddPod("low2");
    live_.StartScheduler();
    if (!live_.UntilBound("low") || !live_.UntilBound("low2")) return {};
    AddPod("high", "important");
    if (!live_.Until([this] { return IsLeaving("low") || IsLeaving("low2"); })) return {};
    const std::string victim = IsLeaving("low") ? "low" : "low2";
    const std::string node = live_.NodeOf(victim);
    if (!live_.Until([&] { return NominatedNodeOf("high") == node; })) return {};
    return {node, victim, victim == "low" ? "low2" : "low"};
  }
  bool UntilLeaving(const std::string& pod) {
    return live_.Until([&] { return IsLeaving(pod); });
  }
  bool IsLeaving(const std::string& pod) {
    const json document = live_.Pod(pod);
    return document != nullptr && document["metadata"].contains("deletionTimestamp");
  }
  std::string NominatedNodeOf(const std::string& pod) {
    return live_.Pod(pod)["status"].value("nominatedNodeName", "");
  }
  std::size_t Preempted(const std::string& pod) {
    std::size_t count = 0;
    for (const json& event : live_.EventsOf(pod)) count += event["reason"] == "Preempted" ? 1 : 0;
    return count;
  }
  std::string MessageOf(const std::string& pod) {
    for (const json& condition : live_.Pod(pod)["status"].value("conditions", json::array())) {
      if (condition["type"] == "PodScheduled") return condition.value("message", "");
    }
    return "";
  }
  // Runs `action` as the first request of that method for that path arrives, before it is served.
  void Before(const std::string& method, const std::string& suffix, std::function<void()> action) {
    auto done = std::make_shared<bool>(false);
    live_.SetTap([method, suffix, action, done](const net::HttpRequest& request, const auto&) {
      const std::string path = request.target.substr(0, request.target.find('?'));
      if (*done || request.method != method || !path.ends_with(suffix)) return false;
      *done = true;
      action();
      return false;
    });
  }

  LiveCluster live_;
};

TEST_F(LivePreemption, AttemptsAndVictimsAreCounted) {
  FillAndPreempt();
  ASSERT_TRUE(UntilLeaving("low"));
  EXPECT_EQ(live_.metrics().preemption_attempts.Get({}), 1);
  EXPECT_EQ(live_.metrics().preemption_victims.Count({}), 1u);
  // One that finds nobody counts as an attempt, too.
  live_.AddPod("huge", "100", "heat-scheduler", "important");
  ASSERT_TRUE(live_.Until([&] { return !MessageOf("huge").empty(); }));
  EXPECT_EQ(live_.metrics().preemption_attempts.Get({}), 2);
  EXPECT_EQ(live_.metrics().preemption_victims.Count({}), 1u);
}

TEST_F(LivePreemption, NeverPreempting) {
  Create(cluster::PriorityClassResource(),
         {{"metadata", {{"name", "polite"}}}, {"value", 1000}, {"preemptionPolicy", "Never"}});
  AddPod("low");
  live_.StartScheduler();
  ASSERT_TRUE(live_.UntilBound("low"));
  AddPod("shy", "polite");
  ASSERT_TRUE(live_.Until([&] { return !MessageOf("shy").empty(); }));
  EXPECT_THAT(MessageOf("shy"), HasSubstr("not eligible due to preemptionPolicy=Never."));
  live_.loop().RunFor(absl::Minutes(10));
  EXPECT_FALSE(IsLeaving("low"));
  EXPECT_EQ(NominatedNodeOf("shy"), "");
}

TEST_F(LivePreemption, AProtectedPodIsSparedWhereAnotherIsEnough) {
  live_.AddNode("n2", "20");
  AddPod("guarded");
  AddPod("bare");
  live_.StartScheduler();
  ASSERT_TRUE(live_.UntilBound("guarded"));
  ASSERT_TRUE(live_.UntilBound("bare"));
  ASSERT_TRUE(live_.server()
                  .registry()
                  .Patch({&cluster::PodResource(), "default", "guarded"}, cluster::Part::kMain,
                         cluster::PatchType::kMerge,
                         {{"metadata", {{"labels", {{"tier", "web"}}}}}}, kTest)
                  .ok());
  // No controller writes its status: it allows nothing.
  Create(cluster::PodDisruptionBudgetResource(),
         {{"metadata", {{"name", "web"}}},
          {"spec", {{"minAvailable", 1}, {"selector", {{"matchLabels", {{"tier", "web"}}}}}}}});
  live_.loop().RunFor(absl::Seconds(1));
  AddPod("high", "important");
  ASSERT_TRUE(UntilLeaving("bare"));
  AddPod("higher", "important");
  // Now there is no other.
  ASSERT_TRUE(UntilLeaving("guarded"));
}

TEST_F(LivePreemption, AVictimThatGoesByItselfIsNoVictim) {
  Before("PATCH", "/pods/low/status", [this] { live_.DeletePod("low"); });
  FillAndPreempt();
  ASSERT_TRUE(live_.UntilBound("high"));
  live_.loop().RunFor(absl::Seconds(5));
  EXPECT_EQ(Preempted("low"), 0u);
  EXPECT_EQ(live_.metrics().evictions.Get({"gone"}), 1);
  EXPECT_EQ(live_.Requests("DELETE", "/pods/low"), 0u);
}

TEST_F(LivePreemption, AVictimThatIsRecreatedUnderItsNameIsLeftAlone) {
  Before("PATCH", "/pods/low/status", [this] {
    live_.DeletePod("low");
    AddPod("low");
  });
  FillAndPreempt();
  ASSERT_TRUE(live_.UntilBound("high"));
  live_.loop().RunFor(absl::Minutes(1));
  EXPECT_FALSE(live_.Pod("low") == nullptr);
  EXPECT_FALSE(IsLeaving("low"));
  EXPECT_EQ(Preempted("low"), 0u);
  EXPECT_EQ(live_.NodeOf("low"), "");
}

TEST_F(LivePreemption, AVictimThatIsRecreatedBetweenTheStepsIsLeftAlone) {
  Before("DELETE", "/pods/low", [this] {
    live_.DeletePod("low");
    AddPod("low");
  });
  FillAndPreempt();
  ASSERT_TRUE(live_.UntilBound("high"));
  live_.loop().RunFor(absl::Minutes(1));
  EXPECT_FALSE(live_.Pod("low") == nullptr);
  EXPECT_FALSE(IsLeaving("low"));
}

TEST_F(LivePreemption, ARefusedEvictionIsTriedAgainAfterBackOff) {
  bool refuses = true;
  live_.SetTap([&refuses](const net::HttpRequest& request, const auto& sink) {
    if (!refuses || request.method != "DELETE") return false;
    sink->Send({.status = 403,
                .body = R"({"kind":"Status","status":"Failure","reason":"Forbidden",)"
                        R"("message":"a webhook says no"})"});
    return true;
  });
  FillAndPreempt();
  live_.loop().RunFor(absl::Minutes(1));
  const std::size_t tries = live_.Requests("DELETE", "/pods/low");
  EXPECT_GE(tries, 5u);
  EXPECT_LE(tries, 10u) << "1, 2, 4, 8, 10 ... seconds of back-off";
  EXPECT_EQ(live_.Requests("PATCH", "/pods/low/status"), 1u) << "it is marked already";
  EXPECT_EQ(Preempted("low"), 0u);
  refuses = false;
  ASSERT_TRUE(UntilLeaving("low"));
  live_.DeletePod("low");
  ASSERT_TRUE(live_.UntilBound("high"));
}

TEST_F(LivePreemption, ThatWaitsForItsVictimHoldsUpNobodyElse) {
  FillAndPreempt();
  ASSERT_TRUE(UntilLeaving("low"));
  live_.AddNode("n2", "40");
  live_.loop().RunFor(absl::Seconds(30));
  // Room came, and it took it; its victim goes all the same.
  EXPECT_EQ(live_.NodeOf("high"), "n2");
  AddPod("other");
  live_.loop().RunFor(absl::Seconds(30));
  EXPECT_EQ(live_.NodeOf("other"), "");
  live_.DeletePod("low");
  ASSERT_TRUE(live_.UntilBound("other"));
  EXPECT_EQ(live_.NodeOf("other"), "n1");
}

TEST_F(LivePreemption, TheRoomIsKeptFromLessImportantPods) {
  FillAndPreempt();
  ASSERT_TRUE(UntilLeaving("low"));
  AddPod("late");
  live_.loop().RunFor(absl::Minutes(1));
  live_.DeletePod("low");
  ASSERT_TRUE(live_.UntilBound("high"));
  EXPECT_EQ(live_.NodeOf("late"), "");
  EXPECT_EQ(NominatedNodeOf("high"), "") << "the binding ends the nomination";
}

TEST_F(LivePreemption, AMoreImportantPodTakesTheNodeAndTheNominationOfTheLesserOneIsCleared) {
  AddPod("low");
  live_.StartScheduler();
  ASSERT_TRUE(live_.UntilBound("low"));
  AddPod("middle", "middling");
  ASSERT_TRUE(live_.Until([&] { return NominatedNodeOf("middle") == "n1" && IsLeaving("low"); }));
  AddPod("high", "important");
  ASSERT_TRUE(live_.Until([&] { return NominatedNodeOf("high") == "n1"; }));
  ASSERT_TRUE(live_.Until([&] { return NominatedNodeOf("middle").empty(); }));
  EXPECT_EQ(live_.Requests("DELETE", "/pods/low"), 1u);
  live_.DeletePod("low");
  ASSERT_TRUE(live_.UntilBound("high"));
  live_.loop().RunFor(absl::Minutes(1));
  EXPECT_EQ(live_.NodeOf("middle"), "");
}

TEST_F(LivePreemption, ANominatedNodeThatVanishesIsClearedAndThePodGoesElsewhere) {
  const auto [node, victim, other] = FillTwoAndPreemptOnOne();
  ASSERT_NE(node, "");
  live_.DeleteNode(node);
  // Its back-off passed, it finds the next.
  ASSERT_TRUE(live_.Until([&] { return NominatedNodeOf("high") == live_.NodeOf(other); }));
  ASSERT_TRUE(UntilLeaving(other));
  live_.DeletePod(other);
  ASSERT_TRUE(live_.UntilBound("high"));
}

TEST_F(LivePreemption, ANodeThatVanishesWithNothingElseLeavesNoNomination) {
  FillAndPreempt();
  ASSERT_TRUE(live_.Until([&] { return NominatedNodeOf("high") == "n1" && IsLeaving("low"); }));
  live_.DeleteNode("n1");
  ASSERT_TRUE(live_.Until([&] { return NominatedNodeOf("high").empty(); }));
  live_.DeletePod("low");
  live_.loop().RunFor(absl::Minutes(1));
  EXPECT_EQ(NominatedNodeOf("high"), "");
}

TEST_F(LivePreemption, APreemptorThatIsDeletedLeavesTheRoomToOthers) {
  FillAndPreempt();
  ASSERT_TRUE(UntilLeaving("low"));
  live_.DeletePod("high");
  AddPod("other");
  live_.loop().RunFor(absl::Seconds(30));
  live_.DeletePod("low");
  ASSERT_TRUE(live_.UntilBound("other"));
  EXPECT_EQ(Preempted("low"), 1u);
}

// ---- Restarts ----

TEST_F(LivePreemption, ARestartReadsTheNominationBackAndTakesNoOtherVictim) {
  const auto [node, victim, other] = FillTwoAndPreemptOnOne();
  ASSERT_NE(node, "");

  live_.StartScheduler();
  AddPod("late");
  live_.loop().RunFor(absl::Minutes(6));
  EXPECT_FALSE(IsLeaving(other));
  EXPECT_EQ(NominatedNodeOf("high"), node);
  live_.DeletePod(victim);
  ASSERT_TRUE(live_.UntilBound("high"));
  EXPECT_EQ(live_.NodeOf("high"), node);
  EXPECT_EQ(live_.NodeOf("late"), "");
}

TEST_F(LivePreemption, ARestartBetweenTheStepsEndsWhatWasBegun) {
  live_.SetFaults([](const net::HttpRequest& request) {
    return request.method == "DELETE" ? FaultPlan{.fate = FaultPlan::Fate::kRefuse} : FaultPlan{};
  });
  FillAndPreempt();
  ASSERT_TRUE(live_.Until([&] { return live_.Requests("PATCH", "/pods/low/status") == 1; }));
  live_.loop().RunFor(absl::Milliseconds(200));
  live_.KillScheduler();
  EXPECT_FALSE(IsLeaving("low"));
  live_.SetFaults(nullptr);
  live_.StartScheduler();
  ASSERT_TRUE(UntilLeaving("low"));
  EXPECT_EQ(live_.Requests("PATCH", "/pods/low/status"), 1u) << "it shows the condition already";
  live_.DeletePod("low");
  ASSERT_TRUE(live_.UntilBound("high"));
}

}  // namespace preemption_test
}  // namespace heat_scheduler
