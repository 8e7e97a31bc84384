#include "plugins/heat/heat.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "plugins/heat/readings.h"
#include "plugins/heat/temperature.h"
#include "spdlog/spdlog.h"

namespace heat_scheduler {
namespace {

constexpr std::int64_t kMissingScore = 0;
constexpr std::int64_t kStaleScore = 50;

// What both modes share: readings, and the limit.
class Heat : public Plugin, public FilterPlugin {
 public:
  explicit Heat(HeatArgs args)
      : args_(std::move(args)),
        freshness_(args_.stale_after),
        readings_(args_.annotation, args_.time_annotation) {}

  std::string_view name() const override { return kHeatName; }

  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override {
    if (!args_.hot_limit_celsius) return;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const Reading& reading = readings_.Of(cycle.cluster, nodes[i]);
      if (IsAboveLimit(reading) && freshness_.IsFresh(reading, cycle.now.wall)) {
        verdicts[i].code = Code::kUnschedulableAndUnresolvable;
      }
    }
  }

  std::vector<std::string> Reasons(const Cycle& /*cycle*/,
                                   const Verdict& /*verdict*/) const override {
    return {absl::StrCat("node(s) were hotter than ", FormatCelsius(*args_.hot_limit_celsius))};
  }

  Inputs filter_inputs() const override { return args_.hot_limit_celsius ? inputs() : Inputs{}; }

  std::optional<absl::Time> ValidUntil(const Cycle& cycle, NodeSpan nodes) const override {
    if (!args_.hot_limit_celsius) return std::nullopt;
    std::optional<absl::Time> first;
    for (NodeId node : nodes) {
      const Reading& reading = readings_.Of(cycle.cluster, node);
      if (!IsAboveLimit(reading)) continue;
      const std::optional<absl::Time> change = freshness_.ChangesAt(reading, cycle.now.wall);
      if (change && (!first || *change < *first)) first = change;
    }
    return first;
  }

 protected:
  const HeatArgs& args() const { return args_; }
  const Freshness& freshness() const { return freshness_; }
  const Reading& ReadingOf(const Cycle& cycle, NodeId node) const {
    return readings_.Of(cycle.cluster, node);
  }
  Inputs inputs() const {
    return freshness_.limited() ? Inputs{Input::kNodeAnnotations, Input::kTime}
                                : Inputs{Input::kNodeAnnotations};
  }

 private:
  bool IsAboveLimit(const Reading& reading) const {
    return reading.celsius && *reading.celsius > *args_.hot_limit_celsius;
  }

  const HeatArgs args_;
  const Freshness freshness_;
  const Readings readings_;
};

class CoolestHeat final : public Heat, public RankingSetFilterPlugin {
 public:
  using Heat::Heat;

  void Rank(const Cycle& cycle, NodeSpan nodes, absl::Span<double> ranks) const override {
    for (std::size_t i = 0; i < nodes.size(); ++i) ranks[i] = UsableCelsius(cycle, nodes[i]);
  }

  std::string Explain(const Cycle& cycle, const Ranking& ranking) const override {
    std::string sentence = Sentence(cycle, ranking);
    if (spdlog::should_log(spdlog::level::debug)) {
      spdlog::debug("Heat: pod {}/{}: node {}: {}", cycle.facts().namespace_, cycle.facts().name,
                    cycle.cluster.columns().name[ranking.first], sentence);
    }
    return sentence;
  }

  Inputs set_filter_inputs() const override { return inputs(); }

 private:
  static constexpr double kUnusable = std::numeric_limits<double>::infinity();

  double UsableCelsius(const Cycle& cycle, NodeId node) const {
    const Reading& reading = ReadingOf(cycle, node);
    if (!reading.celsius || !freshness().IsFresh(reading, cycle.now.wall)) return kUnusable;
    return *reading.celsius;
  }

  static std::string Sentence(const Cycle& cycle, const Ranking& ranking) {
    const bool usable = ranking.rank != kUnusable;
    if (ranking.nodes == 1) {
      return usable ? absl::StrCat("the only node left, at ", FormatCelsius(ranking.rank))
                    : "the only node left, without a usable reading";
    }
    if (!usable) {
      return absl::StrCat("first of ", ranking.nodes, " nodes, none with a usable reading");
    }
    std::string sentence =
        absl::StrCat("coolest at ", FormatCelsius(ranking.rank), " of ", ranking.nodes, " nodes");
    if (ranking.equals > 1) {
      absl::StrAppend(&sentence, ", first of ", ranking.equals, " as cool");
    } else if (ranking.next != kNoNode && ranking.next_rank != kUnusable) {
      absl::StrAppend(&sentence, "; next ", cycle.cluster.columns().name[ranking.next], " at ",
                      FormatCelsius(ranking.next_rank));
    } else {
      absl::StrAppend(&sentence, ", the only one with a usable reading");
    }
    return sentence;
  }
};

class ScoreHeat final : public Heat, public ScorePlugin {
 public:
  using Heat::Heat;

  void Score(const Cycle& cycle, NodeSpan nodes, absl::Span<std::int64_t> scores) const override {
    for (std::size_t i = 0; i < nodes.size(); ++i) scores[i] = ScoreOf(cycle, nodes[i]);
  }

  Inputs score_inputs() const override { return inputs(); }
  bool normalizes() const override { return false; }

 private:
  std::int64_t ScoreOf(const Cycle& cycle, NodeId node) const {
    const Reading& reading = ReadingOf(cycle, node);
    if (!reading.celsius) return kMissingScore;
    if (!freshness().IsFresh(reading, cycle.now.wall)) return kStaleScore;
    return ScoreOfCelsius(*reading.celsius, args().cold_celsius, args().hot_celsius);
  }
};

}  // namespace

std::unique_ptr<Plugin> CreateHeat(HeatArgs args) {
  if (args.mode == HeatMode::kScore) return std::make_unique<ScoreHeat>(std::move(args));
  return std::make_unique<CoolestHeat>(std::move(args));
}

}  // namespace heat_scheduler
