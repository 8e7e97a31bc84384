// Rows of the fault matrix (docs/fault-matrix.md) that need a whole scheduler and a whole cluster;
// what a part of either can show alone is beside that part.
#include <cstddef>
#include <string>
#include <utility>

#include "base/random.h"
#include "cluster/kinds.h"
#include "cluster/registry.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/live/live_cluster.h"

namespace heat_scheduler {
namespace fault_matrix_test {

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::HasSubstr;

const cluster::WriteContext kSomebody = {"somebody", "somebody"};

bool IsList(const net::HttpRequest& request) {
  return request.method == "GET" && request.target.starts_with("/api/v1/pods?") &&
         request.target.find("watch=") == std::string::npos;
}

bool IsBindOf(const net::HttpRequest& request, const std::string& pod) {
  return IsBind(request) && request.target.find("/" + pod + "/") != std::string::npos;
}

// A pod of ours with what a test adds to its spec.
json PodDocument(const std::string& name, const json& spec) {
  json pod = {
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata", {{"name", name}}},
      {"spec",
       {{"schedulerName", "heat-scheduler"},
        {"containers",
         {{{"name", "c"}, {"image", "busybox"}, {"resources", {{"requests", {{"cpu", "1"}}}}}}}}}}};
  pod["spec"].merge_patch(spec);
  return pod;
}

// Two nodes of 4 CPUs, the second the cooler.
class FaultMatrix : public ::testing::Test {
 protected:
  FaultMatrix() {
    live_.AddNode("n1", "50");
    live_.AddNode("n2", "30");
  }

  void StartAndSync() {
    live_.StartScheduler();
    ASSERT_TRUE(live_.Until([this] { return live_.driver().synced(); }));
  }

  void Create(const json& pod) {
    const auto made =
        live_.server().registry().Create(cluster::PodResource(), "default", pod, kSomebody);
    ASSERT_TRUE(made.ok()) << made.error().message;
  }

  void PatchNode(const std::string& name, const json& patch,
                 cluster::Part part = cluster::Part::kMain) {
    const auto changed = live_.server().registry().Patch(
        {&cluster::NodeResource(), "", name}, part, cluster::PatchType::kMerge, patch, kSomebody);
    ASSERT_TRUE(changed.ok()) << changed.error().message;
  }

  // What another scheduler does.
  void BindElsewhere(const std::string& pod, const std::string& node) {
    const json binding = {{"metadata", {{"name", pod}}}, {"target", {{"name", node}}}};
    ASSERT_FALSE(live_.server().registry().Bind("default", pod, binding, kSomebody).has_value());
  }

  // Both pods are decided for n2; the binding of "second" waits for that of "first" to be answered.
  void PutABindingInLine() {
    live_.options.max_binds_in_flight = 1;
    live_.SetFaults([](const net::HttpRequest& request) {
      return IsBindOf(request, "first") ? FaultPlan{.reply_delay = absl::Seconds(2)} : FaultPlan{};
    });
    StartAndSync();
    live_.AddPod("first");
    live_.AddPod("second");
    ASSERT_TRUE(live_.Until([this] { return live_.driver().binds_pending() == 2; }));
  }

  bool UntilQuiet() {
    return live_.Until([this] {
      const QueueCounts counts = live_.machine().queue_counts();
      return counts.active == 0 && counts.in_flight == 0 && live_.driver().binds_pending() == 0;
    });
  }

  LiveCluster live_;
};

TEST_F(FaultMatrix, Row1AServerThatRestartsTwentyTimesLosesNothingAndIsNotStormed) {
  for (int i = 0; i < 8; ++i) live_.AddNode("m" + std::to_string(i), "40");
  for (int i = 0; i < 1000; ++i) live_.AddPod("web-" + std::to_string(i), "10m");
  bool away = false;
  std::size_t lists = 0;
  live_.SetFaults([&](const net::HttpRequest& request) {
    if (IsList(request)) ++lists;
    return away ? FaultPlan{.fate = FaultPlan::Fate::kRefuse} : FaultPlan{};
  });
  live_.StartScheduler();
  for (int i = 0; i < 20; ++i) {
    live_.loop().RunFor(absl::Milliseconds(300));
    away = true;
    live_.network().CutAll();
    live_.loop().RunFor(absl::Seconds(3));
    away = false;
  }
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 1000; }, absl::Minutes(5)));
  ASSERT_TRUE(UntilQuiet());
  EXPECT_EQ(live_.Writes("bind"), 1000u);
  // Its pages, and one try for each restart and each back-off within it.
  EXPECT_LT(lists, 100u);
}

TEST_F(FaultMatrix, Row9NoWatchDependsOnItsFirstEventsBeingSent) {
  std::size_t watches = 0;
  live_.SetFaults([&](const net::HttpRequest& request) {
    if (request.target.find("watch=") != std::string::npos) ++watches;
    EXPECT_EQ(request.target.find("sendInitialEvents"), std::string::npos) << request.target;
    return FaultPlan{};
  });
  StartAndSync();
  live_.loop().RunFor(absl::Seconds(1));
  EXPECT_GE(watches, live_.options.kinds.size());
}

TEST_F(FaultMatrix, Row13APodThatSomebodyElseHasBoundIsAdopted) {
  live_.SetTap([this](const net::HttpRequest& request, const auto&) {
    if (IsBindOf(request, "web") && live_.NodeOf("web").empty()) BindElsewhere("web", "n1");
    return false;
  });
  StartAndSync();
  live_.AddPod("web", "3");
  ASSERT_TRUE(live_.UntilBound("web"));
  EXPECT_EQ(live_.NodeOf("web"), "n1");
  // Its room is taken there, and nowhere else.
  live_.AddPod("second", "3");
  ASSERT_TRUE(live_.UntilBound("second"));
  EXPECT_EQ(live_.NodeOf("second"), "n2");
  ASSERT_TRUE(UntilQuiet());
  EXPECT_EQ(live_.Requests("POST", "/pods/web/binding"), 1u);
}

TEST_F(FaultMatrix, Row14ABindingWhoseReplyWasLostCountsOnce) {
  bool first = true;
  live_.SetFaults([&first](const net::HttpRequest& request) {
    return IsBind(request) && std::exchange(first, false)
               ? FaultPlan{.fate = FaultPlan::Fate::kLoseReply}
               : FaultPlan{};
  });
  StartAndSync();
  live_.AddPod("web");
  ASSERT_TRUE(live_.Until([this] { return !live_.EventsOf("web").empty(); }));
  ASSERT_TRUE(UntilQuiet());
  EXPECT_EQ(live_.Writes("bind"), 1u);
  EXPECT_EQ(live_.metrics().bindings.Get({"bound"}), 1);
  live_.loop().RunFor(absl::Minutes(1));
  EXPECT_EQ(live_.EventsOf("web").size(), 1u);
}

TEST_F(FaultMatrix, Row16ABindingThatTakesAMinuteHoldsUpNobody) {
  bool first = true;
  live_.SetFaults([&first](const net::HttpRequest& request) {
    return IsBindOf(request, "slow") && std::exchange(first, false)
               ? FaultPlan{.request_delay = absl::Seconds(60)}
               : FaultPlan{};
  });
  StartAndSync();
  live_.AddPod("slow", "3");
  ASSERT_TRUE(live_.Until([this] { return live_.driver().binds_pending() == 1; }));
  live_.AddPod("second", "3");
  ASSERT_TRUE(live_.Until([this] { return !live_.NodeOf("second").empty(); }, absl::Seconds(1)));
  EXPECT_EQ(live_.NodeOf("second"), "n1") << "the room on n2 is taken all the while";
  live_.AddPod("third", "3");
  live_.loop().RunFor(absl::Seconds(25));
  EXPECT_EQ(live_.NodeOf("third"), "");
  ASSERT_TRUE(live_.UntilBound("slow"));
  EXPECT_EQ(live_.NodeOf("slow"), "n2");
  live_.loop().RunFor(absl::Minutes(3));
  EXPECT_EQ(live_.Writes("bind"), 2u);
}

TEST_F(FaultMatrix, Row19ANodeThatComesBackUnderItsNameHasItsPodsStill) {
  StartAndSync();
  live_.AddPod("old", "3");
  ASSERT_TRUE(live_.UntilBound("old"));
  ASSERT_EQ(live_.NodeOf("old"), "n2");
  live_.DeleteNode("n2");
  live_.loop().RunFor(absl::Seconds(1));
  live_.AddNode("n2", "20");
  live_.loop().RunFor(absl::Seconds(1));
  live_.AddPod("first", "3");
  live_.AddPod("second", "3");
  ASSERT_TRUE(live_.UntilBound("first"));
  EXPECT_EQ(live_.NodeOf("first"), "n1");
  live_.loop().RunFor(absl::Minutes(6));
  EXPECT_EQ(live_.NodeOf("second"), "");
  live_.DeletePod("old");
  ASSERT_TRUE(live_.UntilBound("second"));
  EXPECT_EQ(live_.NodeOf("second"), "n2");
}

TEST_F(FaultMatrix, Row20ANodeThatShrinksBelowWhatIsOnItGetsNothingMore) {
  StartAndSync();
  live_.AddPod("old", "3");
  ASSERT_TRUE(live_.UntilBound("old"));
  PatchNode("n2", {{"status", {{"allocatable", {{"cpu", "2"}}}}}}, cluster::Part::kStatus);
  live_.loop().RunFor(absl::Seconds(1));
  for (const char* name : {"a", "b", "c", "d", "e"}) live_.AddPod(name, "1");
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 5; }));
  live_.loop().RunFor(absl::Minutes(6));
  EXPECT_EQ(live_.BoundPods(), 5u) << "four on n1, and the old one";
  live_.DeletePod("old");
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 5; }));
}

// What makes a node that was chosen unfit before the binding is sent.
struct ChangeRow {
  const char* name;
  json patch;
  cluster::Part part;
  const char* reason;
};

void PrintTo(const ChangeRow& row, std::ostream* out) { *out << row.name; }

class NodeChanges : public FaultMatrix, public ::testing::WithParamInterface<ChangeRow> {};

TEST_P(NodeChanges, Row21BeforeTheBindingIsSent) {
  PutABindingInLine();
  PatchNode("n2", GetParam().patch, GetParam().part);
  ASSERT_TRUE(live_.UntilBound("second"));
  EXPECT_EQ(live_.NodeOf("first"), "n2") << "it was on its way";
  EXPECT_EQ(live_.NodeOf("second"), "n1");
  EXPECT_EQ(live_.metrics().bindings.Get({"failed"}), 1);
  ASSERT_TRUE(live_.Until([this] { return live_.EventsOf("second").size() == 2; }));
  std::string failed;
  for (const json& event : live_.EventsOf("second")) {
    if (event["reason"] == "FailedScheduling") failed = event["message"];
  }
  EXPECT_THAT(failed, HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, NodeChanges,
    ::testing::Values(ChangeRow{"Cordoned",
                                {{"spec", {{"unschedulable", true}}}},
                                cluster::Part::kMain,
                                "1 node(s) were unschedulable"},
                      ChangeRow{"Tainted",
                                {{"spec",
                                  {{"taints", json::array({{{"key", "maintenance"},
                                                            {"effect", "NoExecute"}}})}}}},
                                cluster::Part::kMain,
                                "1 node(s) had untolerated taint(s)"},
                      ChangeRow{"Smaller",
                                {{"status", {{"allocatable", {{"cpu", "100m"}}}}}},
                                cluster::Part::kStatus,
                                "Insufficient cpu"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(FaultMatrix, Row21AReadingThatChangesKeepsNoBindingBack) {
  PutABindingInLine();
  live_.SetTemperature("n2", "80");
  ASSERT_TRUE(live_.UntilBound("second"));
  EXPECT_EQ(live_.NodeOf("second"), "n2");
  EXPECT_EQ(live_.metrics().bindings.Get({"failed"}), 0);
}

TEST_F(FaultMatrix, Row23RoomThatAnotherSchedulerTakesIsSeenAtOnce) {
  live_.AddPod("foreign", "3", "default-scheduler");
  StartAndSync();
  BindElsewhere("foreign", "n2");
  live_.loop().RunFor(absl::Seconds(1));
  live_.AddPod("web", "3");
  ASSERT_TRUE(live_.UntilBound("web"));
  EXPECT_EQ(live_.NodeOf("web"), "n1");
  // With both full, an attempt for each pod that fits nowhere, and no more while nothing happens.
  live_.AddPod("third", "3");
  live_.loop().RunFor(absl::Minutes(4));
  EXPECT_EQ(live_.metrics().schedule_attempts.Get({"unschedulable", "heat-scheduler"}), 1);
}

TEST_F(FaultMatrix, Row24APodThatNamesItsNodeIsCountedAndNeverBound) {
  StartAndSync();
  Create(PodDocument("static", {{"nodeName", "n2"}}));
  for (int i = 0; i < 7; ++i) live_.AddPod("web-" + std::to_string(i), "1");
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 8; }));
  EXPECT_EQ(live_.Requests("POST", "/pods/static/binding"), 0u);
  EXPECT_EQ(live_.Writes("bind"), 7u);
  std::size_t on_n2 = 0;
  for (int i = 0; i < 7; ++i) on_n2 += live_.NodeOf("web-" + std::to_string(i)) == "n2" ? 1 : 0;
  EXPECT_EQ(on_n2, 3u);
}

TEST_F(FaultMatrix, Row29ABadNetworkSlowsEachPodDownAndNoMore) {
  for (int i = 0; i < 4; ++i) live_.AddNode("m" + std::to_string(i), "40");
  Random random(7);
  live_.SetFaults([&random](const net::HttpRequest&) {
    FaultPlan plan;
    plan.request_delay = absl::Milliseconds(100 + static_cast<int>(random.Below(400)));
    plan.reply_delay = absl::Milliseconds(100 + static_cast<int>(random.Below(400)));
    const std::uint64_t lost = random.Below(100);
    if (lost < 3) plan.fate = FaultPlan::Fate::kLoseRequest;
    if (lost >= 3 && lost < 5) plan.fate = FaultPlan::Fate::kLoseReply;
    return plan;
  });
  live_.StartScheduler();
  ASSERT_TRUE(live_.Until([this] { return live_.driver().synced(); }));
  for (int i = 0; i < 200; ++i) live_.AddPod("web-" + std::to_string(i), "10m");
  // A binding takes a second, and one that was lost a look and another.
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 200; }, absl::Seconds(30)));
  ASSERT_TRUE(UntilQuiet());
  EXPECT_EQ(live_.Writes("bind"), 200u);
}

TEST_F(FaultMatrix, Row41HugePodsAreHandledAndDelayNobody) {
  StartAndSync();
  json containers = json::array();
  for (int i = 0; i < 1000; ++i) {
    containers.push_back({{"name", "c" + std::to_string(i)},
                          {"image", "busybox"},
                          {"resources", {{"requests", {{"cpu", "1m"}}}}}});
  }
  json tolerations = json::array();
  for (int i = 0; i < 10000; ++i) {
    tolerations.push_back({{"key", "key-" + std::to_string(i)}, {"operator", "Exists"}});
  }
  json terms = json::array();
  for (int i = 0; i < 63; ++i) {
    terms.push_back({{"matchExpressions",
                      {{{"key", "key-" + std::to_string(i)},
                        {"operator", "NotIn"},
                        {"values", json::array({"a", "b", "c"})}}}}});
  }
  Create(PodDocument("containers", {{"containers", containers}}));
  Create(PodDocument("tolerations", {{"tolerations", tolerations}}));
  Create(PodDocument("terms", {{"affinity",
                                {{"nodeAffinity",
                                  {{"requiredDuringSchedulingIgnoredDuringExecution",
                                    {{"nodeSelectorTerms", terms}}}}}}}}));
  json annotated = PodDocument("annotated", json::object());
  annotated["metadata"]["annotations"] = {{"text", std::string(200 * 1024, 'x')}};
  Create(annotated);
  live_.AddPod("web");
  ASSERT_TRUE(live_.Until([this] { return !live_.NodeOf("web").empty(); }, absl::Seconds(1)));
  for (const char* name : {"containers", "tolerations", "terms", "annotated"}) {
    EXPECT_THAT(live_.NodeOf(name), AnyOf("n1", "n2")) << name;
  }
}

// Events and conditions are refused, as by a quota or a role that lacks them.
TEST_F(FaultMatrix, Row42SchedulingGoesOnWithoutEventsAndConditions) {
  live_.SetTap([](const net::HttpRequest& request, const auto& sink) {
    const bool event =
        request.target.starts_with("/apis/events.k8s.io/") && request.method != "GET";
    if (!event && !request.target.ends_with("/status")) return false;
    sink->Send({.status = event ? 403 : 422,
                .body = R"({"kind":"Status","status":"Failure","message":"exceeded quota"})"});
    return true;
  });
  StartAndSync();
  live_.AddPod("large", "64");
  for (int i = 0; i < 20; ++i) live_.AddPod("web-" + std::to_string(i), "100m");
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() == 20; }));
  ASSERT_TRUE(UntilQuiet());
  EXPECT_EQ(live_.Writes("bind"), 20u);
  ASSERT_TRUE(live_.Until([this] { return live_.metrics().events.Get({"refused"}) > 0; }));
  EXPECT_GT(live_.metrics().status_patches.Get({"refused"}), 0);
  EXPECT_EQ(live_.metrics().events.Get({"written"}), 0);
  // What waits for room is placed as soon as there is some, told or not.
  live_.AddPod("late", "2");
  ASSERT_TRUE(live_.UntilBound("late"));
}

}  // namespace fault_matrix_test
}  // namespace heat_scheduler
