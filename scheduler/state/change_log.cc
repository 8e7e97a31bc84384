#include "scheduler/state/change_log.h"

#include <algorithm>

namespace heat_scheduler {

bool ChangeLog::RowsSince(std::uint64_t since, std::vector<std::uint32_t>& rows) const {
  rows.clear();
  if (last_ - since > rows_.size()) return false;
  for (std::uint64_t at = since; at < last_; ++at) rows.push_back(rows_[at % kCapacity]);
  if (rows.size() < 2) return true;
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return true;
}

}  // namespace heat_scheduler
