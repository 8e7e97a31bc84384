#include "cluster/strategic_merge.h"

#include <string>

#include <nlohmann/json.hpp>

#include "gtest/gtest.h"

namespace heat_scheduler::cluster {
namespace strategic_merge_test {

struct MergeCase {
  const char* name;
  const char* document;
  const char* patch;
  const char* merged;  // Empty: refused.
};

class StrategicMergeTable : public ::testing::TestWithParam<MergeCase> {};

TEST_P(StrategicMergeTable, Merges) {
  const MergeCase& row = GetParam();
  const auto merged = StrategicMerge(Json::parse(row.document), Json::parse(row.patch));
  if (std::string(row.merged).empty()) {
    ASSERT_FALSE(merged.ok());
    EXPECT_EQ(merged.error().code, 400);
    return;
  }
  ASSERT_TRUE(merged.ok()) << merged.error().message;
  EXPECT_EQ(*merged, Json::parse(row.merged)) << Dump(*merged);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, StrategicMergeTable,
    ::testing::Values(
        MergeCase{"MapsMerge", R"({"a":{"x":1,"y":2}})", R"({"a":{"y":3,"z":4}})",
                  R"({"a":{"x":1,"y":3,"z":4}})"},
        MergeCase{"NullErases", R"({"a":1,"b":2})", R"({"a":null})", R"({"b":2})"},
        MergeCase{"NullOfNewMapIsDropped", R"({})", R"({"a":{"x":null,"y":1}})",
                  R"({"a":{"y":1}})"},
        MergeCase{"ConditionsMergeByType",
                  R"({"conditions":[{"type":"A","status":"False"},{"type":"B","status":"True"}]})",
                  R"({"conditions":[{"type":"A","status":"True"},{"type":"C","status":"True"}]})",
                  R"({"conditions":[{"type":"A","status":"True"},{"type":"B","status":"True"},
                      {"type":"C","status":"True"}]})"},
        MergeCase{"ContainersMergeByName",
                  R"({"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]})",
                  R"({"containers":[{"name":"b","image":"2"}]})",
                  R"({"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]})"},
        MergeCase{"ElementDeletes", R"({"env":[{"name":"a","value":"1"},{"name":"b"}]})",
                  R"({"env":[{"name":"a","$patch":"delete"}]})", R"({"env":[{"name":"b"}]})"},
        MergeCase{"ListReplaces", R"({"env":[{"name":"a"}]})",
                  R"({"env":[{"$patch":"replace"},{"name":"b"}]})", R"({"env":[{"name":"b"}]})"},
        MergeCase{"MapReplaces", R"({"a":{"x":1}})", R"({"a":{"$patch":"replace","y":2}})",
                  R"({"a":{"y":2}})"},
        MergeCase{"MapDeletes", R"({"a":{"x":1}})", R"({"a":{"$patch":"delete"}})", R"({"a":{}})"},
        MergeCase{"AtomicListIsReplaced", R"({"tolerations":[{"key":"a"}]})",
                  R"({"tolerations":[{"key":"b"}]})", R"({"tolerations":[{"key":"b"}]})"},
        MergeCase{"FinalizersAreASet", R"({"finalizers":["a"]})", R"({"finalizers":["a","b"]})",
                  R"({"finalizers":["a","b"]})"},
        MergeCase{"DeletesFromPrimitiveList", R"({"finalizers":["a","b"]})",
                  R"({"$deleteFromPrimitiveList/finalizers":["a"]})", R"({"finalizers":["b"]})"},
        MergeCase{"SetsElementOrder", R"({"env":[{"name":"a"},{"name":"b"}]})",
                  R"({"$setElementOrder/env":[{"name":"c"},{"name":"b"},{"name":"a"}],
                      "env":[{"name":"c"}]})",
                  R"({"env":[{"name":"c"},{"name":"b"},{"name":"a"}]})"},
        MergeCase{"RetainsKeys", R"({"strategy":{"type":"RollingUpdate","rollingUpdate":{"a":1}}})",
                  R"({"strategy":{"$retainKeys":["type"],"type":"Recreate"}})",
                  R"({"strategy":{"type":"Recreate"}})"},
        MergeCase{"ContainerPortsByContainerPort", R"({"ports":[{"containerPort":80,"name":"a"}]})",
                  R"({"ports":[{"containerPort":80,"name":"b"},{"containerPort":81}]})",
                  R"({"ports":[{"containerPort":80,"name":"b"},{"containerPort":81}]})"},
        MergeCase{"ServicePortsByPort", R"({"ports":[{"port":80,"name":"a"}]})",
                  R"({"ports":[{"port":80,"name":"b"}]})", R"({"ports":[{"port":80,"name":"b"}]})"},
        MergeCase{"NoMergeKey", R"({"env":[{"name":"a"}]})", R"({"env":[{"value":"1"}]})", ""},
        MergeCase{"ElementIsNoObject", R"({"env":[{"name":"a"}]})", R"({"env":["a"]})", ""},
        MergeCase{"UnknownDirective", R"({"a":{}})", R"({"a":{"$patch":"mix"}})", ""}),
    [](const auto& row) { return row.param.name; });

}  // namespace strategic_merge_test
}  // namespace heat_scheduler::cluster
