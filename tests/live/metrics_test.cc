#include "live/metrics.h"

#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "live/metrics_registry.h"
#include "tests/live/exposition_parser.h"

namespace heat_scheduler {
namespace metrics_test {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;

TEST(MetricsRegistry, CounterSumsEachSeriesAndEscapesLabelValues) {
  MetricsRegistry registry;
  Counter counter(registry, "things_total", "Things, with a \\ and a\nnewline.", {"kind", "host"});
  counter.Add({"b", "h"});
  counter.Add({"b", "h"}, 2);
  counter.Add({"a\"\\\n", "h"});
  EXPECT_EQ(registry.Text(),
            "# HELP things_total Things, with a \\\\ and a\\nnewline.\n"
            "# TYPE things_total counter\n"
            "things_total{kind=\"a\\\"\\\\\\n\",host=\"h\"} 1\n"
            "things_total{kind=\"b\",host=\"h\"} 3\n");
}

TEST(MetricsRegistry, HistogramBucketsAreCumulativeAndBoundsInclusive) {
  MetricsRegistry registry;
  Histogram histogram(registry, "wait_seconds", "Waits.", {}, {0.5, 1});
  histogram.Observe({}, 0.5);
  histogram.Observe({}, 0.75);
  histogram.Observe({}, 100);
  EXPECT_EQ(registry.Text(),
            "# HELP wait_seconds Waits.\n"
            "# TYPE wait_seconds histogram\n"
            "wait_seconds_bucket{le=\"0.5\"} 1\n"
            "wait_seconds_bucket{le=\"1\"} 2\n"
            "wait_seconds_bucket{le=\"+Inf\"} 3\n"
            "wait_seconds_sum 101.25\n"
            "wait_seconds_count 3\n");
}

TEST(MetricsRegistry, ExponentialBoundsStartWhereTheyAreTold) {
  EXPECT_THAT(ExponentialBounds(0.01, 2, 3),
              ElementsAre(DoubleEq(0.01), DoubleEq(0.02), DoubleEq(0.04)));
}

TEST(Metrics, TextIsWellFormedAndHoldsTheProcess) {
  Metrics metrics;
  metrics.schedule_attempts.Add({"scheduled", "heat-scheduler"});
  metrics.scheduling_algorithm_duration.Observe({}, 0.002);
  const auto families = ParseExposition(metrics.Text());
  ASSERT_TRUE(families.ok()) << families.status();
  EXPECT_EQ(families->at("scheduler_schedule_attempts_total").type, "counter");
  EXPECT_THAT(families->at("scheduler_schedule_attempts_total").samples,
              ElementsAre(Pair("scheduler_schedule_attempts_total{result=\"scheduled\","
                               "profile=\"heat-scheduler\"}",
                               1)));
  EXPECT_EQ(families->at("scheduler_scheduling_algorithm_duration_seconds").samples.size(), 18u);
  const auto& resident = families->at("process_resident_memory_bytes").samples;
  ASSERT_EQ(resident.size(), 1u);
  EXPECT_GT(resident[0].second, 1e6);
  EXPECT_GT(families->at("process_start_time_seconds").samples.at(0).second, 1.6e9);
  EXPECT_GE(families->at("process_open_fds").samples.at(0).second, 3);
  EXPECT_THAT(families->at("heat_scheduler_build_info").samples.at(0).first,
              HasSubstr("version=\"0.1.0\""));
}

TEST(ParseExposition, RefusesWhatPrometheusWould) {
  const std::string_view bad[] = {
      "x 1\n",                                                  // No TYPE.
      "# HELP x X.\n# TYPE x counter\nx 1",                     // No newline at the end.
      "# HELP x X.\n# TYPE x counter\nx{a=\"b} 1\n",            // Open quote.
      "# HELP x X.\n# TYPE x counter\nx one\n",                 // No number.
      "# HELP x X.\n# TYPE x counter\nx 1\nx 2\n",              // One series twice.
      "# HELP x X.\n# TYPE x counter\n# TYPE x counter\n",      // One family twice.
      "# HELP x X.\n# TYPE x counter\nx_bucket{le=\"1\"} 2\n",  // A suffix that counters lack.
  };
  for (const std::string_view text : bad) EXPECT_FALSE(ParseExposition(text).ok()) << text;
}

// kube-scheduler's and client-go's metrics that have a meaning here, with their labels and buckets;
// docs/metrics.md says which others have none. Source: pkg/scheduler/metrics/metrics.go,
// component-base metrics/prometheus/{restclient,workqueue}, v1.36.
TEST(Metrics, HaveTheNamesLabelsAndBucketsOfKubernetes) {
  struct Row {
    std::string name;
    std::string type;
    std::vector<std::string> labels;
    std::vector<double> bounds = {};
  };
  const std::vector<double> seconds = {0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60};
  const std::vector<double> bytes = {64,    256,    512,     1024,    4096,    16384,
                                     65536, 262144, 1048576, 4194304, 16777216};
  const std::vector<double> attempt = ExponentialBounds(0.001, 2, 15);
  const std::vector<Row> rows = {
      {"scheduler_schedule_attempts_total", "counter", {"result", "profile"}},
      {"scheduler_scheduling_attempt_duration_seconds",
       "histogram",
       {"result", "profile"},
       attempt},
      {"scheduler_scheduling_algorithm_duration_seconds", "histogram", {}, attempt},
      {"scheduler_framework_extension_point_duration_seconds",
       "histogram",
       {"extension_point", "status", "profile"},
       ExponentialBounds(0.0001, 2, 12)},
      {"scheduler_pod_scheduling_sli_duration_seconds",
       "histogram",
       {"attempts"},
       ExponentialBounds(0.01, 2, 20)},
      {"scheduler_pod_scheduling_attempts", "histogram", {}, ExponentialBounds(1, 2, 5)},
      {"scheduler_pod_scheduled_after_flush_total", "counter", {}},
      {"scheduler_pending_pods", "gauge", {"queue"}},
      {"scheduler_queue_incoming_pods_total", "counter", {"queue", "event"}},
      {"scheduler_unschedulable_pods", "gauge", {"plugin", "profile"}},
      {"scheduler_preemption_attempts_total", "counter", {}},
      {"scheduler_preemption_victims", "histogram", {}, ExponentialBounds(1, 2, 7)},
      {"scheduler_cache_size", "gauge", {"type"}},
      {"scheduler_event_handling_duration_seconds",
       "histogram",
       {"event"},
       ExponentialBounds(0.0001, 2, 12)},
      {"scheduler_async_api_call_execution_total", "counter", {"call_type", "result"}},
      {"scheduler_async_api_call_execution_duration_seconds",
       "histogram",
       {"call_type", "result"},
       attempt},
      {"scheduler_pending_async_api_calls", "gauge", {"call_type"}},
      {"scheduler_volume_scheduling_stage_error_total", "counter", {"operation"}},
      {"leader_election_master_status", "gauge", {"name"}},
      {"leader_election_slowpath_total", "counter", {"name"}},
      {"rest_client_requests_total", "counter", {"code", "method", "host"}},
      {"rest_client_request_duration_seconds", "histogram", {"verb", "host"}, seconds},
      {"rest_client_request_size_bytes", "histogram", {"verb", "host"}, bytes},
      {"rest_client_response_size_bytes", "histogram", {"verb", "host"}, bytes},
      {"rest_client_request_retries_total", "counter", {"code", "verb", "host"}},
      {"workqueue_depth", "gauge", {"name"}},
  };
  Metrics metrics;
  std::map<std::string, const MetricFamily*> families;
  for (const MetricFamily* family : metrics.registry.families()) families[family->name()] = family;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto found = families.find(row.name);
    ASSERT_NE(found, families.end());
    EXPECT_EQ(found->second->type(), row.type);
    EXPECT_EQ(found->second->label_names(), row.labels);
    EXPECT_EQ(found->second->bounds(), row.bounds);
    families.erase(found);
  }
  // What is left is ours, and is called so.
  for (const auto& [name, family] : families) EXPECT_THAT(name, StartsWith("heat_scheduler_"));
}

TEST(Metrics, FiguresAreLookedUpWhenSomebodyAsks) {
  Metrics metrics;
  int asked = 0;
  metrics.refresh["test"] = [&] { metrics.node_temperature.Set({"n1"}, 20 + ++asked); };
  metrics.node_temperature.Set({"n0"}, 1);
  EXPECT_THAT(metrics.Text(),
              HasSubstr("heat_scheduler_node_temperature_celsius{node=\"n1\"} 21\n"));
  metrics.node_temperature.Clear();
  EXPECT_THAT(metrics.Text(), testing::Not(HasSubstr("n0")));
  metrics.refresh.erase("test");
  EXPECT_EQ(metrics.node_temperature.Get({"n1"}), 22);
  EXPECT_THAT(metrics.Text(), HasSubstr("{node=\"n1\"} 22\n"));
}

}  // namespace metrics_test
}  // namespace heat_scheduler
