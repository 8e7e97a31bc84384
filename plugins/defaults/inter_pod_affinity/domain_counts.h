// Counts by domain: by a topology key and one of its values.
//
// A node is in one domain of each topology key that it has as a label. Domains without a count are
// not kept, so that two tables with equal counts are equal. Borrows keys and labels: lives as long
// as the cycle. Copied for dry runs. Thread-compatible.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/strings.h"
#include "kube/objects.h"

namespace heat_scheduler {

class DomainCounts {
 public:
  // Adds to the domain that a node with these labels is in; to none if it has no such label.
  void Add(std::string_view topology_key, const kube::StringMap& labels, std::int64_t count);

  // Returns the count of the domain that a node with these labels is in, 0 if it is in none.
  std::int64_t Of(std::string_view topology_key, const kube::StringMap& labels) const;

  // Returns the sum of the counts of all domains that such a node is in.
  std::int64_t Sum(const kube::StringMap& labels) const;

  // Returns true if the count of any of these domains is above 0.
  bool AnyPositive(const kube::StringMap& labels) const;

  // Returns true if every count is 0.
  bool empty() const;

 private:
  using ByValue = absl::flat_hash_map<std::string_view, std::int64_t, StringHash, StringEqual>;

  static std::int64_t Of(const ByValue& counts, std::string_view topology_key,
                         const kube::StringMap& labels);

  std::vector<std::pair<std::string_view, ByValue>> by_key_;  // Few keys.
};

}  // namespace heat_scheduler
