#include "plugins/defaults/inter_pod_affinity/domain_counts.h"

#include <algorithm>

namespace heat_scheduler {

void DomainCounts::Add(std::string_view topology_key, const kube::StringMap& labels,
                       std::int64_t count) {
  const auto label = labels.find(topology_key);
  if (label == labels.end()) return;
  auto found = std::find_if(by_key_.begin(), by_key_.end(),
                            [&](const auto& entry) { return entry.first == topology_key; });
  if (found == by_key_.end()) found = by_key_.insert(found, {topology_key, {}});
  const auto domain = found->second.try_emplace(label->second, 0).first;
  domain->second += count;
  if (domain->second == 0) found->second.erase(domain);
}

std::int64_t DomainCounts::Of(const ByValue& counts, std::string_view topology_key,
                              const kube::StringMap& labels) {
  if (counts.empty()) return 0;
  const auto label = labels.find(topology_key);
  if (label == labels.end()) return 0;
  const auto domain = counts.find(label->second);
  return domain == counts.end() ? 0 : domain->second;
}

std::int64_t DomainCounts::Of(std::string_view topology_key, const kube::StringMap& labels) const {
  for (const auto& [key, counts] : by_key_) {
    if (key == topology_key) return Of(counts, key, labels);
  }
  return 0;
}

std::int64_t DomainCounts::Sum(const kube::StringMap& labels) const {
  std::int64_t sum = 0;
  for (const auto& [key, counts] : by_key_) sum += Of(counts, key, labels);
  return sum;
}

bool DomainCounts::AnyPositive(const kube::StringMap& labels) const {
  return std::any_of(by_key_.begin(), by_key_.end(),
                     [&](const auto& entry) { return Of(entry.second, entry.first, labels) > 0; });
}

bool DomainCounts::empty() const {
  return std::all_of(by_key_.begin(), by_key_.end(),
                     [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace heat_scheduler
