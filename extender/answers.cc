#include "extender/answers.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/utf8.h"

namespace heat_scheduler {
namespace {

void AppendText(std::string_view text, std::string& out) {
  out += '"';
  AppendJsonEscaped(out, text);
  out += '"';
}

// What an answer has besides nodes, about.
constexpr std::size_t kFrameBytes = 256;

}  // namespace

FilterAnswer::FilterAnswer(NodeForm form, std::size_t expected_bytes) : form_(form) {
  answer_.reserve(expected_bytes + kFrameBytes);
  answer_ =
      form == NodeForm::kNodes ? "{\"Nodes\":{\"metadata\":{},\"items\":[" : "{\"NodeNames\":[";
}

void FilterAnswer::AddPassed(std::string_view node) {
  if (any_passed_) answer_ += ',';
  any_passed_ = true;
  if (form_ == NodeForm::kNodes) {
    answer_.append(node);
  } else {
    AppendText(node, answer_);
  }
}

void FilterAnswer::AddFailed(std::string_view name, std::string_view reason, bool resolvable) {
  std::string& list = resolvable ? failed_ : unresolvable_;
  if (!list.empty()) list += ',';
  AppendText(name, list);
  list += ':';
  AppendText(reason, list);
}

std::string FilterAnswer::Finish() {
  absl::StrAppend(&answer_, form_ == NodeForm::kNodes ? "]}" : "]", ",\"FailedNodes\":{", failed_,
                  "},\"FailedAndUnresolvableNodes\":{", unresolvable_, "},\"Error\":\"\"}");
  return std::move(answer_);
}

std::string FilterError(std::string_view error) {
  std::string answer = "{\"Error\":";
  AppendText(error, answer);
  answer += '}';
  return answer;
}

std::string PrioritizeAnswer(absl::Span<const std::string_view> names,
                             absl::Span<const std::int64_t> scores) {
  std::string answer = "[";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) answer += ',';
    answer += "{\"Host\":";
    AppendText(names[i], answer);
    absl::StrAppend(&answer, ",\"Score\":", scores[i], "}");
  }
  answer += ']';
  return answer;
}

void PreemptionAnswer::Add(const NodeVictims& victims) {
  if (!nodes_.empty()) nodes_ += ',';
  AppendText(victims.node, nodes_);
  nodes_ += ":{\"Pods\":[";
  for (std::size_t i = 0; i < victims.uids.size(); ++i) {
    nodes_ += i > 0 ? ",{\"UID\":" : "{\"UID\":";
    AppendText(victims.uids[i], nodes_);
    nodes_ += '}';
  }
  absl::StrAppend(&nodes_, "],\"NumPDBViolations\":", victims.pdb_violations, "}");
}

std::string PreemptionAnswer::Finish() {
  return absl::StrCat("{\"NodeNameToMetaVictims\":{", std::exchange(nodes_, ""), "}}");
}

std::string BindingAnswer(std::string_view error) { return FilterError(error); }

}  // namespace heat_scheduler
