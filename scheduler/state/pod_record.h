// What the cluster state knows of one pod.
//
// Plain values, changed by the cluster state alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kube/codec.h"
#include "kube/objects.h"
#include "scheduler/state/pod_class.h"
#include "scheduler/state/pod_traits.h"

namespace heat_scheduler {

// A row of the columns.
using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = ~NodeId{0};

// One pod that the state knows. Addresses are stable while the pod is known.
struct PodRecord {
  enum class Where {
    kPending,     // On no node.
    kAssumed,     // Placed by us, not yet seen bound.
    kBound,       // Seen bound in the API.
    kTerminated,  // Succeeded or failed: counts nowhere, whatever its spec.nodeName.
  };
  kube::Ref<kube::Pod> pod;
  const PodClass* pod_class = nullptr;
  PodTraitsId traits = 0;
  PodFacts facts;
  Where where = Where::kPending;
  NodeId node = kNoNode;  // Set when assumed or bound.
  // status.nominatedNodeName, or what was decided of it since the API last showed a change of it.
  std::string nominated_node_name;
  NodeId nominated = kNoNode;  // The row that lists the nomination: of a pending pod.
  // sequence() when it came to count on its row, and when its nomination was listed: among pods of
  // one row the smaller came first.
  std::uint64_t counted_at = 0;
  std::uint64_t nominated_at = 0;
};

// Returns what a pod is known by: its UID, or "namespace/name" if that is empty.
std::string PodKey(std::string_view namespace_, std::string_view name, std::string_view uid);
std::string PodKey(const kube::ObjectMeta& metadata);
std::string PodKey(const PodFacts& facts);

}  // namespace heat_scheduler
