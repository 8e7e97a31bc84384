// Decisions per second through the whole machine: queue, decision, assume, reply.
//
// Each iteration brings one pod, decides on it and confirms its binding. `placements` is a checksum
// of the nodes chosen (their rows, mixed in order): equal for equal code on every machine, at equal
// iteration counts, and the same for both selections.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "bench/machine.h"

namespace heat_scheduler {
namespace {

// How the cluster is while decisions are made.
struct Setting {
  Workload workload = Workload::kBasic;
  SelectorKind selector = SelectorKind::kIncremental;
  int pod_classes = 1;    // Pods of different classes, one after the other.
  bool readings = false;  // Before each decision a node has a new temperature.
};

// Pods that are placed before the cluster is emptied again. With anti-affinity there is one a node.
int PodsFor(const Setting& setting, int nodes) {
  return setting.workload == Workload::kHostAntiAffinity ? nodes * 9 / 10 : nodes * 2;
}

void Decisions(benchmark::State& state, const Setting& setting) {
  const int nodes = static_cast<int>(state.range(0));
  std::vector<kube::Ref<kube::Pod>> pods;
  for (int i = 0; i < PodsFor(setting, nodes); ++i) {
    pods.push_back(MakeBenchPod(setting.workload, i, i % setting.pod_classes));
  }
  std::vector<kube::Ref<kube::Node>> readings;
  for (int i = 0; setting.readings && i < nodes; ++i) readings.push_back(MakeBenchNode(i, i + 1));

  auto scheduler = MakeBenchMachine(setting.workload, setting.selector, nodes);
  std::uint64_t checksum = 0;
  std::size_t next = 0;
  for (auto _ : state) {
    if (next == pods.size()) {
      state.PauseTiming();
      scheduler = MakeBenchMachine(setting.workload, setting.selector, nodes);
      next = 0;
      state.ResumeTiming();
    }
    if (setting.readings) {
      scheduler->Handle(ObjectChanged{readings[next * 7 % readings.size()]}, kBenchNow);
    }
    scheduler->Handle(ObjectChanged{pods[next++]}, kBenchNow);
    const std::optional<Attempt> attempt = scheduler->ScheduleOne(kBenchNow);
    if (!attempt || attempt->selection.result != Selection::Result::kChosen) {
      state.SkipWithError("a pod was not placed");
      break;
    }
    checksum = Mix(checksum, attempt->selection.node);
    scheduler->Handle(BindReply{attempt->pod, BindReply::Outcome::kBound, ""}, kBenchNow);
    benchmark::DoNotOptimize(scheduler->TakeEffects());
  }
  state.counters["decisions"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.SetLabel(absl::StrCat("placements ", absl::Hex(checksum, absl::kZeroPad16)));
}

void Register(const std::string& name, const Setting& setting, const std::vector<int>& nodes) {
  auto* registered = benchmark::RegisterBenchmark(name.c_str(), Decisions, setting);
  for (const int count : nodes) registered->Arg(count);
  registered->Unit(benchmark::kMicrosecond);
}

const bool kRegistered = [] {
  const std::vector<std::pair<std::string, Workload>> workloads = {
      {"HeatCoolest", Workload::kHeatCoolest},
      {"HeatScore", Workload::kHeatScore},
      {"Basic", Workload::kBasic},
      {"SpreadZones", Workload::kSpreadZones},
      {"PreferSpread", Workload::kPreferSpread},
      {"ZoneAffinity", Workload::kZoneAffinity},
      {"HostAntiAffinity", Workload::kHostAntiAffinity},
      {"PreferAffinity", Workload::kPreferAffinity},
      {"NodeAffinity", Workload::kNodeAffinity},
  };
  for (const auto& [name, workload] : workloads) {
    Register("FullScan/" + name, {workload, SelectorKind::kFullScan}, {1000, 5000});
    Register("Incremental/" + name, {workload}, {1000, 5000, 50000});
  }
  const auto fast = SelectorKind::kIncremental;
  Register("Incremental/HeatCoolestReadings", {Workload::kHeatCoolest, fast, 1, true},
           {1000, 5000});
  Register("Incremental/HeatScoreReadings", {Workload::kHeatScore, fast, 1, true}, {1000, 5000});
  Register("Incremental/BasicClasses100", {Workload::kBasic, fast, 100}, {1000, 5000});
  Register("Incremental/BasicClasses1000", {Workload::kBasic, fast, 1000}, {1000, 5000});
  return true;
}();

}  // namespace
}  // namespace heat_scheduler
