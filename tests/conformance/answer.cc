#include "tests/conformance/answer.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

namespace heat_scheduler {
namespace {

using nlohmann::json;

const std::string& NameOf(const Cycle& cycle, NodeId node) {
  return cycle.cluster.columns().name[node];
}

json Said(std::string_view plugin, Code code, std::vector<std::string> reasons) {
  std::sort(reasons.begin(), reasons.end());
  return {{"plugin", plugin}, {"code", CodeName(code)}, {"reasons", reasons}};
}

// Adds what was said of one node that passed all filters.
void AddFeasible(const DecisionRecord::NodeEntry& entry, const std::string& node, json& answer) {
  answer["feasible"].push_back(node);
  if (entry.scores.empty()) return;
  for (const DecisionRecord::PluginScore& score : entry.scores) {
    answer["scores"][std::string(score.plugin->name())][node] = score.weighted;
  }
  answer["totals"][node] = entry.total;
  if (!answer.contains("bestTotal") || answer["bestTotal"] < entry.total) {
    answer["bestTotal"] = entry.total;
  }
}

// Makes [v0, v1, ...], parallel to `nodes`, into {node: value}.
json ByNode(const json& values, const json& nodes) {
  json by_node = json::object();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    by_node[nodes[i].get<std::string>()] = values.at(i);
  }
  return by_node;
}

void CompareAt(const std::string& path, const json& expected, const json& got, Difference where,
               std::vector<Difference>& differences) {
  if (expected == got) return;
  if (expected.is_object() && got.is_object()) {
    std::set<std::string> keys;
    for (const auto& [key, value] : expected.items()) keys.insert(key);
    for (const auto& [key, value] : got.items()) keys.insert(key);
    for (const std::string& key : keys) {
      CompareAt(absl::StrCat(path, path.empty() ? "" : "/", key), expected.value(key, json()),
                got.value(key, json()), where, differences);
    }
    return;
  }
  where.where = path;
  where.expected = expected.dump();
  where.got = got.dump();
  differences.push_back(std::move(where));
}

}  // namespace

json AnswerOf(const Status& status) { return Said(status.plugin, status.code, status.reasons); }

json AnswerOf(const Cycle& cycle, const Selection& selection, const DecisionRecord& record) {
  json answer;
  if (!selection.diagnosis.pre_filter.ok()) {
    answer["preFilter"] = AnswerOf(selection.diagnosis.pre_filter);
  }
  if (selection.diagnosis.narrowed_to.has_value()) {
    answer["preFilterNodes"] = *selection.diagnosis.narrowed_to;
  }
  if (selection.result == Selection::Result::kError) {
    answer["error"] = AnswerOf(selection.status);
  }
  answer["feasible"] = json::array();
  answer["rejected"] = json::object();
  for (const DecisionRecord::NodeEntry& entry : record.nodes) {
    const std::string& node = NameOf(cycle, entry.node);
    if (entry.rejected_by != nullptr) {
      answer["rejected"][node] = Said(entry.rejected_by->name(), entry.verdict.code, entry.reasons);
    } else if (entry.verdict.ok()) {
      AddFeasible(entry, node, answer);
    }
  }
  answer["feasibleCount"] = answer["feasible"].size();
  for (NodeId node : record.best) answer["best"].push_back(NameOf(cycle, node));
  return answer;
}

void AddPostFilter(const Cycle& cycle, const PostFilterResult& result, json& answer) {
  json& said = answer["postFilter"];
  said["code"] = CodeName(result.status.code);
  if (!result.status.reasons.empty()) said["reasons"] = result.status.reasons;
  said["nominate"] =
      result.nominated_node_name.has_value() ? json(*result.nominated_node_name) : json();
  if (!result.preemption.has_value()) return;
  const Preemption& found = *result.preemption;
  json preemption;
  for (const auto& candidate : found.candidates) {
    json victims = json::array();
    for (const PodRecord* victim : candidate->victims) {
      victims.push_back(absl::StrCat(victim->facts.namespace_, "/", victim->facts.name));
    }
    preemption["candidates"].push_back({{"node", NameOf(cycle, candidate->node)},
                                        {"victims", victims},
                                        {"pdbViolations", candidate->pdb_violations}});
  }
  preemption["node"] = preemption["candidates"][found.chosen]["node"];
  preemption["victims"] = preemption["candidates"][found.chosen]["victims"];
  for (std::size_t i : found.acceptable) {
    preemption["acceptable"].push_back(preemption["candidates"][i]["node"]);
  }
  answer["preemption"] = std::move(preemption);
}

json Comparable(const json& expect) {
  json answer = expect;
  // Absent and null are one.
  for (const char* field : {"preFilter", "preEnqueue"}) {
    if (answer.contains(field) && answer[field].is_null()) answer.erase(field);
  }
  if (answer.contains("scores")) {
    for (json& values : answer["scores"]) values = ByNode(values, answer.at("feasible"));
  }
  if (answer.contains("totals")) answer["totals"] = ByNode(answer["totals"], answer.at("feasible"));
  json rejected = json::object();
  for (const json& group : expect.value("rejected", json::array())) {
    json said = group;
    said.erase("nodes");
    for (const json& node : group.at("nodes")) rejected[node.get<std::string>()] = said;
  }
  answer["rejected"] = std::move(rejected);
  if (!answer.contains("feasible")) answer["feasible"] = json::array();
  return answer;
}

void Compare(const json& expected, const json& got, bool compact, const Difference& where,
             std::vector<Difference>& differences) {
  json wanted = expected;
  json given = got;
  if (compact) {
    for (const char* left_out : {"feasible", "rejected", "scores", "totals"}) {
      wanted.erase(left_out);
      given.erase(left_out);
    }
  }
  CompareAt("", wanted, given, where, differences);
}

}  // namespace heat_scheduler
