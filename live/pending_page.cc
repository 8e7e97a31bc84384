#include "live/pending_page.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_text.h"

namespace heat_scheduler {
namespace {

using nlohmann::ordered_json;

std::string Parameter(const net::Target& target, const char* key) {
  const auto found = target.query.find(key);
  return found == target.query.end() ? "" : found->second;
}

absl::StatusOr<std::optional<PendingIn>> ParseQueue(const std::string& text) {
  if (text.empty()) return std::optional<PendingIn>();
  std::string known;
  for (const PendingIn queue : kPendingIn) {
    if (text == NameOf(queue)) return std::optional<PendingIn>(queue);
    absl::StrAppend(&known, known.empty() ? "" : ", ", ToAbsl(NameOf(queue)));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("queue ", Quoted(text), " does not exist; there are: ", known));
}

absl::StatusOr<std::size_t> ParseLimit(const std::string& text) {
  if (text.empty()) return kPendingLimit;
  const std::optional<std::int64_t> limit = ParseInt64(text);
  if (!limit.has_value() || *limit < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "limit ", Quoted(text), " is no number of pods; give one from 1 to ", kMaxPendingLimit));
  }
  return std::min(static_cast<std::size_t>(*limit), kMaxPendingLimit);
}

absl::StatusOr<PendingQuery> ParseQuery(const net::Target& target) {
  PendingQuery query{.namespace_ = Parameter(target, "namespace")};
  ASSIGN_OR_RETURN(query.queue, ParseQueue(Parameter(target, "queue")));
  ASSIGN_OR_RETURN(query.limit, ParseLimit(Parameter(target, "limit")));
  return query;
}

ordered_json Document(const PendingPod& pod, Instant now) {
  const auto wall = [now](absl::Duration mono) {
    return FormatRfc3339(now.wall + (mono - now.mono));
  };
  ordered_json item = {{"queue", NameOf(pod.queue)},
                       {"position", pod.position},
                       {"namespace", pod.pod.namespace_},
                       {"name", pod.pod.name},
                       {"uid", pod.pod.uid},
                       {"schedulerName", pod.scheduler_name},
                       {"priority", pod.priority},
                       {"attempts", pod.attempts},
                       {"queuedAt", wall(pod.queued_at)}};
  if (pod.next_retry.has_value()) item["nextRetry"] = wall(*pod.next_retry);
  item["plugins"] = pod.plugins;
  item["message"] = pod.message;
  return item;
}

}  // namespace

Page PendingPage(const Scheduler& scheduler, const Clock& clock) {
  return [&scheduler, &clock](const net::Target& target) {
    const absl::StatusOr<PendingQuery> query = ParseQuery(target);
    if (!query.ok()) {
      return FailureAnswer(400, "BadRequest", std::string(query.status().message()));
    }
    const PendingList list = scheduler.pending(*query);
    const Instant now = clock.Now();
    const QueueCounts counts = scheduler.queue_counts();
    ordered_json items = ordered_json::array();
    for (const PendingPod& pod : list.pods) items.push_back(Document(pod, now));
    const ordered_json document = {{"kind", "PendingPodList"},
                                   {"apiVersion", "heat-scheduler/v1"},
                                   {"time", FormatRfc3339(now.wall)},
                                   {"counts",
                                    {{"active", counts.active},
                                     {"backoff", counts.backoff},
                                     {"unschedulable", counts.unschedulable},
                                     {"gated", counts.gated},
                                     {"inFlight", counts.in_flight}}},
                                   {"remaining", list.remaining},
                                   {"items", std::move(items)}};
    return JsonAnswer(
        200, document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  };
}

}  // namespace heat_scheduler
