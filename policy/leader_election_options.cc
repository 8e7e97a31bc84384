#include "policy/leader_election_options.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/quote.h"

namespace heat_scheduler {
namespace {

// The API's field is an int32.
constexpr absl::Duration kMaxLease = absl::Seconds(std::numeric_limits<std::int32_t>::max());

// Returns true for a DNS-1123 subdomain, which is what names of leases and namespaces are part of.
bool IsName(const std::string& name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (name.empty() || name.size() > 253 || !plain(name.front()) || !plain(name.back())) {
    return false;
  }
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return plain(c) || c == '-' || c == '.'; });
}

}  // namespace

std::vector<LeaderElectionMistake> FindMistakes(const LeaderElectionOptions& options) {
  std::vector<LeaderElectionMistake> mistakes;
  if (!options.leader_elect) return mistakes;
  for (const auto& [option, value] : {std::pair{"leaseDuration", options.lease_duration},
                                      std::pair{"renewDeadline", options.renew_deadline},
                                      std::pair{"retryPeriod", options.retry_period}}) {
    const std::string got = absl::StrCat(", got ", absl::FormatDuration(value));
    if (value <= absl::ZeroDuration()) {
      mistakes.push_back({option, "must be greater than 0" + got});
    } else if (value > kMaxLease) {
      mistakes.push_back(
          {option, absl::StrCat("must be at most ", absl::FormatDuration(kMaxLease), got)});
    }
  }
  if (options.lease_duration <= options.renew_deadline) {
    mistakes.push_back({"leaseDuration",
                        absl::StrCat("must be greater than renewDeadline: ",
                                     absl::FormatDuration(options.lease_duration), " is not above ",
                                     absl::FormatDuration(options.renew_deadline))});
  }
  const absl::Duration longest_wait = options.retry_period * LeaderElectionOptions::kJitterFactor;
  if (options.renew_deadline <= longest_wait) {
    mistakes.push_back(
        {"renewDeadline", absl::StrCat("must be greater than 1.2 times retryPeriod: ",
                                       absl::FormatDuration(options.renew_deadline),
                                       " is not above ", absl::FormatDuration(longest_wait))});
  }
  if (options.resource_lock != "leases") {
    mistakes.push_back({"resourceLock", absl::StrCat("the only lock there is is leases, got ",
                                                     Quoted(options.resource_lock))});
  }
  for (const auto& [option, name] : {std::pair{"resourceName", options.resource_name},
                                     std::pair{"resourceNamespace", options.resource_namespace}}) {
    if (IsName(name)) continue;
    mistakes.push_back(
        {option, absl::StrCat("must consist of lower case letters, digits, '-' and "
                              "'.', and begin and end with a letter or a digit, got ",
                              Quoted(name))});
  }
  return mistakes;
}

}  // namespace heat_scheduler
