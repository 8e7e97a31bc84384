#include "scheduler/core/best_tree.h"

#include <algorithm>
#include <utility>

namespace heat_scheduler {
namespace {

constexpr std::size_t kRound = 16;

}  // namespace

BestTree::BestTree(std::size_t size) {
  std::size_t rounds = (size + kRound - 1) / kRound;
  while (true) {
    levels_.emplace_back(std::max<std::size_t>(rounds, 1) * kRound, kAbsent);
    if (rounds <= 1) break;
    rounds = (rounds + kRound - 1) / kRound;
  }
  levels_.emplace_back(1, kAbsent);
}

void BestTree::Set(std::size_t position, std::int64_t value) {
  std::int64_t before = std::exchange(levels_.front()[position], value);
  for (std::size_t level = 0; level + 1 < levels_.size(); ++level) {
    position /= kRound;
    std::int64_t& above = levels_[level + 1][position];
    // The greatest is another, and stays.
    if (value <= above && before < above) return;
    const std::int64_t* round = &levels_[level][position * kRound];
    std::int64_t greatest = round[0];
    for (std::size_t i = 1; i < kRound; ++i) greatest = std::max(greatest, round[i]);
    if (above == greatest) return;
    value = greatest;
    before = std::exchange(above, greatest);
  }
}

void BestTree::Prefetch(std::size_t position) const {
  // A round is two lines.
  const std::int64_t* round = &levels_.front()[position / kRound * kRound];
  __builtin_prefetch(round);
  __builtin_prefetch(round + kRound / 2);
}

std::size_t BestTree::FindFrom(std::size_t from, std::int64_t value) const {
  // Climbs until there is something to the right, then goes down to the first.
  std::size_t level = 0;
  std::size_t at = from;
  while (true) {
    const std::vector<std::int64_t>& values = levels_[level];
    const std::size_t end = std::min(values.size(), (at / kRound + 1) * kRound);
    while (at < end && values[at] < value) ++at;
    if (at < end) break;
    if (level + 1 == levels_.size() || at == values.size()) return kNowhere;
    ++level;
    at /= kRound;
  }
  while (level > 0) {
    --level;
    at *= kRound;
    while (levels_[level][at] < value) ++at;
  }
  return at;
}

std::size_t BestTree::bytes() const {
  std::size_t bytes = sizeof(*this);
  for (const auto& level : levels_) bytes += level.size() * sizeof(std::int64_t) + sizeof(level);
  return bytes;
}

}  // namespace heat_scheduler
