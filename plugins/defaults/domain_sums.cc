#include "plugins/defaults/domain_sums.h"

#include <algorithm>

namespace heat_scheduler {

void DomainSums::Set(NodeId row, bool counts, std::int64_t amount) {
  const DomainId domain = counts ? domains_->Of(row) : kNoDomain;
  if (domain == kNoDomain) amount = 0;
  if (row >= rows_.size()) {
    if (domain == kNoDomain) return;
    rows_.resize(row + 1);
  }
  Row& before = rows_[row];
  if (before.domain == domain && before.amount == amount) return;
  if (before.domain != kNoDomain) Change(before.domain, -before.amount, false);
  before = {domain, amount};
  if (domain != kNoDomain) Change(domain, amount, true);
}

void DomainSums::Change(DomainId id, std::int64_t amount, bool comes) {
  if (id >= by_domain_.size()) by_domain_.resize(std::max<std::size_t>(domains_->bound(), id + 1));
  Domain& domain = by_domain_[id];
  if (domain.sum != 0) --not_zero_;
  if (domain.rows > 0) CountSum(domain, -1);
  domain.sum += amount;
  if (comes) {
    if (domain.rows++ == 0) ++existing_;
  } else {
    if (--domain.rows == 0) --existing_;
  }
  if (domain.sum != 0) ++not_zero_;
  if (domain.rows > 0) CountSum(domain, 1);
}

void DomainSums::CountSum(const Domain& domain, int change) {
  if (asked_ != Asked::kLeast) return;
  if (change > 0) {
    ++sums_in_order_[domain.sum];
    return;
  }
  const auto found = sums_in_order_.find(domain.sum);
  if (--found->second == 0) sums_in_order_.erase(found);
}

std::uint64_t DomainSums::Feature(NodeId row) const {
  const DomainId domain = domains_->Of(row);
  if (domain == kNoDomain) return kNoLabel;
  if (!one_node_each_) return domain;
  const std::int64_t amount = row < rows_.size() ? rows_[row].amount : 0;
  if (asked_ == Asked::kPositive) return amount > 0 ? 1 : 0;
  return static_cast<std::uint64_t>(amount);
}

std::int64_t DomainSums::Of(std::uint64_t feature) const {
  if (feature == kNoLabel) return 0;
  if (one_node_each_) return static_cast<std::int64_t>(feature);
  return feature < by_domain_.size() ? by_domain_[feature].sum : 0;
}

std::size_t DomainSums::bytes() const {
  return sizeof(*this) + rows_.capacity() * sizeof(Row) + by_domain_.capacity() * sizeof(Domain) +
         sums_in_order_.size() * 48;
}

}  // namespace heat_scheduler
