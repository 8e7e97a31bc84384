#include "live/leader_election_options.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/quote.h"

namespace heat_scheduler {
namespace {

// The API's field is an int32.
constexpr absl::Duration kMaxLease = absl::Seconds(std::numeric_limits<std::int32_t>::max());

absl::Status Wrong(const char* flag, const std::string& value, const std::string& rule) {
  return absl::InvalidArgumentError(absl::StrCat("--leader-elect-", flag, "=", value, ": ", rule));
}

absl::Status Wrong(const char* flag, absl::Duration value, const std::string& rule) {
  return Wrong(flag, absl::FormatDuration(value), rule);
}

// Returns true for a DNS-1123 subdomain, which is what names of leases and namespaces are part of.
bool IsName(const std::string& name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (name.empty() || name.size() > 253 || !plain(name.front()) || !plain(name.back()))
    return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return plain(c) || c == '-' || c == '.'; });
}

}  // namespace

absl::Status Validate(const LeaderElectionOptions& options) {
  if (!options.leader_elect) return absl::OkStatus();
  for (const auto& [flag, value] : std::initializer_list<std::pair<const char*, absl::Duration>>{
           {"lease-duration", options.lease_duration},
           {"renew-deadline", options.renew_deadline},
           {"retry-period", options.retry_period}}) {
    if (value <= absl::ZeroDuration()) return Wrong(flag, value, "must be greater than 0");
    if (value > kMaxLease) {
      return Wrong(flag, value, absl::StrCat("must be at most ", absl::FormatDuration(kMaxLease)));
    }
  }
  if (options.lease_duration <= options.renew_deadline) {
    return Wrong("lease-duration", options.lease_duration,
                 absl::StrCat("must be greater than --leader-elect-renew-deadline, which is ",
                              absl::FormatDuration(options.renew_deadline)));
  }
  const absl::Duration longest_wait = options.retry_period * LeaderElectionOptions::kJitterFactor;
  if (options.renew_deadline <= longest_wait) {
    return Wrong(
        "renew-deadline", options.renew_deadline,
        absl::StrCat("must be greater than 1.2 times --leader-elect-retry-period, which is ",
                     absl::FormatDuration(longest_wait)));
  }
  if (options.resource_lock != "leases") {
    return Wrong("resource-lock", Quoted(options.resource_lock), "the only lock there is: leases");
  }
  for (const auto& [flag, name] : {std::pair{"resource-name", options.resource_name},
                                   std::pair{"resource-namespace", options.resource_namespace}}) {
    if (!IsName(name)) {
      return Wrong(flag, Quoted(name),
                   "must consist of lower case letters, digits, '-' and '.', and begin and end "
                   "with a letter or a digit");
    }
  }
  return absl::OkStatus();
}

}  // namespace heat_scheduler
