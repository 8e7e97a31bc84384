#include "plugins/defaults/pod_topology_spread/spread_counts.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace heat_scheduler {
namespace spread_counts_test {

TEST(SpreadCounts, AreNothingWithoutDomains) {
  const SpreadCounts counts({});
  EXPECT_EQ(counts.Least(), 0);
  EXPECT_EQ(counts.domain_count(), 0U);
  EXPECT_EQ(counts.Of("a"), 0);
}

TEST(SpreadCounts, KeepDomainsWithoutPods) {
  SpreadCounts counts({{"a", 2}, {"b", 0}});
  EXPECT_EQ(counts.Least(), 0);
  counts.Add("b", 3);
  EXPECT_EQ(counts.Least(), 2);
  counts.Add("b", -3);
  EXPECT_EQ(counts.Least(), 0);
  EXPECT_EQ(counts.domain_count(), 2U);
}

TEST(SpreadCounts, OpenADomainThatIsAddedTo) {
  SpreadCounts counts({{"a", 2}});
  counts.Add("b", 1);
  EXPECT_EQ(counts.Least(), 1);
  EXPECT_EQ(counts.Of("b"), 1);
  EXPECT_EQ(counts.domain_count(), 2U);
}

RC_GTEST_PROP(SpreadCountsLaw, KnowTheLeastAfterAnyCorrections, ()) {
  const std::vector<std::string> names = {"a", "b", "c", "d"};
  std::map<std::string, std::int64_t> expected;
  PodsByDomain first;
  for (const std::string& name : names) {
    if (*rc::gen::arbitrary<bool>()) first[name] = expected[name] = *rc::gen::inRange(0, 4);
  }
  SpreadCounts counts(first);
  for (int steps = *rc::gen::inRange(0, 20); steps > 0; --steps) {
    const std::string& name = names[*rc::gen::inRange<std::size_t>(0, names.size())];
    const int change = *rc::gen::inRange(-3, 4);
    counts.Add(name, change);
    expected[name] += change;
  }
  const auto least =
      std::min_element(expected.begin(), expected.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  RC_ASSERT(counts.Least() == (least == expected.end() ? 0 : least->second));
  RC_ASSERT(counts.domain_count() == expected.size());
  for (const auto& [name, count] : expected) RC_ASSERT(counts.Of(name) == count);
}

}  // namespace spread_counts_test
}  // namespace heat_scheduler
