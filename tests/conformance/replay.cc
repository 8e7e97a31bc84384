#include "tests/conformance/replay.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "plugins/defaults/volumes/volume_binding.h"
#include "policy/profile_config.h"
#include "scheduler/core/full_scan.h"
#include "scheduler/core/incremental.h"
#include "scheduler/core/post_filters.h"
#include "scheduler/explain/explanation.h"
#include "tests/conformance/answer.h"
#include "tests/conformance/cluster_feed.h"

namespace heat_scheduler {
namespace {

using nlohmann::json;

// Later than any pod of the corpus started.
const absl::Time kNow = absl::FromUnixSeconds(4'000'000'000);

class Replay {
 public:
  Replay(const json& test_case, Profile profile, const ReplayOptions& options)
      : compact_(test_case.value("compact", false)),
        options_(options),
        profile_(std::move(profile)),
        feed_(test_case.at("cluster")) {}

  void Step(const json& step, CaseReport& report) {
    ++report.steps;
    for (const json& event : step.value("events", json::array())) feed_.Apply(event);
    const json& pod = step.at("pod");
    const json& metadata = pod.at("metadata");
    const Difference where{
        static_cast<int>(report.steps),
        absl::StrCat(metadata.value("namespace", ""), "/", metadata.value("name", "")), "", "", ""};
    const std::size_t before = report.differences.size();
    Compare(Comparable(step.at("expect")), Answer(pod, step.at("bind"), where, report), compact_,
            where, report.differences);
    if (report.differences.size() == before) ++report.agreed;
    if (options_.explain.has_value() ? *options_.explain == report.steps
                                     : before == 0 && !report.differences.empty()) {
      report.record = Explain(
          {profile_, feed_.state(), *asked_, {kNow, absl::ZeroDuration()}, decision_number_});
    }
    if (step.at("bind").is_string()) {
      feed_.Bind(pod, step["bind"], step.at("startTime"));
    } else {
      feed_.Leave(pod);
    }
  }

 private:
  // Decides on the pod and returns what is compared. `bind`: the node that the case goes on with.
  json Answer(const json& pod, const json& bind, const Difference& where, CaseReport& report) {
    const PodRecord& record = asked_.emplace(feed_.AddPending(pod));
    if (std::optional<json> refused = RefusedBeforeTheQueue(record)) return *refused;
    CycleState cycle_state;
    const Cycle cycle{feed_.state(), record, cycle_state, {kNow, absl::ZeroDuration()}};
    DecisionRecord decision;
    const Selection selection = selector_.Select(profile_, cycle, decision_number_++, &decision);
    if (options_.selector == SelectorKind::kIncremental)
      CompareIncremental(cycle, selection, where, report);
    json answer = selection.nominated ? NominatedAnswer(record, selection.node)
                                      : AnswerOf(cycle, selection, decision);
    if (selection.result == Selection::Result::kUnschedulable) {
      AddFailure(cycle, selection, answer);
    } else if (selection.node != kNoNode && std::find(decision.best.begin(), decision.best.end(),
                                                      selection.node) == decision.best.end()) {
      answer["chosen"] = "none of the best";
    }
    if (selection.result == Selection::Result::kChosen && bind.is_string()) {
      AddVolumes(cycle, bind, answer);
    }
    return answer;
  }

  // Decides once more, without a record, and adds where that comes to something else.
  void CompareIncremental(const Cycle& cycle, const Selection& expected, const Difference& where,
                          CaseReport& report) {
    CycleState cycle_state;
    const Cycle its_cycle{cycle.cluster, cycle.pod, cycle_state, cycle.now, cycle.chance};
    const Selection got = incremental_.Select(profile_, its_cycle, decision_number_ - 1);
    const std::string expected_text = TextOf(cycle, expected);
    const std::string got_text = TextOf(its_cycle, got);
    if (expected_text == got_text) return;
    report.differences.push_back({where.step, where.pod, "incremental", expected_text, got_text});
  }

  static std::string TextOf(const Cycle& cycle, const Selection& selection) {
    const bool chosen = selection.result == Selection::Result::kChosen;
    return absl::StrCat(
        "result ", static_cast<int>(selection.result), ", feasible ", selection.feasible_count,
        selection.nominated ? ", nominated, " : ", ",
        chosen ? cycle.cluster.columns().name[selection.node]
               : FitErrorMessage(cycle, selection.diagnosis, selection.status.Message()));
  }

  // The corpus tells of all nodes, also where only the nominated one was looked at.
  json NominatedAnswer(PodRecord record, NodeId node) {
    record.nominated_node_name.clear();
    CycleState cycle_state;
    const Cycle cycle{feed_.state(), record, cycle_state, {kNow, absl::ZeroDuration()}};
    DecisionRecord decision;
    const Selection selection = selector_.Select(profile_, cycle, decision_number_, &decision);
    json answer = AnswerOf(cycle, selection, decision);
    for (const char* not_done : {"scores", "totals", "bestTotal"}) answer.erase(not_done);
    const std::string& name = feed_.state().columns().name[node];
    answer["nominated"] = name;
    answer["best"] = {name};
    return answer;
  }

  std::optional<json> RefusedBeforeTheQueue(const PodRecord& pod) const {
    for (const auto& entry : profile_.pre_enqueue()) {
      Status status = entry.point->PreEnqueue(pod);
      if (status.ok()) continue;
      status.plugin = std::string(entry.plugin->name());
      return json{{"preEnqueue", AnswerOf(status)},
                  {"feasible", json::array()},
                  {"feasibleCount", 0},
                  {"rejected", json::object()}};
    }
    return std::nullopt;
  }

  // Adds which volume each unbound claim gets on that node, or that it is to be provisioned there.
  void AddVolumes(const Cycle& cycle, const std::string& node, json& answer) const {
    for (const auto& plugin : profile_.plugins()) {
      const auto* binding = dynamic_cast<const VolumeBinding*>(plugin.get());
      if (binding == nullptr) continue;
      if (cycle.facts().claims.empty()) continue;
      std::vector<ClaimChoice> choices;
      if (!binding->ChooseVolumes(cycle, cycle.cluster.FindNode(node), choices).ok()) continue;
      for (const ClaimChoice& choice : choices) {
        answer["volumes"][absl::StrCat(choice.claim.namespace_, "/", choice.claim.name)] =
            choice.volume.empty() ? absl::StrCat("provision@", node) : choice.volume;
      }
    }
  }

  void AddFailure(const Cycle& cycle, const Selection& selection, json& answer) const {
    std::string said;
    if (!profile_.post_filter().empty() && selection.diagnosis.node_count > 0) {
      RunningPlugin running;
      const PostFilterResult result = RunPostFilters(profile_, cycle, selection.diagnosis, running);
      said = result.status.Message();
      AddPostFilter(cycle, result, answer);
    }
    answer["message"] = FitErrorMessage(cycle, selection.diagnosis, said);
  }

  const bool compact_;
  const ReplayOptions options_;
  const Profile profile_;
  ClusterFeed feed_;
  FullScan selector_{TieRule::kRotate, 0};
  Incremental incremental_{TieRule::kRotate, 0};
  std::uint64_t decision_number_ = 0;
  std::optional<PodRecord> asked_;  // The pod of the step.
};

}  // namespace

absl::StatusOr<CaseReport> ReplayCase(const json& test_case, const ReplayOptions& options) {
  CaseReport report;
  try {
    report.family = test_case.at("family");
    report.name = test_case.at("name");
    ASSIGN_OR_RETURN(Profile profile, ProfileFromJson(test_case.at("profile")));
    Replay replay(test_case, std::move(profile), options);
    for (const json& step : test_case.at("steps")) replay.Step(step, report);
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("case ", report.family, "/", report.name,
                                                   ", step ", report.steps, ": ", error.what()));
  }
  return report;
}

}  // namespace heat_scheduler
