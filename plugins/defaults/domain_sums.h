// Sums over the domains of one topology key of what each node adds to its own, kept up to date
// node by node.
//
// For a GroupMemory: the sum that a node sees follows from one feature of it. Where every node has
// a domain of its own, as with hostnames, that is what the node itself adds, so that nodes with
// equal amounts are in one group; otherwise it is the number of its domain. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

class DomainSums {
 public:
  // The feature of a node without the topology key's label.
  static constexpr std::uint64_t kNoLabel = std::uint64_t{1} << 63;

  // What of the sums is asked for.
  enum class Asked {
    kAmounts,
    kPositive,  // Only whether they are above 0; amounts are never below.
    kLeast,     // Amounts, and the least of all domains.
  };

  DomainSums(std::shared_ptr<const TopologyDomains> domains, Asked asked)
      : domains_(std::move(domains)), asked_(asked), one_node_each_(domains_->one_node_each()) {}

  const std::string& key() const { return domains_->key(); }

  // Returns false if nodes have come to share domains or ceased to: features mean something else
  // then.
  bool features_hold() const { return domains_->one_node_each() == one_node_each_; }

  // Sets what the row adds to the domain that it is in now. A row that does not count adds nothing
  // and does not make its domain exist; nor does one without the label.
  void Set(NodeId row, bool counts, std::int64_t amount);

  // Returns the feature of a row by which its sum is found.
  std::uint64_t Feature(NodeId row) const;

  // Returns the inputs of a row that its feature depends on.
  Inputs feature_inputs() const {
    if (one_node_each_) return {Input::kNodeLabels, Input::kNodePods};
    return {Input::kNodeLabels};
  }

  // Returns the sum that nodes with that feature see: 0 without the label.
  std::int64_t Of(std::uint64_t feature) const;

  // Returns true if the sum of every domain is 0.
  bool all_zero() const { return not_zero_ == 0; }

  // The number of domains in which a row counts, and the least of their sums (0 if there are none).
  // With Asked::kLeast.
  std::size_t domain_count() const { return existing_; }
  std::int64_t Least() const { return sums_in_order_.empty() ? 0 : sums_in_order_.begin()->first; }

  // Returns true if each node has a domain of its own.
  bool one_node_each() const { return one_node_each_; }

  std::size_t bytes() const;

 private:
  struct Row {
    DomainId domain = kNoDomain;  // Where it counts.
    std::int64_t amount = 0;
  };
  struct Domain {
    std::int64_t sum = 0;
    std::size_t rows = 0;  // Those that count.
  };
  void Change(DomainId id, std::int64_t amount, bool comes);
  void CountSum(const Domain& domain, int change);

  std::shared_ptr<const TopologyDomains> domains_;
  Asked asked_;
  bool one_node_each_;
  std::vector<Row> rows_;
  std::vector<Domain> by_domain_;
  std::size_t not_zero_ = 0;
  std::size_t existing_ = 0;
  std::map<std::int64_t, std::size_t> sums_in_order_;  // How many domains have which sum.
};

}  // namespace heat_scheduler
