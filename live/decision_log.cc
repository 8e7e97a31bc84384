#include "live/decision_log.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "live/log.h"
#include "scheduler/core/extender_round.h"

namespace heat_scheduler {
namespace {

// Returns "Heat: coolest at 31.5 °C of 4 nodes; ...": what each set filter said of its choice.
std::string Why(const Selection& selection) {
  std::string why;
  for (const auto& [plugin, note] : selection.set_filter_notes) {
    absl::StrAppend(&why, why.empty() ? "" : "; ", ToAbsl(plugin->name()), ": ", note);
  }
  return why;
}

std::string NameOf(const PodRef& pod) { return absl::StrCat(pod.namespace_, "/", pod.name); }

std::string Names(const std::vector<PodRef>& pods) {
  return absl::StrJoin(
      pods, " ", [](std::string* out, const PodRef& pod) { absl::StrAppend(out, NameOf(pod)); });
}

void LogChoice(const Attempt& attempt, const std::string& pod, std::size_t node_count) {
  const auto log = [&](auto... more) {
    LogInfo(kLogDecisions, "Decided",
            {{"pod", pod},
             {"node", attempt.node},
             {"feasible", attempt.selection.feasible_count},
             {"nodes", node_count},
             {"attempt", attempt.attempts},
             {"why", Why(attempt.selection)},
             more...});
  };
  if (attempt.best.empty()) {
    log();
  } else {
    log(LogField{"best", absl::StrJoin(attempt.best, " ")});
  }
}

}  // namespace

void LogDecision(const Attempt& attempt, std::size_t node_count) {
  const std::string pod = NameOf(attempt.pod);
  switch (attempt.selection.result) {
    case Selection::Result::kChosen:
      if (!LogEnabled(kLogDecisions)) return;
      if (!attempt.message.empty()) {
        LogInfo(kLogDecisions, "Not reserved",
                {{"pod", pod}, {"attempt", attempt.attempts}, {"err", attempt.message}});
        return;
      }
      LogChoice(attempt, pod, node_count);
      return;
    case Selection::Result::kUnschedulable:
      if (!attempt.victims.empty()) {
        LogInfo(kLogDecisions, "Others have to leave for it",
                {{"pod", pod},
                 {"node", attempt.preempts_on},
                 {"victims", Names(attempt.victims)},
                 {"attempt", attempt.attempts},
                 {"err", attempt.message}});
        return;
      }
      LogInfo(kLogDecisions, "Fits nowhere",
              {{"pod", pod},
               {"nodes", node_count},
               {"attempt", attempt.attempts},
               {"err", attempt.message}});
      return;
    case Selection::Result::kWait:
      LogInfo(kLogDecisions, "Waits", {{"pod", pod}, {"attempt", attempt.attempts}});
      return;
    case Selection::Result::kError:
      LogError(attempt.quarantined
                   ? "A plugin failed again and again, the pod is put aside until it changes or "
                     "five minutes have passed"
               : attempt.selection.status.plugin == kExtenderName
                   ? "An extender failed, the pod is tried again"
                   : "A plugin failed, the pod is tried again",
               {{"pod", pod}, {"attempt", attempt.attempts}, {"err", attempt.message}});
      return;
  }
}

void LogAborted(const AbortedEffect& aborted) {
  LogInfo(kLogDecisions, "Given up after the choice",
          {{"pod", NameOf(aborted.pod)},
           {"node", aborted.node},
           {"at", aborted.extension_point},
           {"err", aborted.message}});
}

void LogSlowDecision(const Attempt& attempt, absl::Duration took) {
  if (took < kSlowDecision) return;
  LogWarning(
      "A decision took long, and everything else waited for it; which plugin it was shows "
      "in a profile of the process",
      {{"pod", NameOf(attempt.pod)}, {"attempt", attempt.attempts}, {"took", took}});
}

}  // namespace heat_scheduler
