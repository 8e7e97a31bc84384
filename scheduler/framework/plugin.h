// The extension points of a scheduler, by kube-scheduler's names; each is an interface of its own.
//
// A plugin is one object that implements Plugin and any of the others; the framework asks once,
// when a profile is built, which it has. Filter and Score take all nodes in one call: no virtual
// call per node. Where kube-scheduler's plugin would block (Permit, PreBind), ours answers kWait
// with what it waits for and is called again when that came to pass. Cycle::state lives from
// PreFilter to Reserve; from Permit on it is empty, since a pod that had to wait holds nothing but
// what its plugins keep for it by UID. All calls come from the thread
// that owns the cluster state; plugins look at no clock but Cycle::now and keep no state that a
// decision depends on outside CycleState and the cluster state. Source: k8s.io/kube-scheduler
// framework/interface.go, v0.36.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "scheduler/framework/cycle.h"
#include "scheduler/framework/dry_run.h"
#include "scheduler/framework/preemption.h"
#include "scheduler/framework/verdict.h"
#include "scheduler/state/inputs.h"

namespace heat_scheduler {

class EffectSink;

inline constexpr std::int64_t kMaxNodeScore = 100;
inline constexpr std::int64_t kMinNodeScore = 0;

class Plugin {
 public:
  virtual ~Plugin() = default;
  // The name in configuration, messages and metrics.
  virtual std::string_view name() const = 0;
};

// How long answers hold. A plugin's declared inputs say what its answers depend on, and selections
// keep them accordingly. Where they are the node's own (resources, labels, taints, images,
// annotations, features, pods), beside kPodFacts, kNamespaceLabels and kSelectingOwners, an answer
// about a node is used for all pods of equal class and traits until the node's row changes; Filter
// and Score are then called for rows that changed alone, with the cycle data and the record of
// whichever of these pods was first, and PreScore's answer must not depend on the nodes. A pod's
// claims are none of its class's: PreFilter or Filter of a plugin that reads them declares
// kVolumes, and is asked for every pod that has any. A plugin that reads the pod's name, UID or
// priority declares kPodIdentity. One that looks beyond a node, or whose PreFilter declares
// nothing, is evaluated in full for every pod, unless it is a GroupingPlugin (grouping.h).

// Decides whether a pod may enter the queue at all.
class PreEnqueuePlugin {
 public:
  virtual ~PreEnqueuePlugin() = default;
  // Anything but kSuccess keeps the pod out until it changes or an input of pre_enqueue_inputs()
  // does.
  virtual Status PreEnqueue(const PodRecord& pod) const = 0;
  virtual Inputs pre_enqueue_inputs() const { return {}; }
};

// What the queue sorts by.
struct QueuedPod {
  const PodRecord* pod = nullptr;
  absl::Duration queued_at;   // Monotonic time at which it last became active.
  std::uint64_t arrival = 0;  // Order of arrival: breaks ties.
};

class QueueSortPlugin {
 public:
  virtual ~QueueSortPlugin() = default;
  // Returns true if `a` is to be tried before `b`. A strict weak order; ties go by arrival.
  virtual bool Less(const QueuedPod& a, const QueuedPod& b) const = 0;
};

// What a plugin waits for: any change of those inputs, or the deadline. The machine calls the same
// hook again on either; a hook that answers kWait once more after its deadline rejects the pod. A
// pod that has a VolumePlan is asked again after changes of the claims and volumes in it, too.
struct WaitFor {
  Inputs inputs;
  absl::Duration deadline;  // Monotonic.
};

struct PreFilterResult {
  // kSuccess, kSkip (its Filter is not run: nothing that the pod asks for, and none of its volumes,
  // concerns the plugin, whatever else there is in the cluster), rejected, kWait (the pod is put
  // aside, see `wait`), kError.
  Status status;
  // Names of the only nodes worth looking at; absent: all. May name nodes that do not exist.
  std::optional<std::vector<std::string>> node_names;
  WaitFor wait;
};

class PreFilterPlugin {
 public:
  virtual ~PreFilterPlugin() = default;
  virtual PreFilterResult PreFilter(const Cycle& cycle) const = 0;
  // Tell the plugin that `pod` is counted on (off) the node for a look, so that it corrects its
  // cycle data.
  virtual void AddPod(const Cycle& /*cycle*/, const PodRecord& /*pod*/, NodeId /*node*/) const {}
  virtual void RemovePod(const Cycle& /*cycle*/, const PodRecord& /*pod*/, NodeId /*node*/) const {}
  // What PreFilter's own verdict depends on.
  virtual Inputs pre_filter_inputs() const = 0;
};

class FilterPlugin {
 public:
  virtual ~FilterPlugin() = default;
  // Writes one verdict for each of `nodes`, same order. `verdicts` comes in as success.
  virtual void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const = 0;
  // Returns the reasons of a verdict that this plugin gave in this cycle, in kube-scheduler's
  // words. The verdict may come from a look at the node with other pods on it, and on a copy of the
  // cycle data.
  virtual std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const = 0;
  virtual Inputs filter_inputs() const = 0;
  // For filters that read kVolumes: sets `nodes` to those that Filter may refuse the cycle's pod,
  // in any order, each once; it lets all others pass. Returns false if that takes a look at each
  // node. PreFilter has run. What the plugin keeps in `kept` it finds there again for other pods of
  // equal class and traits.
  virtual bool FindDoubtful(const Cycle& /*cycle*/, CycleState& /*kept*/,
                            std::vector<NodeId>& /*nodes*/) const {
    return false;
  }
  // For filters that read kTime: the wall time at which the first verdict on `nodes` may change by
  // itself.
  virtual std::optional<absl::Time> ValidUntil(const Cycle& /*cycle*/, NodeSpan /*nodes*/) const {
    return std::nullopt;
  }
};

// Sees all nodes that survived every Filter and keeps some. Runs after them (and after filter
// extenders), before PreScore; never in dry runs of preemption.
class SetFilterPlugin {
 public:
  virtual ~SetFilterPlugin() = default;
  // `nodes` is not empty and in node order; clears keep[i] (they come in as 1) for what is dropped.
  // At least one stays. Returns a sentence that says why what was kept was kept ("coolest at 31.5
  // °C of 4 nodes").
  virtual std::string FilterSet(const Cycle& cycle, NodeSpan nodes,
                                absl::Span<std::uint8_t> keep) const = 0;
  virtual Inputs set_filter_inputs() const = 0;
};

// What there is to say of some nodes by their ranks.
struct Ranking {
  std::size_t nodes = 0;
  NodeId first = kNoNode;  // Of the least rank; of equal ones the first.
  double rank = 0;
  std::size_t equals = 0;  // How many have that rank, the first included.
  // If it has no equals and there are others: the first of those with the next rank.
  NodeId next = kNoNode;
  double next_rank = 0;
};

// A set filter that gives each node a rank by itself and keeps the one that has the least.
class RankingSetFilterPlugin : public SetFilterPlugin {
 public:
  // Writes one rank for each of `nodes`, same order: a finite number or infinity.
  virtual void Rank(const Cycle& cycle, NodeSpan nodes, absl::Span<double> ranks) const = 0;
  // Returns the sentence of FilterSet.
  virtual std::string Explain(const Cycle& cycle, const Ranking& ranking) const = 0;

  std::string FilterSet(const Cycle& cycle, NodeSpan nodes,
                        absl::Span<std::uint8_t> keep) const final;
};

// What the filters said, for PostFilter.
struct Diagnosis;

struct PostFilterResult {
  // kSuccess: nominated; kUnschedulable: no help, the next plugin is asked;
  // kUnschedulableAndUnresolvable, kError: the last word. Reasons get into the pod's message.
  Status status;
  std::optional<std::string> nominated_node_name = std::nullopt;  // Absent: unchanged; empty: none.
  // With kSuccess: the pods that have to go for it.
  std::optional<Preemption> preemption = std::nullopt;
  bool sought_victims = false;  // It is a plugin that preempts, and was asked.
};

// Runs when a pod fits nowhere; may make room for it.
class PostFilterPlugin {
 public:
  virtual ~PostFilterPlugin() = default;
  // Decides, and changes nothing: the machine carries out what it returns.
  virtual PostFilterResult PostFilter(const Cycle& cycle, const Diagnosis& diagnosis,
                                      DryRuns& dry_runs) const = 0;
};

class PreScorePlugin {
 public:
  virtual ~PreScorePlugin() = default;
  // kSkip leaves the plugin's Score out. `nodes`: those to be scored.
  virtual Status PreScore(const Cycle& cycle, NodeSpan nodes) const = 0;
};

class ScorePlugin {
 public:
  virtual ~ScorePlugin() = default;
  // Writes one score for each of `nodes`, same order: kMinNodeScore..kMaxNodeScore, unless
  // NormalizeScore brings it there.
  virtual void Score(const Cycle& cycle, NodeSpan nodes, absl::Span<std::int64_t> scores) const = 0;
  // Maps raw scores to kMinNodeScore..kMaxNodeScore, in place. What becomes of one depends on which
  // others there are, not on how many nodes have them.
  virtual void NormalizeScore(const Cycle& /*cycle*/, NodeSpan /*nodes*/,
                              absl::Span<std::int64_t> /*scores*/) const {}
  // False if NormalizeScore does nothing, so that a node's points are its own.
  virtual bool normalizes() const { return true; }
  virtual Inputs score_inputs() const = 0;
};

// Told when a node was chosen (the pod is assumed by then) and when that came to nothing. The
// plugin keeps what it reserves by the pod's UID.
class ReservePlugin {
 public:
  virtual ~ReservePlugin() = default;
  virtual Status Reserve(const Cycle& cycle, NodeId node) = 0;
  // Called before Reserve, for pods with claims: adds what those of them that have no volume get on
  // the node. The cluster state assumes it from Reserve on (assumed_volumes.h).
  virtual Status ChooseVolumes(const Cycle& /*cycle*/, NodeId /*node*/,
                               std::vector<ClaimChoice>& /*choices*/) const {
    return {};
  }
  // May be called for a pod that was never reserved.
  virtual void Unreserve(const PodRecord& pod, NodeId node) = 0;
};

// The answer of a hook that may have to wait.
struct StepResult {
  Status status;  // kSuccess, kWait, rejected, kError.
  WaitFor wait;   // With kWait.
  // With kWait: the error that it is to have waited in vain. Empty: the pod is rejected, in the
  // framework's words.
  std::string late = {};
};

class PermitPlugin {
 public:
  virtual ~PermitPlugin() = default;
  virtual StepResult Permit(const Cycle& cycle, NodeId node) = 0;
};

// Prepares what binding needs. Its effects are sent at once; BindVolumesEffect is for the pod's own
// VolumePlan.
class PreBindPlugin {
 public:
  virtual ~PreBindPlugin() = default;
  virtual StepResult PreBind(const Cycle& cycle, NodeId node, EffectSink& effects) = 0;
};

class BindPlugin {
 public:
  virtual ~BindPlugin() = default;
  // Emits the binding and answers kSuccess, or answers kSkip to leave it to the next binder.
  virtual Status Bind(const Cycle& cycle, NodeId node, EffectSink& effects) = 0;
};

// Told once a binding has been accepted.
class PostBindPlugin {
 public:
  virtual ~PostBindPlugin() = default;
  virtual void PostBind(const PodRecord& pod, NodeId node) = 0;
};

}  // namespace heat_scheduler
