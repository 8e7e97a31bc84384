#include "extender/route.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_split.h"

namespace heat_scheduler {
namespace route_test {

struct Row {
  std::string name;
  std::string path;  // Without the slash in front.
  ExtenderVerb verb;
  std::string profile;
};

class Route : public testing::TestWithParam<Row> {};

TEST_P(Route, IsThatOfThePath) {
  const auto profiles = ExtenderProfiles::Create();
  ASSERT_TRUE(profiles.ok()) << profiles.status();
  const std::vector<std::string> segments = absl::StrSplit(GetParam().path, '/', absl::SkipEmpty());
  const ExtenderRoute route = RouteOf(segments, *profiles);
  EXPECT_EQ(route.verb, GetParam().verb);
  EXPECT_EQ(route.profile->profile.scheduler_name(), GetParam().profile);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Route,
    testing::ValuesIn(std::vector<Row>{
        {"AncestorsFilter", "filter", ExtenderVerb::kAncestor, "coolest"},
        {"Root", "", ExtenderVerb::kAncestor, "coolest"},
        {"UnknownVerb", "anything", ExtenderVerb::kAncestor, "coolest"},
        {"UnknownVerbOfAProfile", "heat/score", ExtenderVerb::kAncestor, "coolest"},
        {"VerbsHaveACase", "heat/Filter", ExtenderVerb::kAncestor, "coolest"},
        {"FilterOfAProfile", "heat/filter", ExtenderVerb::kFilter, "heat"},
        {"ProfileBehindAPrefix", "a/b/heat/filter", ExtenderVerb::kFilter, "heat"},
        {"FilterOfNoProfile", "scheduler/filter", ExtenderVerb::kAncestor, "coolest"},
        {"TheProfileStandsBeforeTheVerb", "heat/v1/filter", ExtenderVerb::kAncestor, "coolest"},
        {"Prioritize", "prioritize", ExtenderVerb::kPrioritize, "heat"},
        {"PrioritizeOfAProfile", "heat/prioritize", ExtenderVerb::kPrioritize, "heat"},
        {"PrioritizeOfNoProfile", "v1/prioritize", ExtenderVerb::kPrioritize, "heat"},
        {"Bind", "bind", ExtenderVerb::kBind, "heat"},
        {"Preempt", "heat/preempt", ExtenderVerb::kPreempt, "heat"},
        {"TheVerbIsLast", "heat/filter/x", ExtenderVerb::kAncestor, "coolest"},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace route_test
}  // namespace heat_scheduler
