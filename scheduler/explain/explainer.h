// Explains what a scheduler decided about a pod, from the state in which it decided.
//
// Takes a copy of the cluster back to the decision (scheduler/state/history.h) and decides again
// there, with plugins of its own, so that those of the scheduler notice nothing. Thread-compatible;
// the scheduler outlives it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "scheduler/core/scheduler.h"
#include "scheduler/framework/profile.h"

namespace heat_scheduler {

class Explainer {
 public:
  // Makes a profile as the scheduler has it under that schedulerName, with plugins of its own.
  using MakeProfile = std::function<absl::StatusOr<Profile>(const std::string& scheduler_name)>;

  Explainer(const Scheduler& scheduler, MakeProfile make_profile)
      : scheduler_(scheduler), make_profile_(std::move(make_profile)) {}

  // Returns the document of a decision about the pod (docs/decision-record.md): of the last one, or
  // of the one that has that number. Returns NotFound with a sentence for the user where there is
  // none to tell of: the pod is not known, another scheduler's, not let into the queue, not decided
  // on yet, or decided on too long ago; FailedPrecondition if no decisions are kept at all.
  absl::StatusOr<nlohmann::ordered_json> Explain(std::string_view namespace_, std::string_view name,
                                                 std::optional<std::uint64_t> number) const;

 private:
  absl::Status WhyNot(std::string_view namespace_, std::string_view name,
                      std::optional<std::uint64_t> number) const;

  const Scheduler& scheduler_;
  const MakeProfile make_profile_;
};

}  // namespace heat_scheduler
