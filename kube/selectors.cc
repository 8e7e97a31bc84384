#include "kube/selectors.h"

#include <algorithm>
#include <optional>

#include "base/numbers.h"

namespace heat_scheduler::kube {
namespace {

constexpr std::size_t kMaxLabelLength = 63;
constexpr std::size_t kMaxSubdomainLength = 253;
constexpr std::string_view kNodeNameField = "metadata.name";

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlphanumeric(char c) { return IsLower(c) || (c >= 'A' && c <= 'Z') || IsDigit(c); }

// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9], at most 63 bytes.
bool IsLabelName(std::string_view text) {
  if (text.empty() || text.size() > kMaxLabelLength) return false;
  if (!IsAlphanumeric(text.front()) || !IsAlphanumeric(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlphanumeric(c) || c == '-' || c == '_' || c == '.'; });
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

// What labels.NewRequirement of Kubernetes demands.
bool IsWellFormed(const SelectorRequirement& requirement) {
  const std::vector<std::string>& values = requirement.values;
  if (!IsQualifiedName(requirement.key)) return false;
  if (!std::all_of(values.begin(), values.end(), IsLabelValue)) return false;
  switch (requirement.op) {
    case SelectorOperator::kIn:
    case SelectorOperator::kNotIn:
      return !values.empty();
    case SelectorOperator::kExists:
    case SelectorOperator::kDoesNotExist:
      return values.empty();
    case SelectorOperator::kGt:
    case SelectorOperator::kLt:
      return values.size() == 1 && ParseInt64(values[0]).has_value();
    case SelectorOperator::kUnknown:
      return false;
  }
  return false;
}

bool MatchesField(const SelectorRequirement& requirement, std::string_view node_name) {
  if (requirement.key != kNodeNameField || requirement.values.size() != 1) return false;
  const bool equal = requirement.values[0] == node_name;
  if (requirement.op == SelectorOperator::kIn) return equal;
  return requirement.op == SelectorOperator::kNotIn && !equal;
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
