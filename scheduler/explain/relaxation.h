// What a pod wishes for, wish by wish, each in a form in which it can be dropped for a look.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

// A copy of a pod that can be asked about with less wishes. Not movable: its parts point to each
// other.
class RelaxedPod {
 public:
  // The nomination is left out: all nodes are to be looked at.
  explicit RelaxedPod(const PodRecord& pod);
  RelaxedPod(const RelaxedPod&) = delete;
  RelaxedPod& operator=(const RelaxedPod&) = delete;

  PodClass& pod_class() { return class_; }
  PodFacts& facts() { return record_.facts; }
  kube::Pod& pod() { return *pod_; }
  const PodRecord& record() const { return record_; }

 private:
  const std::shared_ptr<kube::Pod> pod_;
  PodClass class_;
  PodRecord record_;
};

// One of the resources that a pod requests.
struct RequestedResource {
  std::string name;              // "cpu", "example.com/gpu".
  std::optional<TextId> scalar;  // Of any but cpu, memory and ephemeral storage.

  // The amount in `resources`; of cpu in thousandths.
  std::int64_t In(const Resources& resources) const;
  void Set(Resources& resources, std::int64_t amount) const;
  // Returns the amount as a quantity: "500m", "1Gi", "2".
  std::string Text(std::int64_t amount) const;
};

struct Relaxation {
  nlohmann::ordered_json change;           // "kind" and what it is about.
  std::string text;                        // "tolerating dedicated=gpu:NoSchedule"
  std::function<void(RelaxedPod&)> apply;  // Empty for a resource.
  std::optional<RequestedResource> resource = std::nullopt;
};

// Returns everything that could be dropped of a pod's wishes, in the order in which ways_out.h
// lists it.
std::vector<Relaxation> RelaxationsOf(const ClusterState& cluster, const PodRecord& pod);

}  // namespace heat_scheduler
