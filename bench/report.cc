#include "bench/report.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace heat_scheduler {
namespace {

// Returns the value below which that share of them lies. Puts them in order.
double Percentile(std::vector<std::int64_t>& nanos, double share) {
  if (nanos.empty()) return 0;
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(nanos.size() - 1));
  std::nth_element(nanos.begin(), nanos.begin() + static_cast<std::ptrdiff_t>(rank), nanos.end());
  return static_cast<double>(nanos[rank]);
}

double At(const benchmark::BenchmarkReporter::Run& run, const std::string& counter) {
  const auto found = run.counters.find(counter);
  return found == run.counters.end() ? 0 : found->second.value;
}

std::string NameOf(const benchmark::BenchmarkReporter::Run& run) {
  return run.run_name.function_name;
}

}  // namespace

void Report(RunResult result, benchmark::State& state) {
  const auto set = [&](const char* name, double value) { state.counters[name] = value; };
  set("decisions", result.decisions_per_second());
  set("pods", result.pods_per_second());
  set("p50_ns", Percentile(result.decision_nanos, 0.5));
  set("p99_ns", Percentile(result.decision_nanos, 0.99));
  set("max_ns", Percentile(result.decision_nanos, 1));
  set("attempts", static_cast<double>(result.deciding.count));
  set("arrivals", result.arrivals.per_second());
  set("confirms", result.confirming.per_second());
  set("churn", result.churn.per_second());
  set("heap_bytes", static_cast<double>(result.heap_bytes));
  set("resident_bytes", static_cast<double>(result.resident_bytes));
  state.SetLabel(absl::StrCat("placements ", absl::Hex(result.checksum, absl::kZeroPad16)));
}

bool TableReporter::ReportContext(const Context& context) {
  PrintBasicContext(&GetErrorStream(), context);
  GetOutputStream() << absl::StrFormat(
      "%-72s %11s %8s %8s %10s %10s %10s %10s %10s %8s  %s\n", "workload", "decisions/s", "p50 ns",
      "p99 ns", "max ns", "pods/s", "arrivals/s", "confirms/s", "churn/s", "heap MB", "checksum");
  return true;
}

void TableReporter::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    if (run.error_occurred) {
      GetOutputStream() << NameOf(run) << ": " << run.error_message << "\n";
      continue;
    }
    const bool is_result =
        run.repetitions > 1 ? run.aggregate_name == "median" : run.run_type == Run::RT_Iteration;
    if (!is_result) continue;
    GetOutputStream() << absl::StrFormat(
        "%-72s %11.0f %8.0f %8.0f %10.0f %10.0f %10.0f %10.0f %10.0f %8.1f  %s\n", NameOf(run),
        At(run, "decisions"), At(run, "p50_ns"), At(run, "p99_ns"), At(run, "max_ns"),
        At(run, "pods"), At(run, "arrivals"), At(run, "confirms"), At(run, "churn"),
        At(run, "heap_bytes") * 1e-6, run.report_label);
  }
  GetOutputStream().flush();
}

void CleanJsonReporter::ReportRuns(const std::vector<Run>& runs) {
  std::vector<Run> clean = runs;
  for (Run& run : clean) {
    run.run_name.iterations.clear();
    run.run_name.time_type.clear();
    run.run_name.repetitions.clear();
  }
  benchmark::JSONReporter::ReportRuns(clean);
}

}  // namespace heat_scheduler
