// Which rows the filters that look at nodes one by one refuse, and for what.
//
// Rows that were refused for the same are of one kind, and kinds are few, so that how many nodes
// failed on what is known without looking at any. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "scheduler/framework/verdict.h"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

class RefusedRows {
 public:
  using Number = std::uint32_t;
  static constexpr Number kNone = 0;

  struct Refusal {
    std::size_t filter = 0;  // The first that failed: its place among the profile's filters.
    Verdict verdict;
    bool with_rivals = false;  // Pods that are nominated to the node were looked at, too.
    // What a filter that asks by groups, and comes before, knows the node by; empty: there is none.
    std::vector<std::uint64_t> features;
  };
  struct Kind {
    Refusal refusal;
    std::vector<std::string> reasons;
    std::size_t rows = 0;
  };

  // Notes that the row is refused. `reasons` is called for a kind that is new.
  template <typename Reasons>
  void Refuse(NodeId row, const Refusal& refusal, Reasons reasons) {
    const auto [found, is_new] = numbers_.try_emplace(KeyOf(refusal), kinds_.size());
    if (is_new) kinds_.push_back({refusal, reasons(), 0});
    Set(row, found->second);
  }
  // Notes that it is not, or is no node any more.
  void Clear(NodeId row) {
    if (row < of_row_.size()) Set(row, kNone);
  }

  // Returns the kind that the row is of, or kNone.
  Number Of(NodeId row) const { return row < of_row_.size() ? of_row_[row] : kNone; }
  // By number; kNone, and kinds without rows, among them.
  const std::vector<Kind>& kinds() const { return kinds_; }

  std::size_t bytes() const {
    return of_row_.capacity() * sizeof(Number) + kinds_.size() * (2 * sizeof(Kind) + 100);
  }

 private:
  using Key = std::tuple<std::size_t, Code, std::uint64_t, bool, std::vector<std::uint64_t>>;

  static Key KeyOf(const Refusal& refusal) {
    return {refusal.filter, refusal.verdict.code, refusal.verdict.detail, refusal.with_rivals,
            refusal.features};
  }
  void Set(NodeId row, Number number) {
    if (row >= of_row_.size()) of_row_.resize(row + 1, kNone);
    --kinds_[of_row_[row]].rows;
    ++kinds_[number].rows;
    of_row_[row] = number;
  }

  std::vector<Kind> kinds_{1};
  std::vector<Number> of_row_;
  absl::flat_hash_map<Key, Number> numbers_;
};

}  // namespace heat_scheduler
