// The others who act on the cluster: kubelets that run and end pods, another scheduler that fills
// the same nodes, and the garbage collector of pods whose node is gone.
//
// Each tick, each of them does the next thing for a pod with some chance, so that delays differ.
// Kubelets reject a pod that does not fit (OutOfcpu and the like), as real ones do. Writes to the
// embedded API without a network. One thread: the loop's.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "absl/time/time.h"
#include "base/random.h"
#include "cluster/registry.h"
#include "kube/codec.h"
#include "net/event_loop.h"
#include "tests/faults/fit.h"

namespace heat_scheduler {

class Bystanders {
 public:
  // Borrows loop, registry and decoder.
  Bystanders(net::EventLoop& loop, cluster::Registry& registry, kube::Decoder& decoder,
             std::uint64_t seed);
  ~Bystanders();
  Bystanders(const Bystanders&) = delete;
  Bystanders& operator=(const Bystanders&) = delete;

  void Start();

  // From now on, running pods keep running: the cluster comes to rest.
  void CalmDown() { calm_ = true; }

  // Returns true if the last tick found nothing left to do, now or later.
  bool at_rest() const { return at_rest_; }

 private:
  void Tick();
  // Returns true if something is, or will be, done for the pod.
  bool Act(const cluster::Document& document);
  bool RunPod(const kube::Pod& pod, const kube::Node& node);
  bool PlacePod(const kube::Pod& pod);
  void SetPhase(const kube::Pod& pod, const char* phase, const char* reason);
  void DeleteAtOnce(const kube::Pod& pod, const char* writer);

  kube::Ref<kube::Node> FindNode(const std::string& name);
  // The pods that hold room on the node, but for one.
  PodRefs PodsOn(const std::string& node, const std::string& but_uid);
  kube::Ref<kube::Pod> DecodePod(const cluster::Document& document);
  // Valid as long as this object.
  const kube::Object& Decode(kube::Kind kind, const cluster::Document& document);

  net::EventLoop& loop_;
  cluster::Registry& registry_;
  kube::Decoder& decoder_;
  // By resourceVersion, of which no two documents have the same: looked at in every tick, decoded
  // once.
  std::unordered_map<std::int64_t, kube::Object> decoded_;
  Random random_;
  const double end_chance_;   // That a running pod ends in a tick.
  const double stop_chance_;  // That a pod that is being deleted has stopped by the end of one.
  bool calm_ = false;
  bool at_rest_ = false;
  net::TimerId timer_ = 0;
};

}  // namespace heat_scheduler
