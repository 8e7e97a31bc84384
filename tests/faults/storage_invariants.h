// Checks what holds of claims and volumes whatever fails: no volume is given to two claims, a pod
// is bound once all of its claims are, to a node that reaches their volumes (G2), and at the end no
// pod waits whose claims could be bound (G7).
//
// Looks at the API's own documents, at each accepted write and at the end; what the scheduler knew
// does not matter, since a claim that is bound stays so. Claims are not created again under the
// same name, and bound volumes are not deleted, while it watches. Thread-compatible.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cluster/registry.h"
#include "kube/codec.h"
#include "tests/faults/invariants.h"

namespace heat_scheduler {

class StorageChecker {
 public:
  // Borrows both.
  StorageChecker(const cluster::Store& store, kube::Decoder& decoder)
      : store_(store), decoder_(decoder) {}

  // Takes a write that the API accepted; `ours`: by the scheduler under test.
  void OnWrite(const cluster::WriteRef& write, bool ours);

  // Looks at the end of a run.
  void OnSettled(absl::Duration time, const std::string& scheduler_name);

  const std::vector<Violation>& violations() const { return violations_; }
  // How many pods with claims were bound.
  std::size_t binds() const { return binds_; }

 private:
  void CheckVolume(const cluster::WriteRef& write);
  void CheckClaim(const cluster::WriteRef& write);
  void CheckBind(const cluster::WriteRef& write);
  // Returns true if all claims of the pod are, or can be, bound with the pod on the node.
  bool CanHaveClaims(const kube::Pod& pod, const kube::Node& node) const;
  bool CanHaveClaim(const kube::PersistentVolumeClaim& claim, const kube::Node& node) const;
  void CheckWaiting(const kube::Pod& pod, absl::Duration time);

  template <typename T>
  kube::Ref<T> Decode(kube::Kind kind, const cluster::Document& document) const;
  kube::Ref<kube::PersistentVolume> FindVolume(const std::string& name) const;
  kube::Ref<kube::PersistentVolumeClaim> FindClaim(const std::string& name) const;
  void Report(std::string guarantee, absl::Duration time, std::string what);

  const cluster::Store& store_;
  kube::Decoder& decoder_;
  std::vector<Violation> violations_;
  std::size_t binds_ = 0;
};

}  // namespace heat_scheduler
