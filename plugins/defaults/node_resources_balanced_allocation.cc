#include "plugins/defaults/node_resources_balanced_allocation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/status.h"
#include "nlohmann/json.hpp"
#include "scheduler/framework/args_reader.h"

namespace heat_scheduler {
namespace {

using Member = std::int64_t ResourceUse::*;

// The sums are made in the order of kube-scheduler's, so that they round alike.
template <Member used>
double StandardDeviation(absl::Span<const ResourceUse> uses) {
  if (uses.size() < 2) return 0;
  const auto share = [&](const ResourceUse& use) {
    return std::min(static_cast<double>(use.*used) / static_cast<double>(use.allocatable), 1.0);
  };
  if (uses.size() == 2) return std::abs((share(uses[0]) - share(uses[1])) / 2);
  const auto count = static_cast<double>(uses.size());
  double total = 0;
  for (const ResourceUse& use : uses) total += share(use);
  const double mean = total / count;
  double squares = 0;
  for (const ResourceUse& use : uses) squares += (share(use) - mean) * (share(use) - mean);
  return std::sqrt(squares / count);
}

template <Member used>
std::int64_t Balance(absl::Span<const ResourceUse> uses) {
  return static_cast<std::int64_t>((1 - StandardDeviation<used>(uses)) *
                                   static_cast<double>(kMaxNodeScore));
}

}  // namespace

std::int64_t BalancedAllocationScore(absl::Span<const ResourceUse> uses) {
  constexpr std::int64_t kHalf = kMaxNodeScore / 2;
  const std::int64_t gain =
      Balance<&ResourceUse::after>(uses) - Balance<&ResourceUse::before>(uses);
  return kHalf + (kHalf + gain) / 2;
}

Status NodeResourcesBalancedAllocation::PreScore(const Cycle& cycle, NodeSpan /*nodes*/) const {
  Status status;
  const bool skip = ResourceUses(cycle, resources_, CountedAmounts::kRequested).empty();
  if (skip) status.code = Code::kSkip;
  return status;
}

void NodeResourcesBalancedAllocation::Score(const Cycle& cycle, NodeSpan nodes,
                                            absl::Span<std::int64_t> scores) const {
  ResourceUses uses(cycle, resources_, CountedAmounts::kRequested);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    scores[i] = BalancedAllocationScore(uses.On(nodes[i]));
  }
}

absl::StatusOr<std::vector<ScoredResource>> DecodeBalancedAllocationArgs(
    const nlohmann::json& json) {
  ArgsReader reader(json, "NodeResourcesBalancedAllocationArgs");
  std::vector<ScoredResource> resources = ReadScoredResources(reader, "resources");
  std::set<std::string> names;
  for (std::size_t i = 0; i < resources.size(); ++i) {
    const std::string path = absl::StrCat("resources[", i, "]");
    if (!names.insert(resources[i].name).second) {
      reader.Reject(path + ".name",
                    absl::StrCat(Quoted(resources[i].name), " is in the list already"));
    }
    if (const std::int64_t weight = resources[i].weight; weight != 1) {
      reader.Reject(path + ".weight", absl::StrCat("want 1, got ", weight));
    }
  }
  RETURN_IF_ERROR(reader.Finish());
  return resources;
}

}  // namespace heat_scheduler
