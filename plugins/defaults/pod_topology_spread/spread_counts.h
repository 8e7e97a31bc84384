// Counts of pods by the domains of one constraint, and the least of them.
//
// Domains with no pods are kept: they are what makes the least. Borrows the values from nodes'
// labels: lives as long as the cycle. Copied for dry runs. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "base/strings.h"

namespace heat_scheduler {

// Number of pods by value of the topology key.
using PodsByDomain = absl::flat_hash_map<std::string_view, std::int64_t, StringHash, StringEqual>;

class SpreadCounts {
 public:
  explicit SpreadCounts(PodsByDomain pods);

  // Corrects the count of a domain, which is there from now on.
  void Add(std::string_view domain, std::int64_t count);

  // Returns the count of a domain, 0 where there is no such domain.
  std::int64_t Of(std::string_view domain) const;

  // Returns the least count of all domains, 0 without domains.
  std::int64_t Least() const;

  std::size_t domain_count() const { return pods_.size(); }

 private:
  PodsByDomain pods_;
  std::map<std::int64_t, std::size_t> domains_by_count_;  // No zeros.
};

}  // namespace heat_scheduler
