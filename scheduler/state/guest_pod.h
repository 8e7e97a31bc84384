// A pod that is looked at without being one of the cluster's: it counts nowhere and is found by
// nobody, and the state is as before.
//
// For those who are asked about pods that are not theirs to schedule. Valid while the state does
// not change. Thread-compatible.
#pragma once

#include <cstdint>

#include "kube/codec.h"
#include "kube/objects.h"
#include "scheduler/state/cluster_state.h"
#include "scheduler/state/pod_class.h"

namespace heat_scheduler {

class GuestPod {
 public:
  // `number`: one that no other guest has whom the same plugins are asked about, since they may
  // remember what they have found out about a class.
  GuestPod(const ClusterState& state, kube::Ref<kube::Pod> pod, std::uint64_t number);
  GuestPod(const GuestPod&) = delete;
  GuestPod& operator=(const GuestPod&) = delete;

  // Returns its record: pending, on no node and nominated to none, whatever the pod says.
  const PodRecord& record() const { return record_; }

 private:
  PodClass pod_class_;
  PodRecord record_;
};

}  // namespace heat_scheduler
