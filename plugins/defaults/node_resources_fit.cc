#include "plugins/defaults/node_resources_fit.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "plugins/defaults/scored_resources.h"
#include "plugins/defaults/scoring_strategy.h"
#include "scheduler/state/resources.h"

namespace heat_scheduler {
namespace {

// What a node can be short of, by number: these, then the pod's scalar requests in their order.
constexpr std::size_t kPods = 0;
constexpr std::size_t kCpu = 1;
constexpr std::size_t kMemory = 2;
constexpr std::size_t kEphemeralStorage = 3;
constexpr std::size_t kFirstScalar = 4;
constexpr std::size_t kBits = 64;

// What each rejected node was short of, for a pod whose resources do not fit into kBits bits. A
// copy of the cycle data adds to the same list, so that its verdicts can be read by whoever has
// another.
struct LongVerdicts final : PluginState {
  using Shortages = std::vector<std::vector<std::size_t>>;  // By Verdict::detail.
  std::shared_ptr<Shortages> shortages = std::make_shared<Shortages>();

  std::unique_ptr<PluginState> Clone() const override {
    return std::make_unique<LongVerdicts>(*this);
  }
};

// The pod's scalar requests that the filter leaves out, by their number; empty: none.
using Ignored = std::vector<bool>;

bool NeedsLongVerdicts(const PodClass& pod_class) {
  return kFirstScalar + pod_class.requests.scalars.size() > kBits;
}

// Calls report(number, unresolvable) for everything that the node is short of.
template <typename Report>
void ForEachShortage(const PodClass& pod_class, const Ignored& ignored, const NodeColumns& columns,
                     NodeId node, Report report) {
  const Resources& wanted = pod_class.requests;
  const Resources& allocatable = columns.allocatable[node];
  const Resources& requested = columns.requested[node];
  const auto check = [&](std::size_t number, std::int64_t want, std::int64_t has,
                         std::int64_t used) {
    if (want > 0 && want > SaturatingSubtract(has, used)) report(number, want > has);
  };

  if (static_cast<std::int64_t>(columns.pods[node].size()) >= columns.allowed_pods[node]) {
    report(kPods, false);
  }
  check(kCpu, wanted.milli_cpu, allocatable.milli_cpu, requested.milli_cpu);
  check(kMemory, wanted.memory, allocatable.memory, requested.memory);
  check(kEphemeralStorage, wanted.ephemeral_storage, allocatable.ephemeral_storage,
        requested.ephemeral_storage);
  for (std::size_t i = 0; i < wanted.scalars.size(); ++i) {
    if (!ignored.empty() && ignored[i]) continue;
    const auto& [name, want] = wanted.scalars[i];
    check(kFirstScalar + i, want, AmountOf(allocatable.scalars, name),
          AmountOf(requested.scalars, name));
  }
}

[[gnu::noinline]] Verdict BitVerdict(const PodClass& pod_class, const Ignored& ignored,
                                     const NodeColumns& columns, NodeId node) {
  Verdict verdict;
  ForEachShortage(pod_class, ignored, columns, node, [&](std::size_t number, bool unresolvable) {
    verdict.detail |= std::uint64_t{1} << number;
    if (verdict.ok() || unresolvable) {
      verdict.code = unresolvable ? Code::kUnschedulableAndUnresolvable : Code::kUnschedulable;
    }
  });
  return verdict;
}

Verdict LongVerdict(const PodClass& pod_class, const Ignored& ignored, const NodeColumns& columns,
                    NodeId node, LongVerdicts::Shortages& kept) {
  Verdict verdict;
  std::vector<std::size_t> shortages;
  ForEachShortage(pod_class, ignored, columns, node, [&](std::size_t number, bool unresolvable) {
    shortages.push_back(number);
    if (verdict.ok() || unresolvable) {
      verdict.code = unresolvable ? Code::kUnschedulableAndUnresolvable : Code::kUnschedulable;
    }
  });
  if (verdict.ok()) return verdict;
  verdict.detail = kept.size();
  kept.push_back(std::move(shortages));
  return verdict;
}

// Returns true if the node surely is short of nothing; looks no further for pods with scalar
// requests.
bool SurelyFits(const PodClass& pod_class, const NodeColumns& columns, NodeId node) {
  const Resources& wanted = pod_class.requests;
  const Resources& allocatable = columns.allocatable[node];
  const Resources& requested = columns.requested[node];
  const auto fits = [](std::int64_t want, std::int64_t has, std::int64_t used) {
    return want <= 0 || want <= SaturatingSubtract(has, used);
  };
  return wanted.scalars.empty() &&
         static_cast<std::int64_t>(columns.pods[node].size()) < columns.allowed_pods[node] &&
         fits(wanted.milli_cpu, allocatable.milli_cpu, requested.milli_cpu) &&
         fits(wanted.memory, allocatable.memory, requested.memory) &&
         fits(wanted.ephemeral_storage, allocatable.ephemeral_storage, requested.ephemeral_storage);
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Ignored IgnoredOf(const NodeResourcesFitArgs& args, const Cycle& cycle) {
  if (args.ignored_resources.empty() && args.ignored_resource_groups.empty()) return {};
  Ignored ignored;
  for (const auto& [id, amount] : cycle.pod_class().requests.scalars) {
    const std::string_view name = cycle.cluster.resource_names().Text(id);
    ignored.push_back(IsExtendedResource(name) &&
                      (Contains(args.ignored_resources, name) ||
                       Contains(args.ignored_resource_groups, name.substr(0, name.find('/')))));
  }
  return ignored;
}

std::vector<std::size_t> BitsOf(std::uint64_t detail) {
  std::vector<std::size_t> numbers;
  for (std::size_t number = 0; number < kBits; ++number) {
    if ((detail >> number & 1) != 0) numbers.push_back(number);
  }
  return numbers;
}

std::string ReasonOf(const Cycle& cycle, std::size_t number) {
  switch (number) {
    case kPods:
      return "Too many pods";
    case kCpu:
      return "Insufficient cpu";
    case kMemory:
      return "Insufficient memory";
    case kEphemeralStorage:
      return "Insufficient ephemeral-storage";
    default:
      const TextId name = cycle.pod_class().requests.scalars[number - kFirstScalar].first;
      return absl::StrCat("Insufficient ", cycle.cluster.resource_names().Text(name));
  }
}

}  // namespace

PreFilterResult NodeResourcesFit::PreFilter(const Cycle& cycle) const {
  if (NeedsLongVerdicts(cycle.pod_class())) {
    cycle.state.Put(this, std::make_unique<LongVerdicts>());
  }
  return {};
}

void NodeResourcesFit::Filter(const Cycle& cycle, NodeSpan nodes,
                              absl::Span<Verdict> verdicts) const {
  const PodClass& pod_class = cycle.pod_class();
  const NodeColumns& columns = cycle.cluster.columns();
  const Ignored ignored = IgnoredOf(args_, cycle);
  if (NeedsLongVerdicts(pod_class)) {
    LongVerdicts::Shortages& kept = *cycle.state.Get<LongVerdicts>(this).shortages;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      verdicts[i] = LongVerdict(pod_class, ignored, columns, nodes[i], kept);
    }
    return;
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (SurelyFits(pod_class, columns, nodes[i])) continue;
    verdicts[i] = BitVerdict(pod_class, ignored, columns, nodes[i]);
  }
}

std::vector<std::string> NodeResourcesFit::Reasons(const Cycle& cycle,
                                                   const Verdict& verdict) const {
  const std::vector<std::size_t> numbers =
      NeedsLongVerdicts(cycle.pod_class())
          ? (*cycle.state.Get<LongVerdicts>(this).shortages)[verdict.detail]
          : BitsOf(verdict.detail);
  std::vector<std::string> reasons;
  for (std::size_t number : numbers) reasons.push_back(ReasonOf(cycle, number));
  // Scalars are numbered in the order in which the cluster first named them, which says nothing to
  // a reader.
  const auto first_scalar = std::find_if(numbers.begin(), numbers.end(),
                                         [](std::size_t number) { return number >= kFirstScalar; });
  std::sort(reasons.begin() + (first_scalar - numbers.begin()), reasons.end());
  return reasons;
}

void NodeResourcesFit::Score(const Cycle& cycle, NodeSpan nodes,
                             absl::Span<std::int64_t> scores) const {
  ResourceUses uses(cycle, args_.strategy.resources, CountedAmounts::kScored);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    scores[i] = StrategyScore(args_.strategy, uses.On(nodes[i]));
  }
}

}  // namespace heat_scheduler
