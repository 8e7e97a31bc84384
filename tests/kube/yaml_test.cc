#include "kube/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace heat_scheduler::kube {
namespace yaml_test {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<json> Parse(const std::string& text) {
  const absl::StatusOr<std::vector<json>> documents = ParseYaml(text, "f.yaml");
  EXPECT_TRUE(documents.ok()) << documents.status();
  return documents.ok() ? *documents : std::vector<json>{};
}

std::string ErrorOf(const std::string& text) {
  const absl::StatusOr<std::vector<json>> documents = ParseYaml(text, "f.yaml");
  if (documents.ok()) return "no error";
  EXPECT_EQ(documents.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(documents.status().message().data(), documents.status().message().size());
}

struct Row {
  std::string name;
  std::string text;
  std::string expected;  // JSON, or a message.
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

std::string NameOf(const testing::TestParamInfo<Row>& row) { return row.param.name; }

// The expected values are those of sigs.k8s.io/yaml v1.6.0.
class YamlScalars : public testing::TestWithParam<Row> {};

TEST_P(YamlScalars, MeanWhatTheyMeanToKubectl) {
  const std::vector<json> documents = Parse("v: " + GetParam().text);
  ASSERT_EQ(documents.size(), 1u);
  EXPECT_EQ(documents[0]["v"].dump(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, YamlScalars,
    testing::Values(
        Row{"No", "no", "false"}, Row{"Off", "Off", "false"}, Row{"N", "N", "false"},
        Row{"Yes", "yes", "true"}, Row{"On", "ON", "true"}, Row{"Y", "y", "true"},
        Row{"True", "True", "true"}, Row{"MixedCase", "tRUE", "\"tRUE\""},
        Row{"Tilde", "~", "null"}, Row{"Nothing", "", "null"}, Row{"Null", "Null", "null"},
        Row{"QuotedNo", "'no'", "\"no\""}, Row{"QuotedNumber", "\"5\"", "\"5\""},
        Row{"QuotedNothing", "''", "\"\""}, Row{"Octal", "010", "8"},
        Row{"OctalLetter", "0o10", "8"}, Row{"NegativeOctal", "-010", "-8"},
        Row{"NotOctal", "08", "8"}, Row{"Hex", "0x1F", "31"}, Row{"NegativeHex", "-0x1", "-1"},
        Row{"Binary", "0b101", "5"}, Row{"NotBinary", "0b2", "\"0b2\""},
        Row{"NotHex", "0xG", "\"0xG\""}, Row{"OnlyPrefix", "0x", "\"0x\""},
        Row{"HexFloat", "0x1p3", "\"0x1p3\""}, Row{"Plus", "+1", "1"},
        Row{"PlusFloat", "+1.5", "1.5"}, Row{"TwoSigns", "+-1", "\"+-1\""},
        Row{"SignAlone", "+", "\"+\""}, Row{"Underscores", "1_000", "1000"},
        Row{"TrailingUnderscore", "1_", "1"}, Row{"LeadingUnderscore", "_1", "\"_1\""},
        Row{"Exponent", "1e3", "1000"}, Row{"BareExponent", "1e", "\"1e\""},
        Row{"NoWhole", ".5", "0.5"}, Row{"NoFraction", "5.", "5"}, Row{"WholeFloat", "1.0", "1"},
        Row{"Version", "1.2.3", "\"1.2.3\""}, Row{"Point", ".", "\".\""},
        Row{"TooLarge", "1e400", "\"1e400\""}, Row{"TooSmall", "1e-400", "0"},
        Row{"Uint64", "18446744073709551615", "18446744073709551615"},
        Row{"Int64", "-9223372036854775808", "-9223372036854775808"},
        Row{"BeyondUint64", "18446744073709551616", "1.8446744073709552e+19"},
        Row{"Sexagesimal", "12:30:45", "\"12:30:45\""}, Row{"Date", "2001-01-01", "\"2001-01-01\""},
        Row{"InfinityWord", "inf", "\"inf\""}, Row{"NanWord", "NaN", "\"NaN\""},
        Row{"Merge", "<<", "\"<<\""}, Row{"TagStr", "!!str 5", "\"5\""},
        Row{"TagInt", "!!int \"5\"", "5"}, Row{"TagFloat", "!!float 5", "5"},
        Row{"TagBool", "!!bool yes", "true"}, Row{"TagNull", "!!null ''", "null"},
        Row{"TagBinary", "!!binary aGVsbG8=", "\"hello\""}, Row{"TagUnknown", "!custom 5", "\"5\""},
        Row{"TagBang", "! 5", "\"5\""},
        Row{"TagOfObject", "!!python/object:x {a: 1}", R"({"a":1})"},
        Row{"Literal", "|\n  a\n  b\n", R"("a\nb\n")"}, Row{"Folded", ">-\n  a\n  b\n", "\"a b\""}),
    NameOf);

class YamlTexts : public testing::TestWithParam<Row> {};

TEST_P(YamlTexts, GiveTheseDocuments) {
  EXPECT_EQ(json(Parse(GetParam().text)).dump(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, YamlTexts,
    testing::Values(
        Row{"Empty", "", "[]"}, Row{"Comment", "# nothing\n", "[]"}, Row{"Marker", "---\n", "[]"},
        Row{"Many", "a: 1\n---\nb: 2\n", R"([{"a":1},{"b":2}])"},
        Row{"EmptyBetween", "---\na: 1\n---\n---\n# x\n---\nb: 2\n", R"([{"a":1},{"b":2}])"},
        Row{"EndMarker", "a: 1\n...\n---\nb: 2\n...\n", R"([{"a":1},{"b":2}])"},
        Row{"WindowsLineEnds", "a: 1\r\nb:\r\n- 2\r\n---\r\nc: 3\r\n",
            R"([{"a":1,"b":[2]},{"c":3}])"},
        Row{"ByteOrderMark",
            "\xEF\xBB\xBF"
            "a: 1\n",
            R"([{"a":1}])"},
        Row{"Json", R"({"a": [1, 2.5, null, true, "x\n\u00e9"], "b":{"c":{}}})",
            "[{\"a\":[1,2.5,null,true,\"x\\n\u00e9\"],\"b\":{\"c\":{}}}]"},
        Row{"JsonInYaml", "a: {\"b\":[1,{\"c\":\"d\"}]}\n", R"([{"a":{"b":[1,{"c":"d"}]}}])"},
        Row{"KeysAreText", "1: a\nno: b\n1.5: c\n0x10: d\n",
            R"([{"1":"a","1.5":"c","16":"d","false":"b"}])"},
        Row{"Alias", "a: &x [1, 2]\nb: *x\n", R"([{"a":[1,2],"b":[1,2]}])"},
        Row{"AliasAsKey", "a: &x b\n*x : c\n", R"([{"a":"b","b":"c"}])"},
        Row{"AnchorAgain", "a: &x 1\nb: &x 2\nc: *x\n", R"([{"a":1,"b":2,"c":2}])"},
        Row{"Merge", "a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\n",
            R"([{"a":{"p":1,"q":2},"b":{"p":1,"q":3}}])"},
        Row{"MergeAfter", "a: &x {p: 1, q: 2}\nb: {q: 3, <<: *x}\n",
            R"([{"a":{"p":1,"q":2},"b":{"p":1,"q":3}}])"},
        Row{"MergeList", "a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y]}\n",
            R"([{"a":{"p":1},"b":{"p":2,"q":2},"c":{"p":1,"q":2}}])"},
        Row{"QuotedMergeIsAKey", "\"<<\": {a: 1}\n", R"([{"<<":{"a":1}}])"}),
    NameOf);

class BadYaml : public testing::TestWithParam<Row> {};

TEST_P(BadYaml, IsRefusedWithItsPlace) { EXPECT_EQ(ErrorOf(GetParam().text), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    Table, BadYaml,
    testing::Values(
        Row{"DuplicateKey", "x: 1\n---\na: 1\nb: 2\na: 3\n",
            "f.yaml:5:1: document 2: key \"a\" is given twice"},
        Row{"DuplicateOnceText", "1: a\n\"1\": b\n",
            "f.yaml:2:1: document 1: key \"1\" is given twice"},
        Row{"DuplicateInJson", R"({"a":{"b":1,"b":2}})",
            "f.yaml:1:13: document 1: key \"b\" is given twice"},
        Row{"Tab", "a:\n\tb: 1\n", "f.yaml:2:3: document 1: illegal map value"},
        Row{"ListAtTop", "a: 1\n---\n- b\n",
            "f.yaml:2:1: document 2: expected an object of keys and values, found a list"},
        Row{"TextAtTop", "hello\n",
            "f.yaml:1:1: document 1: expected an object of keys and values, found a single value"},
        Row{"NullKey", "~: 1\n",
            "f.yaml:1:1: document 1: a key is text, a number or a boolean, not null"},
        Row{"ListKey", "? [a]\n: 1\n",
            "f.yaml:1:3: document 1: a key is text, a number or a boolean, not a list or an "
            "object"},
        Row{"SelfReference", "a: &x [*x]\n",
            "f.yaml:1:8: document 1: the alias stands inside what it stands for"},
        Row{"UnknownAnchor", "a: *x\n",
            "f.yaml:1:4: document 1: the referenced anchor is not defined"},
        Row{"MergeOfText", "a: {<<: 3}\n",
            "f.yaml:1:9: document 1: << takes an object or a list of objects"},
        Row{"Infinity", "a: .inf\n",
            "f.yaml:1:4: document 1: .inf is infinite or no number: quote it if text is meant"},
        Row{"IntOfText", "a: !!int x\n", "f.yaml:1:4: document 1: \"x\" is no !!int"},
        Row{"NoBase64", "a: !!binary \"??\"\n", "f.yaml:1:4: document 1: !!binary holds no base64"},
        Row{"BinaryIsNoText", "a: !!binary /w==\n",
            "f.yaml:1:4: document 1: !!binary holds bytes that are no UTF-8 text"},
        Row{"Nul", std::string("a: 1\nb: \0", 9),
            "f.yaml:2:4: a control character; is the file text in UTF-8?"},
        Row{"EndOfTransmission",
            "a: 1\n\x04"
            "b: 2\n",
            "f.yaml:2:1: a control character; is the file text in UTF-8?"},
        Row{"Utf16",
            std::string("\xFF\xFE"
                        "a\0:\0",
                        6),
            "f.yaml:1:4: a control character; is the file text in UTF-8?"},
        Row{"InvalidUtf8", "a: 1\nb: \xFF\n", "f.yaml:2:1: the line is no UTF-8"}),
    NameOf);

TEST(YamlLimits, DepthIs100) {
  const auto nested = [](int depth) {
    return "a: " + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "\n";
  };
  EXPECT_EQ(ErrorOf(nested(100)), "no error");
  EXPECT_EQ(ErrorOf(nested(101)), "f.yaml:1:103: document 1: nested deeper than 100 levels");
  EXPECT_EQ(ErrorOf(nested(500)), "f.yaml:1:103: document 1: nested deeper than 100 levels");
  EXPECT_EQ(ErrorOf(nested(1'000'000)), "f.yaml:1:103: document 1: nested deeper than 100 levels");
  EXPECT_THAT(ErrorOf(std::string(10'000, '{')), HasSubstr(": document 1: "));
  std::string block = "- ";
  for (int i = 0; i < 200; ++i) block += "- ";
  EXPECT_THAT(ErrorOf(block), HasSubstr("nested deeper than 100 levels"));
}

TEST(YamlLimits, DepthCountsWhatAliasesBring) {
  const std::string anchored = "a: &x " + std::string(60, '[') + std::string(60, ']') + "\nb: ";
  EXPECT_EQ(ErrorOf(anchored + std::string(39, '[') + "*x" + std::string(39, ']')), "no error");
  EXPECT_EQ(ErrorOf(anchored + std::string(40, '[') + "*x" + std::string(40, ']')),
            "f.yaml:2:44: document 1: nested deeper than 100 levels");
}

TEST(YamlLimits, AliasesAre1000) {
  std::string text = "a: &x 1\nb:\n";
  for (int i = 0; i < 1000; ++i) text += "- *x\n";
  EXPECT_EQ(ErrorOf(text), "no error");
  EXPECT_EQ(ErrorOf(text + "- *x\n"), "f.yaml:1003:3: document 1: more than 1000 aliases");
}

TEST(YamlLimits, AliasBombIsRefused) {
  std::string text = "l0: &l0 [x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level <= 9; ++level) {
    const std::string below = "*l" + std::to_string(level - 1);
    text += "l" + std::to_string(level) + ": &l" + std::to_string(level) + " [" + below;
    for (int i = 1; i < 9; ++i) text += ", " + below;
    text += "]\n";
  }
  EXPECT_THAT(ErrorOf(text), HasSubstr("its aliases make the document more than 10 times as large "
                                       "as it is written"));
}

TEST(YamlLimits, BytesAreCountedByDocument) {
  const std::string two_mebibytes(2 << 20, 'x');
  EXPECT_EQ(ErrorOf("a: " + two_mebibytes + "\n---\nb: " + two_mebibytes + "\n"), "no error");
  EXPECT_EQ(ErrorOf("a: " + two_mebibytes + "\nb: " + two_mebibytes + "\n"),
            "f.yaml:2:1: the document is larger than 3145728 bytes");
}

TEST(YamlLimits, TextCutAnywhereIsReadOrRefused) {
  const std::string text =
      "# c\n---\na: &x {p: [1, 'q', \"r\\u00e9\"], <<: {s: |\n  t\n}}\nb:\n- *x\n- ? k\n  : !!str "
      "5\n"
      "...\n---\n{\"j\": [null, {}]}\n";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    EXPECT_THAT(ErrorOf(text.substr(0, size)),
                testing::AnyOf("no error", testing::StartsWith("f.yaml:")))
        << size;
  }
}

TEST(YamlList, IsTheOnlyDocument) {
  EXPECT_EQ(*ParseYamlList("- a: 1\n- [x]\n- 3\n", "f.yaml"),
            (std::vector<json>{{{"a", 1}}, json::array({"x"}), 3}));
  EXPECT_EQ(ParseYamlList("# nothing\n", "f.yaml")->size(), 0U);
  EXPECT_EQ(ParseYamlList("a: 1\n", "f.yaml").status().message(),
            "f.yaml:1:1: document 1: expected a list, found an object");
  EXPECT_EQ(ParseYamlList("- 1\n---\n- 2\n", "f.yaml").status().message(),
            "f.yaml:2:1: document 2: expected one document");
}

std::vector<std::string> NamesOf(const std::string& text) {
  const absl::StatusOr<std::vector<json>> objects = ParseManifests(text, "f.yaml");
  EXPECT_TRUE(objects.ok()) << objects.status();
  std::vector<std::string> names;
  if (objects.ok()) {
    for (const json& object : *objects) names.push_back(object.value("name", "?"));
  }
  return names;
}

TEST(Manifests, FlattenLists) {
  EXPECT_THAT(NamesOf(R"(
apiVersion: v1
kind: Pod
name: a
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Pod, name: b}
- apiVersion: v1
  kind: PodList
  items: [{apiVersion: v1, kind: Pod, name: c}, {apiVersion: v1, kind: Node, name: d}]
- {apiVersion: v1, kind: List, items: null}
---
{apiVersion: example.com/v1, kind: AllowList, name: e}
)"),
              ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(NamesOf("{apiVersion: v1, kind: List}"), IsEmpty());
}

TEST(Manifests, TheCallerLimitsEachDocument) {
  const std::string document = "{apiVersion: v1, kind: Pod}\n";
  EXPECT_EQ(ParseManifests(document + "---\n" + document, "f.yaml", 32)->size(), 2U);
  EXPECT_EQ(ParseManifests(document + document, "f.yaml", 32).status().message(),
            "f.yaml:2:1: the document is larger than 32 bytes");
}

class BadManifests : public testing::TestWithParam<Row> {};

TEST_P(BadManifests, AreRefusedWithTheirPlace) {
  const absl::Status status = ParseManifests(GetParam().text, "f.yaml").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadManifests,
    testing::Values(
        Row{"NoKind", "apiVersion: v1\n",
            "f.yaml:1:1: document 1: kind is missing: a manifest needs an apiVersion and a kind"},
        Row{"NoApiVersion", "a: 1\napiVersion: 1\nkind: Pod\n",
            "f.yaml:1:1: document 1: apiVersion is missing: a manifest needs an apiVersion and a "
            "kind"},
        Row{"BadItem", "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod}, 3]}",
            "f.yaml:1:1: document 1: items[1]: expected an object"},
        Row{"ItemWithoutKind", "{apiVersion: v1, kind: List, items: [{apiVersion: v1}]}",
            "f.yaml:1:1: document 1: items[0]: kind is missing: a manifest needs an apiVersion and "
            "a kind"},
        Row{"ItemsIsNoList", "{apiVersion: v1, kind: List, items: {}}",
            "f.yaml:1:1: document 1: items is no list"}),
    NameOf);

}  // namespace yaml_test
}  // namespace heat_scheduler::kube
