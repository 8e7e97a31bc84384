#include "plugins/defaults/node_affinity_args.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "kube/selectors.h"
#include "nlohmann/json.hpp"
#include "scheduler/framework/args_reader.h"

namespace heat_scheduler {
namespace {

void ReadRequirements(ArgsReader& term, std::string_view key,
                      std::vector<kube::SelectorRequirement>& requirements) {
  using enum kube::SelectorOperator;
  term.ReadObjects(key, [&](ArgsReader& nested) {
    // An operator that is not stated is none of those that there are.
    kube::SelectorRequirement requirement;
    requirement.op = kUnknown;
    nested.Read("key", requirement.key);
    nested.Read<kube::SelectorOperator>("operator",
                                        {{"In", kIn},
                                         {"NotIn", kNotIn},
                                         {"Exists", kExists},
                                         {"DoesNotExist", kDoesNotExist},
                                         {"Gt", kGt},
                                         {"Lt", kLt}},
                                        requirement.op);
    nested.Read("values", requirement.values);
    requirements.push_back(std::move(requirement));
  });
}

kube::NodeSelectorTerm ReadTerm(ArgsReader& reader) {
  kube::NodeSelectorTerm term;
  ReadRequirements(reader, "matchExpressions", term.match_expressions);
  ReadRequirements(reader, "matchFields", term.match_fields);
  return term;
}

// Rejects what no node selector can be made of.
void Check(const kube::NodeSelectorTerm& term, ArgsReader& reader) {
  for (const std::string& problem : kube::Problems(term, "")) {
    // ".matchExpressions[0].key: Invalid value ...": the reader knows what stands before the dot.
    const std::string_view text = problem;
    const std::size_t colon = text.find(": ");
    reader.Reject(text.substr(1, colon - 1), text.substr(colon + 2));
  }
}

void ReadAffinity(ArgsReader& affinity, NodeAffinityArgs& args) {
  affinity.ReadObject("requiredDuringSchedulingIgnoredDuringExecution", [&](ArgsReader& nested) {
    kube::NodeSelector& selector = args.required.emplace();
    nested.ReadObjects("nodeSelectorTerms", [&](ArgsReader& term) {
      selector.terms.push_back(ReadTerm(term));
      Check(selector.terms.back(), term);
    });
  });
  affinity.ReadObjects("preferredDuringSchedulingIgnoredDuringExecution", [&](ArgsReader& nested) {
    kube::PreferredSchedulingTerm& preferred = args.preferred.emplace_back();
    nested.Read("weight", preferred.weight);
    nested.ReadObject("preference", [&](ArgsReader& term) {
      preferred.preference = ReadTerm(term);
      if (preferred.weight != 0) Check(preferred.preference, term);
    });
  });
}

}  // namespace

absl::StatusOr<NodeAffinityArgs> DecodeNodeAffinityArgs(const nlohmann::json& json) {
  NodeAffinityArgs args;
  ArgsReader reader(json, "NodeAffinityArgs");
  reader.ReadObject("addedAffinity", [&](ArgsReader& nested) { ReadAffinity(nested, args); });
  RETURN_IF_ERROR(reader.Finish());
  return args;
}

}  // namespace heat_scheduler
