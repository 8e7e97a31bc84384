#include "kube/text_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rapidcheck/gtest.h"

namespace heat_scheduler {
namespace text_map_test {

using kube::TextMap;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using Map = TextMap<int>;

TEST(TextMap, KeepsTheOrderOfKeys) {
  const Map map = {{"b", 2}, {"a", 1}, {"b", 3}};
  EXPECT_THAT(map, ElementsAre(Pair("a", 1), Pair("b", 2)));
  EXPECT_EQ(map.at("b"), 2);
  EXPECT_THROW(map.at("c"), std::out_of_range);
}

TEST(TextMap, OfEntriesTakesTheLastOfEachKey) {
  EXPECT_THAT(Map::Of({{"b", 1}, {"a", 2}, {"b", 3}, {"a", 4}}),
              ElementsAre(Pair("a", 4), Pair("b", 3)));
  EXPECT_THAT(Map::Of({}), IsEmpty());
}

TEST(TextMap, SharesUntilChanged) {
  const Map a = {{"a", 1}};
  Map b = a;
  EXPECT_TRUE(a.SharesWith(b));
  EXPECT_EQ(b.erase("c"), 0u);
  EXPECT_FALSE(b.emplace("a", 2).second);
  EXPECT_TRUE(a.SharesWith(b));
  b["a"] = 2;
  EXPECT_THAT(a, ElementsAre(Pair("a", 1)));
  EXPECT_THAT(b, ElementsAre(Pair("a", 2)));
}

// Any sequence of changes leaves what it leaves of a std::map.
RC_GTEST_PROP(TextMapLaws, IsAMap, ()) {
  TextMap<int> map;
  std::map<std::string, int> model;
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 4), rc::gen::inRange(0, 8)));
  for (const auto& [what, number] : steps) {
    const std::string key = std::to_string(number);
    if (what == 0) RC_ASSERT(map.emplace(key, number).second == model.emplace(key, number).second);
    if (what == 1) map.insert_or_assign(key, model[key] = -number);
    if (what == 2) RC_ASSERT(map.erase(key) == model.erase(key));
    if (what == 3) ++map[key], ++model[key];
    RC_ASSERT(std::vector(map.begin(), map.end()) ==
              (std::vector<std::pair<std::string, int>>(model.begin(), model.end())));
    RC_ASSERT(map.contains(key) == model.contains(key));
  }
}

}  // namespace text_map_test
}  // namespace heat_scheduler
