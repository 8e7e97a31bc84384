#include "plugins/defaults/node_resources_fit.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
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

// What each rejected node was short of, for a pod whose resources do not fit into kBits bits.
struct LongVerdicts final : PluginState {
  std::vector<std::vector<std::size_t>> shortages;  // By Verdict::detail.

  std::unique_ptr<PluginState> Clone() const override {
    return std::make_unique<LongVerdicts>(*this);
  }
};

bool NeedsLongVerdicts(const PodClass& pod_class) {
  return kFirstScalar + pod_class.requests.scalars.size() > kBits;
}

// Calls report(number, unresolvable) for everything that the node is short of.
template <typename Report>
void ForEachShortage(const PodClass& pod_class, const NodeColumns& columns, NodeId node,
                     Report report) {
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
    const auto& [name, want] = wanted.scalars[i];
    check(kFirstScalar + i, want, AmountOf(allocatable.scalars, name),
          AmountOf(requested.scalars, name));
  }
}

Verdict BitVerdict(const PodClass& pod_class, const NodeColumns& columns, NodeId node) {
  Verdict verdict;
  ForEachShortage(pod_class, columns, node, [&](std::size_t number, bool unresolvable) {
    verdict.detail |= std::uint64_t{1} << number;
    if (verdict.ok() || unresolvable) {
      verdict.code = unresolvable ? Code::kUnschedulableAndUnresolvable : Code::kUnschedulable;
    }
  });
  return verdict;
}

Verdict LongVerdict(const PodClass& pod_class, const NodeColumns& columns, NodeId node,
                    LongVerdicts& kept) {
  Verdict verdict;
  std::vector<std::size_t> shortages;
  ForEachShortage(pod_class, columns, node, [&](std::size_t number, bool unresolvable) {
    shortages.push_back(number);
    if (verdict.ok() || unresolvable) {
      verdict.code = unresolvable ? Code::kUnschedulableAndUnresolvable : Code::kUnschedulable;
    }
  });
  if (verdict.ok()) return verdict;
  verdict.detail = kept.shortages.size();
  kept.shortages.push_back(std::move(shortages));
  return verdict;
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
  if (NeedsLongVerdicts(pod_class)) {
    auto& kept = cycle.state.Get<LongVerdicts>(this);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      verdicts[i] = LongVerdict(pod_class, columns, nodes[i], kept);
    }
    return;
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    verdicts[i] = BitVerdict(pod_class, columns, nodes[i]);
  }
}

std::vector<std::string> NodeResourcesFit::Reasons(const Cycle& cycle,
                                                   const Verdict& verdict) const {
  const std::vector<std::size_t> numbers =
      NeedsLongVerdicts(cycle.pod_class())
          ? cycle.state.Get<LongVerdicts>(this).shortages[verdict.detail]
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

std::int64_t LeastRequestedScore(std::int64_t requested, std::int64_t capacity) {
  if (capacity <= 0 || requested > capacity) return kMinNodeScore;
  // 92 PB times 100 leaves int64.
  const __int128 left = static_cast<__int128>(capacity) - requested;
  return static_cast<std::int64_t>(left * kMaxNodeScore / capacity);
}

void NodeResourcesFit::Score(const Cycle& cycle, NodeSpan nodes,
                             absl::Span<std::int64_t> scores) const {
  const NodeColumns& columns = cycle.cluster.columns();
  const PodClass& pod_class = cycle.pod_class();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const NodeId node = nodes[i];
    const Resources& allocatable = columns.allocatable[node];
    std::int64_t sum = 0;
    std::int64_t resources = 0;
    const auto add = [&](std::int64_t capacity, std::int64_t used, std::int64_t wanted) {
      if (capacity == 0) return;
      sum += LeastRequestedScore(SaturatingAdd(used, wanted), capacity);
      ++resources;
    };
    add(allocatable.milli_cpu, columns.nonzero_milli_cpu[node], pod_class.scored_milli_cpu);
    add(allocatable.memory, columns.nonzero_memory[node], pod_class.scored_memory);
    scores[i] = resources == 0 ? kMinNodeScore : sum / resources;
  }
}

}  // namespace heat_scheduler
