#include "scheduler/state/topology_domains.h"

namespace heat_scheduler {

void TopologyDomains::Set(std::uint32_t row, const std::string* value) {
  if (row >= of_row_.size()) of_row_.resize(row + 1, kNoDomain);
  const DomainId before = of_row_[row];
  if (before != kNoDomain && value != nullptr && domains_[before].value == *value) return;
  if (before != kNoDomain) Leave(before);
  of_row_[row] = value == nullptr ? kNoDomain : Join(*value);
}

void TopologyDomains::Leave(DomainId domain) {
  const std::size_t left = --domains_[domain].nodes;
  if (left == 1) --shared_;
  if (left > 0) return;
  by_value_.erase(domains_[domain].value);
  free_.push_back(domain);
}

DomainId TopologyDomains::Join(const std::string& value) {
  const auto [found, is_new] = by_value_.try_emplace(value, kNoDomain);
  if (is_new) {
    if (free_.empty()) {
      free_.push_back(static_cast<DomainId>(domains_.size()));
      domains_.emplace_back();
    }
    found->second = free_.back();
    free_.pop_back();
    domains_[found->second].value = value;
  }
  if (++domains_[found->second].nodes == 2) ++shared_;
  return found->second;
}

}  // namespace heat_scheduler
