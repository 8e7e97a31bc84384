// Has pods share what they have in common.
//
// Each pod comes with labels, owners, a spec and a status of its own, though all pods of one
// template have the same ones. Here each different one is kept once, for as long as any pod has it;
// what then is left of a pod is what nobody shares: its names, times and nodes. Thread-compatible.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "kube/codec.h"
#include "kube/object_hash.h"
#include "kube/objects.h"

namespace heat_scheduler {

class PodParts {
 public:
  // Returns an equal pod that shares its parts with those that were returned before: the same one
  // if it does so already, or keeps its document.
  kube::Ref<kube::Pod> Share(kube::Ref<kube::Pod> pod);

  // Returns how many different parts are kept.
  std::size_t size() const;

 private:
  // All different values of one part; what nobody else holds any more goes from time to time.
  template <typename Part>
  class Pool {
   public:
    // Returns the value that is equal to it and kept here.
    Part Kept(const Part& part);
    std::size_t size() const { return parts_.size(); }

   private:
    absl::flat_hash_set<Part> parts_;
    std::size_t most_ = 64;  // How many may be there before it is looked who is held still.
  };

  Pool<kube::StringMap> texts_;
  Pool<Cow<std::vector<kube::OwnerReference>>> owners_;
  Pool<Cow<kube::PodSpec>> specs_;
  Pool<Cow<std::vector<kube::PodCondition>>> conditions_;
  Pool<kube::TextMap<kube::ResourceList>> allocated_;
};

}  // namespace heat_scheduler
