#include "cluster/selectors.h"

#include <cctype>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "base/strings.h"
#include "kube/selectors.h"

namespace heat_scheduler::cluster {
namespace {

bool IsWordByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' ||
         c == '/';
}

// Reads one label selector from left to right.
class LabelSelectorReader {
 public:
  explicit LabelSelectorReader(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<kube::SelectorRequirement>> Read() {
    std::vector<kube::SelectorRequirement> requirements;
    SkipBlanks();
    while (at_ < text_.size()) {
      ASSIGN_OR_RETURN(kube::SelectorRequirement requirement, ReadRequirement());
      requirements.push_back(std::move(requirement));
      SkipBlanks();
      if (at_ == text_.size()) break;
      if (!Take(",")) return Error("expected ','");
      SkipBlanks();
      if (at_ == text_.size()) return Error("expected: identifier after ','");
    }
    return requirements;
  }

 private:
  absl::StatusOr<kube::SelectorRequirement> ReadRequirement() {
    kube::SelectorRequirement requirement;
    const bool absent = Take("!");
    SkipBlanks();
    requirement.key = Word();
    if (requirement.key.empty()) return Error("expected: '!' or an identifier");
    SkipBlanks();
    if (absent || at_ == text_.size() || text_[at_] == ',') {
      requirement.op =
          absent ? kube::SelectorOperator::kDoesNotExist : kube::SelectorOperator::kExists;
      return requirement;
    }
    if (Take("!=")) {
      requirement.op = kube::SelectorOperator::kNotIn;
    } else if (Take("==") || Take("=")) {
      requirement.op = kube::SelectorOperator::kIn;
    } else if (Take(">")) {
      requirement.op = kube::SelectorOperator::kGt;
    } else if (Take("<")) {
      requirement.op = kube::SelectorOperator::kLt;
    } else {
      return ReadSet(std::move(requirement));
    }
    SkipBlanks();
    requirement.values.push_back(Word());
    return requirement;
  }

  absl::StatusOr<kube::SelectorRequirement> ReadSet(kube::SelectorRequirement requirement) {
    const std::string op = Word();
    if (op != "in" && op != "notin") {
      return Error("expected: in, notin, =, ==, !=, >, < as operator");
    }
    requirement.op = op == "in" ? kube::SelectorOperator::kIn : kube::SelectorOperator::kNotIn;
    SkipBlanks();
    if (!Take("(")) return Error("expected: '('");
    do {
      SkipBlanks();
      requirement.values.push_back(Word());
      SkipBlanks();
    } while (Take(","));
    if (!Take(")")) return Error("expected: ',' or ')'");
    return requirement;
  }

  std::string Word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && IsWordByte(text_[at_])) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }

  bool Take(std::string_view token) {
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }

  void SkipBlanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  absl::Status Error(std::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat("unable to parse requirement: at byte ", at_,
                                                   " of \"", ToAbsl(text_), "\": ", ToAbsl(what)));
  }

  const std::string_view text_;
  std::size_t at_ = 0;
};

struct SelectableFields {
  std::string_view resource;
  std::vector<std::string_view> fields;
};

const std::vector<std::string_view>& FieldsOf(const ResourceInfo& resource) {
  static const std::vector<SelectableFields>& table = *new std::vector<SelectableFields>{
      {"pods",
       {"spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
        "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName"}},
      {"nodes", {"spec.unschedulable"}},
      {"namespaces", {"status.phase"}},
      {"secrets", {"type"}},
      {"jobs", {"status.successful"}},
      {"events",
       {"involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
        "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
        "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type"}},
  };
  static const std::vector<std::string_view>& none = *new std::vector<std::string_view>();
  for (const SelectableFields& entry : table) {
    if (entry.resource == resource.plural) return entry.fields;
  }
  return none;
}

// The field as it is called in the stored object: events.k8s.io says "regarding".
std::string StoredField(const ResourceInfo& resource, std::string_view field) {
  if (resource.plural == "events") {
    if (field == "source") return "source.component";
    if (!resource.group.empty() && field.substr(0, 10) == "regarding.") {
      return absl::StrCat("involvedObject.", ToAbsl(field.substr(10)));
    }
    if (!resource.group.empty() && field == "reportingController") return "reportingComponent";
  }
  return std::string(field);
}

bool CanSelect(const ResourceInfo& resource, std::string_view stored_field) {
  if (stored_field == "metadata.name") return true;
  if (stored_field == "metadata.namespace") return resource.namespaced;
  if (stored_field == "source.component") stored_field = "source";
  for (const std::string_view field : FieldsOf(resource)) {
    if (field == stored_field) return true;
  }
  return false;
}

// The value of a field as the selector compares it.
std::string FieldText(const Json& object, const FieldTerm& term) {
  const Json* at = &object;
  for (const std::string& key : term.path) {
    if (at != nullptr) at = Find(*at, {key});
  }
  if (at != nullptr && at->is_string()) return at->get<std::string>();
  const bool is_flag = term.field == "spec.unschedulable" || term.field == "spec.hostNetwork";
  if (is_flag) return at != nullptr && at->is_boolean() && at->get<bool>() ? "true" : "false";
  if (at != nullptr && at->is_number()) return Dump(*at);
  return "";
}

kube::StringMap LabelsOf(const Json& object) {
  kube::StringMap labels;
  for (const auto& [key, value] : ObjectAt(object, {"metadata", "labels"}).items()) {
    if (value.is_string()) labels[key] = value.get<std::string>();
  }
  return labels;
}

}  // namespace

absl::StatusOr<std::vector<kube::SelectorRequirement>> ParseLabelSelector(std::string_view text) {
  return LabelSelectorReader(text).Read();
}

absl::StatusOr<std::vector<FieldTerm>> ParseFieldSelector(const ResourceInfo& resource,
                                                          std::string_view text) {
  std::vector<FieldTerm> terms;
  if (text.empty()) return terms;
  for (const absl::string_view part : absl::StrSplit(ToAbsl(text), ',')) {
    if (part.empty()) continue;
    FieldTerm term;
    std::size_t at = part.find("!=");
    std::size_t width = 2;
    if (at != absl::string_view::npos) {
      term.negated = true;
    } else if ((at = part.find("==")) == absl::string_view::npos) {
      at = part.find('=');
      width = 1;
    }
    if (at == absl::string_view::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("invalid selector: '", ToAbsl(text), "'; can't understand '", part, "'"));
    }
    term.field = std::string(part.substr(0, at));
    term.value = std::string(part.substr(at + width));
    const std::string stored = StoredField(resource, term.field);
    if (!CanSelect(resource, stored)) {
      return absl::InvalidArgumentError(absl::StrCat("field label not supported: ", term.field));
    }
    term.path = absl::StrSplit(stored, '.');
    terms.push_back(std::move(term));
  }
  return terms;
}

bool Selection::Picks(const Json& object) const {
  if (!namespace_.empty() && TextAt(object, {"metadata", "namespace"}) != namespace_) return false;
  for (const FieldTerm& term : fields) {
    if ((FieldText(object, term) == term.value) == term.negated) return false;
  }
  if (labels.empty()) return true;
  const kube::StringMap own = LabelsOf(object);
  for (const kube::SelectorRequirement& requirement : labels) {
    if (!kube::Matches(requirement, own)) return false;
  }
  return true;
}

bool SelectorPicks(const Json& selector, const Json& object) {
  kube::LabelSelector parsed;
  for (const auto& [key, value] : ObjectAt(selector, {"matchLabels"}).items()) {
    if (value.is_string()) parsed.match_labels[key] = value.get<std::string>();
  }
  for (const Json& expression : ArrayAt(selector, {"matchExpressions"})) {
    const std::string_view op = TextAt(expression, {"operator"});
    kube::SelectorRequirement requirement;
    requirement.key = TextAt(expression, {"key"});
    if (op == "In") {
      requirement.op = kube::SelectorOperator::kIn;
    } else if (op == "NotIn") {
      requirement.op = kube::SelectorOperator::kNotIn;
    } else if (op == "Exists") {
      requirement.op = kube::SelectorOperator::kExists;
    } else if (op == "DoesNotExist") {
      requirement.op = kube::SelectorOperator::kDoesNotExist;
    } else {
      return false;
    }
    for (const Json& value : ArrayAt(expression, {"values"})) {
      if (value.is_string()) requirement.values.push_back(value.get<std::string>());
    }
    parsed.match_expressions.push_back(std::move(requirement));
  }
  return kube::Matches(parsed, LabelsOf(object));
}

}  // namespace heat_scheduler::cluster
