#include "tests/faults/history.h"

#include <algorithm>

#include "base/check.h"

namespace heat_scheduler {
namespace {

template <typename Versions>
auto At(const Versions& versions, std::int64_t version) {
  const auto after =
      std::upper_bound(versions.begin(), versions.end(), version,
                       [](std::int64_t wanted, const auto& entry) { return wanted < entry.first; });
  using Ref = typename Versions::value_type::second_type;
  return after == versions.begin() ? Ref() : std::prev(after)->second;
}

template <typename Map>
auto FindAt(const Map& map, std::string_view key, std::int64_t version) {
  const auto found = map.find(key);
  using Ref = typename Map::mapped_type::value_type::second_type;
  return found == map.end() ? Ref() : At(found->second, version);
}

template <typename Map>
auto AllAt(const Map& map, std::int64_t version) {
  std::vector<typename Map::mapped_type::value_type::second_type> all;
  for (const auto& [key, versions] : map) {
    if (auto object = At(versions, version); object != nullptr) all.push_back(std::move(object));
  }
  return all;
}

}  // namespace

void RunHistory::Add(const WriteEntry& write) {
  if (write.node_before != nullptr || write.node_after != nullptr) {
    const kube::Node& node = write.node_after ? *write.node_after : *write.node_before;
    nodes_[node.metadata.name].emplace_back(write.resource_version, write.node_after);
    return;
  }
  if (write.budget_before != nullptr || write.budget_after != nullptr) {
    const auto& budget = write.budget_after ? *write.budget_after : *write.budget_before;
    budgets_[kube::KeyOf(budget.metadata)].emplace_back(write.resource_version, write.budget_after);
    return;
  }
  HS_CHECK(write.pod_before != nullptr || write.pod_after != nullptr, "a write of nothing");
  const kube::Pod& pod = write.pod_after ? *write.pod_after : *write.pod_before;
  pods_[pod.metadata.uid].emplace_back(write.resource_version, write.pod_after);
  if (pod.node_name.empty()) return;
  std::vector<std::string>& uids = ever_on_[pod.node_name];
  if (std::find(uids.begin(), uids.end(), pod.metadata.uid) == uids.end()) {
    uids.push_back(pod.metadata.uid);
  }
}

std::size_t RunHistory::Add(Decision decision) {
  decisions_.push_back(std::move(decision));
  return decisions_.size();
}

kube::Ref<kube::Pod> RunHistory::PodAt(std::string_view uid, std::int64_t version) const {
  return FindAt(pods_, uid, version);
}

kube::Ref<kube::Node> RunHistory::NodeAt(std::string_view name, std::int64_t version) const {
  return FindAt(nodes_, name, version);
}

PodRefs RunHistory::PodsOn(std::string_view node, std::int64_t version) const {
  PodRefs pods;
  const auto found = ever_on_.find(node);
  if (found == ever_on_.end()) return pods;
  for (const std::string& uid : found->second) {
    kube::Ref<kube::Pod> pod = PodAt(uid, version);
    if (pod != nullptr && pod->node_name == node && !pod->terminated()) {
      pods.push_back(std::move(pod));
    }
  }
  return pods;
}

PodRefs RunHistory::PodsAt(std::int64_t version) const { return AllAt(pods_, version); }

std::vector<kube::Ref<kube::Node>> RunHistory::NodesAt(std::int64_t version) const {
  return AllAt(nodes_, version);
}

std::vector<kube::Ref<kube::PodDisruptionBudget>> RunHistory::BudgetsAt(
    std::int64_t version) const {
  return AllAt(budgets_, version);
}

PodRefs RunHistory::PendingAt(std::string_view scheduler_name, std::int64_t version) const {
  PodRefs pending;
  for (kube::Ref<kube::Pod>& pod : PodsAt(version)) {
    if (pod->node_name.empty() && pod->spec->scheduler_name == scheduler_name &&
        !pod->terminated()) {
      pending.push_back(std::move(pod));
    }
  }
  return pending;
}

std::int64_t RunHistory::CreatedAt(std::string_view uid) const {
  const auto found = pods_.find(uid);
  return found == pods_.end() ? 0 : found->second.front().first;
}

}  // namespace heat_scheduler
