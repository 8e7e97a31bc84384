#include "scheduler/framework/args_reader.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {
namespace args_reader_test {

using nlohmann::json;

enum class Shape { kRound, kSquare };

struct Args {
  std::string name = "default";
  double size = 1;
  std::optional<double> limit;
  std::optional<absl::Duration> every;
  Shape shape = Shape::kRound;
};

absl::Status Decode(const json& from, Args& args) {
  ArgsReader reader(from, "TestArgs");
  reader.Read("name", args.name);
  reader.Read("size", args.size);
  reader.Read("limit", args.limit);
  reader.Read("every", args.every);
  reader.Read<Shape>("shape", {{"Round", Shape::kRound}, {"Square", Shape::kSquare}}, args.shape);
  return reader.Finish();
}

std::string Mistakes(const std::string& text) {
  Args args;
  return std::string(Decode(json::parse(text), args).message());
}

TEST(ArgsReader, ReadsWhatIsThere) {
  Args args;
  const absl::Status status = Decode(
      json::parse(R"({"name": "x", "size": 2.5, "limit": 3, "every": "1m", "shape": "Square"})"),
      args);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(args.name, "x");
  EXPECT_EQ(args.size, 2.5);
  EXPECT_EQ(args.limit, 3);
  EXPECT_EQ(args.every, absl::Minutes(1));
  EXPECT_EQ(args.shape, Shape::kSquare);
}

TEST(ArgsReader, KeepsDefaultsWhereNothingIsSaid) {
  for (const char* text : {"null", "{}", R"({"name": null, "size": null, "shape": null})"}) {
    Args args;
    EXPECT_TRUE(Decode(json::parse(text), args).ok()) << text;
    EXPECT_EQ(args.name, "default");
    EXPECT_EQ(args.size, 1);
    EXPECT_EQ(args.shape, Shape::kRound);
  }
}

TEST(ArgsReader, TakesTheEnvelope) {
  EXPECT_EQ(Mistakes(R"({"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "TestArgs"})"),
            "");
  EXPECT_EQ(Mistakes(R"({"kind": "OtherArgs"})"),
            "TestArgs.kind: want TestArgs, got \"OtherArgs\"");
}

TEST(ArgsReader, NamesTheNearestKey) {
  EXPECT_EQ(Mistakes(R"({"Size": 1})"), "TestArgs: unknown key \"Size\", did you mean size?");
  EXPECT_EQ(Mistakes(R"({"everything": 1})"),
            "TestArgs: unknown key \"everything\", did you mean every?");
  EXPECT_EQ(Mistakes(R"({"": 1})"), "TestArgs: unknown key \"\", did you mean name?");
}

TEST(ArgsReader, RepeatsNothingThatHarmsALog) {
  EXPECT_EQ(Mistakes("{\"na\\nme\": 1}"), "TestArgs: unknown key \"na\\nme\", did you mean name?");
  const std::string message = Mistakes("{\"" + std::string(100'000, 'x') + "\": 1}");
  EXPECT_LT(message.size(), 200u);
}

TEST(ArgsReader, CollectsAllMistakesInTheOrderOfTheReads) {
  EXPECT_EQ(Mistakes(R"({"shape": "Oval", "every": "soon", "name": 1, "zize": 2, "size": true})"),
            "TestArgs.name: want text, got 1\n"
            "TestArgs.size: want a number, got true\n"
            "TestArgs.every: want a duration such as \"5m\", got \"soon\"\n"
            "TestArgs.shape: want Round or Square, got \"Oval\"\n"
            "TestArgs: unknown key \"zize\", did you mean size?");
}

TEST(ArgsReader, WantsAnObject) {
  EXPECT_EQ(Mistakes("[1]"), "TestArgs: want an object, got a list");
  EXPECT_EQ(Mistakes("true"), "TestArgs: want an object, got true");
}

TEST(ArgsReader, RefusesNumbersThatAreNone) {
  Args args;
  EXPECT_EQ(Decode({{"size", std::numeric_limits<double>::infinity()}}, args).message(),
            "TestArgs.size: want a number, got one that is not finite");
}

struct Point {
  std::string name;
  std::int32_t weight = 1;
};

struct DeepArgs {
  bool on = false;
  std::int64_t seconds = 600;
  absl::Duration timeout = absl::Seconds(10);
  std::vector<std::string> names;
  std::vector<Point> points;
  bool has_strategy = false;
};

absl::Status Decode(const json& from, DeepArgs& args) {
  ArgsReader reader(from, "DeepArgs");
  reader.Read("on", args.on);
  reader.Read("seconds", args.seconds);
  reader.Read("timeout", args.timeout);
  reader.Read("names", args.names);
  args.has_strategy = reader.ReadObject("strategy", [&](ArgsReader& strategy) {
    strategy.ReadObjects("points", [&](ArgsReader& point) {
      Point& added = args.points.emplace_back();
      point.Read("name", added.name);
      point.Read("weight", added.weight);
      if (added.name.empty()) point.Reject("name", "must not be empty");
    });
  });
  return reader.Finish();
}

TEST(ArgsReader, ReadsNestedObjectsAndLists) {
  DeepArgs args;
  const absl::Status status = Decode(json::parse(R"({
      "on": true, "seconds": -3, "timeout": "1m", "names": ["a", "b"],
      "strategy": {"points": [{"name": "x", "weight": 7}, {"name": "y"}]}})"),
                                     args);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(args.on);
  EXPECT_EQ(args.seconds, -3);
  EXPECT_EQ(args.timeout, absl::Minutes(1));
  EXPECT_EQ(args.names, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(args.has_strategy);
  ASSERT_EQ(args.points.size(), 2u);
  EXPECT_EQ(args.points[0].weight, 7);
  EXPECT_EQ(args.points[1].name, "y");
  EXPECT_EQ(args.points[1].weight, 1);
}

TEST(ArgsReader, TellsAnAbsentObjectFromAnEmptyOne) {
  DeepArgs args;
  EXPECT_TRUE(Decode(json::parse(R"({"strategy": null})"), args).ok());
  EXPECT_FALSE(args.has_strategy);
  EXPECT_TRUE(Decode(json::parse(R"({"strategy": {}})"), args).ok());
  EXPECT_TRUE(args.has_strategy);
}

TEST(ArgsReader, GivesEachNestedMistakeItsPath) {
  DeepArgs args;
  EXPECT_EQ(Decode(json::parse(R"({
      "on": "yes", "seconds": 1.5, "names": ["a", 1], "weight": 1,
      "strategy": {"point": 1, "points": [{"name": "x"}, {"Name": "y"}, null, 3,
                                          {"name": "z", "weight": 2147483648}]}})"),
                   args)
                .message(),
            "DeepArgs.on: want true or false, got \"yes\"\n"
            "DeepArgs.seconds: want a whole number, got 1.5\n"
            "DeepArgs.names[1]: want text, got 1\n"
            "DeepArgs.strategy.points[1].name: must not be empty\n"
            "DeepArgs.strategy.points[1]: unknown key \"Name\", did you mean name?\n"
            "DeepArgs.strategy.points[2].name: must not be empty\n"
            "DeepArgs.strategy.points[3]: want an object, got 3\n"
            "DeepArgs.strategy.points[4].weight: want a whole number from -2147483648 to "
            "2147483647, got 2147483648\n"
            "DeepArgs.strategy: unknown key \"point\", did you mean points?\n"
            "DeepArgs: unknown key \"weight\", did you mean seconds?");
  EXPECT_EQ(Decode(json::parse(R"({"strategy": [], "names": "a"})"), args).message(),
            "DeepArgs.names: want a list, got \"a\"\n"
            "DeepArgs.strategy: want an object, got a list");
  EXPECT_EQ(Decode(json::parse(R"({"seconds": 18446744073709551615})"), args).message(),
            "DeepArgs.seconds: want a whole number from -9223372036854775808 to "
            "9223372036854775807, got 18446744073709551615");
}

TEST(MovePaths, PutsAnotherPathInPlaceOfTheKind) {
  DeepArgs args;
  const absl::Status status =
      Decode(json::parse(R"({"on": 1, "no": 1, "strategy": {"points": 1}})"), args);
  EXPECT_EQ(MovePaths(status, "DeepArgs", "profiles[0].pluginConfig[2].args").message(),
            "profiles[0].pluginConfig[2].args.on: want true or false, got 1\n"
            "profiles[0].pluginConfig[2].args.strategy.points: want a list, got 1\n"
            "profiles[0].pluginConfig[2].args: unknown key \"no\", did you mean names?");
  EXPECT_EQ(MovePaths(status, "DeepArgs", "").message(),
            "on: want true or false, got 1\n"
            "strategy.points: want a list, got 1\n"
            "unknown key \"no\", did you mean names?");
  EXPECT_EQ(MovePaths(absl::InvalidArgumentError("it is broken"), "DeepArgs", "args").message(),
            "args: it is broken");
  EXPECT_TRUE(MovePaths(absl::OkStatus(), "DeepArgs", "args").ok());
}

}  // namespace args_reader_test
}  // namespace heat_scheduler
