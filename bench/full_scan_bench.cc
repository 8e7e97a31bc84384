// Decisions per second of FullScan through the whole machine: queue, decision, assume, reply.
//
// Each iteration brings one pod, decides on it and confirms its binding. `placements` is a checksum
// of the nodes chosen (their rows, mixed in order): equal for equal code on every machine, at equal
// iteration counts.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "policy/default_profile.h"
#include "scheduler/core/scheduler.h"
#include "scheduler/state/cluster_state.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace {

// Pods that are placed before the cluster is emptied again: two a node, so that no run meets a full
// one.
constexpr int kPodsPerNode = 2;

std::unique_ptr<Scheduler> MakeScheduler(int nodes, Instant now) {
  std::vector<Profile> profiles;
  profiles.push_back(DefaultProfile().value());
  std::unique_ptr<Scheduler> scheduler =
      Scheduler::Create(std::move(profiles), SchedulerOptions{}).value();
  for (int i = 0; i < nodes; ++i) {
    // Temperatures from 20 to 69.9 °C, no two neighbours alike.
    const std::string temperature = absl::StrCat(20 + (i * 37) % 50, ".", i % 10);
    scheduler->Handle(ObjectChanged{MakeNode(absl::StrCat("node-", i))
                                        .Cpu("4")
                                        .Memory("32Gi")
                                        .Annotation("nerdalize/temp", temperature)
                                        .Ref()},
                      now);
  }
  return scheduler;
}

kube::Ref<kube::Pod> BenchPod(int number) {
  return MakePod(absl::StrCat("default/pod-", number))
      .Cpu("100m")
      .Memory("500Mi")
      .Scheduler(kDefaultSchedulerName)
      .Ref();
}

void FullScanDecisions(benchmark::State& state) {
  const int nodes = static_cast<int>(state.range(0));
  const Instant now{absl::FromUnixSeconds(1'800'000'000), absl::Seconds(1)};
  std::vector<kube::Ref<kube::Pod>> pods;
  for (int i = 0; i < nodes * kPodsPerNode; ++i) pods.push_back(BenchPod(i));

  std::unique_ptr<Scheduler> scheduler = MakeScheduler(nodes, now);
  std::uint64_t checksum = 0;
  std::size_t next = 0;
  for (auto _ : state) {
    if (next == pods.size()) {
      state.PauseTiming();
      scheduler = MakeScheduler(nodes, now);
      next = 0;
      state.ResumeTiming();
    }
    scheduler->Handle(ObjectChanged{pods[next++]}, now);
    const std::optional<Attempt> attempt = scheduler->ScheduleOne(now);
    if (!attempt || attempt->selection.result != Selection::Result::kChosen) {
      state.SkipWithError("a pod was not placed");
      break;
    }
    checksum = Mix(checksum, attempt->selection.node);
    scheduler->Handle(BindReply{attempt->pod, BindReply::Outcome::kBound, ""}, now);
    benchmark::DoNotOptimize(scheduler->TakeEffects());
  }
  state.counters["decisions"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.SetLabel(absl::StrCat("placements ", absl::Hex(checksum, absl::kZeroPad16)));
}
BENCHMARK(FullScanDecisions)->Arg(100)->Arg(1000)->Arg(5000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace heat_scheduler
