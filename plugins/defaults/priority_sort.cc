#include "plugins/defaults/priority_sort.h"

#include <cstdint>

namespace heat_scheduler {

bool PrioritySort::Less(const QueuedPod& a, const QueuedPod& b) const {
  const std::int32_t priority_a = a.pod->facts.priority;
  const std::int32_t priority_b = b.pod->facts.priority;
  if (priority_a != priority_b) return priority_a > priority_b;
  return a.queued_at < b.queued_at;
}

}  // namespace heat_scheduler
