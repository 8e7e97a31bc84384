// Runs the fault simulation over many seeds.
//
// HEAT_FAULT_SEEDS is how many (1,000 by default), HEAT_FAULT_SEED repeats one and prints its whole
// trace. docs/fault-simulation.md says how to go on from there.
#include "tests/faults/simulation.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

#include "absl/strings/str_join.h"
#include "base/numbers.h"

namespace heat_scheduler {
namespace simulation_test {

// The seeds are split into so many tests, so that two cores have something to do.
constexpr std::int64_t kBatches = 20;

std::optional<std::int64_t> FromEnvironment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? std::nullopt : ParseInt64(text);
}

class FaultSimulation : public testing::TestWithParam<std::int64_t> {};

TEST_P(FaultSimulation, KeepsTheGuarantees) {
  const std::int64_t batch = GetParam();
  if (const auto seed = FromEnvironment("HEAT_FAULT_SEED")) {
    if (batch != 0) return;
    const SimulationResult result = RunSimulation({.seed = static_cast<std::uint64_t>(*seed)});
    std::cout << absl::StrJoin(result.trace, "\n") << "\n";
    EXPECT_TRUE(result.violations.empty()) << result.Report();
    return;
  }
  const std::int64_t seeds = FromEnvironment("HEAT_FAULT_SEEDS").value_or(1000);
  const std::int64_t end = 1 + seeds * (batch + 1) / kBatches;
  std::uint64_t binds = 0;
  for (std::int64_t seed = 1 + seeds * batch / kBatches; seed < end; ++seed) {
    const SimulationResult result = RunSimulation({.seed = static_cast<std::uint64_t>(seed)});
    ASSERT_TRUE(result.violations.empty()) << result.Report();
    binds += result.binds;
  }
  // A seed may well bind nothing; 50 of them, the batch of the default, do not.
  if (seeds >= 1000) {
    EXPECT_GT(binds, 0u) << "nothing was bound in the whole batch";
  }
}

// The same with claims: no volume is given twice, and what can be bound is bound in the end.
TEST_P(FaultSimulation, KeepsTheGuaranteesOfClaims) {
  const std::int64_t batch = GetParam();
  if (const auto seed = FromEnvironment("HEAT_FAULT_SEED")) {
    if (batch != 0) return;
    const SimulationResult result =
        RunSimulation({.seed = static_cast<std::uint64_t>(*seed), .storage = true});
    std::cout << absl::StrJoin(result.trace, "\n") << "\n";
    EXPECT_TRUE(result.violations.empty()) << result.Report();
    return;
  }
  const std::int64_t seeds = FromEnvironment("HEAT_FAULT_SEEDS").value_or(1000) / 4;
  const std::int64_t end = 1 + seeds * (batch + 1) / kBatches;
  std::uint64_t binds = 0;
  for (std::int64_t seed = 1 + seeds * batch / kBatches; seed < end; ++seed) {
    const SimulationResult result =
        RunSimulation({.seed = static_cast<std::uint64_t>(seed), .storage = true});
    ASSERT_TRUE(result.violations.empty()) << result.Report();
    binds += result.claim_binds;
  }
  if (seeds >= 250) {
    EXPECT_GT(binds, 0u) << "no pod with claims was bound in the whole batch";
  }
}

INSTANTIATE_TEST_SUITE_P(Batch, FaultSimulation, testing::Range<std::int64_t>(0, kBatches),
                         testing::PrintToStringParamName());

// A simulation that injects nothing passes everything.
TEST(FaultSimulationItself, StrikesWithEveryFault) {
  constexpr std::uint64_t kSeeds = 100;
  FaultCounts counts = {};
  std::uint64_t binds = 0, refusals = 0, preemptions = 0, evictions = 0, restarts = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const SimulationResult result = RunSimulation({.seed = seed});
    for (std::size_t i = 0; i < kFaultCount; ++i) counts[i] += result.faults[i];
    binds += result.binds;
    refusals += result.refusals;
    preemptions += result.preemptions;
    evictions += result.evictions;
    restarts += static_cast<std::uint64_t>(result.instances - 1);
  }
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    std::cout << FaultName(static_cast<Fault>(i)) << ": " << counts[i] << "\n";
    EXPECT_GE(counts[i], kSeeds / 5) << FaultName(static_cast<Fault>(i));
  }
  EXPECT_GE(binds, 5 * kSeeds);
  EXPECT_GE(refusals, 10 * kSeeds);
  std::cout << "preemptions: " << preemptions << ", evictions: " << evictions << "\n";
  EXPECT_GE(preemptions, kSeeds / 2);
  EXPECT_GE(evictions, kSeeds / 2);
  EXPECT_GE(restarts, kSeeds / 4);
}

TEST(FaultSimulationItself, RepeatsASeedByteForByte) {
  for (const std::uint64_t seed : {7u, 77u, 777u}) {
    const SimulationResult once = RunSimulation({.seed = seed});
    const SimulationResult again = RunSimulation({.seed = seed});
    EXPECT_EQ(once.trace, again.trace);
    EXPECT_EQ(once.steps, again.steps);
    EXPECT_GT(once.trace.size(), 20u);
  }
}

// Each seed that broke a guarantee once, by what was wrong (docs/fault-simulation.md).
struct FoundSeed {
  const char* name;
  std::uint64_t seed;
};

class FoundSeeds : public testing::TestWithParam<FoundSeed> {};

TEST_P(FoundSeeds, StayMended) {
  const SimulationResult result = RunSimulation({.seed = GetParam().seed});
  EXPECT_TRUE(result.violations.empty()) << result.Report();
}

std::string NameOf(const testing::TestParamInfo<FoundSeed>& found) { return found.param.name; }

INSTANTIATE_TEST_SUITE_P(Of, FoundSeeds,
                         testing::Values(FoundSeed{"RefusalTakenForTheEndOfALateBind", 75}),
                         NameOf);

}  // namespace simulation_test
}  // namespace heat_scheduler
