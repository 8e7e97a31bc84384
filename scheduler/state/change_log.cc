#include "scheduler/state/change_log.h"

#include <utility>

namespace heat_scheduler {

void ChangeLog::Add(std::uint32_t row, Inputs what) {
  if (row >= last_of_.size()) last_of_.resize(row + 1);
  const Change change{row, what, std::exchange(last_of_[row], last_ + 1)};
  if (changes_.size() < kCapacity) {
    // All at once: it would come to that soon, and what is not used yet takes no memory.
    changes_.reserve(kCapacity);
    changes_.push_back(change);
  } else {
    changes_[last_ % kCapacity] = change;
  }
  ++last_;
}

bool ChangeLog::RowsSince(std::uint64_t since, std::vector<std::uint32_t>& rows,
                          std::vector<Inputs>& what) const {
  rows.clear();
  what.clear();
  if (last_ - since > changes_.size()) return false;
  for (std::uint64_t number = since + 1; number <= last_; ++number) {
    const Change& change = At(number);
    if (last_of_[change.row] != number) continue;
    Inputs all = change.what;
    for (std::uint64_t before = change.before; before > since; before = At(before).before) {
      all = all | At(before).what;
    }
    rows.push_back(change.row);
    what.push_back(all);
  }
  return true;
}

}  // namespace heat_scheduler
