#include "kube/selectors.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/objects.h"

namespace heat_scheduler::kube {
namespace selectors_test {

using enum SelectorOperator;

const StringMap kLabels = {{"zone", "a"}, {"size", "5"}, {"word", "five"}, {"empty", ""}};

struct RequirementRow {
  std::string name;
  SelectorRequirement requirement;
  bool holds;       // For kLabels, by itself.
  bool node_holds;  // As the only expression of a node selector's term.
};

void PrintTo(const RequirementRow& row, std::ostream* out) { *out << row.name; }

class Requirements : public testing::TestWithParam<RequirementRow> {};

TEST_P(Requirements, HoldAsInKubernetes) {
  const RequirementRow& row = GetParam();
  EXPECT_EQ(Matches(row.requirement, kLabels), row.holds);
  NodeSelectorTerm term;
  term.match_expressions = {row.requirement};
  EXPECT_EQ(Matches(term, kLabels, "n1"), row.node_holds);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Requirements,
    testing::Values(
        RequirementRow{"InPresent", Require("zone", kIn, {"b", "a"}), true, true},
        RequirementRow{"InOther", Require("zone", kIn, {"b"}), false, false},
        RequirementRow{"InAbsent", Require("rack", kIn, {""}), false, false},
        RequirementRow{"InEmptyValue", Require("empty", kIn, {""}), true, true},
        RequirementRow{"InNoValues", Require("zone", kIn), false, false},
        RequirementRow{"NotInPresent", Require("zone", kNotIn, {"a"}), false, false},
        RequirementRow{"NotInOther", Require("zone", kNotIn, {"b"}), true, true},
        RequirementRow{"NotInAbsent", Require("rack", kNotIn, {"b"}), true, true},
        RequirementRow{"NotInNoValuesIsMalformed", Require("zone", kNotIn), true, false},
        RequirementRow{"NotInBadValueIsMalformed", Require("zone", kNotIn, {"b!"}), true, false},
        RequirementRow{"ExistsPresent", Require("empty", kExists), true, true},
        RequirementRow{"ExistsAbsent", Require("rack", kExists), false, false},
        RequirementRow{"ExistsValuesAreMalformed", Require("zone", kExists, {"a"}), true, false},
        RequirementRow{"DoesNotExistPresent", Require("zone", kDoesNotExist), false, false},
        RequirementRow{"DoesNotExistAbsent", Require("rack", kDoesNotExist), true, true},
        RequirementRow{"BadKeyIsMalformed", Require("a b", kDoesNotExist), true, false},
        RequirementRow{"BadPrefixIsMalformed", Require("A/b", kDoesNotExist), true, false},
        RequirementRow{"PrefixedKey", Require("example.com/b", kDoesNotExist), true, true},
        RequirementRow{"LongKeyIsMalformed", Require(std::string(64, 'k'), kDoesNotExist), true,
                       false},
        RequirementRow{"GtAbove", Require("size", kGt, {"4"}), true, true},
        RequirementRow{"GtEqual", Require("size", kGt, {"5"}), false, false},
        RequirementRow{"GtWord", Require("word", kGt, {"4"}), false, false},
        RequirementRow{"GtBoundIsNoNumber", Require("size", kGt, {"x"}), false, false},
        RequirementRow{"GtTwoBounds", Require("size", kGt, {"1", "2"}), false, false},
        RequirementRow{"GtAbsent", Require("rack", kGt, {"4"}), false, false},
        RequirementRow{"LtBelow", Require("size", kLt, {"6"}), true, true},
        RequirementRow{"LtEqual", Require("size", kLt, {"5"}), false, false},
        RequirementRow{"LtBeyondInt64", Require("size", kLt, {"9223372036854775808"}), false,
                       false},
        RequirementRow{"UnknownOperator", Require("zone", kUnknown, {"a"}), false, false}),
    [](const auto& row) { return row.param.name; });

TEST(LabelSelectors, EmptyMatchesEverything) {
  EXPECT_TRUE(Matches(LabelSelector{}, kLabels));
  EXPECT_TRUE(Matches(LabelSelector{}, StringMap{}));
}

TEST(LabelSelectors, NeedBothParts) {
  LabelSelector selector;
  selector.match_labels = {{"zone", "a"}};
  selector.match_expressions = {Require("size", kExists)};
  EXPECT_TRUE(Matches(selector, kLabels));
  EXPECT_FALSE(Matches(selector, StringMap{{"zone", "a"}}));
  EXPECT_FALSE(Matches(selector, StringMap{{"zone", "b"}, {"size", ""}}));
  EXPECT_FALSE(Matches(selector, StringMap{{"size", ""}}));
}

struct FieldRow {
  std::string name;
  SelectorRequirement requirement;
  bool matches;  // Node n1.
};

void PrintTo(const FieldRow& row, std::ostream* out) { *out << row.name; }

class NodeFields : public testing::TestWithParam<FieldRow> {};

TEST_P(NodeFields, MatchTheNameOnly) {
  NodeSelectorTerm term;
  term.match_fields = {GetParam().requirement};
  EXPECT_EQ(Matches(term, kLabels, "n1"), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
    Table, NodeFields,
    testing::Values(FieldRow{"In", Require("metadata.name", kIn, {"n1"}), true},
                    FieldRow{"InOther", Require("metadata.name", kIn, {"n2"}), false},
                    FieldRow{"NotIn", Require("metadata.name", kNotIn, {"n1"}), false},
                    FieldRow{"NotInOther", Require("metadata.name", kNotIn, {"n2"}), true},
                    FieldRow{"TwoValues", Require("metadata.name", kIn, {"n1", "n2"}), false},
                    FieldRow{"OtherField", Require("metadata.uid", kNotIn, {"n1"}), false},
                    FieldRow{"OtherOperator", Require("metadata.name", kExists), false}),
    [](const auto& row) { return row.param.name; });

TEST(NodeSelectors, EmptyTermAndNoTermMatchNothing) {
  EXPECT_FALSE(Matches(NodeSelectorTerm{}, kLabels, "n1"));
  EXPECT_FALSE(Matches(NodeSelector{}, kLabels, "n1"));
}

TEST(NodeSelectors, TermsAreAlternativesAndTheirPartsAreNot) {
  NodeSelectorTerm both;
  both.match_expressions = {Require("zone", kIn, {"a"})};
  both.match_fields = {Require("metadata.name", kIn, {"n2"})};
  NodeSelectorTerm malformed;
  malformed.match_expressions = {Require("zone", kIn)};
  NodeSelector selector;
  selector.terms = {NodeSelectorTerm{}, malformed, both};
  EXPECT_FALSE(Matches(selector, kLabels, "n1"));
  EXPECT_TRUE(Matches(selector, kLabels, "n2"));
  EXPECT_FALSE(Matches(selector, StringMap{}, "n2"));
}

struct ProblemRow {
  std::string name;
  NodeSelectorTerm term;
  std::vector<std::string> expected;
};

void PrintTo(const ProblemRow& row, std::ostream* out) { *out << row.name; }

class NodeTermProblems : public testing::TestWithParam<ProblemRow> {};

TEST_P(NodeTermProblems, SayWhereAndWhat) {
  EXPECT_EQ(Problems(GetParam().term, "[1]"), GetParam().expected);
}

constexpr char kLabelRule[] =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
    "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

INSTANTIATE_TEST_SUITE_P(
    Table, NodeTermProblems,
    testing::Values(
        ProblemRow{
            "None", {{Require("a", kIn, {"x"})}, {Require("metadata.name", kIn, {"n"})}}, {}},
        ProblemRow{"Integer",
                   {{Require("a", kExists), Require("cores", kGt, {"many"})}, {}},
                   {"[1].matchExpressions[1].values[0]: Invalid value: \"many\": for 'Gt', 'Lt' "
                    "operators, the value must be an integer"}},
        ProblemRow{"LabelValue",
                   {{Require("disk", kIn, {"ssd", "very fast"})}, {}},
                   {std::string("[1].matchExpressions[0].values[1][disk]: Invalid value: \"very "
                                "fast\": ") +
                    kLabelRule}},
        ProblemRow{"LongLabelValue",
                   {{Require("disk", kIn, {std::string(64, 'x')})}, {}},
                   {"[1].matchExpressions[0].values[0][disk]: Invalid value: \"" +
                    std::string(64, 'x') + "\": must be no more than 63 characters"}},
        ProblemRow{
            "LongAndBadLabelValue",
            {{Require("disk", kIn, {std::string(63, 'x') + "-"})}, {}},
            {"[1].matchExpressions[0].values[0][disk]: Invalid value: \"" + std::string(63, 'x') +
             "-\": must be no more than 63 characters; " + kLabelRule}},
        ProblemRow{"EveryMalformedRequirement",
                   {{Require("", kExists), Require("a", kIn), Require("a", kUnknown)},
                    {Require("metadata.name", kExists)}},
                   {"[1].matchExpressions[0].key: Invalid value: \"\"",
                    "[1].matchExpressions[1].values: Invalid value: the operator does not go with "
                    "0 of them",
                    "[1].matchExpressions[2].operator: Unsupported value",
                    "[1].matchFields[0].operator: Unsupported value"}}),
    [](const auto& row) { return row.param.name; });

struct TolerationRow {
  std::string name;
  Toleration toleration;
  bool tolerates;  // Taint dedicated=gpu:NoSchedule.
};

void PrintTo(const TolerationRow& row, std::ostream* out) { *out << row.name; }

class Tolerations : public testing::TestWithParam<TolerationRow> {};

TEST_P(Tolerations, FollowKubernetes) {
  const Taint taint = {"dedicated", "gpu", TaintEffect::kNoSchedule};
  EXPECT_EQ(Tolerates(GetParam().toleration, taint), GetParam().tolerates);
}

Toleration Equal(std::string key, std::string value, TaintEffect effect) {
  Toleration toleration;
  toleration.key = std::move(key);
  toleration.value = std::move(value);
  toleration.effect = effect;
  return toleration;
}

Toleration Exists(std::string key, TaintEffect effect) {
  Toleration toleration = Equal(std::move(key), "", effect);
  toleration.exists = true;
  return toleration;
}

Toleration Unsupported(Toleration toleration) {
  toleration.unsupported_operator = true;
  return toleration;
}

INSTANTIATE_TEST_SUITE_P(
    Table, Tolerations,
    testing::Values(
        TolerationRow{"Equal", Equal("dedicated", "gpu", TaintEffect::kNoSchedule), true},
        TolerationRow{"EqualEveryEffect", Equal("dedicated", "gpu", TaintEffect::kNone), true},
        TolerationRow{"OtherEffect", Equal("dedicated", "gpu", TaintEffect::kNoExecute), false},
        TolerationRow{"OtherValue", Equal("dedicated", "cpu", TaintEffect::kNoSchedule), false},
        TolerationRow{"OtherKey", Equal("shared", "gpu", TaintEffect::kNoSchedule), false},
        TolerationRow{"EmptyKeyEqual", Equal("", "gpu", TaintEffect::kNone), true},
        TolerationRow{"ExistsKey", Exists("dedicated", TaintEffect::kNone), true},
        TolerationRow{"ExistsOtherKey", Exists("shared", TaintEffect::kNone), false},
        TolerationRow{"ExistsEveryKey", Exists("", TaintEffect::kNone), true},
        TolerationRow{"ExistsEveryKeyOtherEffect", Exists("", TaintEffect::kPreferNoSchedule),
                      false},
        TolerationRow{"Unsupported", Unsupported(Exists("", TaintEffect::kNone)), false}),
    [](const auto& row) { return row.param.name; });

TEST(KeepsOff, OnlyByEffectsThatForbidPlacing) {
  for (const TaintEffect effect : {TaintEffect::kNoSchedule, TaintEffect::kNoExecute}) {
    EXPECT_TRUE(KeepsOff({"dedicated", "gpu", effect}, {}));
    EXPECT_TRUE(KeepsOff({"dedicated", "gpu", effect}, {Exists("shared", TaintEffect::kNone)}));
    EXPECT_FALSE(KeepsOff({"dedicated", "gpu", effect},
                          {Exists("shared", TaintEffect::kNone), Exists("dedicated", effect)}));
  }
  EXPECT_FALSE(KeepsOff({"dedicated", "gpu", TaintEffect::kPreferNoSchedule}, {}));
}

}  // namespace selectors_test
}  // namespace heat_scheduler::kube
