#include "scheduler/state/pod_record.h"

#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace heat_scheduler {

std::string PodKey(std::string_view namespace_, std::string_view name, std::string_view uid) {
  if (!uid.empty()) return std::string(uid);
  return absl::StrCat(ToAbsl(namespace_), "/", ToAbsl(name));
}

std::string PodKey(const kube::ObjectMeta& metadata) {
  return PodKey(metadata.namespace_, metadata.name, metadata.uid);
}

std::string PodKey(const PodFacts& facts) {
  return PodKey(facts.namespace_, facts.name, facts.uid);
}

}  // namespace heat_scheduler
