#include "extender/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace heat_scheduler {
namespace arguments_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;

TEST(ReadArguments, HandsOnTheBytesThatCame) {
  ArgumentsReader reader;
  const std::string body =
      "{\"Pod\" : { \"a\":\"\\u00e9\" } , \"Nodes\":{\"metadata\":{},\"items\":[ {\"x\": [1, 2]}\n,"
      "{} ]}, \"NodeNames\": null}";
  const auto arguments = reader.ReadArguments(body);
  ASSERT_TRUE(arguments.ok()) << arguments.status();
  EXPECT_EQ(arguments->pod, "{ \"a\":\"\\u00e9\" }");
  EXPECT_THAT(arguments->nodes, Optional(ElementsAre("{\"x\": [1, 2]}", "{}")));
  EXPECT_EQ(arguments->node_names, std::nullopt);
}

struct Row {
  std::string name;
  std::string body;
  std::string pod;
  std::optional<std::vector<std::string_view>> nodes;
  std::optional<std::vector<std::string_view>> node_names;
};

class GoodArguments : public testing::TestWithParam<Row> {};

TEST_P(GoodArguments, AreRead) {
  ArgumentsReader reader;
  const auto arguments = reader.ReadArguments(GetParam().body);
  ASSERT_TRUE(arguments.ok()) << arguments.status();
  EXPECT_EQ(arguments->pod, GetParam().pod);
  EXPECT_EQ(arguments->nodes, GetParam().nodes);
  EXPECT_EQ(arguments->node_names, GetParam().node_names);
}

using Views = std::vector<std::string_view>;

INSTANTIATE_TEST_SUITE_P(
    Table, GoodArguments,
    testing::ValuesIn(std::vector<Row>{
        {"Empty", "{}", "", {}, {}},
        {"Nulls", R"({"Pod":null,"Nodes":null,"NodeNames":null})", "", {}, {}},
        {"OldKeys", R"({"pod":{},"nodes":{"items":[{}]}})", "{}", Views{"{}"}, {}},
        {"OldNames", R"({"pod":{},"nodenames":["a"]})", "{}", {}, Views{"a"}},
        {"NoItems", R"({"Nodes":{"metadata":{}}})", "", Views{}, {}},
        {"NullItems", R"({"Nodes":{"items":null}})", "", Views{}, {}},
        {"NoNames", R"({"NodeNames":[]})", "", {}, Views{}},
        {"EscapedName", R"({"NodeNames":["\u0061\/b"]})", "", {}, Views{"a/b"}},
        {"EscapedKey", R"({"N\u006fdeNames":["a"]})", "", {}, Views{"a"}},
        {"UnknownKeys", R"({"x":[{"Pod":{}}],"Pod":{},"y":1.5e3,"z":"s"})", "{}", {}, {}},
        {"TheLastHolds",
         R"({"Pod":{"a":1},"pod":{"a":2},"Nodes":{"items":[{}],"items":[]},"nodeNames":["a"],)"
         R"("NodeNames":["b"]})",
         R"({"a":2})", Views{}, Views{"b"}},
        {"BlanksBehind", "{\"Pod\":{}} \r\n\t", "{}", {}, {}},
    }),
    [](const auto& row) { return row.param.name; });

struct BadRow {
  std::string name;
  std::string body;
  std::string problem;
};

class BadArguments : public testing::TestWithParam<BadRow> {};

TEST_P(BadArguments, AreRefused) {
  ArgumentsReader reader;
  const absl::Status status = reader.ReadArguments(GetParam().body).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().problem));
  // Whatever came before, the next request is read.
  EXPECT_TRUE(reader.ReadArguments("{}").ok());
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadArguments,
    testing::ValuesIn(std::vector<BadRow>{
        {"Nothing", "", "no JSON that can be read"},
        {"Blanks", "  \n", "no JSON that can be read"},
        {"Null", "null", "expected an object"},
        {"AList", "[]", "expected an object"},
        {"Text", "\"x\"", "expected an object"},
        {"ByteOrderMark", "\xEF\xBB\xBF{}", ""},
        {"Utf16", std::string("\xFF\xFE{\0}\0", 6), "no JSON that can be read"},
        {"BrokenUtf8", "{\"Pod\":{\"a\":\"\xFF\"}}", "no JSON that can be read"},
        {"TwoDocuments", "{}{}", "something follows the end of the object"},
        {"GarbageBehind", "{} x", "no JSON that can be read"},
        {"Comment", "{/* c */}", "no JSON that can be read"},
        {"PodIsText", R"({"Pod":"x"})", "Pod: expected an object"},
        {"NodesAreAList", R"({"Nodes":[{}]})", "Nodes: expected an object"},
        {"ItemsAreText", R"({"Nodes":{"items":"x"}})", "Nodes.items: expected an array"},
        {"ItemIsNull", R"({"Nodes":{"items":[{},null]}})", "Nodes.items[1]: expected an object"},
        {"ItemIsANumber", R"({"Nodes":{"items":[3]}})", "Nodes.items[0]: expected an object"},
        {"NamesAreAnObject", R"({"NodeNames":{}})", "NodeNames: expected an array"},
        {"NameIsANumber", R"({"NodeNames":["a",3]})", "NodeNames[1]: expected a string"},
        {"NameIsNull", R"({"NodeNames":[null]})", "NodeNames[0]: expected a string"},
        {"Deep", std::string(100'000, '['), "expected an object"},
    }),
    [](const auto& row) { return row.param.name; });

TEST(ReadArguments, RefusesABodyThatIsCutAnywhere) {
  ArgumentsReader reader;
  const std::string body =
      R"({"Pod":{"metadata":{"name":"w"}},"Nodes":{"items":[{"a":[1]},{}]},"NodeNames":["a","b"]})";
  ASSERT_TRUE(reader.ReadArguments(body).ok());
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(reader.ReadArguments(body.substr(0, size)).ok()) << body.substr(0, size);
  }
}

TEST(ReadArguments, TakesWhatNoneOfItsKeysHoldsHoweverDeep) {
  ArgumentsReader reader;
  const std::string deep =
      absl::StrCat("{\"x\":", std::string(100'000, '['), std::string(100'000, ']'), ",\"Pod\":{}}");
  const auto arguments = reader.ReadArguments(deep);
  ASSERT_TRUE(arguments.ok()) << arguments.status();
  EXPECT_EQ(arguments->pod, "{}");
}

TEST(ReadArguments, TakesAMillionNames) {
  ArgumentsReader reader;
  std::string body = "{\"NodeNames\":[\"n\"";
  for (int i = 1; i < 1'000'000; ++i) body += ",\"n\"";
  body += "]}";
  const auto arguments = reader.ReadArguments(body);
  ASSERT_TRUE(arguments.ok()) << arguments.status();
  EXPECT_EQ(arguments->node_names->size(), 1'000'000u);
}

}  // namespace arguments_test
}  // namespace heat_scheduler
