// The keys of pod labels that selectors ask about: what a pod's other labels say matters to nobody.
//
// Counted; the last ones that no selector names any more are remembered, since what goes often
// comes again (a Service that is replaced). Thread-compatible.
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
  // Keys without a selector that are remembered; when there are more, all of them are forgotten.
  static constexpr std::size_t kMostIdle = 256;

  void Add(const kube::LabelSelector& selector) { Count(selector, 1); }
  void Remove(const kube::LabelSelector& selector) { Count(selector, -1); }

  // All selectors of pods that a class has.
  void Add(const PodClass& pod_class) { Count(pod_class, 1); }
  void Remove(const PodClass& pod_class) { Count(pod_class, -1); }

  bool Contains(std::string_view key) const { return users_.contains(key); }

  // Rises when a key comes in that is not remembered; one that goes changes nothing for pods that
  // lack it.
  std::uint64_t version() const { return version_; }

 private:
  void Count(const PodClass& pod_class, int change);
  void Count(const kube::LabelSelector& selector, int change);
  void Count(const std::string& key, int change);

  absl::flat_hash_map<std::string, std::size_t, StringHash, StringEqual> users_;
  std::size_t idle_ = 0;  // Of users_, those with none.
  std::uint64_t version_ = 0;
};

}  // namespace heat_scheduler
