// Where extenders have their say in a decision (full_scan.h): after the filters, and before the
// scores.
//
// A decision does not wait for an answer: it ends with a question, and is made once more, on the
// cluster as it is by then, with what the extenders said so far. Of the nodes that pass the filters
// those stay that the extenders let pass. Only if there are none, nodes that they were not asked
// about (they came into question later, or were not among those that were enough) are put to them,
// in kMaxQuestions questions at most; a pod that keeps its nominated node has that one asked about
// first. Scores are asked for once, of what is left, if that is more than one node. What an
// extender refuses counts as refused by a plugin "Extender", which every event may change.
// Source: pkg/scheduler/schedule_one.go (findNodesThatFitPod, findNodesThatPassExtenders,
// prioritizeNodes), v1.36.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "scheduler/core/scheduler.h"
#include "scheduler/core/selection.h"
#include "scheduler/framework/extender.h"

namespace heat_scheduler {

// kube-scheduler's name for all extenders together, where plugins are named.
inline constexpr std::string_view kExtenderName = "Extender";

// The plugin that stands for extenders in a diagnosis. Keeps the reasons of the latest decision
// that they had a part in.
class ExtenderVerdicts final : public Plugin, public FilterPlugin {
 public:
  std::string_view name() const override { return kExtenderName; }
  void Filter(const Cycle& /*cycle*/, NodeSpan /*nodes*/,
              absl::Span<Verdict> /*verdicts*/) const override {}
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  Inputs filter_inputs() const override { return Inputs::All(); }

  const Profile::Entry<FilterPlugin>& entry() const { return entry_; }
  void Clear();
  // Returns the verdict that has this reason.
  Verdict Refuse(const std::string& reason, bool resolvable);

 private:
  const Profile::Entry<FilterPlugin> entry_{this, this};
  std::vector<std::string> reasons_;
  absl::flat_hash_map<std::string, std::size_t> places_;  // Of the reasons.
};

// What extenders said of one pod so far.
struct Consultation {
  std::uint64_t ticket = 0;
  bool waiting = false;  // For the answer to that ticket.
  // What was asked last: whether by filter, and which nodes.
  ExtenderEffect::Question question = ExtenderEffect::Question::kFilter;
  std::vector<std::string> asked;
  int filter_questions = 0;
  std::string error;  // Not empty: the attempt has failed.
  // By node; absent: it was let pass.
  absl::flat_hash_map<std::string, std::optional<ExtenderReply::Refusal>> said;
  // By node; absent: they were not asked.
  std::optional<absl::flat_hash_map<std::string, std::int64_t>> points;
};

// Notes what was answered to the question under way.
void NoteAnswer(const ExtenderReply& reply, Consultation& consultation);

class ExtenderRound {
 public:
  static constexpr int kMaxQuestions = 3;

  // Borrows everything, for one decision.
  ExtenderRound(const std::vector<ExtenderConfig>& extenders, const kube::Pod& pod,
                Consultation& consultation, ExtenderVerdicts& verdicts);

  // Returns true if a decision on the pod has to do with them.
  static bool Concerns(const std::vector<ExtenderConfig>& extenders, const kube::Pod& pod);

  // True once the filters were asked about some nodes.
  bool has_asked() const { return consultation_.filter_questions > 0; }

  // Keeps those of `nodes`, which passed every Filter, that the extenders let pass. Returns false
  // if the decision ends here: with a question (kWait), because all are refused, or by an error.
  bool Filter(const Cycle& cycle, std::vector<NodeId>& nodes, Selection& selection);

  // Adds to the diagnosis that the node is refused, as was said.
  void AddRefusal(const Cycle& cycle, NodeId node, Selection& selection);

  // Returns false if the scores of `nodes` are to be asked for first, or by an error.
  bool Prioritize(const Cycle& cycle, NodeSpan nodes, Selection& selection);

  // Adds the extenders' points to the totals of `nodes`, same order.
  void AddPoints(const Cycle& cycle, NodeSpan nodes, absl::Span<std::int64_t> totals) const;

  // Returns the question with which the decision has ended, without its ticket; nothing if it ended
  // otherwise.
  std::optional<ExtenderEffect> TakeQuestion();

 private:
  // Returns the extenders that the pod concerns and that have the verb.
  std::vector<std::size_t> With(std::string ExtenderConfig::*verb) const;
  bool Ask(const Cycle& cycle, ExtenderEffect::Question question,
           std::vector<std::size_t> extenders, NodeSpan nodes, Selection& selection);
  bool HasFailed(Selection& selection) const;
  void Refuse(const Cycle& cycle, NodeSpan nodes, Selection& selection);

  const std::vector<ExtenderConfig>& extenders_;
  const kube::Pod& pod_;
  Consultation& consultation_;
  ExtenderVerdicts& verdicts_;
  std::optional<ExtenderEffect> question_;
};

}  // namespace heat_scheduler
