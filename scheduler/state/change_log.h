// Which rows changed, in order, for readers that keep something about each row.
//
// Changes are numbered from 1. A reader remembers the number of the last change that it has seen
// and asks for the rows since; the log is bounded, so a reader that comes too late has to look at
// all rows. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heat_scheduler {

class ChangeLog {
 public:
  // Changes that are kept.
  static constexpr std::size_t kCapacity = std::size_t{1} << 16;

  // Adds a change of the row.
  void Add(std::uint32_t row) {
    if (rows_.size() < kCapacity) {
      rows_.push_back(row);
    } else {
      rows_[last_ % kCapacity] = row;
    }
    ++last_;
  }

  // Returns the number of the last change, 0 before the first.
  std::uint64_t last() const { return last_; }

  // Sets `rows` to those with changes after number `since`, ascending, each once. Returns false if
  // the log does not reach back so far.
  bool RowsSince(std::uint64_t since, std::vector<std::uint32_t>& rows) const;

 private:
  std::vector<std::uint32_t> rows_;  // Change number n is at (n - 1) % kCapacity.
  std::uint64_t last_ = 0;
};

}  // namespace heat_scheduler
