// In which domain of one topology key each node is: the key is a label's, the domain its value.
//
// Domains are numbered; a number is given again once no node is in its domain. Rows are those of
// ClusterState, which keeps this up to date. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace heat_scheduler {

using DomainId = std::uint32_t;
inline constexpr DomainId kNoDomain = ~DomainId{0};

class TopologyDomains {
 public:
  explicit TopologyDomains(std::string key) : key_(std::move(key)) {}

  const std::string& key() const { return key_; }

  // Sets the row's domain by the label's value; null: it is in none.
  void Set(std::uint32_t row, const std::string* value);

  // Returns the row's domain, or kNoDomain.
  DomainId Of(std::uint32_t row) const { return row < of_row_.size() ? of_row_[row] : kNoDomain; }

  // Returns a bound above all numbers of domains.
  std::size_t bound() const { return domains_.size(); }

  // Returns true if a node has the empty text for its domain.
  bool has_empty_value() const { return by_value_.contains(std::string()); }

  // Returns true if no domain has more than one node, as with hostnames: what is counted in a
  // domain is then counted on a node.
  bool one_node_each() const { return shared_ == 0; }

 private:
  struct Domain {
    std::string value;
    std::size_t nodes = 0;
  };
  void Leave(DomainId domain);
  DomainId Join(const std::string& value);

  std::string key_;
  std::vector<DomainId> of_row_;
  std::vector<Domain> domains_;
  std::vector<DomainId> free_;
  absl::flat_hash_map<std::string, DomainId> by_value_;
  std::size_t shared_ = 0;  // Domains with two nodes or more.
};

}  // namespace heat_scheduler
