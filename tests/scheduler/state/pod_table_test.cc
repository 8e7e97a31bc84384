#include "scheduler/state/pod_table.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/support/objects.h"

namespace heat_scheduler {
namespace pod_table_test {

PodFacts Facts(const std::string& name, const std::string& uid) {
  return FactsOf(MakePod(name).Uid(uid));
}

TEST(PodTable, FindsByKeyAndName) {
  PodTable table;
  PodRecord& a = table.Add(Facts("ns/a", "u1"));
  PodRecord& b = table.Add(Facts("ns/b", ""));
  EXPECT_EQ(table.Find("u1"), &a);
  EXPECT_EQ(table.Find("ns/b"), &b);
  EXPECT_EQ(table.Find("ns/a"), nullptr);
  EXPECT_EQ(table.FindNamed("ns", "a"), &a);
  EXPECT_EQ(table.FindNamed("ns", "b"), &b);
  EXPECT_EQ(table.FindNamed("", "a"), nullptr);
  EXPECT_EQ(table.size(), 2u);
  std::set<const PodRecord*> visited;
  table.ForEach([&](const PodRecord& record) { visited.insert(&record); });
  EXPECT_EQ(visited, (std::set<const PodRecord*>{&a, &b}));
}

TEST(PodTable, ANameIsOfTheLastThatCame) {
  PodTable table;
  PodRecord& old = table.Add(Facts("ns/a", "u1"));
  PodRecord& now = table.Add(Facts("ns/a", "u2"));
  EXPECT_EQ(table.FindNamed("ns", "a"), &now);
  table.Remove(old);
  EXPECT_EQ(table.FindNamed("ns", "a"), &now);
  EXPECT_EQ(table.Find("u1"), nullptr);
  table.Remove(now);
  EXPECT_EQ(table.FindNamed("ns", "a"), nullptr);
  EXPECT_EQ(table.size(), 0u);
}

// No API server renames a pod, but what comes from outside is not to be relied on.
TEST(PodTable, APodMayBeRenamed) {
  PodTable table;
  PodRecord& pod = table.Add(Facts("ns/a", "u1"));
  table.SetFacts(pod, Facts("ns/b", "u1"));
  EXPECT_EQ(table.FindNamed("ns", "a"), nullptr);
  EXPECT_EQ(table.FindNamed("ns", "b"), &pod);
  EXPECT_EQ(table.Find("u1"), &pod);
}

}  // namespace pod_table_test
}  // namespace heat_scheduler
