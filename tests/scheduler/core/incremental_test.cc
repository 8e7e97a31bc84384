// What Incremental keeps, and what it leaves to FullScan. That both decide alike is
// plugins/sameness_test.cc's.
#include "scheduler/core/incremental.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/scheduler/fake_plugins.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace incremental_test {

class IncrementalTest : public testing::Test {
 protected:
  // A cluster of three nodes, and plugins that say how often they are asked about a node.
  IncrementalTest() {
    for (const char* name : {"a", "b", "c"}) cluster_.UpsertNode(MakeNode(name).Cpu("4").Ref());
    filter_ = &builder_.Add<FilterHook>("Filter");
    filter_->inputs = {Input::kNodeResources, Input::kNodePods};
    filter_->filter = [this](const Cycle&, NodeId) {
      ++filtered_;
      return Verdict{};
    };
    score_ = &builder_.Add<ScoreHook>("Score", 2);
    score_->score_reads = {Input::kNodeResources, Input::kNodePods};
    score_->score = [this](const Cycle& cycle, NodeId node) {
      ++scored_;
      return 50 - static_cast<std::int64_t>(cycle.cluster.columns().pods[node].size());
    };
  }

  const PodRecord& Pod(const PodBuilder& pod) { return cluster_.UpsertPod(pod.Ref()); }

  Selection Select(Incremental& incremental, const Profile& profile, const PodRecord& pod,
                   DecisionRecord* record = nullptr) {
    CycleState state;
    const Cycle cycle{cluster_, pod, state, Instant{}};
    return incremental.Select(profile, cycle, 0, record);
  }

  std::string Choose(Incremental& incremental, const Profile& profile, const PodRecord& pod) {
    const Selection selection = Select(incremental, profile, pod);
    if (selection.result != Selection::Result::kChosen) return selection.status.Message();
    return cluster_.columns().name[selection.node];
  }

  ClusterState cluster_;
  ProfileBuilder builder_;
  Fake<FilterHook>* filter_;
  Fake<ScoreHook>* score_;
  int filtered_ = 0;
  int scored_ = 0;
};

TEST_F(IncrementalTest, AsksAgainAboutRowsThatChangedOnly) {
  const Profile profile = builder_.Build();
  Incremental incremental(TieRule::kSmallestName, 0);
  EXPECT_EQ(Choose(incremental, profile, Pod(MakePod("p").Cpu("1"))), "a");
  EXPECT_EQ(filtered_, 3);
  EXPECT_EQ(scored_, 3);
  cluster_.Assume(*cluster_.FindPod("default-p-uid"), cluster_.FindNode("a"));
  EXPECT_EQ(Choose(incremental, profile, Pod(MakePod("q").Cpu("1"))), "b");
  EXPECT_EQ(filtered_, 4);
  EXPECT_EQ(scored_, 4);
  EXPECT_EQ(Choose(incremental, profile, Pod(MakePod("r").Cpu("1"))), "b");
  EXPECT_EQ(filtered_, 4);
  EXPECT_EQ(incremental.counts().from_caches, 3u);
  EXPECT_EQ(incremental.counts().in_full, 0u);
  EXPECT_EQ(incremental.cache_count(), 1u);
}

TEST_F(IncrementalTest, DoesNotAskWhoReadsNothingThatChanged) {
  filter_->inputs = {Input::kNodeTaints};
  score_->score_reads = {Input::kNodePods};
  const Profile profile = builder_.Build();
  Incremental incremental(TieRule::kSmallestName, 0);
  const PodRecord& q = Pod(MakePod("q").Cpu("1"));
  Choose(incremental, profile, q);
  EXPECT_EQ(filtered_, 3);
  EXPECT_EQ(scored_, 3);
  const PodRecord& r = Pod(MakePod("r").Cpu("1"));
  cluster_.Assume(q, cluster_.FindNode("a"));
  Choose(incremental, profile, r);
  EXPECT_EQ(filtered_, 3);
  EXPECT_EQ(scored_, 4);
  cluster_.UpsertNode(
      MakeNode("a").Cpu("2").Taint("key", "", kube::TaintEffect::kNoSchedule).Ref());
  Choose(incremental, profile, r);
  EXPECT_EQ(filtered_, 4);
  EXPECT_EQ(scored_, 5);
}

TEST_F(IncrementalTest, DoesNotAskWhoReadsNoReadingAboutANewOne) {
  auto& reader = builder_.Add<ScoreHook>("Reader", 1);
  reader.score_reads = {Input::kNodeAnnotations};
  int read = 0;
  reader.score = [&](const Cycle&, NodeId) { return ++read % 2; };
  filter_->inputs = {Input::kNodeResources};
  const Profile profile = builder_.Build();
  Incremental incremental(TieRule::kSmallestName, 0);
  const PodRecord& p = Pod(MakePod("p").Cpu("1"));
  Choose(incremental, profile, p);
  EXPECT_EQ(filtered_, 3);
  EXPECT_EQ(read, 3);
  cluster_.UpsertNode(MakeNode("a").Cpu("4").Annotation("nerdalize/temp", "40").Ref());
  Choose(incremental, profile, p);
  EXPECT_EQ(filtered_, 3);
  EXPECT_EQ(read, 4);
}

kube::Object ServiceCalled(const std::string& name, const std::string& app) {
  auto service = std::make_shared<kube::Service>();
  service->metadata.name = name;
  service->selector.emplace().match_labels["app"] = app;
  return kube::Ref<kube::Service>(std::move(service));
}

TEST_F(IncrementalTest, AsksAgainWhenOwnersChangeIfSomebodyReadsThem) {
  for (const bool reads : {false, true}) {
    ProfileBuilder builder;
    int asked = 0;
    auto& filter = builder.Add<FilterHook>("Filter");
    filter.inputs = {Input::kNodeResources};
    if (reads) filter.inputs = filter.inputs | Inputs{Input::kSelectingOwners};
    filter.filter = [&](const Cycle&, NodeId) {
      ++asked;
      return Verdict{};
    };
    const Profile profile = builder.Build();
    Incremental incremental(TieRule::kSmallestName, 0);
    const PodRecord& p = Pod(MakePod("p").Label("app", "web"));
    cluster_.UpsertObject(ServiceCalled("one", "web"));
    Choose(incremental, profile, p);
    cluster_.UpsertObject(ServiceCalled("two", reads ? "web" : "db"));
    Choose(incremental, profile, p);
    EXPECT_EQ(asked, reads ? 6 : 3);
    EXPECT_EQ(incremental.counts().from_caches, 2u);
  }
}

TEST_F(IncrementalTest, KeepsClassesApart) {
  const Profile profile = builder_.Build();
  Incremental incremental(TieRule::kSmallestName, 0);
  for (const char* cpu : {"1", "2", "1", "2"}) {
    Choose(incremental, profile, Pod(MakePod("p").Uid(cpu).Cpu(cpu)));
  }
  EXPECT_EQ(incremental.cache_count(), 2u);
  EXPECT_EQ(incremental.counts().from_caches, 4u);
}

TEST_F(IncrementalTest, TellsPodsApartByLabelsThatSomebodySelectsBy) {
  const Profile profile = builder_.Build();
  Incremental incremental(TieRule::kSmallestName, 0);
  const auto choose = [&](const std::string& name, const std::string& app) {
    Choose(incremental, profile, Pod(MakePod(name).Label("app", app).Label("own", name)));
  };
  choose("p", "web");
  choose("q", "db");
  EXPECT_EQ(incremental.cache_count(), 1u);
  cluster_.UpsertObject(ServiceCalled("web", "web"));
  choose("r", "web");
  EXPECT_EQ(incremental.cache_count(), 1u);
  choose("s", "db");
  EXPECT_EQ(incremental.cache_count(), 2u);
}

TEST_F(IncrementalTest, ForgetsWhatWasNotUsedForTheLongestTime) {
  const Profile profile = builder_.Build();
  Incremental incremental(TieRule::kSmallestName, 0, 0);
  const PodRecord& p = Pod(MakePod("p").Cpu("1"));
  const PodRecord& q = Pod(MakePod("q").Cpu("2"));
  for (const PodRecord* pod : {&p, &q}) Choose(incremental, profile, *pod);
  EXPECT_EQ(incremental.cache_count(), 1u);
  EXPECT_EQ(filtered_, 6);
  Choose(incremental, profile, q);
  EXPECT_EQ(filtered_, 6);
  EXPECT_EQ(Choose(incremental, profile, p), "a");
  EXPECT_EQ(filtered_, 9);
  EXPECT_GT(incremental.cache_bytes(), 0u);
}

// What has to be decided in full.
struct Row {
  std::string name;
  std::function<void(ClusterState&, Fake<FilterHook>&, Fake<ScoreHook>&)> change;
  std::function<void(PodBuilder&)> change_pod = [](PodBuilder&) {};
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class RowTest : public IncrementalTest, public testing::WithParamInterface<Row> {
 protected:
  // Returns how decisions on three pods of one kind were made.
  Incremental::Counts OfThreeLikePods() {
    GetParam().change(cluster_, *filter_, *score_);
    const Profile profile = builder_.Build();
    Incremental incremental(TieRule::kSmallestName, 0);
    PodBuilder pod = MakePod("p");
    GetParam().change_pod(pod);
    for (int i = 0; i < 3; ++i) Select(incremental, profile, Pod(pod));
    return incremental.counts();
  }
};

class LeftToFullScan : public RowTest {};

TEST_P(LeftToFullScan, Decisions) {
  const Incremental::Counts counts = OfThreeLikePods();
  EXPECT_EQ(counts.from_caches, 0u);
  EXPECT_EQ(counts.in_full, 3u);
}

constexpr auto kNothing = [](ClusterState&, Fake<FilterHook>&, Fake<ScoreHook>&) {};

INSTANTIATE_TEST_SUITE_P(
    Rows, LeftToFullScan,
    testing::ValuesIn(std::vector<Row>{
        {"FilterThatReadsEverything",
         [](auto&, auto& filter, auto&) { filter.inputs = Inputs::All(); }},
        {"FilterThatReadsTime", [](auto&, auto& filter, auto&) { filter.inputs = {Input::kTime}; }},
        {"ScoreThatReadsIdentity",
         [](auto&, auto&, auto& score) { score.score_reads = {Input::kPodIdentity}; }},
        {"FilterThatFails",
         [](auto&, auto& filter, auto&) {
           filter.filter = [](const Cycle&, NodeId) { return Verdict{Code::kError, 0}; };
         }},
        {"ScoreThatThrows",
         [](auto&, auto&, auto& score) {
           score.score = [](const Cycle&, NodeId) -> std::int64_t {
             throw std::runtime_error("no");
           };
         }},
        {"ScoreOutOfRange",
         [](auto&, auto&, auto& score) { score.score = [](const Cycle&, NodeId) { return 101; }; }},
        {"NormalizedOutOfRange",
         [](auto&, auto&, auto& score) {
           score.normalize = [](absl::Span<std::int64_t> scores) { scores[0] = -1; };
         }},
        {"PodThatNamesNodes", kNothing,
         [](PodBuilder& pod) {
           pod.RequiredNodeTerm(
               {{}, {Require("metadata.name", kube::SelectorOperator::kIn, {"a"})}});
         }},
    }),
    [](const testing::TestParamInfo<Row>& row) { return row.param.name; });

class DecidedFromACache : public RowTest {};

TEST_P(DecidedFromACache, Decisions) {
  const Incremental::Counts counts = OfThreeLikePods();
  EXPECT_EQ(counts.from_caches, 3u);
  EXPECT_EQ(counts.in_full, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, DecidedFromACache,
    testing::ValuesIn(std::vector<Row>{
        {"PodThatFitsNowhere",
         [](auto&, auto& filter, auto&) {
           filter.filter = [](const Cycle&, NodeId) { return Unschedulable(); };
         }},
        {"NominationOfAnotherPod",
         [](auto& cluster, auto&, auto&) {
           cluster.UpsertPod(MakePod("other").Nominated("b").Ref());
         }},
        {"NominatedPod", kNothing, [](PodBuilder& pod) { pod.Nominated("a"); }},
        {"PodWithClaim", kNothing, [](PodBuilder& pod) { pod.Claim("data"); }},
    }),
    [](const testing::TestParamInfo<Row>& row) { return row.param.name; });

TEST_F(IncrementalTest, LeavesRecordsToFullScan) {
  const Profile profile = builder_.Build();
  Incremental incremental(TieRule::kSmallestName, 0);
  DecisionRecord record;
  Select(incremental, profile, Pod(MakePod("p")), &record);
  EXPECT_EQ(record.nodes.size(), 3u);
  EXPECT_EQ(incremental.counts().in_full, 1u);
}

TEST_F(IncrementalTest, LeavesTheCycleToFullScanAsItWas) {
  auto& pre_filter = builder_.Add<PreFilterHook>("PreFilter");
  pre_filter.pre_inputs = {Input::kClusterWide};
  int asked = 0;
  pre_filter.pre_filter = [&](const Cycle&) {
    // For the class, as about the first of it, and then otherwise.
    PreFilterResult result;
    if (++asked > 2) result.status = Unresolvable("no more");
    return result;
  };
  auto& later = builder_.Add<PreFilterHook>("Later");
  later.pre_inputs = {Input::kPodFacts};
  const Profile profile = builder_.Build();
  Incremental incremental(TieRule::kSmallestName, 0);
  const PodRecord& pod = Pod(MakePod("p"));
  EXPECT_EQ(Choose(incremental, profile, pod), "a");
  CycleState state;
  const Cycle cycle{cluster_, pod, state, Instant{}};
  const Selection selection = incremental.Select(profile, cycle, 0);
  EXPECT_EQ(selection.result, Selection::Result::kUnschedulable);
  EXPECT_EQ(selection.diagnosis.pre_filter.reasons, std::vector<std::string>{"no more"});
  EXPECT_FALSE(state.PreFilterRan(&later));
}

}  // namespace incremental_test
}  // namespace heat_scheduler
