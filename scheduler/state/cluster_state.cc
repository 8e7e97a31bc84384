#include "scheduler/state/cluster_state.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "base/check.h"
#include "scheduler/state/node_diff.h"

namespace heat_scheduler {

namespace {

// Room that is made for pods of a node at once: most nodes have as many.
constexpr std::size_t kFewPods = 8;

}  // namespace

ClusterState::ClusterState() : classes_(resource_names_) {}

// ---- Nodes ----

Inputs ClusterState::UpsertNode(kube::Ref<kube::Node> node) {
  const NodeId row = RowFor(node->metadata.name);
  const kube::Ref<kube::Node> before = std::exchange(columns_.node[row], std::move(node));
  const kube::Node& now = *columns_.node[row];
  const Inputs changed = before == nullptr ? kInputsOfNewNode : ChangedInputs(*before, now);
  if (before == nullptr) {
    auto at = std::lower_bound(
        in_name_order_.begin(), in_name_order_.end(), now.metadata.name,
        [this](NodeId id, const std::string& name) { return columns_.name[id] < name; });
    in_name_order_.insert(at, row);
    ++node_list_version_;
  }
  if (changed.empty()) return changed;
  if (history_ != nullptr) {
    const bool known = before != nullptr;
    history_->Add(PastNode{known ? before : columns_.node[row], known}, known);
  }
  if (changed.Has(Input::kNodeLabels)) SetDomains(row, &now.metadata.labels);
  if (changed.Has(Input::kNodeImages)) {
    if (before != nullptr) images_.Remove(row, before->images);
    images_.Add(row, now.images);
  }
  columns_.allocatable[row] = ToResources(now.allocatable, resource_names_);
  auto pods = now.allocatable.find("pods");
  columns_.allowed_pods[row] = pods == now.allocatable.end() ? 0 : pods->second.Value();
  Touch(row, before == nullptr ? Inputs::All() : changed);
  return changed;
}

bool ClusterState::RemoveNode(std::string_view name) {
  const NodeId row = FindNode(name);
  if (row == kNoNode) return false;
  if (history_ != nullptr) history_->Add(PastNode{columns_.node[row], true}, true);
  std::erase(in_name_order_, row);
  ++node_list_version_;
  SetDomains(row, nullptr);
  images_.Remove(row, columns_.node[row]->images);
  columns_.node[row] = nullptr;
  columns_.allocatable[row] = {};
  columns_.allowed_pods[row] = 0;
  Touch(row, Inputs::All());
  FreeRowIfUnused(row);
  return true;
}

NodeId ClusterState::FindNode(std::string_view name) const {
  auto found = rows_.find(name);
  if (found == rows_.end() || columns_.node[found->second] == nullptr) return kNoNode;
  return found->second;
}

NodeId ClusterState::RowFor(std::string_view name) {
  if (auto found = rows_.find(name); found != rows_.end()) return found->second;
  NodeId row = 0;
  if (free_rows_.empty()) {
    row = static_cast<NodeId>(columns_.name.size());
    columns_.name.emplace_back();
    columns_.node.emplace_back();
    columns_.allocatable.emplace_back();
    columns_.allowed_pods.push_back(0);
    columns_.requested.emplace_back();
    columns_.nonzero_milli_cpu.push_back(0);
    columns_.nonzero_memory.push_back(0);
    columns_.pods.emplace_back();
    columns_.used_ports.emplace_back();
    columns_.pods_with_affinity.emplace_back();
    columns_.pods_with_required_anti_affinity.emplace_back();
    columns_.nominated.emplace_back();
    columns_.changed_at.push_back(log_.last());
  } else {
    row = free_rows_.back();
    free_rows_.pop_back();
  }
  columns_.name[row] = std::string(name);
  rows_.emplace(columns_.name[row], row);
  return row;
}

void ClusterState::FreeRowIfUnused(NodeId row) {
  if (columns_.node[row] != nullptr || !columns_.pods[row].empty() ||
      !columns_.nominated[row].empty()) {
    return;
  }
  rows_.erase(columns_.name[row]);
  columns_.name[row].clear();
  free_rows_.push_back(row);
}

std::shared_ptr<const TopologyDomains> ClusterState::Topology(std::string_view key) const {
  if (const auto found = topologies_.find(key); found != topologies_.end()) return found->second;
  absl::erase_if(topologies_, [](const auto& entry) { return entry.second.use_count() == 1; });
  auto domains = std::make_shared<TopologyDomains>(std::string(key));
  for (const NodeId row : in_name_order_) {
    const kube::StringMap& labels = columns_.node[row]->metadata.labels;
    const auto label = labels.find(key);
    if (label != labels.end()) domains->Set(row, &label->second);
  }
  topologies_.emplace(std::string(key), domains);
  return domains;
}

void ClusterState::SetDomains(NodeId row, const kube::StringMap* labels) {
  for (auto& [key, domains] : topologies_) {
    const std::string* value = nullptr;
    if (labels != nullptr) {
      const auto label = labels->find(key);
      if (label != labels->end()) value = &label->second;
    }
    domains->Set(row, value);
  }
}

// ---- Pods ----

const PodRecord& ClusterState::UpsertPod(kube::Ref<kube::Pod> pod) {
  PodRecord* const known = pods_.Find(PodKey(pod->metadata));
  PodRecord& record = known == nullptr ? pods_.Add(FactsOf(*pod)) : *known;
  const bool unbound = pod->node_name.empty();
  if (record.where == PodRecord::Where::kBound && unbound && !pod->terminated()) return record;
  pod = parts_.Share(std::move(pod));
  NoteBefore(record, pod, record.pod != nullptr);

  const PodClass& pod_class = classes_.Acquire(*pod);
  auto where = PodRecord::Where::kPending;
  NodeId node = kNoNode;
  if (pod->terminated()) {
    where = PodRecord::Where::kTerminated;
  } else if (!unbound) {
    where = PodRecord::Where::kBound;
    node = RowFor(pod->node_name);
  } else if (record.where == PodRecord::Where::kAssumed) {
    where = PodRecord::Where::kAssumed;
    node = record.node;
  }

  const bool moves = node != record.node || &pod_class != record.pod_class;
  const NodeId old_node = record.node;
  if (old_node != kNoNode) NoteCounted(record, -1);
  if (moves && old_node != kNoNode) TakeOff(old_node, record);  // By its old class.
  const bool looks_changed =
      record.pod != nullptr &&
      (record.pod->metadata.labels != pod->metadata.labels ||
       record.pod->metadata.deletion_timestamp != pod->metadata.deletion_timestamp ||
       record.pod->status.start_time != pod->status.start_time ||
       record.pod->spec->priority != pod->spec->priority);
  if (record.pod == nullptr ||
      record.pod->status.nominated_node_name != pod->status.nominated_node_name) {
    record.nominated_node_name = pod->status.nominated_node_name;
  }
  if (record.nominated != kNoNode && (moves || looks_changed)) Touch(record.nominated);
  if (record.pod_class != nullptr) classes_.Release(record.pod_class->id);
  const PodTraitsId old_traits = std::exchange(record.traits, traits_.Acquire(*pod));
  if (old_traits != 0) traits_.Release(old_traits);
  if (known != nullptr) pods_.SetFacts(record, FactsOf(*pod));
  record.pod = std::move(pod);
  record.pod_class = &pod_class;
  record.where = where;
  record.node = node;
  if (node != kNoNode) NoteCounted(record, 1);
  if (moves && node != kNoNode) {
    CountOn(node, record);
    record.counted_at = log_.last();
  }
  if (moves || looks_changed) {
    if (node != kNoNode) Touch(node);
    if (old_node != kNoNode && old_node != node) {
      Touch(old_node);
      FreeRowIfUnused(old_node);
    }
  }
  ListNomination(record);
  return record;
}

bool ClusterState::RemovePod(std::string_view key) {
  PodRecord* known = pods_.Find(key);
  if (known == nullptr) return false;
  PodRecord& record = *known;
  NoteBefore(record, record.pod, true);
  if (record.node != kNoNode) {
    NoteCounted(record, -1);
    TakeOff(record.node, record);
    Touch(record.node);
    FreeRowIfUnused(record.node);
  }
  record.nominated_node_name.clear();
  ListNomination(record);
  classes_.Release(record.pod_class->id);
  traits_.Release(record.traits);
  pods_.Remove(record);
  return true;
}

const PodRecord* ClusterState::FindPod(std::string_view key) const { return pods_.Find(key); }

const PodRecord* ClusterState::FindPodNamed(std::string_view namespace_,
                                            std::string_view name) const {
  return pods_.FindNamed(namespace_, name);
}

void ClusterState::Assume(const PodRecord& pod, NodeId node) {
  // Records are ours, and const for those alone who are told of them.
  auto& record = const_cast<PodRecord&>(pod);
  HS_CHECK(record.where == PodRecord::Where::kPending, "only a pending pod can be assumed");
  HS_CHECK(node < columns_.node.size() && columns_.node[node] != nullptr,
           "a pod can be assumed on a living node only");
  NoteBefore(record, record.pod, false);
  record.where = PodRecord::Where::kAssumed;
  record.node = node;
  NoteCounted(record, 1);
  CountOn(node, record);
  record.counted_at = log_.last();
  Touch(node);
  ListNomination(record);
}

void ClusterState::Forget(std::string_view key) {
  PodRecord* known = pods_.Find(key);
  if (known == nullptr || known->where != PodRecord::Where::kAssumed) return;
  PodRecord& record = *known;
  NoteBefore(record, record.pod, false);
  const NodeId node = std::exchange(record.node, kNoNode);
  record.where = PodRecord::Where::kPending;
  NoteCounted(record, -1);
  TakeOff(node, record);
  Touch(node);
  FreeRowIfUnused(node);
  ListNomination(record);
}

void ClusterState::Nominate(std::string_view key, std::string_view node_name) {
  PodRecord* known = pods_.Find(key);
  HS_CHECK(known != nullptr, "an unknown pod cannot be nominated");
  PodRecord& record = *known;
  if (record.nominated_node_name == node_name) return;
  NoteBefore(record, record.pod, false);
  record.nominated_node_name = std::string(node_name);
  ListNomination(record);
}

// Lists the nomination where it belongs now, and there alone.
void ClusterState::ListNomination(PodRecord& record) {
  const bool listed =
      record.where == PodRecord::Where::kPending && !record.nominated_node_name.empty();
  const NodeId row = listed ? RowFor(record.nominated_node_name) : kNoNode;
  const NodeId old_row = std::exchange(record.nominated, row);
  if (row == old_row) return;
  if (row != kNoNode) {
    if (columns_.nominated[row].empty()) nominated_rows_.push_back(row);
    columns_.nominated[row].push_back(&record);
    record.nominated_at = log_.last();
    ++nomination_count_;
    Touch(row);
  }
  if (old_row != kNoNode) {
    std::erase(columns_.nominated[old_row], &record);
    if (columns_.nominated[old_row].empty()) std::erase(nominated_rows_, old_row);
    --nomination_count_;
    Touch(old_row);
    FreeRowIfUnused(old_row);
  }
}

// ---- The rest ----

std::vector<const PodRecord*> ClusterState::pods() const {
  std::vector<const PodRecord*> pods;
  pods.reserve(pods_.size());
  pods_.ForEach([&](const PodRecord& record) { pods.push_back(&record); });
  return pods;
}

void ClusterState::NoteBefore(const PodRecord& record, const kube::Ref<kube::Pod>& pod,
                              bool replaces) {
  if (history_ == nullptr) return;
  PastPod before;
  before.known = record.pod != nullptr;
  before.pod = before.known ? record.pod : pod;
  if (record.where == PodRecord::Where::kAssumed) before.assumed_on = columns_.name[record.node];
  before.nominated_node_name = record.nominated_node_name;
  before.counted_at = record.counted_at;
  before.nominated_at = record.nominated_at;
  history_->Add(std::move(before), replaces);
}

void ClusterState::KeepHistory(History* history) {
  history_ = history;
  assumed_volumes_.OnChange([this](PastAssumption past) {
    if (history_ != nullptr) history_->Add(std::move(past));
  });
}

Inputs ClusterState::UpsertObject(const kube::Object& object) {
  assumed_volumes_.OnChanged(object);
  if (history_ == nullptr) return Count(objects_.Upsert(object));
  std::optional<kube::Object> before = objects_.Current(object);
  const Inputs changed = objects_.Upsert(object);
  if (!changed.empty()) {
    const bool known = before.has_value();
    history_->Add(PastObject{known ? *std::move(before) : object, known}, known);
  }
  return Count(changed);
}

Inputs ClusterState::RemoveObject(const kube::Object& object) {
  assumed_volumes_.OnGone(object);
  if (history_ != nullptr) {
    if (std::optional<kube::Object> before = objects_.Current(object)) {
      history_->Add(PastObject{*std::move(before), true}, true);
    }
  }
  return Count(objects_.Remove(object));
}

Inputs ClusterState::Count(Inputs changed) {
  for (std::size_t bit = 0; bit < object_changes_.size(); ++bit) {
    object_changes_[bit] += changed.bits() >> bit & 1;
  }
  return changed;
}

void ClusterState::WriteSelectedTraits(const kube::Pod& pod, std::string& traits) const {
  WriteTraits(
      pod,
      [this](const std::string& key) {
        return classes_.selector_keys().Contains(key) || objects_.selector_keys().Contains(key);
      },
      traits);
}

std::uint64_t ClusterState::ObjectsVersion(Inputs inputs) const {
  std::uint64_t version = inputs.Has(Input::kVolumes) ? assumed_volumes_.version() : 0;
  for (std::uint32_t bits = inputs.bits(); bits != 0; bits &= bits - 1) {
    version += object_changes_[static_cast<std::size_t>(std::countr_zero(bits))];
  }
  return version;
}

// ---- Counting ----

void ClusterState::CountOn(NodeId row, const PodRecord& pod) {
  auto& pods = columns_.pods[row];
  if (pods.capacity() == 0) pods.reserve(kFewPods);
  pods.push_back(&pod);
  TakePorts(row, *pod.pod_class);
  if (pod.pod_class->has_pod_affinity()) columns_.pods_with_affinity[row].push_back(&pod);
  if (!pod.pod_class->required_pod_anti_affinity.empty()) {
    columns_.pods_with_required_anti_affinity[row].push_back(&pod);
  }
  AddTotals(row, *pod.pod_class);
}

void ClusterState::CountOff(NodeId row, const PodRecord& pod) {
  auto& pods = columns_.pods[row];
  auto at = std::find(pods.begin(), pods.end(), &pod);
  HS_CHECK(at != pods.end(), "a pod is taken off a node on which it does not count");
  pods.erase(at);
  for (const kube::HostPort& port : pod.pod_class->host_ports) {
    std::erase(columns_.used_ports[row], port);
  }
  if (pod.pod_class->has_pod_affinity()) {
    std::erase(columns_.pods_with_affinity[row], &pod);
    std::erase(columns_.pods_with_required_anti_affinity[row], &pod);
  }
  const std::int64_t end = std::numeric_limits<std::int64_t>::max();
  if (IsSaturated(columns_.requested[row]) || columns_.nonzero_milli_cpu[row] == end ||
      columns_.nonzero_memory[row] == end) {
    // What went over the end is not in the sum any more: it can only be added up anew.
    columns_.requested[row] = {};
    columns_.nonzero_milli_cpu[row] = 0;
    columns_.nonzero_memory[row] = 0;
    for (const PodRecord* left : pods) AddTotals(row, *left->pod_class);
    return;
  }
  SubtractFrom(columns_.requested[row], pod.pod_class->requests);
  columns_.nonzero_milli_cpu[row] -= pod.pod_class->nonzero_milli_cpu;
  columns_.nonzero_memory[row] -= pod.pod_class->nonzero_memory;
}

void ClusterState::NoteCounted(const PodRecord& pod, int change) {
  const auto priority = counted_priorities_.try_emplace(pod.facts.priority, 0).first;
  priority->second += static_cast<std::size_t>(change);
  if (priority->second == 0) counted_priorities_.erase(priority);
  if (!pod.pod_class->has_pod_affinity()) return;
  affinity_count_ += static_cast<std::size_t>(change);
  if (!pod.pod_class->required_pod_anti_affinity.empty()) {
    required_anti_affinity_count_ += static_cast<std::size_t>(change);
  }
}

void ClusterState::TakeOff(NodeId row, const PodRecord& pod) {
  CountOff(row, pod);
  if (pod.pod_class->host_ports.empty()) return;
  for (const PodRecord* left : columns_.pods[row]) TakePorts(row, *left->pod_class);
}

void ClusterState::TakePorts(NodeId row, const PodClass& pod_class) {
  std::vector<kube::HostPort>& ports = columns_.used_ports[row];
  for (const kube::HostPort& port : pod_class.host_ports) {
    const auto at = std::lower_bound(ports.begin(), ports.end(), port);
    if (at == ports.end() || *at != port) ports.insert(at, port);
  }
}

void ClusterState::AddTotals(NodeId row, const PodClass& pod_class) {
  AddTo(columns_.requested[row], pod_class.requests);
  auto& milli_cpu = columns_.nonzero_milli_cpu[row];
  milli_cpu = SaturatingAdd(milli_cpu, pod_class.nonzero_milli_cpu);
  auto& memory = columns_.nonzero_memory[row];
  memory = SaturatingAdd(memory, pod_class.nonzero_memory);
}

// ---- What if ----

// The state is never a const object; a const reference to it is a reader's, and for a reader every
// byte will be back.
ClusterState::WhatIf::WhatIf(const ClusterState& state, NodeId node)
    : state_(const_cast<ClusterState&>(state)),
      node_(node),
      requested_(state.columns_.requested[node]),
      nonzero_milli_cpu_(state.columns_.nonzero_milli_cpu[node]),
      nonzero_memory_(state.columns_.nonzero_memory[node]),
      pods_(state.columns_.pods[node]),
      used_ports_(state.columns_.used_ports[node]),
      pods_with_affinity_(state.columns_.pods_with_affinity[node]),
      pods_with_required_anti_affinity_(state.columns_.pods_with_required_anti_affinity[node]) {}

ClusterState::WhatIf::~WhatIf() {
  state_.columns_.requested[node_] = std::move(requested_);
  state_.columns_.nonzero_milli_cpu[node_] = nonzero_milli_cpu_;
  state_.columns_.nonzero_memory[node_] = nonzero_memory_;
  state_.columns_.pods[node_] = std::move(pods_);
  state_.columns_.used_ports[node_] = std::move(used_ports_);
  state_.columns_.pods_with_affinity[node_] = std::move(pods_with_affinity_);
  state_.columns_.pods_with_required_anti_affinity[node_] =
      std::move(pods_with_required_anti_affinity_);
}

void ClusterState::WhatIf::Add(const PodRecord& pod) { state_.CountOn(node_, pod); }

void ClusterState::WhatIf::Remove(const PodRecord& pod) { state_.CountOff(node_, pod); }

}  // namespace heat_scheduler
