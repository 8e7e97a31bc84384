// What a pod's claims leave of the nodes that pass for its class.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "scheduler/core/class_cache.h"

namespace heat_scheduler {

// While it lives, the rows of left_out are in no group.
struct ClassCache::LeftOut {
  explicit LeftOut(ClassCache& cache) : its(cache) {
    if (its.work_.left_out.empty()) return;
    // What was normalised was for other groups.
    its.normalized_of_ = 0;
    if (its.work_.left_out.size() > its.order_.size() / 2) {
      // Few are left: they get groups of their own.
      groups = std::make_unique<NodeGroups>(its.order_, its.feature_count_,
                                            its.plan_.ranking != nullptr);
      for (std::size_t i = 0; i < its.order_.size(); ++i) {
        const NodeId row = its.order_.At(i);
        if (!its.groups_->Has(row)) continue;
        if (std::binary_search(its.work_.left_out.begin(), its.work_.left_out.end(), row)) continue;
        groups->Put(row, its.groups_->ValueOf(row), FeaturesOf(row));
      }
      std::swap(groups, its.groups_);
      return;
    }
    for (const NodeId row : its.work_.left_out) {
      const NodeGroups::Features has = FeaturesOf(row);
      features.insert(features.end(), has.begin(), has.end());
      values.push_back(its.groups_->ValueOf(row));
      its.groups_->Remove(row);
    }
  }
  ~LeftOut() {
    if (its.work_.left_out.empty()) return;
    its.normalized_of_ = 0;
    if (groups != nullptr) {
      std::swap(groups, its.groups_);
      return;
    }
    const std::size_t count = its.feature_count_;
    for (std::size_t i = 0; i < values.size(); ++i) {
      its.groups_->Put(its.work_.left_out[i], values[i], {features.data() + i * count, count});
    }
  }
  LeftOut(const LeftOut&) = delete;
  LeftOut& operator=(const LeftOut&) = delete;

  NodeGroups::Features FeaturesOf(NodeId row) const {
    return its.groups_->features(its.groups_->NumberOf(row));
  }

  ClassCache& its;
  std::unique_ptr<NodeGroups> groups;  // Those of all nodes, if few are left.
  std::vector<std::uint64_t> features;
  std::vector<std::int64_t> values;
};

bool ClassCache::ChooseForClaims(const Cycle& cycle, std::size_t from, Selection& selection,
                                 const std::optional<NodeRejection>& nominated) {
  for (const ProfilePlan::PreFilter& pre_filter : plan_.pre_filters) {
    if (pre_filter.claims && !RunPreFilterOf(cycle, pre_filter)) return false;
  }
  if (!AnyFilterOfClaims(cycle)) return ChooseAmong(cycle, from, selection, nominated);
  if (AnyRivals(cycle) || !FindLeftOut(cycle)) return false;
  const LeftOut left_out(*this);
  // On what the others failed would have to be asked of the filters of claims first.
  return ChooseAmong(cycle, from, selection, nominated) &&
         selection.result == Selection::Result::kChosen;
}

bool ClassCache::AnyFilterOfClaims(const Cycle& cycle) const {
  return std::any_of(plan_.filters.begin(), plan_.filters.end(), [&](const auto& filter) {
    return filter.claims && !cycle.state.FilterSkipped(filter.entry->plugin);
  });
}

// Sets left_out, ascending, to the rows that filters refuse for the pod's claims.
bool ClassCache::FindLeftOut(const Cycle& cycle) {
  work_.left_out.clear();
  for (const ProfilePlan::Filter& filter : plan_.filters) {
    if (!filter.claims || cycle.state.FilterSkipped(filter.entry->plugin)) continue;
    work_.doubtful.clear();
    if (!filter.entry->point->FindDoubtful(cycle, kept_for_claims_, work_.doubtful)) {
      work_.doubtful.assign(cycle.cluster.nodes().begin(), cycle.cluster.nodes().end());
    }
    std::erase_if(work_.doubtful, [this](NodeId row) { return !groups_->Has(row); });
    if (work_.doubtful.empty()) continue;
    work_.verdicts.assign(work_.doubtful.size(), {});
    filter.entry->point->Filter(cycle, work_.doubtful, absl::MakeSpan(work_.verdicts));
    for (std::size_t i = 0; i < work_.doubtful.size(); ++i) {
      if (work_.verdicts[i].ok()) continue;
      if (!work_.verdicts[i].rejected()) return false;
      work_.left_out.push_back(work_.doubtful[i]);
    }
  }
  std::sort(work_.left_out.begin(), work_.left_out.end());
  work_.left_out.erase(std::unique(work_.left_out.begin(), work_.left_out.end()),
                       work_.left_out.end());
  return true;
}

}  // namespace heat_scheduler
