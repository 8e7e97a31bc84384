// What the world shows: objects that come, change and go.
#include <string>
#include <utility>
#include <vector>

#include "scheduler/core/scheduler_impl.h"

namespace heat_scheduler {
namespace {

constexpr Inputs kPodCame = {Input::kTopologyCounts};

// What of a pod decides where it stands, before a change.
struct PodBefore {
  explicit PodBefore(const PodRecord* record) {
    if (record == nullptr) return;
    pod = record->pod;
    node = record->node;
    nominated = record->nominated;
    pod_class = record->pod_class;
    if (node == kNoNode) return;
    requests = pod_class->requests;
    host_ports = pod_class->host_ports;
  }

  kube::Ref<kube::Pod> pod;
  NodeId node = kNoNode;
  NodeId nominated = kNoNode;
  const PodClass* pod_class = nullptr;  // To be compared only: it may be gone.
  Resources requests;
  std::vector<kube::HostPort> host_ports;
};

bool Shrinks(const Resources& before, const Resources& after) {
  if (after.milli_cpu < before.milli_cpu || after.memory < before.memory ||
      after.ephemeral_storage < before.ephemeral_storage) {
    return true;
  }
  for (const auto& [name, amount] : before.scalars) {
    if (AmountOf(after.scalars, name) < amount) return true;
  }
  return false;
}

// Returns what has changed for other pods.
Inputs ChangedForOthers(const PodBefore& before, const PodRecord& record) {
  Inputs changed;
  // Room was kept for it there, and it has not taken it.
  if (before.nominated != kNoNode && before.nominated != record.nominated &&
      before.nominated != record.node) {
    changed = changed | kRoomFreed;
  }
  if (before.node != record.node) {
    if (before.node != kNoNode) changed = changed | kRoomFreed;
    if (record.node != kNoNode) changed = changed | kPodCame;
    return changed;
  }
  if (record.node == kNoNode) return changed;
  if (Shrinks(before.requests, record.pod_class->requests) ||
      before.host_ports != record.pod_class->host_ports) {
    changed = changed | kRoomFreed;
  }
  if (before.pod->metadata.labels != record.pod->metadata.labels ||
      before.pod->metadata.deletion_timestamp != record.pod->metadata.deletion_timestamp) {
    changed = changed | Inputs{Input::kTopologyCounts};
  }
  return changed;
}

// Returns what has changed that a verdict on the pod itself could depend on: not its status, which
// we write to ourselves. All inputs, where everybody may have read it.
Inputs ChangedForItself(const PodBefore& before, const PodRecord& record) {
  if (before.pod == nullptr) return Inputs::All();
  const kube::Pod& old = *before.pod;
  const kube::Pod& now = *record.pod;
  if (before.pod_class != record.pod_class ||
      old.spec->scheduling_gates != now.spec->scheduling_gates ||
      old.spec->priority != now.spec->priority) {
    return Inputs::All();
  }
  Inputs changed;
  if (old.metadata.labels != now.metadata.labels) {
    changed = changed | Inputs{Input::kPodFacts, Input::kPodIdentity, Input::kTopologyCounts};
  }
  if (old.metadata.annotations != now.metadata.annotations) {
    changed = changed | Inputs{Input::kPodIdentity};
  }
  return changed;
}

}  // namespace

void Scheduler::Impl::OnObjectChanged(const kube::Object& object, Instant now) {
  if (const auto* pod = std::get_if<kube::Ref<kube::Pod>>(&object)) {
    OnPod(*pod, now);
  } else if (const auto* node = std::get_if<kube::Ref<kube::Node>>(&object)) {
    Notify(cluster_.UpsertNode(*node), now);
  } else {
    const Inputs changed = cluster_.UpsertObject(object);
    WakePlansOf(object);
    Notify(changed, now);
  }
}

void Scheduler::Impl::OnObjectGone(const kube::Object& object, Instant now) {
  if (const auto* pod = std::get_if<kube::Ref<kube::Pod>>(&object)) {
    OnPodGone(PodKey((*pod)->metadata), now);
  } else if (const auto* node = std::get_if<kube::Ref<kube::Node>>(&object)) {
    OnNodeGone((*node)->metadata.name, now);
  } else {
    const Inputs changed = cluster_.RemoveObject(object);
    WakePlansOf(object);
    Notify(changed, now);
  }
}

void Scheduler::Impl::WakePlansOf(const kube::Object& object) {
  std::vector<std::string> pods;
  if (const auto* claim = std::get_if<kube::Ref<kube::PersistentVolumeClaim>>(&object)) {
    pods = cluster_.assumed_volumes().PodsThatWaitFor(**claim);
  } else if (const auto* volume = std::get_if<kube::Ref<kube::PersistentVolume>>(&object)) {
    pods = cluster_.assumed_volumes().PodsThatWaitFor(**volume);
  }
  for (std::string& pod : pods) woken_.in_flight.push_back(std::move(pod));
}

void Scheduler::Impl::OnNodeGone(const std::string& name, Instant now) {
  const NodeId node = cluster_.FindNode(name);
  if (node == kNoNode) return;
  // Nothing will come of what waits there.
  for (const PodRecord* pod : cluster_.columns().pods[node]) {
    if (pod->where == PodRecord::Where::kAssumed) {
      woken_.in_flight.push_back(PodKey(pod->facts));
    }
  }
  const std::vector<const PodRecord*> nominated = cluster_.columns().nominated[node];
  cluster_.RemoveNode(name);
  Notify({Input::kTopologyCounts}, now);
  for (const PodRecord* pod : nominated) {
    // What other schedulers do with theirs is up to them.
    if (QueueEntry* entry = queue_.Find(PodKey(pod->facts))) GiveUpNomination(*entry, now);
  }
}

void Scheduler::Impl::OnPod(const kube::Ref<kube::Pod>& pod, Instant now) {
  const std::string key = PodKey(pod->metadata);
  const PodRecord* named = cluster_.FindPodNamed(pod->metadata.namespace_, pod->metadata.name);
  if (named != nullptr && PodKey(named->facts) != key) {
    // Recreated under the same name: the old one is gone, whether that was shown or not.
    OnPodGone(PodKey(named->facts), now);
  }
  const PodRecord* old = cluster_.FindPod(key);
  if (!IsOfInterest(*pod)) {
    if (old == nullptr) return;
    // Another scheduler's, which has lost its nomination.
    if (old->where == PodRecord::Where::kPending && !pod->terminated()) {
      OnPodGone(key, now);
      return;
    }
  }
  const PodBefore before(old);
  QueueEntry* entry = queue_.Find(key);
  if (entry != nullptr) queue_.Lift(*entry);
  const PodRecord& record = cluster_.UpsertPod(pod);
  PlacePod(record, ChangedForItself(before, record), now);
  Notify(ChangedForOthers(before, record), now, queue_.Find(key));
}

// Returns false for a pod that holds nothing, claims nothing, and is not ours to place.
bool Scheduler::Impl::IsOfInterest(const kube::Pod& pod) const {
  if (pod.terminated()) return false;
  return !pod.node_name.empty() || !pod.status.nominated_node_name.empty() ||
         Owns(pod.spec->scheduler_name);
}

void Scheduler::Impl::OnPodGone(const std::string& key, Instant now) {
  const PodRecord* record = cluster_.FindPod(key);
  if (record == nullptr) return;
  const bool counted = record->node != kNoNode || record->nominated != kNoNode;
  if (QueueEntry* entry = queue_.Find(key)) {
    if (flights_.contains(entry)) DropFlight(*entry, now);
    queue_.Remove(*entry);
    consultations_.erase(key);
  }
  settled_.erase(key);
  cluster_.RemovePod(key);
  if (counted) Notify(kRoomFreed, now);
}

// Puts a pod that has come or changed where it belongs now. `changed`: in a way that could matter
// to its own placing.
void Scheduler::Impl::PlacePod(const PodRecord& record, Inputs changed, Instant now) {
  const std::string key = PodKey(record.facts);
  QueueEntry* entry = queue_.Find(key);
  if (entry != nullptr && entry->place == QueueEntry::Place::kInFlight) {
    UpdateFlight(*entry, changed, now);
    return;
  }
  const bool to_place = record.where == PodRecord::Where::kPending &&
                        !record.pod->metadata.deletion_timestamp.has_value() &&
                        Owns(record.pod->spec->scheduler_name);
  if (record.where != PodRecord::Where::kPending) settled_.erase(key);
  if (!to_place) {
    if (entry != nullptr) queue_.Remove(*entry);
  } else if (entry != nullptr) {
    RequeueChanged(*entry, changed, now);
  } else if (!settled_.contains(key)) {
    QueueEntry& added = queue_.Add(record, now.mono);
    if (PassesPreEnqueue(added, now)) queue_.Activate(added, now.mono);
  }
}

// Undoes a flight that others know to be over, but for the volumes that it gives back.
void Scheduler::Impl::DropFlight(const QueueEntry& entry, Instant now) {
  if (Undo(entry).Has(Input::kVolumes)) Notify({Input::kVolumes}, now);
}

void Scheduler::Impl::UpdateFlight(QueueEntry& entry, Inputs changed, Instant now) {
  const PodRecord& record = *entry.record;
  if (preempting_.contains(entry.key) || consultations_.contains(entry.key)) {
    if (record.where != PodRecord::Where::kPending ||
        record.pod->metadata.deletion_timestamp.has_value()) {
      consultations_.erase(entry.key);
      queue_.Remove(entry);
    } else if (!changed.empty()) {
      queue_.NoteUpdateInFlight(entry, changed);
      entry.admitted = false;
    }
    return;
  }
  const Flight& flight = flights_.at(&entry);
  switch (record.where) {
    case PodRecord::Where::kAssumed:
      if (record.pod->metadata.deletion_timestamp.has_value() && !flight.bind_sent) {
        DropFlight(entry, now);
        queue_.Remove(entry);
      } else if (!changed.empty()) {
        queue_.NoteUpdateInFlight(entry, changed);
        entry.admitted = false;
      }
      return;
    case PodRecord::Where::kBound:
      // Our own binding, seen before its reply: that ends the flight.
      if (record.node == flight.node && flight.bind_sent) return;
      break;
    case PodRecord::Where::kPending:
    case PodRecord::Where::kTerminated:
      break;
  }
  // Settled by somebody else.
  DropFlight(entry, now);
  queue_.Remove(entry);
}

void Scheduler::Impl::RequeueChanged(QueueEntry& entry, Inputs changed, Instant now) {
  switch (entry.place) {
    case QueueEntry::Place::kNowhere:  // Lifted out of the active queue.
      if (changed.empty() || PassesPreEnqueue(entry, now)) queue_.Activate(entry, now.mono);
      return;
    case QueueEntry::Place::kBackoff:
      // Asked when it comes back.
      if (!changed.empty()) entry.admitted = false;
      return;
    case QueueEntry::Place::kUnschedulable:
      if (!SchedulingQueue::Reads(entry, changed)) return;
      [[fallthrough]];
    case QueueEntry::Place::kGated:
    case QueueEntry::Place::kWaiting:
      if (!changed.empty() && PassesPreEnqueue(entry, now)) queue_.Retry(entry, now.mono);
      return;
    case QueueEntry::Place::kActive:
    case QueueEntry::Place::kInFlight:
      return;
  }
}

}  // namespace heat_scheduler
