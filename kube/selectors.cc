#include "kube/selectors.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "base/strings.h"

namespace heat_scheduler::kube {
namespace {

constexpr std::size_t kMaxLabelLength = 63;
constexpr std::size_t kMaxSubdomainLength = 253;
constexpr std::string_view kNodeNameField = "metadata.name";

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlphanumeric(char c) { return IsLower(c) || (c >= 'A' && c <= 'Z') || IsDigit(c); }

// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]
bool HasLabelCharacters(std::string_view text) {
  return !text.empty() && IsAlphanumeric(text.front()) && IsAlphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool IsLabelName(std::string_view text) {
  return text.size() <= kMaxLabelLength && HasLabelCharacters(text);
}

// DNS labels, each of lower-case letters, digits and inner '-', joined by dots.
bool IsSubdomain(std::string_view text) {
  if (text.empty() || text.size() > kMaxSubdomainLength) return false;
  char before = '.';
  for (const char c : text) {
    if (!IsLower(c) && !IsDigit(c) && c != '-' && c != '.') return false;
    if ((before == '.' || before == '-') && c == '.') return false;
    if (before == '.' && c == '-') return false;
    before = c;
  }
  return before != '-' && before != '.';
}

bool IsLabelValue(std::string_view value) { return value.empty() || IsLabelName(value); }

// What is wrong with a requirement: with its key, its operator, its values or one of them.
struct Problem {
  enum class Of { kKey, kOperator, kValues, kInteger, kLabelValue };
  Of of;
  std::size_t index = 0;  // Of the value.
};

std::optional<Problem> BadLabelValue(const std::vector<std::string>& values) {
  const auto bad = std::find_if_not(values.begin(), values.end(), IsLabelValue);
  if (bad == values.end()) return std::nullopt;
  return Problem{Problem::Of::kLabelValue, static_cast<std::size_t>(bad - values.begin())};
}

// Holds a requirement on labels to what labels.NewRequirement of Kubernetes demands.
std::optional<Problem> ProblemOf(const SelectorRequirement& requirement) {
  const std::vector<std::string>& values = requirement.values;
  if (!IsQualifiedName(requirement.key)) return Problem{Problem::Of::kKey};
  switch (requirement.op) {
    case SelectorOperator::kIn:
    case SelectorOperator::kNotIn:
      if (values.empty()) return Problem{Problem::Of::kValues};
      break;
    case SelectorOperator::kExists:
    case SelectorOperator::kDoesNotExist:
      if (!values.empty()) return Problem{Problem::Of::kValues};
      break;
    case SelectorOperator::kGt:
    case SelectorOperator::kLt:
      if (values.size() != 1) return Problem{Problem::Of::kValues};
      if (!ParseInt64(values[0])) return Problem{Problem::Of::kInteger};
      break;
    case SelectorOperator::kUnknown:
      return Problem{Problem::Of::kOperator};
  }
  return BadLabelValue(values);
}

bool IsWellFormed(const SelectorRequirement& requirement) {
  return !ProblemOf(requirement).has_value();
}

// Holds a requirement on fields to what its selector demands.
std::optional<Problem> FieldProblemOf(const SelectorRequirement& requirement) {
  if (requirement.key != kNodeNameField) return Problem{Problem::Of::kKey};
  if (requirement.op != SelectorOperator::kIn && requirement.op != SelectorOperator::kNotIn) {
    return Problem{Problem::Of::kOperator};
  }
  if (requirement.values.size() != 1) return Problem{Problem::Of::kValues};
  return std::nullopt;
}

std::string LabelValueProblem(std::string_view value) {
  std::string problems;
  if (value.size() > kMaxLabelLength) {
    problems = absl::StrCat("must be no more than ", kMaxLabelLength, " characters");
    if (HasLabelCharacters(value)) return problems;
    problems += "; ";
  }
  return problems +
         "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
         "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
         "'my_value',  or '12345', regex used for validation is "
         "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
}

std::string Text(const SelectorRequirement& requirement, const Problem& problem) {
  switch (problem.of) {
    case Problem::Of::kKey:
      return absl::StrCat(".key: Invalid value: ", Quoted(requirement.key));
    case Problem::Of::kOperator:
      return ".operator: Unsupported value";
    case Problem::Of::kValues:
      return absl::StrCat(".values: Invalid value: the operator does not go with ",
                          requirement.values.size(), " of them");
    case Problem::Of::kInteger:
      return absl::StrCat(".values[0]: Invalid value: ", Quoted(requirement.values[0]),
                          ": for 'Gt', 'Lt' operators, the value must be an integer");
    case Problem::Of::kLabelValue: {
      const std::string& value = requirement.values[problem.index];
      return absl::StrCat(".values[", problem.index, "][", requirement.key,
                          "]: Invalid value: ", Quoted(value), ": ", LabelValueProblem(value));
    }
  }
  return "";
}

bool MatchesField(const SelectorRequirement& requirement, std::string_view node_name) {
  if (FieldProblemOf(requirement)) return false;
  return (requirement.values[0] == node_name) == (requirement.op == SelectorOperator::kIn);
}

bool Contains(const std::vector<std::string>& values, std::string_view value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

bool IsQualifiedName(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return IsLabelName(text);
  return IsSubdomain(text.substr(0, slash)) && IsLabelName(text.substr(slash + 1));
}

bool Matches(const SelectorRequirement& requirement, const StringMap& labels) {
  const auto label = labels.find(requirement.key);
  const bool present = label != labels.end();
  switch (requirement.op) {
    case SelectorOperator::kIn:
      return present && Contains(requirement.values, label->second);
    case SelectorOperator::kNotIn:
      return !present || !Contains(requirement.values, label->second);
    case SelectorOperator::kExists:
      return present;
    case SelectorOperator::kDoesNotExist:
      return !present;
    case SelectorOperator::kGt:
    case SelectorOperator::kLt: {
      if (!present || requirement.values.size() != 1) return false;
      const std::optional<std::int64_t> has = ParseInt64(label->second);
      const std::optional<std::int64_t> bound = ParseInt64(requirement.values[0]);
      if (!has || !bound) return false;
      return requirement.op == SelectorOperator::kGt ? *has > *bound : *has < *bound;
    }
    case SelectorOperator::kUnknown:
      return false;
  }
  return false;
}

bool Matches(const LabelSelector& selector, const StringMap& labels) {
  for (const auto& [key, value] : selector.match_labels) {
    const auto label = labels.find(key);
    if (label == labels.end() || label->second != value) return false;
  }
  return std::all_of(
      selector.match_expressions.begin(), selector.match_expressions.end(),
      [&](const SelectorRequirement& requirement) { return Matches(requirement, labels); });
}

bool Matches(const NodeSelectorTerm& term, const StringMap& labels, std::string_view node_name) {
  if (term.match_expressions.empty() && term.match_fields.empty()) return false;
  const bool holds =
      std::all_of(term.match_fields.begin(), term.match_fields.end(),
                  [&](const SelectorRequirement& r) { return MatchesField(r, node_name); }) &&
      std::all_of(term.match_expressions.begin(), term.match_expressions.end(),
                  [&](const SelectorRequirement& r) { return Matches(r, labels); });
  // The form is checked last: most nodes fail on a look-up, which is cheaper.
  return holds &&
         std::all_of(term.match_expressions.begin(), term.match_expressions.end(), IsWellFormed);
}

std::vector<std::string> Problems(const NodeSelectorTerm& term, std::string_view path) {
  std::vector<std::string> problems;
  const auto add = [&](std::string_view list, const std::vector<SelectorRequirement>& requirements,
                       auto problem_of) {
    for (std::size_t i = 0; i < requirements.size(); ++i) {
      const std::optional<Problem> problem = problem_of(requirements[i]);
      if (!problem) continue;
      problems.push_back(absl::StrCat(ToAbsl(path), ".", ToAbsl(list), "[", i, "]",
                                      Text(requirements[i], *problem)));
    }
  };
  add("matchExpressions", term.match_expressions, ProblemOf);
  add("matchFields", term.match_fields, FieldProblemOf);
  return problems;
}

bool Matches(const NodeSelector& selector, const StringMap& labels, std::string_view node_name) {
  return std::any_of(
      selector.terms.begin(), selector.terms.end(),
      [&](const NodeSelectorTerm& term) { return Matches(term, labels, node_name); });
}

bool Tolerates(const Toleration& toleration, const Taint& taint) {
  if (toleration.unsupported_operator) return false;
  if (toleration.effect != TaintEffect::kNone && toleration.effect != taint.effect) return false;
  if (!toleration.key.empty() && toleration.key != taint.key) return false;
  return toleration.exists || toleration.value == taint.value;
}

bool KeepsOff(const Taint& taint, const std::vector<Toleration>& tolerations) {
  if (taint.effect != TaintEffect::kNoSchedule && taint.effect != TaintEffect::kNoExecute) {
    return false;
  }
  return std::none_of(tolerations.begin(), tolerations.end(),
                      [&](const Toleration& toleration) { return Tolerates(toleration, taint); });
}

}  // namespace heat_scheduler::kube
