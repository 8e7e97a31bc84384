// What scheduling reads of a pod, split in two: what many pods share, and what is a pod's own.
//
// A PodClass is hash-consed: pods of one Deployment, StatefulSet or indexed Job have one class, so
// that what is known of a class holds for all of them. Names, UIDs, claims and terms on
// metadata.name are PodFacts, outside the class, else every StatefulSet and DaemonSet pod would be
// a class of its own; labels, too, are the pod's own (PodRecord::pod has them). Classes are
// counted: the last user's Release frees one and its id. Thread-compatible.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "kube/objects.h"
#include "kube/pod_requests.h"
#include "scheduler/state/interner.h"
#include "scheduler/state/resources.h"
#include "scheduler/state/selector_keys.h"

namespace heat_scheduler {

using PodClassId = std::uint32_t;

struct PodClass {
  PodClassId id = 0;
  std::uint64_t serial = 0;  // Never given twice, unlike the id.
  std::string namespace_;
  Resources requests;
  std::int64_t nonzero_milli_cpu =
      0;  // As requested, or what a container without a request counts with.
  std::int64_t nonzero_memory = 0;
  // What NodeResourcesFit adds in a score for a pod that is to be placed: the amounts of its
  // containers and overhead, nonzero ones of cpu and memory, without requests of the pod as a
  // whole.
  Resources scored;
  std::vector<kube::HostPort> host_ports;
  kube::StringMap node_selector;
  // Required node affinity without its terms' match_fields, which are in PodFacts, term by term.
  std::vector<kube::NodeSelectorTerm> node_affinity_terms;
  bool has_required_node_affinity = false;
  std::vector<kube::PreferredSchedulingTerm> preferred_node_affinity;
  std::vector<kube::Toleration> tolerations;
  std::vector<kube::PodAffinityTerm> required_pod_affinity;
  std::vector<kube::WeightedPodAffinityTerm> preferred_pod_affinity;
  std::vector<kube::PodAffinityTerm> required_pod_anti_affinity;
  std::vector<kube::WeightedPodAffinityTerm> preferred_pod_anti_affinity;
  std::vector<kube::TopologySpreadConstraint> topology_spread_constraints;
  std::vector<std::string> images;         // Of init containers, then of containers; one each.
  std::vector<std::string> volume_images;  // Of image volumes; one each.
  std::vector<kube::Volume> disks;         // Volumes that name a disk themselves, without a claim.
  bool restarts_all_containers = false;    // Some container has a restart rule with that action.
  bool user_namespace_on_host_network = false;

  bool has_pod_affinity() const {
    return !required_pod_affinity.empty() || !preferred_pod_affinity.empty() ||
           !required_pod_anti_affinity.empty() || !preferred_pod_anti_affinity.empty();
  }
};

// A volume of a pod that is a claim.
struct PodClaim {
  std::string volume_name;
  std::string claim_name;  // Of an ephemeral volume: <pod>-<volume>.
  bool ephemeral = false;
  bool read_only = false;
};

struct PodFacts {
  std::string namespace_;
  std::string name;
  std::string uid;
  std::string node_name;  // spec.nodeName
  // match_fields of each term of the required node affinity, parallel to
  // PodClass::node_affinity_terms.
  std::vector<std::vector<kube::SelectorRequirement>> node_affinity_fields;
  std::vector<std::string> scheduling_gates;
  std::vector<PodClaim> claims;  // In the order of the volumes.
  bool has_resource_claims = false;
  bool in_pod_group = false;
  bool preempts = true;  // preemptionPolicy is not Never.
  std::int32_t priority = 0;
};

// Returns the facts of a pod.
PodFacts FactsOf(const kube::Pod& pod);

// The living classes.
class PodClassTable {
 public:
  // `resource_names` numbers extended resources; it is shared with the nodes' columns and outlives
  // this.
  explicit PodClassTable(Interner& resource_names) : resource_names_(resource_names) {}

  // Returns the class of the pod, counting one more user of it. The reference holds until its
  // Release.
  const PodClass& Acquire(const kube::Pod& pod);

  // Counts one user less.
  void Release(PodClassId id);

  // Returns a living class in a form that holds it beyond its Release: for caches.
  std::shared_ptr<const PodClass> Share(PodClassId id) const;

  // Returns the keys that the selectors of living classes ask about.
  const SelectorKeys& selector_keys() const { return selector_keys_; }

  // Returns the number of living classes.
  std::size_t size() const { return by_key_.size(); }

 private:
  struct Entry {
    PodClass pod_class;
    std::string key;
    std::size_t users = 0;
  };

  Interner& resource_names_;
  std::deque<std::shared_ptr<Entry>> entries_;  // By id; null where free.
  std::uint64_t serials_ = 0;
  SelectorKeys selector_keys_;
  std::vector<PodClassId> free_ids_;
  absl::flat_hash_map<std::string, PodClassId> by_key_;  // Bytes of what makes the class.
};

}  // namespace heat_scheduler
