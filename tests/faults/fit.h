// Whether a pod may be on a node, said a second time and independently of the plugins: what the
// invariant checker measures their decisions against. Pure functions over values.
//
// Slow and plain on purpose: every sum is made anew from the pods themselves, in exact quantities.
// Source: the predicates of kube-scheduler's NodeResourcesFit, NodePorts, NodeUnschedulable,
// TaintToleration, NodeAffinity and NodeName (pkg/scheduler/framework/plugins, v1.36).
#pragma once

#include <string>
#include <vector>

#include "kube/codec.h"
#include "kube/objects.h"

namespace heat_scheduler {

using PodRefs = std::vector<kube::Ref<kube::Pod>>;

// Returns how reports name the pod.
std::string NameOf(const kube::Pod& pod);

// Returns true if the pod of that UID is among them.
bool Holds(const PodRefs& pods, const std::string& uid);

// Returns true if the pod has claims: what of them lets it fit nowhere is another checker's.
bool HasClaims(const kube::Pod& pod);

// Returns what of the node `pod` would overcommit beside `others`, in words, or nothing. Resources
// that the pod does not ask for are not its business: an overcommitted node can take it. Pods in
// `others` that have ended, and the pod itself, must have been left out.
std::string WhyOvercommitted(const kube::Pod& pod, const kube::Node& node, const PodRefs& others);

// Returns why the node does not want the pod (or the pod the node), whatever room there is, or
// nothing: cordon, hard taints, node selector, required node affinity, node name.
std::string WhyForbidden(const kube::Pod& pod, const kube::Node& node);

// Returns the first of both, or nothing if the pod fits.
std::string WhyNot(const kube::Pod& pod, const kube::Node& node, const PodRefs& others);

}  // namespace heat_scheduler
