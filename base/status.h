// The status macros that the packaged Abseil lacks, and context for errors on their way up.
//
// An error says what, where and what to do. Each caller that knows more puts it in front:
// "kubeconfig /etc/x: context \"prod\": user \"bob\" is not defined".
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace heat_scheduler {

// Returns `status` with "context: " put before its message, its code kept; OK stays OK.
absl::Status Annotate(const absl::Status& status, std::string_view context);

}  // namespace heat_scheduler

#define HS_STATUS_CONCAT_INNER_(a, b) a##b
#define HS_STATUS_CONCAT_(a, b) HS_STATUS_CONCAT_INNER_(a, b)

// Returns from the enclosing function with the status of `expression` unless it is OK.
#define RETURN_IF_ERROR(expression)                                                  \
  do {                                                                               \
    if (absl::Status hs_status_ = (expression); !hs_status_.ok()) return hs_status_; \
  } while (false)

// Assigns the value of a StatusOr to `target` (which may declare it), or returns its status.
#define ASSIGN_OR_RETURN(target, expression) \
  HS_ASSIGN_OR_RETURN_(HS_STATUS_CONCAT_(hs_status_or_, __LINE__), target, expression)
#define HS_ASSIGN_OR_RETURN_(temporary, target, expression)  \
  auto temporary = (expression);                             \
  if (!temporary.ok()) return std::move(temporary).status(); \
  target = *std::move(temporary)
