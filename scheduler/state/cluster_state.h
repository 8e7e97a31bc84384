// The single copy of the truth about nodes and pods, owned by one thread.
//
// Nodes are rows of dense columns (row = NodeId). Rows are stable while the node or a pod on it is
// there; a node that vanished while pods remain keeps its row, without a node object, and gets it
// back when a node of the same name comes again. Pods are kept by UID. A pod counts on its node
// from the moment it is assumed or seen bound there, until it has terminated; nothing is counted
// twice. A bound pod whose node is not known (yet) opens a row without a node object. A pending pod
// with a nominated node is listed on that node's row, too, but counts nowhere. Every change of what
// a row counts or lists, or of what its node offers, raises sequence(), marks the row and is
// logged; a node's heartbeat does not. Thread-compatible.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "base/strings.h"
#include "kube/codec.h"
#include "kube/objects.h"
#include "kube/pod_requests.h"
#include "scheduler/state/assumed_volumes.h"
#include "scheduler/state/change_log.h"
#include "scheduler/state/cluster_objects.h"
#include "scheduler/state/history.h"
#include "scheduler/state/image_index.h"
#include "scheduler/state/inputs.h"
#include "scheduler/state/interner.h"
#include "scheduler/state/pod_class.h"
#include "scheduler/state/pod_parts.h"
#include "scheduler/state/pod_record.h"
#include "scheduler/state/pod_table.h"
#include "scheduler/state/pod_traits.h"
#include "scheduler/state/resources.h"
#include "scheduler/state/topology_domains.h"

namespace heat_scheduler {

// Rows, in an order that the owner states.
using NodeSpan = absl::Span<const NodeId>;

// One value a row, all of the same length.
struct NodeColumns {
  std::vector<std::string> name;
  std::vector<kube::Ref<kube::Node>> node;  // Null: the row is free, or its node has vanished.
  std::vector<Resources> allocatable;
  std::vector<std::int64_t> allowed_pods;
  std::vector<Resources> requested;
  std::vector<std::int64_t>
      nonzero_milli_cpu;  // Sum of PodClass::nonzero_milli_cpu of the row's pods.
  std::vector<std::int64_t> nonzero_memory;
  std::vector<std::vector<const PodRecord*>> pods;  // In the order in which they came to count.
  // Host ports taken on the row, sorted. In a look (WhatIf) a set, as in kube-scheduler: where
  // several pods hold one port, it is free as soon as one of them is taken off.
  std::vector<std::vector<kube::HostPort>> used_ports;
  // Those of `pods` with any term of pod affinity or anti-affinity, and those with a required
  // anti-affinity term: what has to be looked at on behalf of every other pod.
  std::vector<std::vector<const PodRecord*>> pods_with_affinity;
  std::vector<std::vector<const PodRecord*>> pods_with_required_anti_affinity;
  // Pending pods that are nominated to run there, whoever schedules them, in the order of their
  // nominations.
  std::vector<std::vector<const PodRecord*>> nominated;
  std::vector<std::uint64_t> changed_at;  // sequence() of the row's last change.
};

class ClusterState {
 public:
  ClusterState();
  ClusterState(const ClusterState&) = delete;
  ClusterState& operator=(const ClusterState&) = delete;

  // ---- Nodes ----

  // Adds or replaces the node of that name; returns which inputs changed with it: all that nodes
  // have for a new one (with it come domains, and room for pods), none for an equal one. Labels
  // bring kTopologyCounts with them.
  Inputs UpsertNode(kube::Ref<kube::Node> node);

  // Removes the node; pods on it stay counted on its row. Returns false if there is none.
  bool RemoveNode(std::string_view name);

  // Returns the row of a living node, or kNoNode.
  NodeId FindNode(std::string_view name) const;

  // Returns the living nodes, in name order.
  NodeSpan nodes() const { return in_name_order_; }

  const NodeColumns& columns() const { return columns_; }

  // Returns the domains of a topology key. They are kept up to date for as long as somebody holds
  // them.
  std::shared_ptr<const TopologyDomains> Topology(std::string_view key) const;

  // Returns the images of the living nodes.
  const ImageIndex& images() const { return images_; }

  // ---- Pods ----

  // `key` is the pod's PodKey throughout.

  // Adds or replaces a pod by key, as the API shows it; returns its record. An assumed pod that the
  // API still shows unbound stays assumed; one that it shows bound counts where the API says, and
  // only there. A bound pod that is shown unbound is an old view and changes nothing: bindings are
  // final.
  const PodRecord& UpsertPod(kube::Ref<kube::Pod> pod);

  // Forgets the pod altogether. Returns false if it is unknown.
  bool RemovePod(std::string_view key);

  // Returns the pod's record, or null.
  const PodRecord* FindPod(std::string_view key) const;

  // Returns the record of the pod that was last seen to come by that name, or null.
  const PodRecord* FindPodNamed(std::string_view namespace_, std::string_view name) const;

  // Places a pending pod, one that FindPod returns, on a living node: it counts there from now on.
  void Assume(const PodRecord& pod, NodeId node);

  // Takes an assumed pod off its node: it is pending again. Any other pod stays as it is.
  void Forget(std::string_view key);

  // Sets the nominated node of a known pod ahead of the API; empty: none. It holds until the API
  // shows another nomination than it does now.
  void Nominate(std::string_view key, std::string_view node_name);

  // ---- What if ----

  // Counts pods on or off one row for a look, and puts every byte back on destruction. Neither
  // sequence() nor changed_at moves: a look is no change, so that whoever may read the state may
  // take one. Scopes nest: the last one made ends first.
  class WhatIf {
   public:
    WhatIf(const ClusterState& state, NodeId node);
    ~WhatIf();
    WhatIf(const WhatIf&) = delete;
    WhatIf& operator=(const WhatIf&) = delete;

    void Add(const PodRecord& pod);
    // The pod must be one of the row's. Its place in the row is lost for the scope.
    void Remove(const PodRecord& pod);

   private:
    ClusterState& state_;
    NodeId node_;
    Resources requested_;
    std::int64_t nonzero_milli_cpu_;
    std::int64_t nonzero_memory_;
    std::vector<const PodRecord*> pods_;
    std::vector<kube::HostPort> used_ports_;
    std::vector<const PodRecord*> pods_with_affinity_;
    std::vector<const PodRecord*> pods_with_required_anti_affinity_;
  };

  // ---- The rest ----

  // Takes an object that is neither pod nor node; returns which inputs changed with it.
  Inputs UpsertObject(const kube::Object& object);
  Inputs RemoveObject(const kube::Object& object);
  const ClusterObjects& objects() const { return objects_; }

  // From now on notes in `history` what each change replaces, as far as a decision could depend on
  // it; null: no more. It outlives the state.
  void KeepHistory(History* history);

  // What of claims and volumes is assumed ahead of the API.
  const AssumedVolumes& assumed_volumes() const { return assumed_volumes_; }
  AssumedVolumes& assumed_volumes() { return assumed_volumes_; }

  // ---- Numbers ----

  // Rises with every change of a row and of the set of nodes.
  std::uint64_t sequence() const { return log_.last(); }
  // Sets `rows` to those that changed after that sequence(), each once, in the order of their last
  // changes, vanished and free ones among them; and `what` to the inputs of nodes that changed:
  // kNodePods for what counts on a row or is nominated to it, all of them for nodes that came or
  // went. Returns false if that is too long ago to tell.
  bool ChangedRows(std::uint64_t since, std::vector<NodeId>& rows,
                   std::vector<Inputs>& what) const {
    return log_.RowsSince(since, rows, what);
  }
  // Rises when nodes() changes.
  std::uint64_t node_list_version() const { return node_list_version_; }
  // Sets `traits` to those of a pod as far as any selector asks about them. Pods that nobody can
  // tell apart by their labels have the same; what was told apart before is so still, until
  // selectors_version() rises.
  void WriteSelectedTraits(const kube::Pod& pod, std::string& traits) const;
  std::uint64_t selectors_version() const {
    return classes_.selector_keys().version() + objects_.selector_keys().version();
  }
  // Rises when an object that is neither pod nor node changes one of those inputs, or an
  // assumption about one does.
  std::uint64_t ObjectsVersion(Inputs inputs) const;
  std::size_t pod_count() const { return pods_.size(); }
  // All pods, in no particular order.
  std::vector<const PodRecord*> pods() const;
  // Nominations that are listed, and the rows that list any, in no particular order.
  std::size_t nomination_count() const { return nomination_count_; }
  NodeSpan nominated_rows() const { return nominated_rows_; }
  // Returns true if a pod that counts somewhere has a lower priority.
  bool AnyPodBelow(std::int32_t priority) const {
    return !counted_priorities_.empty() && counted_priorities_.begin()->first < priority;
  }
  // Pods that count somewhere and have any term of pod affinity or anti-affinity.
  std::size_t affinity_count() const { return affinity_count_; }
  // Pods that count somewhere and have a required anti-affinity term.
  std::size_t required_anti_affinity_count() const { return required_anti_affinity_count_; }
  // Names of extended resources, as Resources::scalars number them.
  const Interner& resource_names() const { return resource_names_; }
  const PodClassTable& pod_classes() const { return classes_; }

 private:
  NodeId RowFor(std::string_view name);
  void FreeRowIfUnused(NodeId row);
  void CountOn(NodeId row, const PodRecord& pod);
  void CountOff(NodeId row, const PodRecord& pod);
  // As CountOff, but for ports that others on the node have too: those stay taken.
  void TakeOff(NodeId row, const PodRecord& pod);
  void TakePorts(NodeId row, const PodClass& pod_class);
  void AddTotals(NodeId row, const PodClass& pod_class);
  // Notes that a pod has come to count somewhere (+1), or has ceased to (-1).
  void NoteCounted(const PodRecord& pod, int change);
  void ListNomination(PodRecord& record);
  // Notes in the history what is known of a pod, before that changes; of a new one `pod`.
  void NoteBefore(const PodRecord& record, const kube::Ref<kube::Pod>& pod, bool replaces);
  void Touch(NodeId row, Inputs what = {Input::kNodePods}) {
    log_.Add(row, what);
    columns_.changed_at[row] = log_.last();
  }
  Inputs Count(Inputs changed);
  // Tells the topologies of the row's labels; null: it has none.
  void SetDomains(NodeId row, const kube::StringMap* labels);

  Interner resource_names_;
  PodClassTable classes_;
  PodTraitsTable traits_;
  PodParts parts_;
  NodeColumns columns_;
  ImageIndex images_;
  ClusterObjects objects_;
  AssumedVolumes assumed_volumes_;
  std::vector<NodeId> free_rows_;
  std::vector<NodeId> in_name_order_;
  absl::flat_hash_map<std::string, NodeId, StringHash, StringEqual> rows_;  // Living and vanished.
  PodTable pods_;
  std::size_t nomination_count_ = 0;
  std::vector<NodeId> nominated_rows_;
  std::map<std::int32_t, std::size_t> counted_priorities_;  // How many pods that count have which.
  std::size_t affinity_count_ = 0;
  std::size_t required_anti_affinity_count_ = 0;
  ChangeLog log_;
  std::uint64_t node_list_version_ = 0;
  std::array<std::uint64_t, 32> object_changes_{};  // By input.
  History* history_ = nullptr;
  // Those that were asked for; whatever nobody else holds goes when another is asked for.
  mutable absl::flat_hash_map<std::string, std::shared_ptr<TopologyDomains>, StringHash,
                              StringEqual>
      topologies_;
};

}  // namespace heat_scheduler
