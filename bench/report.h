// How the figures of workloads are shown: a table to read, and Google Benchmark's JSON.
#pragma once

#include <benchmark/benchmark.h>

#include "bench/workload_run.h"

namespace heat_scheduler {

// Sets the counters and the label of a benchmark to what the run found.
void Report(RunResult result, benchmark::State& state);

// A line for each workload, or for its median if there are repetitions.
class TableReporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
};

// Google Benchmark's own, with workloads' names as their files have them.
class CleanJsonReporter final : public benchmark::JSONReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override;
};

}  // namespace heat_scheduler
