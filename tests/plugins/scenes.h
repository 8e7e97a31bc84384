// Random nodes and pods for laws about plugins: few names, values and sizes, so that they meet.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kube/codec.h"
#include "kube/objects.h"
#include "rapidcheck.h"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

// Draws one of 0 to bound - 1, each as often as the others: RapidCheck's own inRange keeps to small
// numbers in its first cases.
int Below(int bound);

// Draws one of the choices.
std::string OneOf(const std::vector<std::string>& choices);

struct Scene {
  std::vector<kube::Node> nodes;      // 1 to 6: n0, n1, ...
  std::vector<kube::Pod> others;      // Bound to them.
  std::vector<kube::Object> objects;  // Namespaces, Services, ...
  kube::Pod pod;                      // The one that is asked about.
};

// Draws a scene.
Scene DrawScene();

// Returns a cluster of all that but the pod.
std::unique_ptr<ClusterState> MakeCluster(const Scene& scene);

// Draws what a pod asks for, on no node. `key` is its "namespace/name".
kube::Pod DrawPod(const std::string& key);

// Draws a node with labels, taints, resources and temperature annotations, dated around `now`.
kube::Node DrawNode(const std::string& name);

}  // namespace heat_scheduler
