#include "live/metrics.h"

#include <string>

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

}  // namespace metrics_test
}  // namespace heat_scheduler
