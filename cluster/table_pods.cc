// The columns of pods (cluster/table.h).
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "cluster/table.h"

namespace heat_scheduler::cluster {
namespace {

std::string OrNone(std::string_view text) { return text.empty() ? "<none>" : std::string(text); }

std::string Ready(const Json& pod, absl::Time) {
  std::size_t total = ArrayAt(pod, {"spec", "containers"}).size();
  std::size_t ready = 0;
  for (const Json& container : ArrayAt(pod, {"spec", "initContainers"})) {
    if (TextAt(container, {"restartPolicy"}) == "Always") ++total;
  }
  for (const char* list : {"containerStatuses", "initContainerStatuses"}) {
    for (const Json& status : ArrayAt(pod, {"status", list})) {
      if (TrueAt(status, {"ready"}) && Find(status, {"state", "running"}) != nullptr) ++ready;
    }
  }
  return absl::StrCat(ready, "/", total);
}

bool IsGated(const Json& pod) {
  for (const Json& condition : ArrayAt(pod, {"status", "conditions"})) {
    if (TextAt(condition, {"type"}) == "PodScheduled") {
      return TextAt(condition, {"reason"}) == "SchedulingGated";
    }
  }
  return false;
}

std::string Status(const Json& pod, absl::Time) {
  const std::string_view phase = TextAt(pod, {"status", "phase"});
  std::string word(phase);
  const std::string_view reason = TextAt(pod, {"status", "reason"});
  if (!reason.empty()) word = reason;
  if (IsGated(pod)) word = "SchedulingGated";
  bool runs = false;
  for (const Json& status : ArrayAt(pod, {"status", "containerStatuses"})) {
    const std::string_view waiting = TextAt(status, {"state", "waiting", "reason"});
    const std::string_view ended = TextAt(status, {"state", "terminated", "reason"});
    if (!waiting.empty()) {
      word = waiting;
    } else if (!ended.empty()) {
      word = ended;
    } else if (TrueAt(status, {"ready"})) {
      runs = true;
    }
  }
  if (runs && word == "Completed") word = "NotReady";
  const bool ended = phase == "Succeeded" || phase == "Failed";
  if (Find(pod, {"metadata", "deletionTimestamp"}) != nullptr && !ended) word = "Terminating";
  return word;
}

std::string Restarts(const Json& pod, absl::Time) {
  std::int64_t restarts = 0;
  for (const Json& status : ArrayAt(pod, {"status", "containerStatuses"})) {
    restarts += IntegerAt(status, {"restartCount"}).value_or(0);
  }
  return absl::StrCat(restarts);
}

std::string Ip(const Json& pod, absl::Time) { return OrNone(TextAt(pod, {"status", "podIP"})); }

std::string Node(const Json& pod, absl::Time) { return OrNone(TextAt(pod, {"spec", "nodeName"})); }

std::string Nominated(const Json& pod, absl::Time) {
  return OrNone(TextAt(pod, {"status", "nominatedNodeName"}));
}

std::string Gates(const Json& pod, absl::Time) {
  const Json& gates = ArrayAt(pod, {"spec", "readinessGates"});
  if (gates.empty()) return "<none>";
  std::size_t open = 0;
  for (const Json& gate : gates) {
    for (const Json& condition : ArrayAt(pod, {"status", "conditions"})) {
      if (TextAt(condition, {"type"}) == TextAt(gate, {"conditionType"}) &&
          TextAt(condition, {"status"}) == "True") {
        ++open;
      }
    }
  }
  return absl::StrCat(open, "/", gates.size());
}

}  // namespace

std::vector<Column> PodColumns() {
  return {{"Name", false, NameCell},
          {"Ready", false, Ready},
          {"Status", false, Status},
          {"Restarts", false, Restarts},
          {"Age", false, AgeCell},
          {"IP", true, Ip},
          {"Node", true, Node},
          {"Nominated Node", true, Nominated},
          {"Readiness Gates", true, Gates}};
}

}  // namespace heat_scheduler::cluster
