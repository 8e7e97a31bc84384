#include "scheduler/core/best_tree.h"

#include <algorithm>
#include <utility>

namespace heat_scheduler {

BestTree::BestTree(std::size_t size) {
  std::size_t all = 0;
  std::size_t values = std::max<std::size_t>(size, 1);
  while (true) {
    const std::size_t rounds = (values + kRound - 1) / kRound;
    levels_.push_back(all);
    all += rounds;
    // The last level has one value, and all before it have more, or are the first.
    if (values == 1 && levels_.size() > 1) break;
    values = rounds;
  }
  Round absent;
  absent.values.fill(kAbsent);
  rounds_.assign(all, absent);
}

void BestTree::Set(std::size_t position, std::int64_t value) {
  Round* round = &rounds_[position / kRound];
  std::int64_t before = std::exchange(round->values[position % kRound], value);
  for (std::size_t level = 1; level < levels_.size(); ++level) {
    position /= kRound;
    Round* const next = &rounds_[levels_[level] + position / kRound];
    std::int64_t& above = next->values[position % kRound];
    // The greatest is another, and stays.
    if (value <= above && before < above) return;
    std::int64_t greatest = round->values[0];
    for (std::size_t i = 1; i < kRound; ++i) greatest = std::max(greatest, round->values[i]);
    if (above == greatest) return;
    value = greatest;
    before = std::exchange(above, greatest);
    round = next;
  }
}

std::size_t BestTree::FindFrom(std::size_t from, std::int64_t value) const {
  // Climbs until there is something to the right, then goes down to the first.
  std::size_t level = 0;
  std::size_t at = from;
  while (true) {
    const Round& round = RoundOf(level, at);
    std::size_t place = at % kRound;
    while (place < kRound && round.values[place] < value) ++place;
    at = at / kRound * kRound + place;
    if (place < kRound) break;
    ++level;
    at /= kRound;
    // Behind the last round there is nothing.
    if (level == levels_.size() || levels_[level - 1] + at == levels_[level]) return kNowhere;
  }
  while (level > 0) {
    --level;
    at *= kRound;
    while (RoundOf(level, at).values[at % kRound] < value) ++at;
  }
  return at;
}

std::size_t BestTree::bytes() const {
  return sizeof(*this) + rounds_.size() * sizeof(Round) + levels_.size() * sizeof(std::size_t);
}

}  // namespace heat_scheduler
