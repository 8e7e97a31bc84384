#include "plugins/heat/heat.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace heat_test {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

// A node's annotations: nullopt is absent.
struct Temp {
  std::optional<std::string> celsius = std::nullopt;
  std::optional<std::string> taken_at = std::nullopt;
};

std::string At(absl::Duration after_now) {
  return absl::FormatTime(absl::RFC3339_full, kNow + after_now, absl::UTCTimeZone());
}

// Nodes n0, n1, ... with these annotations.
std::vector<kube::Node> Nodes(const std::vector<Temp>& temps) {
  std::vector<kube::Node> nodes;
  for (std::size_t i = 0; i < temps.size(); ++i) {
    NodeBuilder node = MakeNode(absl::StrCat("n", i));
    if (temps[i].celsius) node.Annotation("nerdalize/temp", *temps[i].celsius);
    if (temps[i].taken_at) node.Annotation("nerdalize/temp-time", *temps[i].taken_at);
    nodes.push_back(node);
  }
  return nodes;
}

HeatArgs ArgsWith(std::optional<absl::Duration> stale_after,
                  std::optional<double> hot_limit = std::nullopt,
                  HeatMode mode = HeatMode::kCoolest) {
  HeatArgs args;
  args.mode = mode;
  args.stale_after = stale_after;
  args.hot_limit_celsius = hot_limit;
  return args;
}

// ---- Mode Coolest ----

// Returns the node that stays and the sentence: "n1: coolest at ...".
std::string Choose(const HeatArgs& args, const std::vector<Temp>& temps) {
  const auto cluster = MakeCluster(Nodes(temps));
  const auto plugin = CreateHeat(args);
  Asking asking(*cluster, MakePod("p"), *plugin, kNow);
  std::vector<std::uint8_t> keep(cluster->nodes().size(), 1);
  const std::string sentence = dynamic_cast<const SetFilterPlugin&>(*plugin).FilterSet(
      asking.cycle(), cluster->nodes(), absl::MakeSpan(keep));
  std::string kept;
  for (std::size_t i = 0; i < keep.size(); ++i) {
    if (keep[i] != 0) kept += cluster->columns().name[cluster->nodes()[i]];
  }
  return absl::StrCat(kept, ": ", sentence);
}

struct CoolestRow {
  std::string name;
  std::vector<Temp> temps;
  std::string expected;
};

class CoolestTest : public testing::TestWithParam<CoolestRow> {};

TEST_P(CoolestTest, Keeps) {
  EXPECT_EQ(Choose(ArgsWith(std::nullopt), GetParam().temps), GetParam().expected);
}

// The first rows are the ancestor's own.
INSTANTIATE_TEST_SUITE_P(
    Table, CoolestTest,
    testing::ValuesIn(std::vector<CoolestRow>{
        {"FirstIsCoolest",
         {{"50.5"}, {"70.5"}, {"80.5"}},
         "n0: coolest at 50.5 C of 3 nodes; next n1 at 70.5 C"},
        {"ThirdIsCoolest",
         {{"80.5"}, {"70.5"}, {"50.5"}},
         "n2: coolest at 50.5 C of 3 nodes; next n1 at 70.5 C"},
        {"SecondIsCoolest",
         {{"80.5"}, {"50.5"}, {"70.5"}},
         "n1: coolest at 50.5 C of 3 nodes; next n2 at 70.5 C"},
        {"MalformedIsHottest",
         {{"55.5"}, {"65.5"}, {"illigal"}},
         "n0: coolest at 55.5 C of 3 nodes; next n1 at 65.5 C"},
        {"EmptyIsHottest",
         {{"55.5"}, {"65.5"}, {""}},
         "n0: coolest at 55.5 C of 3 nodes; next n1 at 65.5 C"},
        {"AbsentIsHottest",
         {{}, {"149"}},
         "n1: coolest at 149 C of 2 nodes, the only one with a usable reading"},
        {"OutOfRangeIsHottest",
         {{"-273"}, {"140"}, {"141"}},
         "n1: coolest at 140 C of 3 nodes; next n2 at 141 C"},
        {"NaNNeverWins",
         {{"NaN"}, {"50"}, {"NaN"}, {"40"}},
         "n3: coolest at 40 C of 4 nodes; next n1 at 50 C"},
        {"InfinityNeverWins",
         {{"-Inf"}, {"50"}},
         "n1: coolest at 50 C of 2 nodes, the only one with a usable reading"},
        {"AllUnusable", {{"x"}, {}, {"NaN"}}, "n0: first of 3 nodes, none with a usable reading"},
        {"TenthsCount",
         {{"50.9"}, {"50.4"}},
         "n1: coolest at 50.4 C of 2 nodes; next n0 at 50.9 C"},
        {"BelowSinglePrecision",
         {{"50.40000002"}, {"50.40000001"}},
         "n1: coolest at 50.40000001 C of 2 nodes; next n0 at 50.40000002 C"},
        {"FirstOfEquals",
         {{"60"}, {"50"}, {"50.0"}, {"5e1"}},
         "n1: coolest at 50 C of 4 nodes, first of 3 as cool"},
        {"BelowZero", {{"0"}, {"-5"}}, "n1: coolest at -5 C of 2 nodes; next n0 at 0 C"},
        {"OneNode", {{"31.5"}}, "n0: the only node left, at 31.5 C"},
        {"OneNodeWithoutReading", {{}}, "n0: the only node left, without a usable reading"},
    }),
    [](const auto& row) { return row.param.name; });

TEST(Coolest, LooksAtTheNodesLeftAlone) {
  const auto cluster = MakeCluster(Nodes({{"10"}, {"30"}, {"20"}}));
  const auto plugin = CreateHeat({});
  Asking asking(*cluster, MakePod("p"), *plugin);
  const std::vector<NodeId> left = {cluster->FindNode("n1"), cluster->FindNode("n2")};
  std::vector<std::uint8_t> keep = {1, 1};
  EXPECT_EQ(dynamic_cast<const SetFilterPlugin&>(*plugin).FilterSet(asking.cycle(), left,
                                                                    absl::MakeSpan(keep)),
            "coolest at 20 C of 2 nodes; next n1 at 30 C");
  EXPECT_EQ(keep, (std::vector<std::uint8_t>{0, 1}));
}

TEST(Coolest, ReadsTheAnnotationItIsToldTo) {
  HeatArgs args;
  args.annotation = "example.com/Temp";
  const auto cluster = MakeCluster({
      MakeNode("n0").Annotation("nerdalize/temp", "1").Annotation("example.com/Temp", "30"),
      // Keys differ in case.
      MakeNode("n1").Annotation("example.com/temp", "1").Annotation("example.com/TEMP", "2"),
      MakeNode("n2").Annotation("example.com/temp", "1").Annotation("example.com/Temp", "20"),
  });
  const auto plugin = CreateHeat(args);
  Asking asking(*cluster, MakePod("p"), *plugin);
  std::vector<std::uint8_t> keep(3, 1);
  EXPECT_EQ(dynamic_cast<const SetFilterPlugin&>(*plugin).FilterSet(
                asking.cycle(), cluster->nodes(), absl::MakeSpan(keep)),
            "coolest at 20 C of 3 nodes; next n0 at 30 C");
}

TEST(Coolest, SeesANewReadingOfANode) {
  const auto cluster = MakeCluster(Nodes({{"10"}, {"20"}}));
  const auto plugin = CreateHeat({});
  const auto& point = dynamic_cast<const SetFilterPlugin&>(*plugin);
  Asking asking(*cluster, MakePod("p"), *plugin);
  std::vector<std::uint8_t> keep = {1, 1};
  EXPECT_EQ(point.FilterSet(asking.cycle(), cluster->nodes(), absl::MakeSpan(keep)),
            "coolest at 10 C of 2 nodes; next n1 at 20 C");
  cluster->UpsertNode(MakeNode("n0").Annotation("nerdalize/temp", "90").Ref());
  EXPECT_EQ(point.FilterSet(asking.cycle(), cluster->nodes(), absl::MakeSpan(keep)),
            "coolest at 20 C of 2 nodes; next n0 at 90 C");
  cluster->RemoveNode("n1");
  cluster->UpsertNode(MakeNode("n2").Annotation("nerdalize/temp", "5").Ref());
  EXPECT_EQ(point.FilterSet(asking.cycle(), cluster->nodes(), absl::MakeSpan(keep)),
            "coolest at 5 C of 2 nodes; next n0 at 90 C");
}

TEST(Coolest, TakesStaleReadingsForMissing) {
  const HeatArgs args = ArgsWith(absl::Minutes(5));
  EXPECT_EQ(Choose(args, {{"10", At(-absl::Minutes(5))}, {"60", At(-absl::Minutes(4))}}),
            "n1: coolest at 60 C of 2 nodes, the only one with a usable reading");
  EXPECT_EQ(Choose(args, {{"10"}, {"60", At(-absl::Minutes(4))}}),
            "n1: coolest at 60 C of 2 nodes, the only one with a usable reading");
  EXPECT_EQ(Choose(args, {{"20"}, {"10"}}), "n0: first of 2 nodes, none with a usable reading");
}

TEST(Coolest, DoesNotScore) {
  EXPECT_EQ(dynamic_cast<ScorePlugin*>(CreateHeat({}).get()), nullptr);
}

// ---- Freshness, by the score: a stale reading has 50 points, a fresh one of 20 C 100 ----

struct FreshRow {
  std::string name;
  Temp temp;
  std::int64_t expected;
};

class FreshnessTest : public testing::TestWithParam<FreshRow> {};

TEST_P(FreshnessTest, Scores) {
  const auto cluster = MakeCluster(Nodes({GetParam().temp}));
  const auto plugin = CreateHeat(ArgsWith(absl::Minutes(5), std::nullopt, HeatMode::kScore));
  EXPECT_EQ(Asking(*cluster, MakePod("p"), *plugin, kNow).Score().at("n0"), GetParam().expected);
}

constexpr absl::Duration kTick = absl::Nanoseconds(1);

INSTANTIATE_TEST_SUITE_P(Table, FreshnessTest,
                         testing::ValuesIn(std::vector<FreshRow>{
                             {"TakenNow", {"20", At(absl::ZeroDuration())}, 100},
                             {"JustFresh", {"20", At(-absl::Minutes(5) + kTick)}, 100},
                             {"JustStale", {"20", At(-absl::Minutes(5))}, 50},
                             {"YearsOld", {"20", "1970-01-01T00:00:00Z"}, 50},
                             {"ClockAhead", {"20", At(absl::Minutes(5))}, 100},
                             {"ClockTooFarAhead", {"20", At(absl::Minutes(5) + kTick)}, 50},
                             {"FarFuture", {"20", "9999-12-31T23:59:59Z"}, 50},
                             {"OtherZone", {"20", "2027-01-15T09:00:00+01:00"}, 100},  // kNow
                             {"NoTime", {"20", std::nullopt}, 50},
                             {"EmptyTime", {"20", ""}, 50},
                             {"UnixTime", {"20", "1800000000"}, 50},
                             {"DateAlone", {"20", "2027-01-15"}, 50},
                             {"NoReading", {std::nullopt, At(absl::ZeroDuration())}, 0},
                             {"MalformedReading", {"20C", At(absl::ZeroDuration())}, 0},
                             {"MalformedAndStale", {"20C", "1970-01-01T00:00:00Z"}, 0},
                         }),
                         [](const auto& row) { return row.param.name; });

// ---- Mode Score ----

TEST(HeatScore, FollowsTheCurveOfItsArguments) {
  HeatArgs args = ArgsWith(std::nullopt, std::nullopt, HeatMode::kScore);
  args.cold_celsius = 0;
  args.hot_celsius = 99;
  const auto cluster =
      MakeCluster(Nodes({{"-10"}, {"0"}, {"1"}, {"50"}, {"98"}, {"99"}, {"120"}, {"x"}, {}}));
  const auto plugin = CreateHeat(args);
  EXPECT_EQ(Asking(*cluster, MakePod("p"), *plugin).Score(),
            (std::map<std::string, std::int64_t>{{"n0", 100},
                                                 {"n1", 100},
                                                 {"n2", 99},
                                                 {"n3", 50},
                                                 {"n4", 2},
                                                 {"n5", 1},
                                                 {"n6", 1},
                                                 {"n7", 0},
                                                 {"n8", 0}}));
}

TEST(HeatScore, AgesNothingWithoutALimit) {
  const auto cluster = MakeCluster(Nodes({{"20", "1970-01-01T00:00:00Z"}, {"20", "junk"}, {"20"}}));
  const auto plugin = CreateHeat(ArgsWith(std::nullopt, std::nullopt, HeatMode::kScore));
  EXPECT_EQ(Asking(*cluster, MakePod("p"), *plugin, kNow).Score(),
            (std::map<std::string, std::int64_t>{{"n0", 100}, {"n1", 100}, {"n2", 100}}));
}

TEST(HeatScore, KeepsEveryNode) {
  const auto plugin = CreateHeat(ArgsWith(std::nullopt, std::nullopt, HeatMode::kScore));
  EXPECT_EQ(dynamic_cast<SetFilterPlugin*>(plugin.get()), nullptr);
}

// ---- The hot limit ----

constexpr char kTooHot[] = "UnschedulableAndUnresolvable: node(s) were hotter than 70 C";

TEST(HotLimit, RefusesHotterNodesInBothModes) {
  for (HeatMode mode : {HeatMode::kCoolest, HeatMode::kScore}) {
    const auto cluster =
        MakeCluster(Nodes({{"69.9"}, {"70"}, {"70.1"}, {"150"}, {"151"}, {"hot"}, {""}, {}}));
    const auto plugin = CreateHeat(ArgsWith(std::nullopt, 70, mode));
    EXPECT_EQ(Asking(*cluster, MakePod("p"), *plugin).Filter(),
              (std::map<std::string, std::string>{{"n0", "ok"},
                                                  {"n1", "ok"},
                                                  {"n2", kTooHot},
                                                  {"n3", kTooHot},
                                                  {"n4", "ok"},
                                                  {"n5", "ok"},
                                                  {"n6", "ok"},
                                                  {"n7", "ok"}}));
  }
}

TEST(HotLimit, RefusesNothingWhenAbsent) {
  const auto cluster = MakeCluster(Nodes({{"150"}, {"20"}}));
  const auto plugin = CreateHeat({});
  Asking asking(*cluster, MakePod("p"), *plugin);
  EXPECT_EQ(asking.Filter(), (std::map<std::string, std::string>{{"n0", "ok"}, {"n1", "ok"}}));
  EXPECT_EQ(dynamic_cast<const FilterPlugin&>(*plugin).filter_inputs(), Inputs());
}

TEST(HotLimit, RefusesOnFreshReadingsAlone) {
  const auto cluster =
      MakeCluster(Nodes({{"90", At(-absl::Minutes(1))}, {"90", At(-absl::Minutes(9))}, {"90"}}));
  const auto plugin = CreateHeat(ArgsWith(absl::Minutes(5), 70));
  EXPECT_EQ(Asking(*cluster, MakePod("p"), *plugin, kNow).Filter(),
            (std::map<std::string, std::string>{{"n0", kTooHot}, {"n1", "ok"}, {"n2", "ok"}}));
}

// ---- ValidUntil ----

std::optional<absl::Duration> ValidFor(const HeatArgs& args, const std::vector<Temp>& temps) {
  const auto cluster = MakeCluster(Nodes(temps));
  const auto plugin = CreateHeat(args);
  Asking asking(*cluster, MakePod("p"), *plugin, kNow);
  const auto until =
      dynamic_cast<const FilterPlugin&>(*plugin).ValidUntil(asking.cycle(), cluster->nodes());
  if (!until) return std::nullopt;
  return *until - kNow;
}

TEST(ValidUntil, IsWhenTheFirstHotReadingTurnsStale) {
  const HeatArgs args = ArgsWith(absl::Minutes(5), 70);
  EXPECT_EQ(ValidFor(args, {{"90", At(-absl::Minutes(1))},
                            {"90", At(-absl::Minutes(3))},
                            {"20", At(-absl::Minutes(4))}}),
            absl::Minutes(2));
}

TEST(ValidUntil, IsWhenAReadingOfTheFutureComesToCount) {
  const HeatArgs args = ArgsWith(absl::Minutes(5), 70);
  EXPECT_EQ(ValidFor(args, {{"90", At(absl::Minutes(15))}}), absl::Minutes(10));
}

TEST(ValidUntil, IsNeverWhereTimeChangesNothing) {
  EXPECT_EQ(ValidFor(ArgsWith(absl::Minutes(5)), {{"90", At(absl::ZeroDuration())}}), std::nullopt);
  EXPECT_EQ(ValidFor(ArgsWith(std::nullopt, 70), {{"90", At(absl::ZeroDuration())}}), std::nullopt);
  const HeatArgs args = ArgsWith(absl::Minutes(5), 70);
  EXPECT_EQ(ValidFor(args, {{"70", At(absl::ZeroDuration())}}), std::nullopt);
  EXPECT_EQ(ValidFor(args, {{"90", At(-absl::Minutes(5))}}), std::nullopt);
  EXPECT_EQ(ValidFor(args, {{"90"}}), std::nullopt);
}

TEST(ValidUntil, IsExact) {
  const auto cluster = MakeCluster(Nodes({{"90", At(-absl::Minutes(3))}}));
  const auto plugin = CreateHeat(ArgsWith(absl::Minutes(5), 70));
  const absl::Time until = kNow + absl::Minutes(2);
  EXPECT_EQ(Asking(*cluster, MakePod("p"), *plugin, until - kTick).Filter().at("n0"), kTooHot);
  EXPECT_EQ(Asking(*cluster, MakePod("p"), *plugin, until).Filter().at("n0"), "ok");
}

}  // namespace heat_test
}  // namespace heat_scheduler
