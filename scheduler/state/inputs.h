// What a verdict or a score can depend on, as plugins declare it and as events change it.
//
// The declarations decide what has to be evaluated again after a change, and which of the pods that
// fit nowhere are tried again; a property test holds plugins to them.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace heat_scheduler {

enum class Input : std::uint8_t {
  kNodeResources,  // Allocatable of the node itself.
  kNodeLabels,
  kNodeTaints,  // spec.taints and spec.unschedulable.
  kNodeImages,
  kNodeAnnotations,
  kNodeDeclaredFeatures,
  kNodePods,        // Pods on the node: their requests, ports, number.
  kTopologyCounts,  // Counts of pods by (selector, topology value).
  kFeasibleCount,   // The number of feasible nodes or domains.
  kClusterWide,     // Anything else of the cluster as a whole.
  // What the pod itself asks for, its controller, node name, claims, terms on metadata.name, and
  // its labels by the selectors of objects and of pods, its own included.
  kPodFacts,
  kPodIdentity,  // The rest of what is its own: name, UID, priority, labels that nobody selects by.
  kVolumes,      // Claims, volumes, storage classes and everything of CSI.
  kNamespaceLabels,
  kSelectingOwners,  // Services and workload objects that select pods.
  kTime,
};

// A set of Input. Value type.
class Inputs {
 public:
  constexpr Inputs() = default;
  constexpr Inputs(std::initializer_list<Input> inputs) {
    for (Input input : inputs) bits_ |= Bit(input);
  }

  static constexpr Inputs All() {
    Inputs all;
    all.bits_ = ~std::uint32_t{0};
    return all;
  }

  constexpr bool Has(Input input) const { return (bits_ & Bit(input)) != 0; }
  constexpr bool Intersects(Inputs other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  // The set as a number, one bit an input: a key for maps.
  constexpr std::uint32_t bits() const { return bits_; }
  constexpr Inputs operator|(Inputs other) const {
    Inputs joined;
    joined.bits_ = bits_ | other.bits_;
    return joined;
  }
  friend constexpr bool operator==(Inputs, Inputs) = default;

 private:
  static constexpr std::uint32_t Bit(Input input) {
    return std::uint32_t{1} << static_cast<unsigned>(input);
  }
  std::uint32_t bits_ = 0;
};

}  // namespace heat_scheduler
