// What is known of all nodes for the pods of one class and traits under one profile, and the choice
// among them.
//
// Of each node that passes the filters that look at nodes one by one: as its value the points, by
// weight, that change again and again (kRestless) and need no normalisation, and as its features
// the points of the other plugins and the features that grouping plugins (framework/grouping.h)
// have of it. With a ranking set filter the value is the rank, and nothing is scored. Update
// evaluates the rows that changed; of one that passed and has other pods or readings now, only what
// reads those, and if that is no feature it stays in its group. Choose asks the grouping plugins
// about the groups, normalises once a group, and takes the best of the best groups.
//
// Of each node that does not pass: on what it failed (refused_rows.h), so that why a pod fits
// nowhere is known without looking at nodes. A node to which pods are nominated that are as
// important as these, or more, is looked at with them and without; that, too, holds until its row
// changes. For this all pods of a cache have one priority while there are nominations. A pod's own
// nominated node is looked at for itself.
//
// Claims are a pod's own. The plugins that read them are asked about each pod that has any: first
// which nodes are doubtful, then about those, and what they refuse is left out of that one choice.
// Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "scheduler/core/class_rejections.h"
#include "scheduler/core/class_work.h"
#include "scheduler/core/node_groups.h"
#include "scheduler/core/node_order.h"
#include "scheduler/core/profile_plan.h"
#include "scheduler/core/refused_rows.h"
#include "scheduler/core/selection.h"

namespace heat_scheduler {

class ClassCache {
 public:
  // `plan`, `order` and `work` outlive this.
  ClassCache(const ProfilePlan& plan, const NodeOrder& order, ClassWork& work, const Cycle& cycle);

  // Brings everything up to date. Returns false if nothing can be kept about such pods now: a
  // plugin does not let them pass PreFilter, fails, or answers for one decision only. This is of no
  // use any more then. Lets exceptions of plugins through, with the same effect.
  bool Update(const Cycle& cycle);

  // Decides for a pod, and fills in the selection; of equally good nodes the first at or after
  // position `from` is chosen. The rejections of a pod that fits nowhere hold until the next call
  // of anything here. Returns false if a plugin fails, or the pod needs what is not kept.
  bool Choose(const Cycle& cycle, std::size_t from, Selection& selection);

  // About how much memory this takes.
  std::size_t bytes() const { return bytes_; }

  std::uint64_t last_used = 0;  // The owner's.

 private:
  // The pod that was first, for those like it.
  struct Example {
    explicit Example(const Cycle& cycle);
    std::shared_ptr<const PodClass> pod_class;
    PodRecord record;
  };

  Cycle CycleOf(const Cycle& cycle) {
    return {cycle.cluster, example_.record, state_, cycle.now, cycle.chance};
  }
  // Starts from nothing.
  bool Begin(const Cycle& cycle);
  bool RunPreFilters(const Cycle& cycle);
  bool VolumesChangedNothing(const Cycle& cycle);
  bool RunPreScores(const Cycle& cycle);
  // Takes in rows as they are now. `what` has changed of each; empty: anything may have.
  bool Evaluate(const Cycle& cycle, NodeSpan rows, absl::Span<const Inputs> what);
  void SortOut(const Cycle& cycle, NodeSpan rows, absl::Span<const Inputs> what);
  // ---- class_cache_verdicts.cc: which nodes pass, and on what the others fail ----
  bool RunFilters(const Cycle& cycle);
  bool RunFiltersOn(const Cycle& own, const std::vector<const ProfilePlan::Filter*>& filters,
                    std::vector<NodeId>& rows);
  bool FilterWithRivals(const Cycle& own);
  void NoteRefusals(const Cycle& cycle);
  // Runs a PreFilter, or all, for the pod itself, unless it has run; with `of_groups` those, too,
  // for which their memories answer. Returns false if one answers otherwise than for its class.
  bool RunPreFilterOf(const Cycle& cycle, const ProfilePlan::PreFilter& pre_filter);
  bool RunPreFiltersOf(const Cycle& cycle, bool of_groups);
  bool GroupFiltersSkip() const;
  bool AnyRivals(const Cycle& cycle) const;
  bool LookAtNominated(const Cycle& cycle, Selection& selection,
                       std::optional<NodeRejection>& rejected);
  void CollectGroups();
  void ShowFeatures(std::size_t memory);
  void JudgeKinds();
  bool ChooseAmong(const Cycle& cycle, std::size_t from, Selection& selection,
                   const std::optional<NodeRejection>& nominated);
  bool Diagnose(const Cycle& cycle, const std::optional<NodeRejection>& nominated,
                Selection& selection);

  // ---- class_cache_claims.cc: what a pod's claims leave ----
  struct LeftOut;
  bool ChooseForClaims(const Cycle& cycle, std::size_t from, Selection& selection,
                       const std::optional<NodeRejection>& nominated);
  bool AnyFilterOfClaims(const Cycle& cycle) const;
  bool FindLeftOut(const Cycle& cycle);

  // ---- class_cache.cc: which of those that pass is best ----
  bool TakeIn(const Cycle& cycle, NodeSpan nodes, bool stand);
  void RecallRawPoints(NodeSpan nodes);
  bool RunScores(const Cycle& cycle, NodeSpan nodes, bool stand);
  void RunRanks(const Cycle& cycle, NodeSpan nodes);
  bool AddGroupScores(const Cycle& cycle);
  bool AddNormalizedScores(const Cycle& cycle);
  bool AddNormalized(const Cycle& cycle, const ProfilePlan::Score& score, std::size_t feature);
  bool AddPoints(std::int64_t weight);
  std::size_t FirstOfBest(std::size_t from);
  void ChooseByRank(const Cycle& cycle, Selection& selection);
  void CountBytes();

  const ProfilePlan& plan_;
  const NodeOrder& order_;
  ClassWork& work_;
  const Example example_;
  CycleState state_;

  bool begun_ = false;
  std::uint64_t sequence_ = 0;       // Of the cluster state, as far as it is taken in.
  std::uint64_t objects_ = 0;        // ObjectsVersion of what plugins have read ...
  std::uint64_t memories_told_ = 0;  // ... and memories may have.
  std::uint64_t volumes_ = 0;
  std::uint64_t order_version_ = 0;
  std::uint64_t evaluated_ = 0;  // Rows, since Begin.
  std::uint64_t updates_ = 0;
  std::size_t bytes_ = 0;

  // Those that have to be asked about every pod, and to answer as about the first of its class:
  // what they read may change, or their data is for their own Reserve.
  std::vector<const ProfilePlan::PreFilter*> asked_each_time_;
  std::vector<const ProfilePlan::Filter*> filters_;           // That look at one node ...
  std::vector<const ProfilePlan::Filter*> restless_filters_;  // Those that read any of kRestless.
  static constexpr std::size_t kNoFeature = ~std::size_t{0};
  struct Scoring {
    const ProfilePlan::Score* score;
    std::size_t feature;  // Where its points are among the features, or kNoFeature.
  };
  std::vector<Scoring> scores_;                         // Not skipped by PreScore.
  std::vector<std::unique_ptr<GroupMemory>> memories_;  // By plan_.grouping.
  std::vector<std::size_t> offsets_;                    // Of the features of each memory.
  std::size_t raw_count_ = 0;                           // Features that are points.
  bool restless_features_ = false;                      // Some change with kRestless.
  std::size_t feature_count_ = 0;
  std::unique_ptr<NodeGroups> groups_;
  CycleState kept_for_claims_;  // Of filters that read claims.
  RefusedRows refused_;
  CycleState keepsake_;  // Of PostFilter plugins.
  ClassRejections rejections_;

  // Of the points that need normalisation, while all groups are in the race and none is new.
  std::vector<std::int64_t> normalized_;
  std::uint64_t normalized_of_ = 0;  // groups_->version().
};

}  // namespace heat_scheduler
