#include "scheduler/state/pod_traits.h"

#include "base/check.h"

namespace heat_scheduler {

PodTraitsId PodTraitsTable::Acquire(const kube::Pod& pod) {
  WriteTraits(
      pod, [](const std::string&) { return true; }, key_);
  auto [found, is_new] = by_key_.try_emplace(key_);
  if (is_new) {
    found->second.id = ++last_;
    keys_.emplace(last_, found->first);
  }
  ++found->second.users;
  return found->second.id;
}

void PodTraitsTable::Release(PodTraitsId id) {
  const auto key = keys_.find(id);
  HS_CHECK(key != keys_.end(), "traits were released too often");
  const auto entry = by_key_.find(key->second);
  if (--entry->second.users > 0) return;
  by_key_.erase(entry);
  keys_.erase(key);
}

}  // namespace heat_scheduler
