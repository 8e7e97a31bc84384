#include "scheduler/explain/ways_out.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "scheduler/core/filtering.h"
#include "scheduler/explain/relaxation.h"

namespace heat_scheduler {
namespace {

using Tried = std::vector<const Relaxation*>;

// How much of each resource that is tried the pod goes without.
using Amounts = std::vector<std::pair<const RequestedResource*, std::int64_t>>;

class Search {
 public:
  Search(const Profile& profile, const Cycle& cycle)
      : profile_(profile), cycle_(cycle), relaxations_(RelaxationsOf(cycle.cluster, cycle.pod)) {}

  WaysOut Run() {
    for (const Relaxation& one : relaxations_) Try({&one});
    for (std::size_t i = 0; i < relaxations_.size() && found_.ways.empty(); ++i) {
      TryWithThoseBehind(i);
    }
    return std::move(found_);
  }

 private:
  void TryWithThoseBehind(std::size_t i) {
    for (std::size_t j = i + 1; j < relaxations_.size(); ++j) {
      Try({&relaxations_[i], &relaxations_[j]});
    }
  }

  void Try(const Tried& tried) {
    Amounts amounts;
    for (const Relaxation* one : tried) {
      if (!one->resource.has_value()) continue;
      amounts.emplace_back(&*one->resource, one->resource->In(cycle_.pod_class().requests));
    }
    std::vector<NodeId> open = NodesOpen(tried, amounts);
    if (open.empty()) return;
    if (!amounts.empty()) {
      // Less may do: what is missing on the node that misses the least.
      Amounts least = LeastMissing(open, amounts);
      std::vector<NodeId> open_to_least = NodesOpen(tried, least);
      if (!open_to_least.empty()) {
        amounts = std::move(least);
        open = std::move(open_to_least);
      }
    }
    found_.ways.push_back(Describe(tried, amounts, open));
  }

  // Returns the nodes that pass the filters then.
  std::vector<NodeId> NodesOpen(const Tried& tried, const Amounts& amounts) {
    if (looks_ == kMostLooks) {
      found_.complete = false;
      return {};
    }
    ++looks_;
    RelaxedPod relaxed(cycle_.pod);
    for (const Relaxation* one : tried) {
      if (one->apply) one->apply(relaxed);
    }
    Resources& requests = relaxed.pod_class().requests;
    for (const auto& [resource, amount] : amounts) {
      resource->Set(requests, resource->In(requests) - amount);
    }
    CycleState state;
    const Cycle cycle{cycle_.cluster, relaxed.record(), state, cycle_.now, cycle_.chance};
    RunningPlugin running;
    Selection selection;
    try {
      filtering_.Run(profile_, cycle, cycle.cluster.nodes(), running, selection);
    } catch (...) {
      return {};  // A plugin that fails opens nothing.
    }
    if (selection.result != Selection::Result::kChosen) return {};
    return {filtering_.feasible().begin(), filtering_.feasible().end()};
  }

  std::int64_t MissingOn(NodeId node, const RequestedResource& resource) const {
    const NodeColumns& columns = cycle_.cluster.columns();
    Resources used = columns.requested[node];
    // Those that the filters put on the node for a look.
    for (const PodRecord* rival : columns.nominated[node]) {
      const bool itself = PodKey(rival->facts) == PodKey(cycle_.facts());
      if (!itself && rival->facts.priority >= cycle_.facts().priority) {
        AddTo(used, rival->pod_class->requests);
      }
    }
    const std::int64_t wanted = resource.In(cycle_.pod_class().requests);
    const std::int64_t free =
        SaturatingSubtract(resource.In(columns.allocatable[node]), resource.In(used));
    return std::clamp<std::int64_t>(SaturatingSubtract(wanted, free), 0, wanted);
  }

  // Of one resource the least amount; of several those of the node that misses the smallest shares
  // of what is requested, taken together.
  Amounts LeastMissing(const std::vector<NodeId>& nodes, const Amounts& whole) const {
    Amounts least;
    double least_share = 0;
    for (const NodeId node : nodes) {
      Amounts missing;
      double share = 0;
      for (const auto& [resource, wanted] : whole) {
        missing.emplace_back(resource, MissingOn(node, *resource));
        share += static_cast<double>(missing.back().second) / static_cast<double>(wanted);
      }
      if (!least.empty() && share >= least_share) continue;
      least = std::move(missing);
      least_share = share;
    }
    return least;
  }

  WayOut Describe(const Tried& tried, const Amounts& amounts,
                  const std::vector<NodeId>& open) const {
    WayOut way;
    std::vector<std::string> parts;
    auto amount = amounts.begin();
    for (const Relaxation* one : tried) {
      nlohmann::ordered_json change = one->change;
      if (one->resource.has_value()) {
        change["amount"] = one->resource->Text(amount->second);
        parts.push_back(
            absl::StrCat(one->resource->Text(amount->second), " less ", one->resource->name));
        ++amount;
      } else {
        parts.push_back(one->text);
      }
      way.changes.push_back(std::move(change));
    }
    for (const NodeId node : open) way.nodes.push_back(cycle_.cluster.columns().name[node]);
    way.text = absl::StrCat(absl::StrJoin(parts, " and "),
                            amounts.size() == tried.size() ? " would fit on " : " opens ",
                            open.size(), open.size() == 1 ? " node" : " nodes");
    return way;
  }

  const Profile& profile_;
  const Cycle& cycle_;
  const std::vector<Relaxation> relaxations_;
  Filtering filtering_;
  WaysOut found_;
  std::size_t looks_ = 0;
};

}  // namespace

WaysOut FindWaysOut(const Profile& profile, const Cycle& cycle) {
  return Search(profile, cycle).Run();
}

}  // namespace heat_scheduler
