// What a pod's nodeSelector and required node affinity demand of a node, put together for one
// cycle.
//
// Both must hold; the terms of the affinity are alternatives, and an affinity without terms selects
// nothing. Borrows the pod's class; immutable. Source: k8s.io/component-helpers
// scheduling/corev1/nodeaffinity (RequiredNodeAffinity), v0.36.
#pragma once

#include "kube/objects.h"
#include "scheduler/state/pod_class.h"

namespace heat_scheduler {

class RequiredNodeAffinity {
 public:
  // `pod_class` outlives this.
  RequiredNodeAffinity(const PodClass& pod_class, const PodFacts& facts);

  // Returns true if the node is one that the pod may run on.
  bool Matches(const kube::Node& node) const;

 private:
  const PodClass& pod_class_;
  kube::NodeSelector terms_;  // With their matchFields.
};

}  // namespace heat_scheduler
