#include "plugins/defaults/pod_topology_spread/spread_counts.h"

#include <utility>

namespace heat_scheduler {

SpreadCounts::SpreadCounts(PodsByDomain pods) : pods_(std::move(pods)) {
  for (const auto& [domain, count] : pods_) ++domains_by_count_[count];
}

void SpreadCounts::Add(std::string_view domain, std::int64_t count) {
  const auto [entry, is_new] = pods_.try_emplace(domain, 0);
  if (!is_new) {
    const auto before = domains_by_count_.find(entry->second);
    if (--before->second == 0) domains_by_count_.erase(before);
  }
  entry->second += count;
  ++domains_by_count_[entry->second];
}

std::int64_t SpreadCounts::Of(std::string_view domain) const {
  const auto found = pods_.find(domain);
  return found == pods_.end() ? 0 : found->second;
}

std::int64_t SpreadCounts::Least() const {
  return domains_by_count_.empty() ? 0 : domains_by_count_.begin()->first;
}

}  // namespace heat_scheduler
