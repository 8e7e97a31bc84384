// Remembers what was found out about pods of equal class and traits, which is the same for all of
// them. Bounded: it starts over when it has become large. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

template <typename T>
class FoundByPod {
 public:
  // Returns what `find(pod)` gave the first time for a pod like this one. Valid until the next
  // call.
  template <typename Find>
  const T& Of(const PodRecord& pod, Find find) {
    const std::pair key(pod.pod_class->serial, pod.traits);
    if (found_.size() > kMost) found_.clear();
    const auto [entry, is_new] = found_.try_emplace(key);
    if (is_new) entry->second = find(pod);
    return entry->second;
  }

  std::size_t bytes() const { return found_.capacity() * (sizeof(T) + 24); }

 private:
  static constexpr std::size_t kMost = 1 << 14;
  absl::flat_hash_map<std::pair<std::uint64_t, PodTraitsId>, T> found_;
};

}  // namespace heat_scheduler
