// The greatest of many values, each at a position, and where it stands first from any position on.
//
// A tournament in rounds of sixteen: Set costs a round a level, best() nothing, and FindFrom two
// rounds a level. Thread-compatible.
#pragma once

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
  void Prefetch(std::size_t position) const;

  // Returns the greatest value, or kAbsent.
  std::int64_t best() const { return levels_.back().front(); }

  // Returns the first position at or after `from` that has at least this value, or kNowhere.
  std::size_t FindFrom(std::size_t from, std::int64_t value) const;

  std::size_t bytes() const;

 private:
  // Values by position, then the greatest of each sixteen of the level before; the last level has
  // one. Levels are filled up to whole rounds with kAbsent, but for the last.
  std::vector<std::vector<std::int64_t>> levels_;
};

}  // namespace heat_scheduler
