// The greatest of many values, each at a position, and where it stands first from any position on.
//
// A tournament in rounds of eight, each a line of the processor's cache: Set costs a round a level,
// best() nothing, and FindFrom two rounds a level. Thread-compatible.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace heat_scheduler {

class BestTree {
 public:
  // The value of positions that have none; less than any other.
  static constexpr std::int64_t kAbsent = std::numeric_limits<std::int64_t>::min();
  static constexpr std::size_t kNowhere = ~std::size_t{0};

  // Makes it a tree of `size` positions, all of them without a value.
  explicit BestTree(std::size_t size);

  void Set(std::size_t position, std::int64_t value);

  // Hint that Set will be called.
  void Prefetch(std::size_t position) const { __builtin_prefetch(&RoundOf(0, position)); }

  // Returns the greatest value, or kAbsent.
  std::int64_t best() const { return rounds_.back().values[0]; }

  // Returns the first position at or after `from` that has at least this value, or kNowhere.
  std::size_t FindFrom(std::size_t from, std::int64_t value) const;

  std::size_t bytes() const;

 private:
  static constexpr std::size_t kRound = 8;
  struct alignas(64) Round {
    std::array<std::int64_t, kRound> values;
  };

  const Round& RoundOf(std::size_t level, std::size_t at) const {
    return rounds_[levels_[level] + at / kRound];
  }

  // Values by position, then the greatest of each round of the level before, and so on up to a
  // round that has one. Rounds are filled up with kAbsent.
  std::vector<Round> rounds_;
  std::vector<std::size_t> levels_;  // The first round of each.
};

}  // namespace heat_scheduler
