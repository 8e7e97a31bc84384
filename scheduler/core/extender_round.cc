#include "scheduler/core/extender_round.h"

#include <algorithm>
#include <utility>

#include "scheduler/core/failure.h"
#include "scheduler/framework/diagnosis.h"

namespace heat_scheduler {
namespace {

constexpr char kNotAsked[] = "node(s) came into question after the extenders had been asked";
constexpr char kWithoutReason[] = "node(s) were left out by an extender, which gave no reason";

bool HasVerb(const ExtenderConfig& extender) {
  return !extender.filter_verb.empty() || !extender.prioritize_verb.empty();
}

}  // namespace

// ---- ExtenderVerdicts ----

std::vector<std::string> ExtenderVerdicts::Reasons(const Cycle& /*cycle*/,
                                                   const Verdict& verdict) const {
  return {reasons_.at(verdict.detail)};
}

void ExtenderVerdicts::Clear() {
  reasons_.clear();
  places_.clear();
}

Verdict ExtenderVerdicts::Refuse(const std::string& reason, bool resolvable) {
  const auto [place, added] = places_.try_emplace(reason, reasons_.size());
  if (added) reasons_.push_back(reason);
  return {resolvable ? Code::kUnschedulable : Code::kUnschedulableAndUnresolvable, place->second};
}

// ---- Consultation ----

void NoteAnswer(const ExtenderReply& reply, Consultation& consultation) {
  consultation.waiting = false;
  consultation.error = reply.error;
  if (!reply.error.empty()) return;
  if (consultation.question == ExtenderEffect::Question::kPrioritize) {
    auto& points = consultation.points.emplace();
    for (const auto& [node, added] : reply.points) points[node] += added;
    return;
  }
  for (const std::string& node : consultation.asked) {
    consultation.said[node] = ExtenderReply::Refusal{node, kWithoutReason, false};
  }
  for (const ExtenderReply::Refusal& refusal : reply.refused) {
    const auto found = consultation.said.find(refusal.node);
    if (found != consultation.said.end()) found->second = refusal;
  }
  for (const std::string& node : reply.passed) {
    const auto found = consultation.said.find(node);
    if (found != consultation.said.end()) found->second.reset();
  }
}

// ---- ExtenderRound ----

ExtenderRound::ExtenderRound(const std::vector<ExtenderConfig>& extenders, const kube::Pod& pod,
                             Consultation& consultation, ExtenderVerdicts& verdicts)
    : extenders_(extenders), pod_(pod), consultation_(consultation), verdicts_(verdicts) {
  verdicts_.Clear();
}

bool ExtenderRound::Concerns(const std::vector<ExtenderConfig>& extenders, const kube::Pod& pod) {
  return std::any_of(extenders.begin(), extenders.end(), [&](const ExtenderConfig& extender) {
    return HasVerb(extender) && IsInterested(extender, pod);
  });
}

std::vector<std::size_t> ExtenderRound::With(std::string ExtenderConfig::*verb) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < extenders_.size(); ++i) {
    if (!(extenders_[i].*verb).empty() && IsInterested(extenders_[i], pod_)) found.push_back(i);
  }
  return found;
}

bool ExtenderRound::Filter(const Cycle& cycle, std::vector<NodeId>& nodes, Selection& selection) {
  if (HasFailed(selection)) return false;
  std::vector<std::size_t> extenders = With(&ExtenderConfig::filter_verb);
  if (extenders.empty()) return true;
  const auto& names = cycle.cluster.columns().name;
  std::vector<NodeId> passed;
  std::vector<NodeId> unknown;
  for (const NodeId node : nodes) {
    const auto said = consultation_.said.find(names[node]);
    if (said == consultation_.said.end()) {
      unknown.push_back(node);
    } else if (!said->second.has_value()) {
      passed.push_back(node);
    }
  }
  if (passed.empty() && !unknown.empty() && consultation_.filter_questions < kMaxQuestions) {
    ++consultation_.filter_questions;
    return Ask(cycle, ExtenderEffect::Question::kFilter, std::move(extenders), unknown, selection);
  }
  if (passed.empty()) {
    Refuse(cycle, nodes, selection);
    selection.result = Selection::Result::kUnschedulable;
    return false;
  }
  nodes = std::move(passed);
  return true;
}

void ExtenderRound::AddRefusal(const Cycle& cycle, NodeId node, Selection& selection) {
  Refuse(cycle, NodeSpan(&node, 1), selection);
}

bool ExtenderRound::Prioritize(const Cycle& cycle, NodeSpan nodes, Selection& selection) {
  if (HasFailed(selection)) return false;
  if (consultation_.points.has_value()) return true;
  std::vector<std::size_t> extenders = With(&ExtenderConfig::prioritize_verb);
  if (extenders.empty()) return true;
  return Ask(cycle, ExtenderEffect::Question::kPrioritize, std::move(extenders), nodes, selection);
}

void ExtenderRound::AddPoints(const Cycle& cycle, NodeSpan nodes,
                              absl::Span<std::int64_t> totals) const {
  if (!consultation_.points.has_value()) return;
  const auto& names = cycle.cluster.columns().name;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto found = consultation_.points->find(names[nodes[i]]);
    if (found != consultation_.points->end()) totals[i] += found->second;
  }
}

std::optional<ExtenderEffect> ExtenderRound::TakeQuestion() {
  return std::exchange(question_, std::nullopt);
}

bool ExtenderRound::Ask(const Cycle& cycle, ExtenderEffect::Question question,
                        std::vector<std::size_t> extenders, NodeSpan nodes, Selection& selection) {
  consultation_.question = question;
  consultation_.waiting = true;
  consultation_.asked.clear();
  ExtenderEffect& effect = question_.emplace();
  effect.pod = RefOf(cycle.facts());
  effect.question = question;
  effect.extenders = std::move(extenders);
  effect.object = cycle.pod.pod;
  for (const NodeId node : nodes) {
    effect.nodes.push_back(cycle.cluster.columns().node[node]);
    consultation_.asked.push_back(cycle.cluster.columns().name[node]);
  }
  selection.result = Selection::Result::kWait;
  selection.status = {Code::kWait, {"extenders are asked"}, std::string(kExtenderName)};
  return false;
}

bool ExtenderRound::HasFailed(Selection& selection) const {
  if (consultation_.error.empty()) return false;
  selection.result = Selection::Result::kError;
  selection.status = {Code::kError, {consultation_.error}, std::string(kExtenderName)};
  return true;
}

void ExtenderRound::Refuse(const Cycle& cycle, NodeSpan nodes, Selection& selection) {
  const auto& names = cycle.cluster.columns().name;
  Diagnosis& diagnosis = selection.diagnosis;
  std::vector<NodeRejection> by_row(names.size());
  for (const NodeRejection& rejection : diagnosis.rejections.List()) {
    by_row[rejection.node] = rejection;
  }
  for (const NodeId node : nodes) {
    const auto said = consultation_.said.find(names[node]);
    const Verdict verdict = said == consultation_.said.end() || !said->second.has_value()
                                ? verdicts_.Refuse(kNotAsked, false)
                                : verdicts_.Refuse(said->second->reason, said->second->resolvable);
    by_row[node] = {node, &verdicts_.entry(), verdict};
  }
  Rejections all;
  for (const NodeId node : cycle.cluster.nodes()) {
    if (by_row[node].node == node) all.Add(by_row[node]);
  }
  diagnosis.rejections = std::move(all);
  AddRejecting(&verdicts_, Inputs::All(), diagnosis);
}

}  // namespace heat_scheduler
