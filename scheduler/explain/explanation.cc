#include "scheduler/explain/explanation.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "scheduler/core/full_scan.h"
#include "scheduler/core/guard.h"
#include "scheduler/core/post_filters.h"
#include "scheduler/explain/ways_out.h"

namespace heat_scheduler {
namespace {

using nlohmann::ordered_json;

// Nodes that are named with a way out.
constexpr std::size_t kMostNamed = 10;

std::string NameOf(const Plugin* plugin) { return std::string(plugin->name()); }

ordered_json Names(const Cycle& cycle, const std::vector<NodeId>& nodes) {
  ordered_json names = ordered_json::array();
  for (const NodeId node : nodes) names.push_back(cycle.cluster.columns().name[node]);
  return names;
}

ordered_json PodDocument(const PodFacts& facts) {
  return {{"namespace", facts.namespace_},
          {"name", facts.name},
          {"uid", facts.uid},
          {"priority", facts.priority}};
}

// Adds who refused, with what code and for what reasons.
void AddRefusal(std::string_view plugin, Code code, std::vector<std::string> reasons,
                ordered_json& document) {
  std::sort(reasons.begin(), reasons.end());
  document["plugin"] = plugin;
  document["code"] = CodeName(code);
  document["reasons"] = std::move(reasons);
}

void AddScores(const DecisionRecord::NodeEntry& entry, ordered_json& document) {
  document["outcome"] = "Scored";
  document["total"] = entry.total;
  ordered_json& scores = document["scores"] = ordered_json::array();
  for (const DecisionRecord::PluginScore& score : entry.scores) {
    scores.push_back({{"plugin", NameOf(score.plugin)},
                      {"raw", score.raw},
                      {"normalized", score.normalized},
                      {"weighted", score.weighted}});
  }
}

ordered_json NodeDocument(const Cycle& cycle, const DecisionRecord::NodeEntry& entry, bool scored) {
  ordered_json document = {{"node", cycle.cluster.columns().name[entry.node]}};
  if (entry.dropped_by_set_filter) {
    document["outcome"] = "DroppedBySetFilter";
    document["plugin"] = NameOf(entry.rejected_by);
  } else if (entry.rejected_by != nullptr) {
    document["outcome"] = "Rejected";
    AddRefusal(entry.rejected_by->name(), entry.verdict.code, entry.reasons, document);
  } else if (!entry.verdict.ok()) {
    document["outcome"] = "NarrowedAway";
    document["reasons"] = entry.reasons;
  } else if (entry.left_out) {
    document["outcome"] = "NotSearched";
  } else if (scored) {
    AddScores(entry, document);
  } else {
    document["outcome"] = "Fits";
  }
  return document;
}

bool InTheRace(const DecisionRecord::NodeEntry& entry) {
  return entry.rejected_by == nullptr && entry.verdict.ok() && !entry.left_out;
}

void AddNodes(const Cycle& cycle, const Selection& selection, const DecisionRecord& record,
              ordered_json& document) {
  const bool scored = selection.result == Selection::Result::kChosen && !selection.nominated &&
                      std::count_if(record.nodes.begin(), record.nodes.end(), InTheRace) > 1;
  ordered_json& nodes = document["nodes"] = ordered_json::array();
  for (const DecisionRecord::NodeEntry& entry : record.nodes) {
    nodes.push_back(NodeDocument(cycle, entry, scored));
  }
}

void AddChoice(const Question& question, const Cycle& cycle, const Selection& selection,
               const DecisionRecord& record, ordered_json& document) {
  document["node"] = cycle.cluster.columns().name[selection.node];
  document["nominated"] = selection.nominated;
  document["feasible"] = selection.feasible_count;
  if (!selection.set_filter_notes.empty()) {
    ordered_json& notes = document["setFilters"] = ordered_json::array();
    for (const auto& [plugin, note] : selection.set_filter_notes) {
      notes.push_back({{"plugin", NameOf(plugin)}, {"note", note}});
    }
  }
  ordered_json& weights = document["weights"] = ordered_json::object();
  for (const Profile::ScoreEntry& entry : question.profile.score()) {
    weights[NameOf(entry.plugin)] = entry.weight;
  }
  if (record.best.size() < 2) return;
  ordered_json& tie = document["tieBreak"];
  tie["rule"] = question.tie_rule == TieRule::kRotate ? "rotate" : "smallest-name";
  tie["candidates"] = Names(cycle, record.best);
  if (record.drawn_position.has_value()) tie["drawnPosition"] = *record.drawn_position;
}

ordered_json VictimsDocument(const PreemptionCandidate& candidate) {
  ordered_json victims = ordered_json::array();
  for (const PodRecord* victim : candidate.victims) victims.push_back(PodDocument(victim->facts));
  return victims;
}

ordered_json PreemptionDocument(const Cycle& cycle, const Preemption& preemption) {
  const auto& names = cycle.cluster.columns().name;
  const PreemptionCandidate& chosen = *preemption.candidates[preemption.chosen];
  ordered_json document = {{"node", names[chosen.node]},
                           {"victims", VictimsDocument(chosen)},
                           {"pdbViolations", chosen.pdb_violations}};
  document["equallyGood"] = ordered_json::array();
  for (const std::size_t i : preemption.acceptable) {
    document["equallyGood"].push_back(names[preemption.candidates[i]->node]);
  }
  document["candidates"] = preemption.candidates.size();
  return document;
}

void AddWaysOut(const Profile& profile, const Cycle& cycle, ordered_json& document) {
  const WaysOut found = FindWaysOut(profile, cycle);
  ordered_json& ways = document["waysOut"] = ordered_json::array();
  for (const WayOut& way : found.ways) {
    const std::size_t named = std::min(way.nodes.size(), kMostNamed);
    ways.push_back(
        {{"text", way.text},
         {"changes", way.changes},
         {"opens", way.nodes.size()},
         {"nodes",
          std::vector(way.nodes.begin(), way.nodes.begin() + static_cast<std::ptrdiff_t>(named))}});
  }
  document["waysOutComplete"] = found.complete;
}

// Adds why the pod fits nowhere, and what would help.
void AddFailure(const Profile& profile, const Cycle& cycle, const Diagnosis& diagnosis,
                ordered_json& document) {
  if (!diagnosis.pre_filter.ok()) {
    AddRefusal(diagnosis.pre_filter.plugin, diagnosis.pre_filter.code, diagnosis.pre_filter.reasons,
               document["preFilter"]);
  }
  std::string said;
  if (diagnosis.node_count > 0 && !profile.post_filter().empty()) {
    RunningPlugin running;
    const auto [result, thrown] = Guard<PostFilterResult>(
        running, [&] { return RunPostFilters(profile, cycle, diagnosis, running); });
    if (thrown.has_value()) {
      document["result"] = "Error";
      document["message"] = thrown->Message();
      return;
    }
    said = result.status.Message();
    if (result.preemption.has_value()) {
      document["preemption"] = PreemptionDocument(cycle, *result.preemption);
    }
  }
  document["message"] = FitErrorMessage(cycle, diagnosis, said);
  AddWaysOut(profile, cycle, document);
}

}  // namespace

ordered_json Explain(const Question& question) {
  CycleState state;
  const Cycle cycle{question.cluster, question.pod, state, question.now, question.chance};
  FullScan full_scan(question.tie_rule, question.seed, question.search_start);
  DecisionRecord record;
  const Selection selection =
      full_scan.Select(question.profile, cycle, question.decision_number, &record);

  ordered_json document = {{"schema", "decision-record/v1"},
                           {"pod", PodDocument(cycle.facts())},
                           {"profile", question.profile.scheduler_name()},
                           {"decision", {{"number", question.decision_number}}},
                           {"result", ""},
                           {"nodeCount", question.cluster.nodes().size()}};
  switch (selection.result) {
    case Selection::Result::kChosen:
      document["result"] = "Scheduled";
      AddChoice(question, cycle, selection, record, document);
      AddNodes(cycle, selection, record, document);
      break;
    case Selection::Result::kUnschedulable:
      document["result"] = "Unschedulable";
      AddFailure(question.profile, cycle, selection.diagnosis, document);
      AddNodes(cycle, selection, record, document);
      break;
    case Selection::Result::kWait:
      document["result"] = "Waiting";
      document["message"] = selection.status.Message();
      break;
    case Selection::Result::kError:
      document["result"] = "Error";
      document["message"] = selection.status.Message();
      break;
  }
  return document;
}

}  // namespace heat_scheduler
