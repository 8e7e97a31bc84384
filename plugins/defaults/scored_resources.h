// The resources that count in a score, as arguments list them, and what a node has of them with a
// pod on it and without.
//
// Source: pkg/scheduler/framework/plugins/noderesources/resource_allocation.go, v1.36.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "scheduler/framework/args_reader.h"
#include "scheduler/framework/cycle.h"
#include "scheduler/state/resources.h"

namespace heat_scheduler {

struct ScoredResource {
  enum class Kind { kCpu, kMemory, kEphemeralStorage, kScalar };

  ScoredResource(std::string_view its_name, std::int64_t its_weight = 1);

  std::string name;
  std::int64_t weight;
  Kind kind = Kind::kScalar;  // By the name.
};

// What counts unless arguments say otherwise: cpu and memory, weight 1 each.
std::vector<ScoredResource> DefaultScoredResources();

// Reads a list of {name, weight}. Where it is absent or empty, or a weight is absent or 0, the
// default stands.
std::vector<ScoredResource> ReadScoredResources(ArgsReader& reader, std::string_view key);

// Which amounts count: what is requested, or for cpu and memory at least what a container without a
// request counts with, and of the pod itself no requests as a whole (PodClass::scored).
enum class CountedAmounts { kRequested, kScored };

// One resource of one node.
struct ResourceUse {
  std::int64_t before = 0;       // Requested there without the pod.
  std::int64_t after = 0;        // And with it.
  std::int64_t allocatable = 0;  // Not 0.
  std::int64_t weight = 1;
};

// Looks up the listed resources for one pod, node by node. Borrows everything.
class ResourceUses {
 public:
  ResourceUses(const Cycle& cycle, const std::vector<ScoredResource>& resources,
               CountedAmounts counted);

  // Returns true if the pod asks for none of the resources.
  bool empty() const;

  // Returns what the node has of them, in the order of the list; left out are resources of which
  // the node has nothing, and those other than cpu, memory and ephemeral storage that the pod does
  // not ask for. Valid until the next call.
  [[gnu::always_inline]] absl::Span<const ResourceUse> On(NodeId node) {
    ResourceUse* use = uses_.data();
    const Wanted* const end = wanted_.data() + wanted_.size();
    for (const Wanted* wanted = wanted_.data(); wanted != end; ++wanted) {
      if (wanted->allocatable.first == nullptr) {
        AddScalar(node, *wanted, use);
        continue;
      }
      const std::int64_t has = wanted->allocatable.Of(node);
      if (has == 0) continue;
      const std::int64_t before = wanted->requested.Of(node);
      *use++ = {before, SaturatingAdd(before, wanted->amount), has, wanted->weight};
    }
    return {uses_.data(), static_cast<std::size_t>(use - uses_.data())};
  }

 private:
  // Numbers of rows, so far apart in memory.
  struct Column {
    const std::int64_t* first = nullptr;
    std::size_t stride = 1;

    std::int64_t Of(NodeId node) const { return first[node * stride]; }
  };
  struct Wanted {
    Column allocatable;  // None for a scalar.
    Column requested;    // Or what counts instead.
    TextId scalar;
    std::int64_t amount;
    std::int64_t weight;
  };

  // Adds what the node has of a scalar, if it has any.
  void AddScalar(NodeId node, const Wanted& wanted, ResourceUse*& use) const;

  const NodeColumns& columns_;
  // Few; an allocation for each would cost more than what they are for.
  absl::InlinedVector<Wanted, 4> wanted_;
  absl::InlinedVector<ResourceUse, 4> uses_;
};

}  // namespace heat_scheduler
