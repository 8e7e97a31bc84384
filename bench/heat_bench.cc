// heat-bench: workloads through the machine, measured by Google Benchmark; or another scheduler's
// placements of one, followed.
//
// A benchmark is one workload, an iteration of it one measured pod; time is that of deciding
// (workload_run.h). Figures of one run can be compared with each other, those of two runs of a
// shared machine can not. Exits 1 if a workload does not end as its file says, if two repetitions
// of it place pods differently, or if a placement that was followed is none of the best.

#include <benchmark/benchmark.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "base/status.h"
#include "bench/placements.h"
#include "bench/report.h"
#include "bench/workload.h"
#include "bench/workload_run.h"

namespace heat_scheduler {
namespace {

struct Options {
  std::string path = "bench/workloads";
  std::vector<std::string> names;
  std::vector<std::string> labels;
  RunOptions run;
  std::size_t history_bytes = 0;  // 0: workloads run without a history alone.
  std::string initial;            // File to write, or empty.
  std::string follow;             // File to read, or empty.
};

void AddOptions(CLI::App& app, Options& options) {
  app.add_option("--workloads", options.path, "file of workloads, or folder of such files")
      ->capture_default_str();
  app.add_option("--workload", options.names, "only the workload of that name; may be repeated");
  app.add_option("--label", options.labels, "only workloads with that label; may be repeated");
  app.add_option("--selection", options.run.selector, "full or incremental")
      ->transform(CLI::CheckedTransformer(std::map<std::string, SelectorKind>{
          {"full", SelectorKind::kFullScan}, {"incremental", SelectorKind::kIncremental}}));
  app.add_option("--tie-rule", options.run.tie_rule, "rotate or smallest-name")
      ->transform(CLI::CheckedTransformer(std::map<std::string, TieRule>{
          {"rotate", TieRule::kRotate}, {"smallest-name", TieRule::kSmallestName}}));
  app.add_option("--seed", options.run.seed, "of the choice among ties")->capture_default_str();
  app.add_option("--decision-history-bytes", options.history_bytes,
                 "run each workload once more, as NAME/history, with a history of so many bytes");
  app.add_option("--initial", options.initial,
                 "place all but the measured pods of one workload, and write to that file where");
  app.add_option("--follow", options.follow,
                 "check another scheduler's placements of one workload, from that file");
}

bool IsWanted(const Workload& workload, const Options& options) {
  const auto named = [&](const std::string& name) { return name == workload.name; };
  const auto labelled = [&](const std::string& label) { return workload.HasLabel(label); };
  const auto any = [](const std::vector<std::string>& of, const auto& holds) {
    return of.empty() || std::any_of(of.begin(), of.end(), holds);
  };
  return any(options.names, named) && any(options.labels, labelled);
}

// The checksums of workloads that were run before.
class Checksums {
 public:
  // Returns false if the workload had another one.
  bool Accept(const std::string& workload, std::uint64_t checksum) {
    return known_.emplace(workload, checksum).first->second == checksum;
  }

 private:
  std::map<std::string, std::uint64_t> known_;
};

absl::StatusOr<RunResult> RunOnce(const Workload& workload, const RunOptions& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<WorkloadRun> run, WorkloadRun::Create(workload, options));
  RETURN_IF_ERROR(run->Prepare());
  ASSIGN_OR_RETURN(RunResult result, run->Measure());
  if (result.outcome == workload.expect) return result;
  const auto text = [](const Outcome& outcome) {
    return absl::StrCat(outcome.placed, " placed, ", outcome.pending, " pending, ", outcome.evicted,
                        " evicted");
  };
  return absl::FailedPreconditionError(
      absl::StrCat("ends with ", text(result.outcome), "; want ", text(workload.expect)));
}

void RegisterWorkload(const Workload& workload, const std::string& name, const RunOptions& options,
                      Checksums& checksums, bool& failed) {
  benchmark::RegisterBenchmark(
      name.c_str(),
      [&workload, &checksums, &failed, options](benchmark::State& state) {
        absl::StatusOr<RunResult> result = RunOnce(workload, options);
        while (state.KeepRunningBatch(workload.measured_pods())) {
        }
        if (result.ok() && !checksums.Accept(workload.name, result->checksum)) {
          result = absl::InternalError("two repetitions placed pods differently");
        }
        if (!result.ok()) {
          failed = true;
          state.SkipWithError(std::string(result.status().message()).c_str());
          return;
        }
        state.SetIterationTime(result->deciding.seconds);
        Report(*std::move(result), state);
      })
      ->Iterations(workload.measured_pods())
      ->UseManualTime();
}

// Where Google Benchmark's own flags want JSON.
struct JsonOutput {
  bool screen = false;
  bool file = false;
};

// Runs what is registered.
void RunBenchmarks(const JsonOutput& json) {
  TableReporter table;
  CleanJsonReporter screen_json;
  CleanJsonReporter file_json;
  benchmark::BenchmarkReporter* screen = &table;
  if (json.screen) screen = &screen_json;
  benchmark::RunSpecifiedBenchmarks(screen, json.file ? &file_json : nullptr);
}

absl::Status WriteInitial(const Workload& workload, const Options& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<WorkloadRun> run, WorkloadRun::Create(workload, options.run));
  std::ofstream file(options.initial);
  run->set_placer([&](const Attempt& attempt, bool) -> absl::StatusOr<std::string> {
    file << PlacementLine(attempt);
    return attempt.node;
  });
  RETURN_IF_ERROR(run->Prepare());
  file.close();
  if (file.fail()) return absl::UnavailableError(options.initial + ": cannot be written");
  return absl::OkStatus();
}

// Returns an error if anything differs.
absl::Status Follow(const Workload& workload, const Options& options) {
  ASSIGN_OR_RETURN(PlacementFollower follower, PlacementFollower::Load(options.follow));
  RunOptions with_best = options.run;
  with_best.keep_best = true;
  ASSIGN_OR_RETURN(std::unique_ptr<WorkloadRun> run, WorkloadRun::Create(workload, with_best));
  run->set_placer(
      [&](const Attempt& attempt, bool measured) { return follower.Place(attempt, measured); });
  run->set_placed_before([&](const kube::Pod& pod) { return follower.PlaceBefore(pod); });
  absl::Status status = run->Prepare();
  if (status.ok()) status = run->Measure().status();
  if (absl::IsOutOfRange(status)) status = absl::OkStatus();
  for (const std::string& difference : follower.differences()) {
    std::cout << difference << "\n";
  }
  std::cout << workload.name << ": followed " << follower.checked() << " placements, "
            << follower.checked() - static_cast<std::int64_t>(follower.differences().size())
            << " of them in the best set\n";
  RETURN_IF_ERROR(Annotate(status, workload.name));
  if (follower.checked() == 0) {
    return absl::FailedPreconditionError(options.follow + ": no measured pod is in the list");
  }
  if (follower.differences().empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(workload.name, ": placements differ"));
}

absl::Status Main(const Options& options, const JsonOutput& json) {
  ASSIGN_OR_RETURN(std::vector<Workload> workloads, LoadWorkloads(options.path));
  workloads.erase(
      std::remove_if(workloads.begin(), workloads.end(),
                     [&](const Workload& workload) { return !IsWanted(workload, options); }),
      workloads.end());
  if (workloads.empty()) {
    return absl::NotFoundError(absl::StrCat(options.path, ": no workload is wanted"));
  }
  if (!options.initial.empty() || !options.follow.empty()) {
    if (workloads.size() != 1) {
      return absl::InvalidArgumentError(
          "--initial and --follow want one workload: --workload=NAME");
    }
    return options.follow.empty() ? WriteInitial(workloads.front(), options)
                                  : Follow(workloads.front(), options);
  }
  Checksums checksums;
  bool failed = false;
  for (const Workload& workload : workloads) {
    RegisterWorkload(workload, workload.name, options.run, checksums, failed);
    if (options.history_bytes == 0) continue;
    RunOptions with_history = options.run;
    with_history.history_bytes = options.history_bytes;
    RegisterWorkload(workload, workload.name + "/history", with_history, checksums, failed);
  }
  RunBenchmarks(json);
  if (failed) return absl::FailedPreconditionError("a workload did not end as it should");
  return absl::OkStatus();
}

}  // namespace
}  // namespace heat_scheduler

int main(int argc, char** argv) {
  heat_scheduler::JsonOutput json;
  for (const std::string_view argument : absl::MakeSpan(argv, static_cast<std::size_t>(argc))) {
    json.screen |= argument == "--benchmark_format=json";
    json.file |= argument.rfind("--benchmark_out=", 0) == 0;
  }
  benchmark::Initialize(&argc, argv);
  CLI::App app("Runs the workloads of bench/workloads. Takes Google Benchmark's flags, too.");
  heat_scheduler::Options options;
  heat_scheduler::AddOptions(app, options);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = heat_scheduler::Main(options, json);
  if (status.ok()) return 0;
  std::cerr << "heat-bench: " << status.message() << "\n";
  return 1;
}
