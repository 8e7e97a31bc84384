// Incremental decides as FullScan does, whatever happens to the cluster between decisions.
//
// HEAT_SAMENESS_STEPS is how many decisions are compared in all: 400,000 by default, fewer under a
// sanitizer.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/numbers.h"
#include "nlohmann/json.hpp"
#include "policy/default_profile.h"
#include "policy/profile_config.h"
#include "scheduler/core/full_scan.h"
#include "scheduler/core/incremental.h"
#include "scheduler/core/post_filters.h"
#include "tests/plugins/cluster_stream.h"

namespace heat_scheduler {
namespace sameness_test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::int64_t kDefaultSteps = 10'000;
#else
constexpr std::int64_t kDefaultSteps = 400'000;
#endif
constexpr std::uint64_t kSeed = 20261121;
// So little that a cache or two fit.
constexpr std::size_t kTinyBudget = 40'000;

struct Row {
  std::string name;
  std::string profile;  // JSON; empty: the one that runs without configuration.
  bool cached = true;   // Some decisions come from caches.
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

// clang-format off
const std::vector<Row> kRows = {
    {"HeatCoolest", ""},
    {"Kube", "null"},
    {"HeatScore", R"({"plugins": {"multiPoint": {"enabled": [{"name": "Heat", "weight": 3}]}},
        "pluginConfig": [{"name": "Heat", "args": {"mode": "Score", "hotLimitCelsius": 70}}]})"},
    {"SpreadListed", R"({"pluginConfig": [{"name": "PodTopologySpread", "args": {
        "defaultingType": "List", "defaultConstraints": [
          {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"},
          {"maxSkew": 2, "topologyKey": "disk", "whenUnsatisfiable": "ScheduleAnyway"},
          {"maxSkew": 3, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway"}]}}]})"},
    {"AffinityIgnoresOthers", R"({"pluginConfig": [{"name": "InterPodAffinity", "args": {
        "hardPodAffinityWeight": 7, "ignorePreferredTermsOfExistingPods": true}}]})"},
    {"AddedAffinity", R"({"pluginConfig": [{"name": "NodeAffinity", "args": {"addedAffinity": {
        "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 40, "preference":
          {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["b"]}]}}]}}}]})"},
    {"MostAllocated", R"({"pluginConfig": [{"name": "NodeResourcesFit", "args": {
        "scoringStrategy": {"type": "MostAllocated", "resources": [{"name": "cpu", "weight": 3}]}}}]})"},
    {"Stale", R"({"plugins": {"multiPoint": {"enabled": [{"name": "Heat"}]}},
        "pluginConfig": [{"name": "Heat", "args": {"staleAfter": "5m"}}]})", false},
    {"Sampled", R"({"percentageOfNodesToScore": 30})", false},
};
// clang-format on

class Sameness : public testing::TestWithParam<Row> {
 protected:
  static Profile MakeProfile() {
    if (GetParam().profile.empty()) return *DefaultProfile();
    return *ProfileFromJson(nlohmann::json::parse(GetParam().profile));
  }

  static std::int64_t Steps() {
    const char* text = std::getenv("HEAT_SAMENESS_STEPS");
    const auto steps = text == nullptr ? std::nullopt : ParseInt64(text);
    return steps.value_or(kDefaultSteps) / static_cast<std::int64_t>(kRows.size()) + 1;
  }
};

std::string TextOf(const Status& status) {
  return absl::StrCat(std::string(CodeName(status.code)), " ", status.plugin, ": ",
                      status.Message());
}

// Returns everything that a selection says, as text.
std::string TextOf(const Cycle& cycle, const Selection& said) {
  const auto& names = cycle.cluster.columns().name;
  std::string text =
      absl::StrCat("result ", static_cast<int>(said.result), ", feasible ", said.feasible_count,
                   said.nominated ? ", nominated" : "", ", of ", said.diagnosis.node_count);
  if (said.node != kNoNode) absl::StrAppend(&text, ", node ", names[said.node]);
  for (const auto& [plugin, note] : said.set_filter_notes) {
    absl::StrAppend(&text, ", ", std::string(plugin->name()), " ", note);
  }
  if (said.result == Selection::Result::kChosen) return text;
  const Diagnosis& diagnosis = said.diagnosis;
  absl::StrAppend(&text, "; ", TextOf(said.status), "; ", TextOf(diagnosis.pre_filter), "; ",
                  FitErrorMessage(cycle, diagnosis, ""), "; ", diagnosis.wake_inputs.bits(), " ",
                  diagnosis.narrowed_reason);
  for (const NodeRejection& rejection : diagnosis.rejections.List()) {
    absl::StrAppend(
        &text, "; ", names[rejection.node], " ",
        rejection.filter == nullptr ? "" : std::string(rejection.filter->plugin->name()), " ",
        static_cast<int>(rejection.verdict.code), " ", rejection.verdict.detail);
  }
  for (const Plugin* plugin : diagnosis.rejecting_plugins) {
    absl::StrAppend(&text, "; ", std::string(plugin->name()));
  }
  return text;
}

// Returns what the PostFilter plugins make of it, as text.
std::string PreemptionOf(const Profile& profile, const Cycle& cycle, const Diagnosis& diagnosis) {
  RunningPlugin running;
  const PostFilterResult result = RunPostFilters(profile, cycle, diagnosis, running);
  std::string text =
      absl::StrCat("; ", TextOf(result.status), " ", result.nominated_node_name.value_or("as is"));
  if (!result.preemption.has_value()) return text;
  for (const auto& candidate : result.preemption->candidates) {
    absl::StrAppend(&text, "; on ", cycle.cluster.columns().name[candidate->node], ", against ",
                    candidate->pdb_violations, ":");
    for (const PodRecord* victim : candidate->victims) {
      absl::StrAppend(&text, " ", victim->facts.name);
    }
  }
  for (const std::size_t i : result.preemption->acceptable) absl::StrAppend(&text, " ", i);
  return absl::StrCat(text, " ", result.preemption->chosen);
}

// A selection and the one that it is held against.
struct Pair {
  Pair(TieRule rule, std::size_t budget)
      : full_scan(rule, kSeed), incremental(rule, kSeed, budget) {}

  // Returns what both say of the pod, or an empty text and sets `node` if they agree.
  std::string Differ(const Profile& profile, ClusterStream& stream, const PodRecord& pod,
                     std::uint64_t number, NodeId& node) {
    const Instant now{absl::UnixEpoch(), absl::ZeroDuration()};
    CycleState expected_state;
    const Cycle expected_cycle{stream.cluster(), pod, expected_state, now, number};
    const Selection expected = full_scan.Select(profile, expected_cycle, number);
    CycleState state;
    const Cycle cycle{stream.cluster(), pod, state, now, number};
    const Selection got = incremental.Select(profile, cycle, number);
    node = expected.node;
    if (expected.node == got.node && expected.result == Selection::Result::kChosen &&
        expected.result == got.result && expected.feasible_count == got.feasible_count &&
        expected.set_filter_notes == got.set_filter_notes && expected.nominated == got.nominated &&
        expected.diagnosis.node_count == got.diagnosis.node_count) {
      return "";
    }
    std::string text = TextOf(expected_cycle, expected);
    std::string its_text = TextOf(cycle, got);
    if (expected.result == Selection::Result::kUnschedulable && expected.result == got.result) {
      absl::StrAppend(&text, PreemptionOf(profile, expected_cycle, expected.diagnosis));
      absl::StrAppend(&its_text, PreemptionOf(profile, cycle, got.diagnosis));
    }
    return text == its_text ? "" : absl::StrCat("FullScan:    ", text, "\nIncremental: ", its_text);
  }

  FullScan full_scan;
  Incremental incremental;
};

TEST_P(Sameness, OfEveryDecision) {
  const Profile profile = MakeProfile();
  const std::int64_t steps = Steps();
  std::uint64_t seed = kSeed;
  std::int64_t step = 0;
  Incremental::Counts counts;
  while (step < steps) {
    ++seed;
    const std::size_t nodes = seed % 7 == 0 ? 150 : 1 + seed % 25;
    ClusterStream stream(seed, nodes);
    Pair rotating(TieRule::kRotate, Incremental::kDefaultBudget);
    Pair by_name(TieRule::kSmallestName, kTinyBudget);
    for (int i = 0; i < 1'000 && step < steps; ++i, ++step) {
      stream.Happen();
      const PodRecord& pod = stream.NextPod();
      // Now and then the other pair, so that it has more to catch up with.
      Pair& pair = stream.random().Below(4) == 0 ? by_name : rotating;
      NodeId node = kNoNode;
      const std::string difference =
          pair.Differ(profile, stream, pod, static_cast<std::uint64_t>(i), node);
      ASSERT_EQ(difference, "") << "seed " << seed << ", step " << i;
      if (node != kNoNode && stream.random().Below(4) != 0) {
        stream.Place(pod, node);
      } else {
        stream.Leave(pod);
      }
    }
    for (const Pair* pair : {&rotating, &by_name}) {
      const Incremental::Counts& more = pair->incremental.counts();
      counts.from_caches += more.from_caches;
      counts.nowhere += more.nowhere;
      counts.nominated += more.nominated;
      counts.with_claims += more.with_claims;
      counts.with_rivals += more.with_rivals;
    }
  }
  if (GetParam().cached) {
    // With few steps, under a sanitizer, there are but two clusters, and they differ.
    const auto share = [steps](std::int64_t of) { return static_cast<std::uint64_t>(steps / of); };
    EXPECT_GT(counts.from_caches, share(4));
    EXPECT_GT(counts.nowhere, share(100));
    EXPECT_GT(counts.nominated, share(200));
    EXPECT_GT(counts.with_claims, share(100));
    EXPECT_GT(counts.with_rivals, share(20));
  } else {
    EXPECT_EQ(counts.from_caches, 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Profiles, Sameness, testing::ValuesIn(kRows),
                         [](const testing::TestParamInfo<Row>& row) { return row.param.name; });

}  // namespace sameness_test
}  // namespace heat_scheduler
