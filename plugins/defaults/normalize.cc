#include "plugins/defaults/normalize.h"

#include <algorithm>

#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

void NormalizeByGreatest(Better better, absl::Span<std::int64_t> scores) {
  std::int64_t greatest = 0;
  for (std::int64_t score : scores) greatest = std::max(greatest, score);
  for (std::int64_t& score : scores) {
    if (greatest > 0) score = kMaxNodeScore * score / greatest;
    if (better == Better::kLower) score = kMaxNodeScore - score;
  }
}

}  // namespace heat_scheduler
