// The keys of pod labels that selectors ask about: what a pod's other labels say matters to nobody.
//
// Counted, so that a key goes with the last selector that names it. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "base/strings.h"
#include "kube/objects.h"

namespace heat_scheduler {

struct PodClass;

class SelectorKeys {
 public:
  void Add(const kube::LabelSelector& selector) { Count(selector, 1); }
  void Remove(const kube::LabelSelector& selector) { Count(selector, -1); }

  // All selectors of pods that a class has.
  void Add(const PodClass& pod_class) { Count(pod_class, 1); }
  void Remove(const PodClass& pod_class) { Count(pod_class, -1); }

  bool Contains(std::string_view key) const { return users_.contains(key); }

  // Rises when a key comes in; one that goes changes nothing for pods that lack it.
  std::uint64_t version() const { return version_; }

 private:
  void Count(const PodClass& pod_class, int change);
  void Count(const kube::LabelSelector& selector, int change);
  void Count(const std::string& key, int change);

  absl::flat_hash_map<std::string, std::size_t, StringHash, StringEqual> users_;
  std::uint64_t version_ = 0;
};

}  // namespace heat_scheduler
