// The pages of the secure port that show the machine's state.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cmd/heat-scheduler/node_temperatures.h"
#include "cmd/heat-scheduler/pending_command.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "live/pending_page.h"
#include "live/resource_metrics.h"
#include "tests/live/exposition_parser.h"
#include "tests/live/live_cluster.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace pages_test {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// Keeps what a page answers.
class KeepingSink final : public net::ResponseSink {
 public:
  void Send(net::HttpResponse response) override { body = std::move(response.body); }
  void BeginStream(int, net::Headers) override {}
  void Write(std::shared_ptr<const std::string> data) override { body += *data; }
  void Close() override { closed = true; }
  std::size_t queued_bytes() const override { return queued; }
  void OnGone(std::function<void()> its_gone) override { gone = std::move(its_gone); }

  std::string body;
  bool closed = false;
  std::size_t queued = 0;
  std::function<void()> gone;
};

class PagesTest : public testing::Test {
 protected:
  PagesTest() {
    live_.AddNode("n1", "50.5");
    live_.AddNode("n2", "warm");
    live_.StartScheduler();
  }

  bool Settled() {
    return live_.Until([this] {
      const QueueCounts counts = live_.machine().queue_counts();
      return live_.driver().synced() && counts.active == 0 && live_.driver().binds_pending() == 0 &&
             counts.in_flight == 0;
    });
  }
  net::HttpResponse Pending(const std::string& query = "") {
    return PendingPage(live_.machine(), live_.loop())(*net::ParseTarget("/pending" + query));
  }

  LiveCluster live_;
};

TEST_F(PagesTest, PendingSaysWhatEachPodWaitsFor) {
  live_.AddPod("large", "64");
  live_.AddPod("web", "1");
  ASSERT_TRUE(live_.UntilBound("web"));
  ASSERT_TRUE(Settled());
  live_.loop().RunFor(absl::Seconds(90));
  const json list = json::parse(Pending().body);
  EXPECT_EQ(list["kind"], "PendingPodList");
  EXPECT_EQ(
      list["counts"],
      (json{{"active", 0}, {"backoff", 0}, {"unschedulable", 1}, {"gated", 0}, {"inFlight", 0}}));
  EXPECT_EQ(list["remaining"], 0);
  ASSERT_EQ(list["items"].size(), 1u);
  const json& item = list["items"][0];
  EXPECT_EQ(item["queue"], "unschedulable");
  EXPECT_EQ(item["position"], 1);
  EXPECT_EQ(item["namespace"], "default");
  EXPECT_EQ(item["name"], "large");
  EXPECT_EQ(item["schedulerName"], "heat-scheduler");
  EXPECT_EQ(item["plugins"], json({"NodeResourcesFit"}));
  EXPECT_THAT(item["message"].get<std::string>(),
              HasSubstr("0/2 nodes are available: 2 Insufficient cpu."));
  EXPECT_LT(item["queuedAt"], list["time"]);
  EXPECT_GT(item["nextRetry"], list["time"]);

  const absl::StatusOr<std::string> table = PendingTable(Pending().body, false);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_THAT(*table, testing::MatchesRegex(
                          "NAMESPACE   NAME    QUEUE           POSITION   ATTEMPTS   WAITING   "
                          "NEXT TRY   REJECTED BY\n"
                          "default     large   unschedulable   1          1          9.s       "
                          "3m..s      NodeResourcesFit\n"));
  EXPECT_THAT(*PendingTable(Pending().body, true), HasSubstr("Insufficient cpu."));
  // The metric that counts the same.
  EXPECT_THAT(live_.metrics().Text(),
              HasSubstr("scheduler_unschedulable_pods{plugin=\"NodeResourcesFit\","
                        "profile=\"heat-scheduler\"} 1\n"));
  EXPECT_THAT(live_.metrics().Text(),
              HasSubstr("scheduler_queue_incoming_pods_total{queue=\"unschedulable\","
                        "event=\"ScheduleAttemptFailure\"} 1\n"));
}

TEST_F(PagesTest, PendingIsBounded) {
  ASSERT_TRUE(Settled());
  EXPECT_EQ(*PendingTable(Pending().body, false), "No pods are pending.\n");
  for (int i = 0; i < 5; ++i) live_.AddPod("large-" + std::to_string(i), "64");
  ASSERT_TRUE(live_.Until([this] { return live_.machine().queue_counts().unschedulable == 5; }));
  const json list = json::parse(Pending("?limit=2&queue=unschedulable&namespace=default").body);
  EXPECT_EQ(list["items"].size(), 2u);
  EXPECT_EQ(list["remaining"], 3);
  EXPECT_THAT(*PendingTable(list.dump(), false), HasSubstr("... and 3 more;"));
  EXPECT_EQ(json::parse(Pending("?namespace=other").body)["items"].size(), 0u);
  for (const char* query : {"?limit=0", "?limit=x", "?queue=all"}) {
    EXPECT_EQ(Pending(query).status, 400) << query;
  }
  EXPECT_THAT(Pending("?queue=all").body, HasSubstr("there are: active, backoff"));
  EXPECT_FALSE(PendingTable("{}", false).ok());
}

TEST_F(PagesTest, ResourcesOfEachPodAreListed) {
  live_.AddPod("web", "1500m");
  live_.AddPod("large", "64");
  live_.AddPod("foreign", "1", "default-scheduler");
  ASSERT_TRUE(live_.UntilBound("web"));
  ASSERT_TRUE(Settled());
  live_.loop().RunFor(absl::Seconds(1));  // The watch shows where it is.
  const auto sink = std::make_shared<KeepingSink>();
  ResourceMetricsPage(live_.machine(), live_.loop())(net::Target{}, sink);
  ASSERT_TRUE(live_.Until([&] { return sink->closed; }));
  const auto families = ParseExposition(sink->body);
  ASSERT_TRUE(families.ok()) << families.status();
  EXPECT_THAT(families->at("kube_pod_resource_request").samples,
              testing::UnorderedElementsAre(
                  Pair("kube_pod_resource_request{namespace=\"default\",pod=\"web\",node=\"n1\","
                       "scheduler=\"heat-scheduler\",priority=\"0\",resource=\"cpu\","
                       "unit=\"cores\"}",
                       1.5),
                  Pair("kube_pod_resource_request{namespace=\"default\",pod=\"large\",node=\"\","
                       "scheduler=\"heat-scheduler\",priority=\"0\",resource=\"cpu\","
                       "unit=\"cores\"}",
                       64)));
  EXPECT_THAT(families->at("kube_pod_resource_limit").samples, testing::IsEmpty());
}

TEST_F(PagesTest, ManyPodsAreSentSomeAtATimeAndNoneToThoseWhoLeave) {
  for (int i = 0; i < 450; ++i) live_.AddPod("large-" + std::to_string(i), "64");
  ASSERT_TRUE(live_.Until([this] { return live_.machine().queue_counts().unschedulable == 450; }));
  const StreamPage page = ResourceMetricsPage(live_.machine(), live_.loop());
  const auto slow = std::make_shared<KeepingSink>();
  slow->queued = 2 * 1024 * 1024;
  page(net::Target{}, slow);
  live_.loop().RunFor(absl::Seconds(1));
  EXPECT_EQ(slow->body, "") << "it takes nothing";
  slow->queued = 0;
  ASSERT_TRUE(live_.Until([&] { return slow->closed; }));
  const auto families = ParseExposition(slow->body);
  ASSERT_TRUE(families.ok()) << families.status();
  EXPECT_EQ(families->at("kube_pod_resource_request").samples.size(), 450u);

  const auto gone = std::make_shared<KeepingSink>();
  page(net::Target{}, gone);
  gone->gone();
  live_.loop().RunFor(absl::Seconds(1));
  EXPECT_EQ(gone->body, "");
  EXPECT_FALSE(gone->closed);
}

TEST_F(PagesTest, TemperaturesAreThoseThatCount) {
  ASSERT_TRUE(Settled());
  const auto loaded = DefaultSchedulerConfig();
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ShowNodeTemperatures(loaded->config, live_.machine(), live_.loop(), live_.metrics());
  const auto shown = [this] {
    const auto families = ParseExposition(live_.metrics().Text());
    return families.ok() ? families->at("heat_scheduler_node_temperature_celsius").samples
                         : std::vector<std::pair<std::string, double>>{};
  };
  EXPECT_THAT(shown(),
              ElementsAre(Pair("heat_scheduler_node_temperature_celsius{node=\"n1\"}", 50.5)));
  live_.DeleteNode("n1");
  live_.SetTemperature("n2", "20");
  ASSERT_TRUE(live_.Until([this] { return live_.machine().cluster().nodes().size() == 1; }));
  live_.loop().RunFor(absl::Seconds(1));
  EXPECT_THAT(shown(),
              ElementsAre(Pair("heat_scheduler_node_temperature_celsius{node=\"n2\"}", 20)));
}

}  // namespace pages_test
}  // namespace heat_scheduler
