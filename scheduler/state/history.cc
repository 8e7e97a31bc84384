#include "scheduler/state/history.h"

#include "kube/object_bytes.h"

namespace heat_scheduler {
namespace {

// What an entry takes beside the object that it points to.
std::size_t OwnBytesOf(const History::Entry& entry) {
  std::size_t bytes = sizeof(History::Kept);
  if (const auto* pod = std::get_if<PastPod>(&entry)) {
    bytes += kube::HeapBytesOf(pod->assumed_on) + kube::HeapBytesOf(pod->nominated_node_name);
  } else if (const auto* past = std::get_if<PastAssumption>(&entry)) {
    bytes += kube::HeapBytesOf(past->key) + kube::HeapBytesOf(past->assumption.node) +
             kube::HeapBytesOf(past->assumption.claim.name) +
             kube::HeapBytesOf(past->assumption.claim.uid);
  } else if (const auto* mark = std::get_if<DecisionMark>(&entry)) {
    bytes += kube::HeapBytesOf(mark->node);
  }
  return bytes;
}

std::size_t ObjectBytesOf(const History::Entry& entry) {
  if (const auto* pod = std::get_if<PastPod>(&entry)) return kube::BytesOf(*pod->pod);
  if (const auto* node = std::get_if<PastNode>(&entry)) return kube::BytesOf(*node->node);
  if (const auto* object = std::get_if<PastObject>(&entry)) return kube::BytesOf(object->object);
  return 0;
}

}  // namespace

void History::Add(Entry entry, bool replaces) {
  const std::size_t bytes = OwnBytesOf(entry) + (replaces ? ObjectBytesOf(entry) : 0);
  entries_.push_back({std::move(entry), bytes});
  bytes_ += bytes;
  while (bytes_ > budget_) {
    bytes_ -= entries_.front().bytes;
    entries_.pop_front();
  }
}

}  // namespace heat_scheduler
