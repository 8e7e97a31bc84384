// Sums against counting everything anew.
#include "plugins/defaults/domain_sums.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "gtest/gtest.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace domain_sums_test {

struct Node {
  std::optional<std::string> value;
  bool counts = false;
  std::int64_t amount = 0;
};

class DomainSumsOf : public testing::TestWithParam<DomainSums::Asked> {};

TEST_P(DomainSumsOf, AreThoseOfACountAnew) {
  constexpr std::size_t kNodes = 12;
  ClusterState cluster;
  for (std::size_t i = 0; i < kNodes; ++i) cluster.UpsertNode(MakeNode(absl::StrCat(i)).Ref());
  const auto domains = cluster.Topology("zone");
  DomainSums sums(domains, GetParam());
  // From here on nodes share domains.
  std::map<std::size_t, Node> nodes;
  Random random(1);
  for (int step = 0; step < 4000; ++step) {
    const std::size_t number = random.Below(kNodes);
    Node node;
    if (random.Below(5) != 0) node.value = absl::StrCat("z", random.Below(4));
    node.counts = random.Below(4) != 0;
    node.amount = static_cast<std::int64_t>(random.Below(4));
    NodeBuilder built = MakeNode(absl::StrCat(number));
    if (node.value) built.Label("zone", *node.value);
    cluster.UpsertNode(built.Ref());
    nodes[number] = node;
    const NodeId row = cluster.FindNode(absl::StrCat(number));
    sums.Set(row, node.counts, node.amount);
    if (domains->one_node_each() != sums.one_node_each()) {
      ASSERT_FALSE(sums.features_hold());
      sums = DomainSums(domains, GetParam());
      for (const auto& [other, known] : nodes) {
        sums.Set(cluster.FindNode(absl::StrCat(other)), known.counts, known.amount);
      }
    }
    std::map<std::string, std::int64_t> expected;
    for (const auto& [other, known] : nodes) {
      if (known.value && known.counts) expected[*known.value] += known.amount;
    }
    for (const auto& [other, known] : nodes) {
      const std::uint64_t feature = sums.Feature(cluster.FindNode(absl::StrCat(other)));
      ASSERT_EQ(feature == DomainSums::kNoLabel, !known.value.has_value());
      const std::int64_t sum =
          known.value && expected.contains(*known.value) ? expected[*known.value] : 0;
      if (GetParam() == DomainSums::Asked::kPositive) {
        ASSERT_EQ(sums.Of(feature) > 0, sum > 0);
      } else {
        ASSERT_EQ(sums.Of(feature), sum);
      }
    }
    ASSERT_EQ(sums.all_zero(), std::all_of(expected.begin(), expected.end(),
                                           [](const auto& entry) { return entry.second == 0; }));
    ASSERT_EQ(sums.domain_count(), expected.size());
    if (GetParam() != DomainSums::Asked::kLeast) continue;
    std::int64_t least = expected.empty() ? 0 : expected.begin()->second;
    for (const auto& [value, sum] : expected) least = std::min(least, sum);
    ASSERT_EQ(sums.Least(), least);
  }
}

std::string NameOf(const testing::TestParamInfo<DomainSums::Asked>& asked) {
  constexpr const char* kNames[] = {"Amounts", "Positive", "Least"};
  return kNames[asked.index];
}

INSTANTIATE_TEST_SUITE_P(Asked, DomainSumsOf,
                         testing::Values(DomainSums::Asked::kAmounts, DomainSums::Asked::kPositive,
                                         DomainSums::Asked::kLeast),
                         NameOf);

}  // namespace domain_sums_test
}  // namespace heat_scheduler
