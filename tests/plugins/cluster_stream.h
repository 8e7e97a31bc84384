// A random cluster that goes on changing, for the comparison of selections: pods and nodes come,
// change and go, few kinds of each, so that classes meet again, and few values, so that they tie.
//
// Seeded: equal seeds give equal streams on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "kube/objects.h"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

class ClusterStream {
 public:
  // A cluster that has about `nodes` nodes.
  ClusterStream(std::uint64_t seed, std::size_t nodes);

  ClusterState& cluster() { return cluster_; }
  Random& random() { return random_; }

  // Makes something happen.
  void Happen();

  // Makes a new pending pod known; the record holds until the next call of anything here.
  const PodRecord& NextPod();

  // Places that pod, or forgets it.
  void Place(const PodRecord& pod, NodeId node);
  void Leave(const PodRecord& pod);

 private:
  bool OneIn(std::uint64_t n) { return random_.Below(n) == 0; }
  const std::string& OneOf(const std::vector<std::string>& choices) {
    return choices[random_.Below(choices.size())];
  }
  std::string NodeName() { return "n" + std::to_string(random_.Below(nodes_wanted_)); }

  kube::Node DrawNode();
  kube::Pod DrawKind();
  void DrawNodeWishes(kube::Pod& pod);
  void DrawNeighbours(kube::Pod& pod);
  kube::NodeSelectorTerm DrawNodeTerm();
  kube::LabelSelector DrawSelector();
  kube::PodAffinityTerm DrawAffinityTerm();
  kube::Pod DrawPod();
  void AddClaim(kube::Pod& pod);

  void ChangeNode();
  void PutNode();
  void ChangePod();
  void PutForeignPod();
  void ChangeObject();
  void PutClaim(const std::string& name);
  void PutAttachment();
  void ChangeAssumed();
  void Assume();
  void Nominate();
  void Upsert(const kube::Pod& pod);
  void Remove(std::size_t place);

  Random random_;
  const std::size_t nodes_wanted_;
  ClusterState cluster_;
  std::vector<kube::Pod> kinds_;
  std::vector<kube::Pod> placed_;       // Pods that are there for longer, as last shown.
  std::vector<std::string> nominated_;  // Keys of the pods that are nominated somewhere.
  std::vector<std::string> in_flight_;  // Keys of pods for whose claims something is assumed.
  std::uint64_t pods_made_ = 0;
  std::uint64_t versions_ = 0;
  std::size_t room_ = 0;  // Pods that are allowed to be there.
};

}  // namespace heat_scheduler
