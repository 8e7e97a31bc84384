// Runs PreFilter and Filter of one pod on given nodes: the first half of a decision, and what a pod
// that had to wait has to pass again.
//
// PreFilter in order: kUnschedulableAndUnresolvable ends it at once, kUnschedulable is kept and the
// rest still runs, kSkip leaves the plugin's Filter out, kWait ends it; node names narrow the
// nodes. Then the pod's own nominated node: if it passes, whether PreFilter named it or not, no
// other is looked at. Then Filter in order on what is left; the first that fails is what is
// reported of a node. Nodes to which other pods are nominated are looked at one by one
// (node_filters.h), all others at once. Keeps its buffers from one pod to the next.
// Thread-compatible. Source: pkg/scheduler/schedule_one.go (findNodesThatFitPod,
// evaluateNominatedNode), framework/runtime/framework.go (RunPreFilterPlugins, RunFilterPlugins),
// v1.36.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/core/running_plugin.h"
#include "scheduler/core/selection.h"

namespace heat_scheduler {

class Filtering {
 public:
  // Fills result, diagnosis, status and wait of `selection`; kChosen means that a node is left.
  // `nodes`: all living nodes, or some in node order; they outlive the selection.
  // Lets exceptions of plugins through: `running` then says whose.
  void Run(const Profile& profile, const Cycle& cycle, NodeSpan nodes, RunningPlugin& running,
           Selection& selection);

  // Runs PreFilter alone. Returns false if that is the end: the selection says what of, with
  // kUnschedulable and the diagnosis for a pod that was refused whole.
  bool RunPreFilters(const Profile& profile, const Cycle& cycle, RunningPlugin& running,
                     Selection& selection);

  // The nodes that passed, in the order of `nodes`; valid until the next Run.
  NodeSpan feasible() const { return feasible_; }

 private:
  bool Narrow(std::vector<std::string> names, const Plugin* plugin, Selection& selection);
  bool PassesNominated(const Profile& profile, const Cycle& cycle, NodeSpan nodes,
                       RunningPlugin& running, Selection& selection,
                       std::optional<NodeRejection>& rejected);
  void TakeCandidates(const Cycle& cycle, NodeSpan nodes,
                      const std::optional<NodeRejection>& nominated);
  bool RunOneByOne(const Profile& profile, const Cycle& cycle, RunningPlugin& running,
                   Selection& selection);
  bool RunFilter(const Profile::Entry<FilterPlugin>& filter, const Cycle& cycle,
                 RunningPlugin& running, Selection& selection);
  static void NoteRejected(const Profile::Entry<FilterPlugin>& filter, const Cycle& cycle,
                           NodeSpan nodes, Selection& selection);
  void Report(NodeSpan nodes, Selection& selection);

  // What became of each node, by its position among the candidates.
  struct Outcome {
    bool rejected = false;
    const Profile::Entry<FilterPlugin>* filter = nullptr;
    Verdict verdict;
  };

  std::vector<NodeId> candidates_;  // The nodes that are looked at.
  // Those that have not failed, and their positions among the candidates.
  std::vector<NodeId> feasible_;
  std::vector<std::uint32_t> positions_;
  std::vector<Verdict> verdicts_;
  std::vector<Outcome> outcomes_;
  std::vector<NodeId> rejected_now_;
  std::vector<const Plugin*> narrowing_;
  std::vector<std::string> allowed_names_;  // Sorted; meaningful if narrowing_ is not empty.
};

}  // namespace heat_scheduler
