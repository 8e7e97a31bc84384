// Which rows changed, in what, for readers that keep something about each row.
//
// Changes are numbered from 1. A reader remembers the number of the last change that it has seen
// and asks for the rows since; the log is bounded, so a reader that comes too late has to look at
// all rows. Costs what changed, whatever there is besides. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "scheduler/state/inputs.h"

namespace heat_scheduler {

class ChangeLog {
 public:
  // Changes that are kept.
  static constexpr std::size_t kCapacity = std::size_t{1} << 16;

  // Adds a change of these inputs of the row.
  void Add(std::uint32_t row, Inputs what);

  // Returns the number of the last change, 0 before the first.
  std::uint64_t last() const { return last_; }

  // Sets `rows` to those with changes after number `since`, each once, in the order of their last
  // changes, and `what` to what has changed of each since then. Returns false if the log does not
  // reach back so far.
  bool RowsSince(std::uint64_t since, std::vector<std::uint32_t>& rows,
                 std::vector<Inputs>& what) const;

 private:
  struct Change {
    std::uint32_t row;
    Inputs what;
    std::uint64_t before;  // Number of the row's change before this one.
  };

  const Change& At(std::uint64_t number) const { return changes_[(number - 1) % kCapacity]; }

  std::vector<Change> changes_;
  std::vector<std::uint64_t> last_of_;  // By row.
  std::uint64_t last_ = 0;
};

}  // namespace heat_scheduler
