// What others select a pod by: its labels and its controller.
//
// Pods with equal traits share a number, so that what was found out about the labels of one holds
// for all. Numbers are never given twice; traits are counted, and forgotten with their last user.
// Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "kube/objects.h"

namespace heat_scheduler {

// 0: not known.
using PodTraitsId = std::uint64_t;

// Sets `bytes` to the pod's controller and those of its labels whose keys `counts` returns true
// for: different ones give different bytes.
template <typename Counts>
void WriteTraits(const kube::Pod& pod, Counts counts, std::string& bytes);

class PodTraitsTable {
 public:
  // Returns the number of the pod's traits, counting one more user of it.
  PodTraitsId Acquire(const kube::Pod& pod);

  // Counts one user less of a number that Acquire returned.
  void Release(PodTraitsId id);

  // Returns how many different traits there are.
  std::size_t size() const { return by_key_.size(); }

 private:
  struct Entry {
    PodTraitsId id = 0;
    std::size_t users = 0;
  };
  absl::flat_hash_map<std::string, Entry> by_key_;  // By what WriteTraits gives.
  absl::flat_hash_map<PodTraitsId, std::string> keys_;
  PodTraitsId last_ = 0;
  std::string key_;  // To look up by.
};

// ---- Implementation ----

namespace pod_traits_internal {

// Appends a text with its length in front.
inline void AppendText(std::string_view text, std::string& bytes) {
  std::size_t size = text.size();
  do {
    bytes.push_back(static_cast<char>((size & 0x7f) | (size > 0x7f ? 0x80 : 0)));
    size >>= 7;
  } while (size > 0);
  bytes.append(text);
}

}  // namespace pod_traits_internal

template <typename Counts>
void WriteTraits(const kube::Pod& pod, Counts counts, std::string& bytes) {
  using pod_traits_internal::AppendText;
  bytes.clear();
  for (const kube::OwnerReference& owner : *pod.metadata.owner_references) {
    if (!owner.controller) continue;
    AppendText(owner.api_version, bytes);
    AppendText(owner.kind, bytes);
    AppendText(owner.name, bytes);
    break;
  }
  // No text begins like this: tells a controller from labels.
  bytes.push_back('\x80');
  bytes.push_back('\0');
  for (const auto& [key, value] : pod.metadata.labels) {
    if (!counts(key)) continue;
    AppendText(key, bytes);
    AppendText(value, bytes);
  }
}

}  // namespace heat_scheduler
