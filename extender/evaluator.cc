#include "extender/evaluator.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/strings.h"
#include "scheduler/core/guard.h"
#include "scheduler/core/node_filters.h"
#include "scheduler/framework/diagnosis.h"

namespace heat_scheduler {
namespace {

// MaxExtenderPriority.
constexpr std::int64_t kMaxExtenderScore = 10;

absl::Status Failed(const Status& status) { return absl::InternalError(status.Message()); }

// Returns what `evaluate` returns, or the error that stands for what a plugin has thrown.
template <typename Result, typename Evaluate>
absl::StatusOr<Result> OrError(const RunningPlugin& running, Evaluate evaluate) {
  absl::StatusOr<Result> result;
  const std::optional<Status> thrown = Caught(running, [&] { result = evaluate(); });
  return thrown.has_value() ? Failed(*thrown) : std::move(result);
}

// Returns the error of a selection that came to none, or OK if the pod was let through or refused.
absl::Status ErrorOf(const Selection& selection) {
  if (selection.result == Selection::Result::kError) return Failed(selection.status);
  if (selection.result == Selection::Result::kWait) {
    return absl::UnavailableError(
        absl::StrCat("plugin ", selection.status.plugin, " waits: ", selection.status.Message()));
  }
  return absl::OkStatus();
}

// Turns rejections into failures, each reason once.
class Reasons {
 public:
  Reasons(const Cycle& cycle, const Diagnosis& diagnosis, FilterOutcome& outcome)
      : cycle_(cycle), diagnosis_(diagnosis), outcome_(outcome) {}

  FilterOutcome::Failure FailureOf(const NodeRejection& rejection) {
    if (rejection.filter == nullptr) {
      return {rejection.node, false, PlaceOf({nullptr, Code::kSuccess, 0}, rejection)};
    }
    const Verdict& verdict = rejection.verdict;
    return {rejection.node, verdict.code == Code::kUnschedulable,
            PlaceOf({rejection.filter, verdict.code, verdict.detail}, rejection)};
  }

 private:
  using Key = std::tuple<const void*, Code, std::uint64_t>;

  std::size_t PlaceOf(const Key& key, const NodeRejection& rejection) {
    const auto [found, added] = places_.try_emplace(key, outcome_.reasons.size());
    if (added) {
      outcome_.reasons.push_back(
          rejection.filter == nullptr
              ? diagnosis_.narrowed_reason
              : absl::StrJoin(ReasonsOf(*rejection.filter, cycle_, rejection.verdict), ", "));
    }
    return found->second;
  }

  const Cycle& cycle_;
  const Diagnosis& diagnosis_;
  FilterOutcome& outcome_;
  std::map<Key, std::size_t> places_;
};

}  // namespace

std::vector<std::int64_t> StretchToExtenderScores(absl::Span<const std::int64_t> totals) {
  std::vector<std::int64_t> scores(totals.size(), 0);
  if (totals.empty()) return scores;
  const auto [least, greatest] = std::minmax_element(totals.begin(), totals.end());
  // Totals may take all of int64, and their difference times twenty does not.
  const __int128 range = static_cast<__int128>(*greatest) - *least;
  if (range == 0) return scores;
  for (std::size_t i = 0; i < totals.size(); ++i) {
    const __int128 above = static_cast<__int128>(totals[i]) - *least;
    scores[i] = static_cast<std::int64_t>((2 * kMaxExtenderScore * above + range) / (2 * range));
  }
  return scores;
}

absl::StatusOr<FilterOutcome> Evaluator::Filter(const ExtenderQuestion& question) {
  return OrError<FilterOutcome>(running_, [&] { return RunFilter(question); });
}

absl::StatusOr<std::vector<std::int64_t>> Evaluator::Prioritize(const ExtenderQuestion& question) {
  return OrError<std::vector<std::int64_t>>(running_, [&] { return RunPrioritize(question); });
}

absl::StatusOr<bool> Evaluator::FitsWithout(const ExtenderQuestion& question,
                                            const std::vector<const PodRecord*>& victims) {
  return OrError<bool>(running_, [&] { return RunFitsWithout(question, victims); });
}

absl::StatusOr<FilterOutcome> Evaluator::RunFilter(const ExtenderQuestion& question) {
  CycleState state;
  const Cycle cycle{question.cluster, question.pod, state, question.now};
  Selection selection;
  filtering_.Run(question.profile, cycle, InNodeOrder(question), running_, selection);
  RETURN_IF_ERROR(ErrorOf(selection));
  FilterOutcome outcome;
  const Diagnosis& diagnosis = selection.diagnosis;
  if (!diagnosis.pre_filter.ok()) {
    outcome.reasons = {diagnosis.pre_filter.Message()};
    const bool resolvable = diagnosis.pre_filter.code == Code::kUnschedulable;
    for (const NodeId node : question.nodes) outcome.failed.push_back({node, resolvable, 0});
    return outcome;
  }
  // Where each failure is, by row: 1 above its place; 0 for a node that passed.
  std::vector<std::size_t> failure_of(question.cluster.columns().name.size(), 0);
  Reasons reasons(cycle, diagnosis, outcome);
  const std::vector<NodeRejection> rejections = diagnosis.rejections.List();
  for (std::size_t i = 0; i < rejections.size(); ++i) failure_of[rejections[i].node] = i + 1;
  for (const NodeId node : question.nodes) {
    const std::size_t failure = failure_of[node];
    if (failure == 0) {
      outcome.passed.push_back(node);
    } else {
      outcome.failed.push_back(reasons.FailureOf(rejections[failure - 1]));
    }
  }
  RETURN_IF_ERROR(ApplySetFilters(question, cycle, outcome));
  return outcome;
}

absl::Status Evaluator::ApplySetFilters(const ExtenderQuestion& question, const Cycle& cycle,
                                        FilterOutcome& outcome) {
  for (const auto& entry : question.profile.set_filter()) {
    if (outcome.passed.empty()) break;
    Selection selection;
    if (!RunSetFilter(entry, cycle, outcome.passed, keep_, running_, selection)) {
      return Failed(selection.status);
    }
    outcome.reasons.push_back(absl::StrCat("node(s) were passed over by ",
                                           ToAbsl(entry.plugin->name()), ", which took the ",
                                           selection.set_filter_notes.front().second));
    std::size_t kept = 0;
    for (std::size_t i = 0; i < keep_.size(); ++i) {
      const NodeId node = outcome.passed[i];
      if (keep_[i] != 0) {
        outcome.passed[kept++] = node;
      } else {
        outcome.failed.push_back({node, true, outcome.reasons.size() - 1});
      }
    }
    outcome.passed.resize(kept);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::int64_t>> Evaluator::RunPrioritize(
    const ExtenderQuestion& question) {
  if (question.nodes.empty()) return std::vector<std::int64_t>();
  CycleState state;
  const Cycle cycle{question.cluster, question.pod, state, question.now};
  Selection selection;
  if (!filtering_.RunPreFilters(question.profile, cycle, running_, selection)) {
    RETURN_IF_ERROR(ErrorOf(selection));
    return std::vector<std::int64_t>(question.nodes.size(), 0);
  }
  const NodeSpan ordered = InNodeOrder(question);
  if (!scoring_.Run(question.profile, cycle, ordered, running_, nullptr, selection)) {
    return Failed(selection.status);
  }
  const std::vector<std::int64_t> scores = StretchToExtenderScores(scoring_.totals());
  std::vector<std::int64_t> by_row(question.cluster.columns().name.size(), 0);
  for (std::size_t i = 0; i < ordered.size(); ++i) by_row[ordered[i]] = scores[i];
  std::vector<std::int64_t> asked;
  asked.reserve(question.nodes.size());
  for (const NodeId node : question.nodes) asked.push_back(by_row[node]);
  return asked;
}

absl::StatusOr<bool> Evaluator::RunFitsWithout(const ExtenderQuestion& question,
                                               const std::vector<const PodRecord*>& victims) {
  CycleState state;
  const Cycle cycle{question.cluster, question.pod, state, question.now};
  const NodeId node = question.nodes.front();
  Selection selection;
  if (!filtering_.RunPreFilters(question.profile, cycle, running_, selection)) {
    RETURN_IF_ERROR(ErrorOf(selection));
    return false;
  }
  const std::optional<std::vector<std::string>>& only = selection.diagnosis.narrowed_to;
  if (only.has_value() &&
      std::find(only->begin(), only->end(), question.cluster.columns().name[node]) == only->end()) {
    return false;
  }
  const std::unique_ptr<DryRuns> dry_runs = MakeDryRuns(question.profile, cycle, running_);
  const std::unique_ptr<DryRun> dry_run = dry_runs->On(node);
  for (const PodRecord* victim : victims) dry_run->Remove(*victim);
  const Status status = dry_run->Filter();
  if (!status.ok() && !status.rejected()) return Failed(status);
  return status.ok();
}

NodeSpan Evaluator::InNodeOrder(const ExtenderQuestion& question) {
  const NodeSpan all = question.cluster.nodes();
  if (question.nodes.size() == all.size()) return all;
  marked_.assign(question.cluster.columns().name.size(), 0);
  for (const NodeId node : question.nodes) marked_[node] = 1;
  ordered_.clear();
  for (const NodeId node : all) {
    if (marked_[node] != 0) ordered_.push_back(node);
  }
  return ordered_;
}

}  // namespace heat_scheduler
