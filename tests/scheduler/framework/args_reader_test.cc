#include "scheduler/framework/args_reader.h"

#include <limits>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {
namespace {

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
            "TestArgs.name: want text, got 1; TestArgs.size: want a number, got true; "
            "TestArgs.every: want a duration such as \"5m\", got \"soon\"; "
            "TestArgs.shape: want Round or Square, got \"Oval\"; "
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

}  // namespace
}  // namespace heat_scheduler
