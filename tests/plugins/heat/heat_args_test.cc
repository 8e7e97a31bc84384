#include "plugins/heat/heat_args.h"

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {
namespace heat_args_test {

using nlohmann::json;

TEST(DecodeHeatArgs, HasDefaults) {
  for (const json& nothing : {json(nullptr), json::object(), json::parse(R"({"mode": null})")}) {
    const absl::StatusOr<HeatArgs> args = DecodeHeatArgs(nothing);
    ASSERT_TRUE(args.ok()) << args.status();
    EXPECT_EQ(args->annotation, "nerdalize/temp");
    EXPECT_EQ(args->time_annotation, "nerdalize/temp-time");
    EXPECT_EQ(args->mode, HeatMode::kCoolest);
    EXPECT_EQ(args->cold_celsius, 20);
    EXPECT_EQ(args->hot_celsius, 80);
    EXPECT_EQ(args->hot_limit_celsius, std::nullopt);
    EXPECT_EQ(args->stale_after, std::nullopt);
  }
}

TEST(DecodeHeatArgs, ReadsEveryArgument) {
  const absl::StatusOr<HeatArgs> args = DecodeHeatArgs(json::parse(R"({
      "apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "HeatArgs",
      "annotation": "example.com/t", "timeAnnotation": "example.com/t-at", "mode": "Score",
      "coldCelsius": 10.5, "hotCelsius": 90, "hotLimitCelsius": 70, "staleAfter": "1m30s"})"));
  ASSERT_TRUE(args.ok()) << args.status();
  EXPECT_EQ(args->annotation, "example.com/t");
  EXPECT_EQ(args->time_annotation, "example.com/t-at");
  EXPECT_EQ(args->mode, HeatMode::kScore);
  EXPECT_EQ(args->cold_celsius, 10.5);
  EXPECT_EQ(args->hot_celsius, 90);
  EXPECT_EQ(args->hot_limit_celsius, 70);
  EXPECT_EQ(args->stale_after, absl::Seconds(90));
}

struct Row {
  std::string name;
  std::string args;
  std::string expected;
};

class BadHeatArgs : public testing::TestWithParam<Row> {};

TEST_P(BadHeatArgs, AreRefusedByPath) {
  const absl::Status status = DecodeHeatArgs(json::parse(GetParam().args)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), GetParam().expected);
}

constexpr char kWantKey[] = "want an annotation's key such as nerdalize/temp";

INSTANTIATE_TEST_SUITE_P(
    Table, BadHeatArgs,
    testing::ValuesIn(std::vector<Row>{
        {"NotAnObject", "[]", "HeatArgs: want an object, got a list"},
        {"Text", "\"x\"", "HeatArgs: want an object, got \"x\""},
        {"UnknownKey", R"({"hotcelsius": 70})",
         "HeatArgs: unknown key \"hotcelsius\", did you mean hotCelsius?"},
        {"SnakeCase", R"({"hot_limit_celsius": 70})",
         "HeatArgs: unknown key \"hot_limit_celsius\", did you mean hotLimitCelsius?"},
        {"WrongKind", R"({"kind": "NodeAffinityArgs"})",
         "HeatArgs.kind: want HeatArgs, got \"NodeAffinityArgs\""},
        {"WrongApiVersion", R"({"apiVersion": "v2"})",
         "HeatArgs.apiVersion: want kubescheduler.config.k8s.io/v1, got \"v2\""},
        {"NumberAsText", R"({"coldCelsius": "20"})",
         "HeatArgs.coldCelsius: want a number, got \"20\""},
        {"UnknownMode", R"({"mode": "coolest"})",
         "HeatArgs.mode: want Coolest or Score, got \"coolest\""},
        {"ModeIsNoText", R"({"mode": 1})", "HeatArgs.mode: want text, got 1"},
        {"EmptyAnnotation", R"({"annotation": ""})",
         std::string("HeatArgs.annotation: ") + kWantKey},
        {"BlankInAnnotation", R"({"annotation": "my temp"})",
         std::string("HeatArgs.annotation: ") + kWantKey},
        {"TwoSlashes", R"({"timeAnnotation": "a/b/c"})",
         std::string("HeatArgs.timeAnnotation: ") + kWantKey},
        {"NothingAfterSlash", R"({"annotation": "a/"})",
         std::string("HeatArgs.annotation: ") + kWantKey},
        {"SameAnnotation", R"({"annotation": "a/t", "timeAnnotation": "a/t"})",
         "HeatArgs.timeAnnotation: must not be the key that annotation has"},
        {"ColdIsHot", R"({"coldCelsius": 80})",
         "HeatArgs.coldCelsius: must be below hotCelsius: 80 C is not below 80 C"},
        {"LimitOutOfRange", R"({"hotLimitCelsius": 70000})",
         "HeatArgs.hotLimitCelsius: want -50 C to 150 C, got 70000 C"},
        {"ColdOutOfRange", R"({"coldCelsius": -273.15})",
         "HeatArgs.coldCelsius: want -50 C to 150 C, got -273.15 C"},
        {"DurationWithoutUnit", R"({"staleAfter": 300})",
         "HeatArgs.staleAfter: want a duration such as \"5m\", got 300"},
        {"DurationUnknownUnit", R"({"staleAfter": "1y"})",
         "HeatArgs.staleAfter: want a duration such as \"5m\", got \"1y\""},
        {"DurationZero", R"({"staleAfter": "0s"})", "HeatArgs.staleAfter: must be longer than 0"},
        {"DurationNegative", R"({"staleAfter": "-1s"})",
         "HeatArgs.staleAfter: must be longer than 0"},
        {"AllAtOnce", R"({"mode": "x", "coldCelsius": [], "hotCelsius": 300, "stale": "5m"})",
         "HeatArgs.mode: want Coolest or Score, got \"x\"\n"
         "HeatArgs.coldCelsius: want a number, got a list\n"
         "HeatArgs.hotCelsius: want -50 C to 150 C, got 300 C\n"
         "HeatArgs: unknown key \"stale\", did you mean staleAfter?"},
    }),
    [](const auto& row) { return row.param.name; });

TEST(DecodeHeatArgs, RefusesWhatIsNotFinite) {
  const absl::Status status =
      DecodeHeatArgs({{"hotLimitCelsius", std::numeric_limits<double>::quiet_NaN()}}).status();
  EXPECT_EQ(status.message(),
            "HeatArgs.hotLimitCelsius: want a number, got one that is not finite");
}

}  // namespace heat_args_test
}  // namespace heat_scheduler
