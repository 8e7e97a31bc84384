#include "live/driver.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/live/live_cluster.h"

namespace heat_scheduler {
namespace driver_test {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Returns the condition of that type, or null.
json Condition(const json& pod, const std::string& type) {
  if (!pod.contains("status") || !pod["status"].contains("conditions")) return nullptr;
  for (const json& condition : pod["status"]["conditions"]) {
    if (condition["type"] == type) return condition;
  }
  return nullptr;
}

// Three boards, the second of which is the coolest.
class DriverTest : public ::testing::Test {
 protected:
  DriverTest() {
    live_.AddNode("n1", "50.5");
    live_.AddNode("n2", "31.5");
    live_.AddNode("n3", "70.5");
  }

  void StartAndSync() {
    live_.StartScheduler();
    ASSERT_TRUE(live_.Until([this] { return live_.driver().synced(); }));
  }

  HealthCheck Check(const std::string& name) {
    for (HealthCheck& check : live_.driver().ReadyChecks()) {
      if (check.name == name) return std::move(check);
    }
    return {"absent", false, ""};
  }

  LiveCluster live_;
};

TEST_F(DriverTest, APodGoesToTheCoolestNodeAndAnEventSaysSo) {
  live_.AddPod("web");
  StartAndSync();
  ASSERT_TRUE(live_.UntilBound("web"));
  EXPECT_EQ(live_.NodeOf("web"), "n2");
  EXPECT_EQ(Condition(live_.Pod("web"), "PodScheduled")["status"], "True");
  ASSERT_TRUE(live_.Until([this] { return !live_.EventsOf("web").empty(); }));
  const json event = live_.EventsOf("web")[0];
  EXPECT_EQ(event["reason"], "Scheduled");
  EXPECT_EQ(event["reportingComponent"], "heat-scheduler");
  EXPECT_EQ(event["message"], "Successfully assigned default/web to n2");
  EXPECT_EQ(live_.metrics().schedule_attempts.Get({"scheduled", "heat-scheduler"}), 1);
  EXPECT_EQ(live_.metrics().pod_scheduling_sli_duration.Count({"1"}), 1u);
  EXPECT_EQ(live_.metrics().cache_size.Get({"nodes"}), 3);
}

TEST_F(DriverTest, TheNextPodGoesElsewhereOnceATemperatureHasChanged) {
  StartAndSync();
  live_.SetTemperature("n2", "90");
  // Nodes and pods have watches of their own, with no order between them.
  live_.loop().RunFor(absl::Seconds(1));
  live_.AddPod("web");
  ASSERT_TRUE(live_.UntilBound("web"));
  EXPECT_EQ(live_.NodeOf("web"), "n1");
}

TEST_F(DriverTest, PodsOfOtherSchedulersAreLeftAlone) {
  live_.AddPod("foreign", "100m", "default-scheduler");
  live_.AddPod("web");
  StartAndSync();
  ASSERT_TRUE(live_.UntilBound("web"));
  live_.loop().RunFor(absl::Minutes(10));
  EXPECT_EQ(live_.NodeOf("foreign"), "");
  EXPECT_EQ(Condition(live_.Pod("foreign"), "PodScheduled"), nullptr);
}

TEST_F(DriverTest, AFullClusterGivesAConditionAndAnEventOnceAndThePodWaitsForRoom) {
  live_.AddPod("big", "16");
  StartAndSync();
  ASSERT_TRUE(live_.Until([this] { return !live_.EventsOf("big").empty(); }));
  ASSERT_TRUE(
      live_.Until([this] { return Condition(live_.Pod("big"), "PodScheduled") != nullptr; }));
  const json condition = Condition(live_.Pod("big"), "PodScheduled");
  EXPECT_EQ(condition["status"], "False");
  EXPECT_EQ(condition["reason"], "Unschedulable");
  EXPECT_THAT(condition["message"].get<std::string>(),
              StartsWith("0/3 nodes are available: 3 Insufficient cpu."));
  EXPECT_EQ(live_.EventsOf("big")[0]["reason"], "FailedScheduling");
  EXPECT_EQ(live_.EventsOf("big")[0]["type"], "Warning");
  // It is tried again each five minutes, to the same end: nothing new is written to its status.
  live_.loop().RunFor(absl::Minutes(30));
  EXPECT_GE(live_.metrics().schedule_attempts.Get({"unschedulable", "heat-scheduler"}), 4);
  EXPECT_EQ(live_.Requests("PATCH", "/pods/big/status"), 1u);
  live_.AddPod("small");
  ASSERT_TRUE(live_.UntilBound("small"));
}

TEST_F(DriverTest, APodThatFitsNowhereIsPlacedWhenANodeComes) {
  for (const char* pod : {"a", "b", "c", "d"}) live_.AddPod(pod, "3");
  StartAndSync();
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 3; }));
  live_.loop().RunFor(absl::Seconds(5));
  EXPECT_EQ(live_.BoundPods(), 3u);
  live_.AddNode("n4", "99");
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 4; }, absl::Seconds(15)));
}

TEST_F(DriverTest, AMoreImportantPodGetsTheRoomOfOneThatIsMadeToLeave) {
  for (const char* name : {"low-1", "low-2", "low-3"}) live_.AddPod(name, "4");
  StartAndSync();
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 3; }));
  live_.AddPriorityClass("important", 1000);
  live_.AddPod("high", "4", "heat-scheduler", "important");

  std::string victim;
  ASSERT_TRUE(live_.Until([&] {
    for (const char* name : {"low-1", "low-2", "low-3"}) {
      if (live_.Pod(name)["metadata"].contains("deletionTimestamp")) victim = name;
    }
    return !victim.empty();
  }));
  const json target = Condition(live_.Pod(victim), "DisruptionTarget");
  EXPECT_EQ(target["status"], "True");
  EXPECT_EQ(target["reason"], "PreemptionByScheduler");
  EXPECT_EQ(target["message"], "heat-scheduler: preempting to accommodate a higher priority pod");
  ASSERT_TRUE(live_.Until([&] { return live_.EventsOf(victim).size() == 2; }));
  bool told = false;
  for (const json& event : live_.EventsOf(victim)) {
    if (event["reason"] != "Preempted") continue;
    told = true;
    EXPECT_EQ(event["related"]["name"], "high");
    EXPECT_THAT(event["message"].get<std::string>(), StartsWith("Preempted by pod "));
  }
  EXPECT_TRUE(told);
  const std::string node = live_.NodeOf(victim);
  EXPECT_EQ(live_.Pod("high")["status"]["nominatedNodeName"], node);
  // It waits for the one victim, and takes no other.
  live_.loop().RunFor(absl::Minutes(1));
  EXPECT_EQ(live_.metrics().evictions.Get({"evicted"}), 1);
  EXPECT_EQ(live_.NodeOf("high"), "");

  live_.DeletePod(victim);  // What the kubelet does once it has stopped.
  ASSERT_TRUE(live_.UntilBound("high"));
  EXPECT_EQ(live_.NodeOf("high"), node);
}

TEST_F(DriverTest, ADryRunWritesNothingAndGoesOnAsIfItHad) {
  live_.options.dry_run = true;
  StartAndSync();
  const auto decided = [this](double scheduled, double unschedulable) {
    const auto& attempts = live_.metrics().schedule_attempts;
    return live_.Until([&attempts, scheduled, unschedulable] {
      return attempts.Get({"scheduled", "heat-scheduler"}) == scheduled &&
             attempts.Get({"unschedulable", "heat-scheduler"}) == unschedulable;
    });
  };
  for (const char* pod : {"a", "b", "c"}) live_.AddPod(pod, "3");
  ASSERT_TRUE(decided(3, 0));
  live_.AddPod("d", "3");  // Those three have taken all the room.
  ASSERT_TRUE(decided(3, 1));
  live_.AddPriorityClass("important", 1000);
  live_.AddPod("high", "3", "heat-scheduler", "important");
  ASSERT_TRUE(decided(3, 2));
  // Its victims never leave, so that it is not tried again.
  live_.loop().RunFor(absl::Minutes(1));
  EXPECT_EQ(live_.metrics().schedule_attempts.Get({"unschedulable", "heat-scheduler"}), 2);
  live_.DeletePod("a");
  live_.DeletePod("b");
  live_.DeletePod("c");
  ASSERT_TRUE(decided(5, 2));
  EXPECT_EQ(live_.BoundPods(), 0u);
  for (const char* method : {"POST", "PATCH", "PUT", "DELETE"}) {
    EXPECT_EQ(live_.Requests(method, ""), 0u) << method;
  }
}

TEST_F(DriverTest, NothingIsDecidedWhileAKindMayNotBeListed) {
  bool forbidden = true;
  live_.SetTap([&forbidden](const net::HttpRequest& request, const auto& sink) {
    if (!forbidden || !request.target.starts_with("/api/v1/services")) return false;
    sink->Send({.status = 403,
                .body = R"({"kind":"Status","status":"Failure","reason":"Forbidden",)"
                        R"("message":"services is forbidden: User \"heat\" cannot list"})"});
    return true;
  });
  live_.AddPod("web");
  live_.StartScheduler();
  live_.loop().RunFor(absl::Minutes(3));
  EXPECT_FALSE(live_.driver().synced());
  EXPECT_EQ(live_.NodeOf("web"), "");
  EXPECT_TRUE(Check("informer-sync/pods").ok);
  EXPECT_FALSE(Check("informer-sync/services").ok);
  EXPECT_THAT(Check("informer-sync/services").problem, HasSubstr("User \"heat\" cannot list"));
  EXPECT_THAT(Check("informer-sync/services").problem, HasSubstr("ClusterRole"));
  EXPECT_GT(live_.metrics().watch_failures.Get({"services"}), 1);
  forbidden = false;
  ASSERT_TRUE(live_.UntilBound("web"));
  EXPECT_TRUE(Check("informer-sync/services").ok);
}

TEST_F(DriverTest, AServerThatComesLateIsWaitedFor) {
  live_.AddPod("web");
  live_.network().Connect(nullptr);
  live_.StartScheduler();
  live_.loop().RunFor(absl::Minutes(10));
  EXPECT_FALSE(Check("informer-sync/pods").ok);
  EXPECT_THAT(Check("informer-sync/pods").problem, HasSubstr("list pods"));
}

// ---- Bindings on a bad wire: each pod is bound once, to the node that was chosen. ----

struct WireCase {
  const char* name;
  FaultPlan plan;
};

class DriverBadWire : public DriverTest, public ::testing::WithParamInterface<WireCase> {};

TEST_P(DriverBadWire, EveryPodIsBoundOnce) {
  int binds = 0;
  live_.SetFaults([&binds](const net::HttpRequest& request) {
    // Every other binding is hit; what follows it is not.
    return IsBind(request) && ++binds % 2 == 1 ? GetParam().plan : FaultPlan{};
  });
  for (int i = 0; i < 10; ++i) live_.AddPod("web-" + std::to_string(i));
  StartAndSync();
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 10; }, absl::Minutes(5)));
  ASSERT_TRUE(live_.Until([this] { return live_.driver().binds_pending() == 0; }));
  EXPECT_EQ(live_.Writes("bind"), 10u);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(live_.NodeOf("web-" + std::to_string(i)), "n2");
  EXPECT_EQ(live_.machine().queue_counts().in_flight, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Table, DriverBadWire,
    ::testing::Values(WireCase{"Refused", {.fate = FaultPlan::Fate::kRefuse}},
                      WireCase{"RequestLost", {.fate = FaultPlan::Fate::kLoseRequest}},
                      WireCase{"ReplyLost", {.fate = FaultPlan::Fate::kLoseReply}},
                      WireCase{"Silent", {.fate = FaultPlan::Fate::kSilence}},
                      WireCase{"RequestLate", {.request_delay = absl::Seconds(45)}},
                      WireCase{"ReplyLate", {.reply_delay = absl::Seconds(45)}}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(DriverTest, ABindingOfUnknownOutcomeKeepsItsRoom) {
  // The binding of "first" takes the only room on n2 and its reply is lost, with all that follows.
  bool away = false;
  live_.SetFaults([&away](const net::HttpRequest& request) {
    if (IsBind(request) && request.target.find("first") != std::string::npos) {
      away = true;
      return FaultPlan{.fate = FaultPlan::Fate::kLoseReply};
    }
    const bool look_up = request.method == "GET" && request.target.ends_with("/pods/first");
    return away && look_up ? FaultPlan{.fate = FaultPlan::Fate::kRefuse} : FaultPlan{};
  });
  StartAndSync();
  live_.AddPod("first", "3");
  ASSERT_TRUE(live_.Until([this] { return live_.driver().binds_pending() == 1; }));
  live_.AddPod("second", "3");
  ASSERT_TRUE(live_.UntilBound("second"));
  EXPECT_EQ(live_.NodeOf("second"), "n1");
  live_.SetFaults(nullptr);
  ASSERT_TRUE(live_.Until([this] { return live_.driver().binds_pending() == 0; }));
  EXPECT_EQ(live_.NodeOf("first"), "n2");
}

TEST_F(DriverTest, APodDeletedUnderItsBindingIsForgotten) {
  live_.SetFaults([](const net::HttpRequest& request) {
    return IsBind(request) ? FaultPlan{.request_delay = absl::Seconds(1)} : FaultPlan{};
  });
  StartAndSync();
  live_.AddPod("web");
  ASSERT_TRUE(live_.Until([this] { return live_.driver().binds_pending() == 1; }));
  live_.DeletePod("web");
  ASSERT_TRUE(live_.Until([this] { return live_.driver().binds_pending() == 0; }));
  EXPECT_EQ(live_.metrics().bindings.Get({"pod_gone"}), 1);
  live_.loop().RunFor(absl::Minutes(10));
  EXPECT_EQ(live_.machine().cluster().pod_count(), 0u);
  EXPECT_EQ(live_.Writes("bind"), 0u);
}

TEST_F(DriverTest, ABindingThatWaitsIsNotSentToANodeThatIsGone) {
  live_.options.max_binds_in_flight = 1;
  live_.SetFaults([](const net::HttpRequest& request) {
    return IsBind(request) ? FaultPlan{.request_delay = absl::Seconds(2)} : FaultPlan{};
  });
  StartAndSync();
  live_.AddPod("first");
  live_.AddPod("second");
  ASSERT_TRUE(live_.Until([this] { return live_.driver().binds_pending() == 2; }));
  live_.DeleteNode("n2");
  ASSERT_TRUE(live_.UntilBound("second"));
  EXPECT_EQ(live_.NodeOf("second"), "n1");
  EXPECT_EQ(live_.NodeOf("first"), "n2") << "it was on its way when its node was deleted";
  EXPECT_EQ(live_.metrics().bindings.Get({"failed"}), 1);
}

// ---- Watches and credentials ----

TEST_F(DriverTest, TruncatedWatchesLoseNothing) {
  int watches = 0;
  live_.SetFaults([&watches](const net::HttpRequest& request) {
    if (request.target.find("watch=") == std::string::npos) return FaultPlan{};
    return ++watches % 3 == 0 ? FaultPlan{} : FaultPlan{.cut_after_bytes = 700};
  });
  StartAndSync();
  for (int i = 0; i < 40; ++i) {
    live_.AddPod("web-" + std::to_string(i));
    live_.loop().RunFor(absl::Milliseconds(500));
  }
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 40; }, absl::Minutes(10)));
  EXPECT_EQ(live_.Writes("bind"), 40u);
}

TEST_F(DriverTest, ATenMegabyteObjectHarmsNothingElse) {
  bool sent = false;
  live_.SetTap([&sent](const net::HttpRequest& request, const auto& sink) {
    const bool watch = request.target.starts_with("/api/v1/pods?") &&
                       request.target.find("watch=") != std::string::npos;
    if (!watch || sent) return false;
    sent = true;
    sink->BeginStream(200, {{"Content-Type", "application/json"}});
    sink->Write(std::make_shared<const std::string>(
        R"({"type":"ADDED","object":{"kind":"Pod","metadata":{"name":"huge","annotations":{"a":")" +
        std::string(10u << 20, 'x') + "\"}}}}\n"));
    return true;
  });
  StartAndSync();
  live_.AddPod("web");
  ASSERT_TRUE(live_.UntilBound("web"));
  EXPECT_TRUE(sent);
  EXPECT_GT(live_.metrics().watch_failures.Get({"pods"}), 0);
}

TEST_F(DriverTest, AMalformedPodHarmsNothingElse) {
  live_.SetTap([](const net::HttpRequest& request, const auto& sink) {
    const bool list = request.target.starts_with("/api/v1/pods?") &&
                      request.target.find("watch=") == std::string::npos;
    if (!list) return false;
    sink->Send({.status = 200, .body = R"({"kind":"PodList","apiVersion":"v1",
        "metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"bad","namespace":"default",
        "uid":"b"},"spec":{"schedulerName":"heat-scheduler","containers":[{"name":"c",
        "resources":{"requests":{"cpu":"a lot"}}}]}}]})"});
    return true;
  });
  live_.AddPod("web");
  StartAndSync();
  ASSERT_TRUE(live_.UntilBound("web"));
  EXPECT_EQ(live_.metrics().undecodable_objects.Get({"pods"}), 1);
}

TEST_F(DriverTest, Row43AnExpiredTokenIsReadAgainOnceItIsRotated) {
  std::string in_file = "old";
  std::string accepted = "old";
  live_.token = kube::TokenSource::BearerFile(
      "/token", [&in_file](const std::string&) { return absl::StatusOr<std::string>(in_file); });
  live_.SetTap([&accepted](const net::HttpRequest& request, const auto& sink) {
    if (net::FindHeader(request.headers, "Authorization") == "Bearer " + accepted) return false;
    sink->Send({.status = 401,
                .body = R"({"kind":"Status","status":"Failure","reason":"Unauthorized",)"
                        R"("message":"Unauthorized"})"});
    return true;
  });
  StartAndSync();
  accepted = "new";
  live_.AddPod("web");
  live_.loop().RunFor(absl::Minutes(1));
  EXPECT_EQ(live_.NodeOf("web"), "") << "the binding was refused";
  in_file = "new";
  ASSERT_TRUE(live_.UntilBound("web"));
  EXPECT_EQ(live_.Writes("bind"), 1u);
}

// ---- Batches, the end, and the next start ----

TEST_F(DriverTest, ManyPodsAreDecidedInTurnsWithTheLoopInBetween) {
  live_.options.decisions_per_turn = 10;
  for (int i = 0; i < 100; ++i) live_.AddPod("web-" + std::to_string(i), "10m");
  StartAndSync();
  // Synced, and nothing decided yet: each turn is a callback of its own.
  std::set<std::size_t> seen;
  ASSERT_TRUE(live_.Until([&] {
    seen.insert(live_.machine().queue_counts().active);
    return live_.machine().queue_counts().active == 0;
  }));
  EXPECT_THAT(seen, testing::ElementsAre(0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100));
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 100; }));
  EXPECT_EQ(live_.Writes("bind"), 100u);
}

TEST_F(DriverTest, Row45StopWaitsFor200BindingsInFlightAndSendsNoMore) {
  live_.options.max_binds_in_flight = 200;
  live_.SetFaults([](const net::HttpRequest& request) {
    return IsBind(request) ? FaultPlan{.reply_delay = absl::Seconds(2)} : FaultPlan{};
  });
  StartAndSync();
  for (int i = 0; i < 250; ++i) live_.AddPod("web-" + std::to_string(i), "10m");
  ASSERT_TRUE(live_.Until([this] { return live_.driver().binds_pending() == 250; }));
  const absl::Duration began = live_.loop().Now().mono;
  bool done = false;
  live_.driver().Stop([&done] { done = true; });
  EXPECT_TRUE(live_.driver().stopping());
  EXPECT_FALSE(Check("shutdown").ok);
  EXPECT_EQ(live_.driver().binds_pending(), 200u);
  ASSERT_TRUE(live_.Until([&done] { return done; }, absl::Seconds(5)));
  EXPECT_GE(live_.loop().Now().mono - began, absl::Seconds(1));
  EXPECT_EQ(live_.driver().binds_pending(), 0u);
  EXPECT_EQ(live_.Writes("bind"), 200u);
  live_.loop().RunFor(absl::Minutes(1));
  EXPECT_EQ(live_.BoundPods(), 200u);
  // The next start takes what was left.
  live_.SetFaults(nullptr);
  live_.StartScheduler();
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 250; }));
  EXPECT_EQ(live_.Writes("bind"), 250u);
}

TEST_F(DriverTest, Row45StopEndsInTimeThoughNoAnswerComes) {
  live_.SetFaults([](const net::HttpRequest& request) {
    return IsBind(request) ? FaultPlan{.fate = FaultPlan::Fate::kSilence} : FaultPlan{};
  });
  StartAndSync();
  for (int i = 0; i < 20; ++i) live_.AddPod("web-" + std::to_string(i));
  ASSERT_TRUE(live_.Until([this] { return live_.driver().binds_pending() == 20; }));
  bool done = false;
  live_.driver().Stop([&done] { done = true; });
  EXPECT_FALSE(live_.Until([&done] { return done; }, absl::Milliseconds(3900)));
  EXPECT_TRUE(live_.Until([&done] { return done; }, absl::Milliseconds(200)));
}

TEST_F(DriverTest, AfterACrashTheNextStartGoesOn) {
  for (int i = 0; i < 30; ++i) live_.AddPod("web-" + std::to_string(i));
  StartAndSync();
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 5; }));
  live_.KillScheduler();
  live_.StartScheduler();
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 30; }));
  EXPECT_EQ(live_.Writes("bind"), 30u);
}

}  // namespace driver_test
}  // namespace heat_scheduler
