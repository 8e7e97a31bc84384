// The rows of kube-scheduler's own queue tests that have a meaning here, under its names.
//
// Which test of pkg/scheduler/backend/queue (v1.36) has its counterpart where; Q: queue_test.cc,
// W: wake_up_test.cc, N: nominated_pods_test.cc, S: scheduler_test.cc; B: backoff_upstream_test.cc;
// a blank: in this file.
//
//   PriorityQueue_Add, _AddWithReversePriorityLessFunc              Q
//   Test_InFlightPods, Test_isPodWorthRequeuing                       InFlightPods
//   PriorityQueue_AddUnschedulableIfNotPresent, _Backoff            Q
//   PriorityQueue_Update, Test_queuedPodInfo_gatedSetUponCreation...  Update
//   PriorityQueue_UpdateWhenInflight, _Delete, _PendingPods         Q
//   PriorityQueue_moveToActiveQ, _moveToBackoffQ                      MoveToActiveQ
//   ..._MoveAllToActiveOrBackoffQueue                               Q
//   ..._MoveAllToActiveOrBackoffQueueWithQueueingHint                 MoveAllWithDeclaredInputs
//   PriorityQueue_AssignedPodAdded_, _AssignedPodUpdated            W  Pod... and Own... rows
//   PriorityQueue_NominatedPodsForNode, _NominatedPodDeleted,
//     _UpdateNominatedPodForNode                                    N  and preemption_test.cc
//   PriorityQueue_NewWithOptions, _initPodMaxIn...Duration            Limits
//   TestRecentlyTriedPodsGoBack, TestPodFailed...BlockNewerPod,
//     TestHighPriorityBackoff, TestHighPriorityFlush...,
//     TestBackOffFlow                                               Q
//   TestPodTimestamp                                                  PodTimestamp
//   PriorityQueue_GetPod                                              GetPod
//   PriorityQueue_MultipleProfiles                                    MultipleProfiles
//   TestBackoffQueue_getBackoffTime, _calculateBackoffDuration      B  BackoffDuration
//   TestBackoffQueue_popAllBackoffCompleted                         B  PopAllBackoffCompleted
//
// None here, and why:
//   TestPop, PriorityQueue_Pop, TestBackoffQueueOrdering: Pop never waits, and back-off is always
//     waited out (kube-scheduler takes pods out of it while it is idle, gate
//     SchedulerPopFromBackoffQ)
//   PriorityQueue_PopSpecificPod: pods of a group together, alpha and off
//   PriorityQueue_Activate: for plugins that name pods to be activated; none of ours does
//   ..._WithoutQueueingHint, ..._PreEnqueueChecks: declared inputs cannot be switched off, and are
//     what is asked before a pod is moved
//   TestFlushUnschedulablePodsLeftoverSetsFlag, TestSchedulerPodsMetric,
//   TestPerPodSchedulingMetrics,
//     TestIncomingPodsMetrics, TestUnschedulablePodsMetric: metrics, tests/live
//   PriorityQueue_signPod, _AddComputesSignature, _UpdateRecomputesSignature: pods of one kind are
//     told by class and traits, tests/scheduler/state
//   TestClose, TestSchedulingQueue_Close: nobody waits in it
//   TestUnschedulablePods: of a container that we do not have
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "scheduler/core/queue.h"
#include "tests/scheduler/core/machine.h"
#include "tests/scheduler/core/queue_bench.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace queue_upstream_test {

using Place = QueueEntry::Place;

constexpr Inputs kFailed = Bench::kFailed;
constexpr Inputs kOther = {Input::kNodeTaints};

// ---- Test_InFlightPods, Test_isPodWorthRequeuing ----

struct InFlightRow {
  std::string name;
  std::function<void(Bench&)> tell;  // Of pod "p", which is active at first, and others.
  Place place;                       // Of "p" afterwards.
};
void PrintTo(const InFlightRow& row, std::ostream* out) { *out << row.name; }
class InFlightPods : public testing::TestWithParam<InFlightRow> {};

TEST_P(InFlightPods, AreEnqueuedBack) {
  Bench bench;
  bench.Add("p");
  GetParam().tell(bench);
  EXPECT_EQ(bench.Of("p").place, GetParam().place);
}

INSTANTIATE_TEST_SUITE_P(Rows, InFlightPods,
                         testing::ValuesIn(std::vector<InFlightRow>{
                             {"EventsBeforePoppingPodAreIgnored",
                              [](Bench& b) {
                                b.Event(kFailed);
                                b.Pop();
                                b.Reject("p");
                              },
                              Place::kUnschedulable},
                             {"BackoffIfNoFailedPlugin",
                              [](Bench& b) {
                                b.Pop();
                                b.Fail("p");
                              },
                              Place::kBackoff},
                             {"PoolIfNoEventsThatCanMakeItSchedulable",
                              [](Bench& b) {
                                b.Pop();
                                b.Event(kOther);
                                b.Reject("p");
                              },
                              Place::kUnschedulable},
                             {"BackoffBecauseTheFailedPluginReadsWhatChanged",
                              [](Bench& b) {
                                b.Pop();
                                b.Event(kFailed);
                                b.Reject("p");
                              },
                              Place::kBackoff},
                             {"AnyOfTheFailedPluginsIsEnough",
                              [](Bench& b) {
                                b.Pop();
                                b.Event(kOther);
                                b.Reject("p", kFailed | kOther);
                              },
                              Place::kBackoff},
                             {"AnEventWhileSomeOtherPodWasInFlightTooIsForBoth",
                              [](Bench& b) {
                                b.Add("q");
                                b.Pop();
                                b.Pop();
                                b.Event(kFailed);
                                b.Reject("q");
                                ASSERT_EQ(b.Of("q").place, Place::kBackoff);
                                b.Reject("p");
                              },
                              Place::kBackoff},
                             {"AnEventWhileSomeOtherPodWasInFlightBeforeIsNotForIt",
                              [](Bench& b) {
                                b.Add("q");
                                b.Pop();  // p
                                b.Reject("p");
                                b.Pop();  // q
                                b.Event(kOther);
                                b.Reject("q");
                              },
                              Place::kUnschedulable},
                             {"AWildcardEventIsForAll",
                              [](Bench& b) {
                                b.Pop();
                                b.Event(Inputs::All());
                                b.Reject("p");
                              },
                              Place::kBackoff},
                             {"PopIsMadeTwiceForTheSamePodAndEventsOfTheFirstTimeAreForgotten",
                              [](Bench& b) {
                                b.Pop();
                                b.Event(kFailed);
                                b.Reject("p");
                                b.Pass(absl::Seconds(1));
                                b.Pop();
                                b.Reject("p");
                              },
                              Place::kUnschedulable},
                         }),
                         [](const auto& row) { return row.param.name; });

// ---- TestPriorityQueue_Update ----

// A machine whose nodes refuse every pod for their labels.
class Picky {
 public:
  Picky() : machine(Build()) { machine.Show(MakeNode("n1").Cpu("8")); }
  Machine machine;

 private:
  static Profile Build() {
    ProfileBuilder builder;
    auto& gates = builder.Add<PreEnqueueHook>("Gates");
    gates.pre_enqueue = [](const PodRecord& pod) {
      return pod.facts.scheduling_gates.empty() ? Status{} : Unresolvable("gated");
    };
    auto& filter = builder.Add<FilterHook>("F");
    filter.inputs = {Input::kNodeLabels, Input::kPodFacts};
    filter.filter = [](const Cycle&, NodeId) { return Unschedulable(); };
    return builder.Build();
  }
};

struct UpdateRow {
  std::string name;
  std::function<void(Machine&)> tell;
  std::string places;  // active/backoff/unschedulable/gated/in flight
};
void PrintTo(const UpdateRow& row, std::ostream* out) { *out << row.name; }
class Update : public testing::TestWithParam<UpdateRow> {};

TEST_P(Update, PutsThePodWhereItBelongs) {
  Picky picky;
  GetParam().tell(picky.machine);
  EXPECT_EQ(picky.machine.Places(), GetParam().places);
}

PodBuilder Changed() { return OurPod("p").Label("foo", "test"); }

INSTANTIATE_TEST_SUITE_P(
    Rows, Update,
    testing::ValuesIn(std::vector<UpdateRow>{
        {"OfAPodThatDidNotExistInTheQueue", [](Machine& m) { m.Show(Changed()); }, "1/0/0/0/0"},
        {"ThatAddsANominatedNodeName",
         [](Machine& m) {
           m.Show(OurPod("p"));
           m.Show(OurPod("p").Nominated("n1"));
           EXPECT_NE(m->cluster().FindPod("default-p-uid")->nominated, kNoNode);
         },
         "1/0/0/0/0"},
        {"OfAPodInActiveQRemainsThere",
         [](Machine& m) {
           m.Show(OurPod("p"));
           m.Show(OurPod("p"));
         },
         "1/0/0/0/0"},
        {"OfAPodThatIsStillBackingOffRemainsThere",
         [](Machine& m) {
           m.Show(OurPod("p"));
           m.Run();
           m.Show(MakeNode("n1").Cpu("8").Label("a", "b"));
           ASSERT_EQ(m.Places(), "0/1/0/0/0");
           m.Show(Changed());
         },
         "0/1/0/0/0"},
        {"OfAnUnschedulablePodThatBacksOffMovesItToBackoffQ",
         [](Machine& m) {
           m.Show(OurPod("p"));
           m.Run();
           m.Show(Changed());
         },
         "0/1/0/0/0"},
        {"OfAnUnschedulablePodWhoseBackoffHasExpiredMovesItToActiveQ",
         [](Machine& m) {
           m.Show(OurPod("p"));
           m.Run();
           m.Pass(absl::Seconds(10));
           m.Show(Changed());
         },
         "1/0/0/0/0"},
        {"OfAnUnschedulablePodThatNoPluginReadsLeavesItThere",
         [](Machine& m) {
           m.Show(OurPod("p"));
           m.Run();
           m.Pass(absl::Seconds(10));
           m.Show(OurPod("p").Annotation("foo", "test1"));
         },
         "0/0/1/0/0"},
        {"OfAGatedPodLeavesItThere",
         [](Machine& m) {
           m.Show(OurPod("p").Gate("g"));
           m.Show(Changed().Gate("g"));
         },
         "0/0/0/1/0"},
        {"OfAGatedPodThatTakesItsGateAwayMovesItToActiveQ",
         [](Machine& m) {
           m.Show(OurPod("p").Gate("g"));
           m.Show(OurPod("p"));
         },
         "1/0/0/0/0"},
    }),
    [](const auto& row) { return row.param.name; });

// "... which is in flightPods, the pod will not be added to any queue".
TEST(Update, OfAPodInFlightLeavesItThere) {
  ProfileBuilder builder;
  AddFit(builder);
  Machine machine(builder.Build());
  machine.Show(MakeNode("n1").Cpu("8"));
  machine.Show(OurPod("p"));
  machine.Run();
  ASSERT_EQ(machine.Places(), "0/0/0/0/1");
  machine.Show(Changed());
  EXPECT_EQ(machine.Places(), "0/0/0/0/1");
}

// ---- TestPriorityQueue_moveToActiveQ, _moveToBackoffQ ----

// Pods wait in front of the door that their PreEnqueue is; who was let in once is not asked again
// until it has changed.
class MoveToActiveQ : public testing::Test {
 protected:
  MoveToActiveQ() : machine_(Build()) { machine_.Show(MakeNode("n1").Cpu("8")); }
  Profile Build() {
    ProfileBuilder builder;
    auto& door = builder.Add<PreEnqueueHook>("Door");
    door.gate_inputs = {Input::kNamespaceLabels};
    door.pre_enqueue = [this](const PodRecord&) {
      ++asked_;
      return open_ ? Status{} : Unresolvable("closed");
    };
    auto& filter = builder.Add<FilterHook>("F");
    filter.inputs = {Input::kNodeLabels, Input::kPodFacts};
    filter.filter = [](const Cycle&, NodeId) { return Unschedulable(); };
    return builder.Build();
  }
  void Event() { machine_.Show(MakeNode("n1").Cpu("8").Label("event", std::to_string(++events_))); }

  bool open_ = true;
  int asked_ = 0;
  int events_ = 0;
  Machine machine_;
};

TEST_F(MoveToActiveQ, PreEnqueueRejectsThePod) {
  open_ = false;
  machine_.Show(OurPod("p"));
  EXPECT_EQ(machine_.Places(), "0/0/0/1/0");
}

TEST_F(MoveToActiveQ, PodPassedAllPreEnqueuePlugins) {
  machine_.Show(OurPod("p"));
  EXPECT_EQ(machine_.Places(), "1/0/0/0/0");
  EXPECT_EQ(asked_, 1);
}

TEST_F(MoveToActiveQ, FromBackoffAfterCompletingItPreEnqueueIsNotExecuted) {
  machine_.Show(OurPod("p"));
  machine_.Run();
  Event();
  ASSERT_EQ(machine_.Places(), "0/1/0/0/0");
  open_ = false;
  machine_.Pass(absl::Seconds(1));
  EXPECT_EQ(machine_.Places(), "1/0/0/0/0");
  EXPECT_EQ(asked_, 1);
}

TEST_F(MoveToActiveQ, APodThatHasChangedInBackoffIsAskedAfterIt) {
  machine_.Show(OurPod("p"));
  machine_.Run();
  Event();
  open_ = false;
  machine_.Show(Changed());
  ASSERT_EQ(machine_.Places(), "0/1/0/0/0");
  machine_.Pass(absl::Seconds(1));
  EXPECT_EQ(machine_.Places(), "0/0/0/1/0");
}

TEST_F(MoveToActiveQ, APodThatHasChangedInThePoolIsAskedBeforeItLeavesIt) {
  machine_.Show(OurPod("p"));
  machine_.Run();
  open_ = false;
  machine_.Show(Changed());
  EXPECT_EQ(machine_.Places(), "0/0/0/1/0");
}

// ---- TestPriorityQueue_MoveAllToActiveOrBackoffQueueWithQueueingHint ----

TEST_F(MoveToActiveQ, MoveAllWithDeclaredInputsQueuesAPodThatDoesNotBackOff) {
  machine_.Show(OurPod("p"));
  machine_.Run();
  machine_.Pass(absl::Seconds(1));
  Event();
  EXPECT_EQ(machine_.Places(), "1/0/0/0/0");
}

TEST_F(MoveToActiveQ, MoveAllWithDeclaredInputsQueuesAPodToBackoffIfItBacksOff) {
  machine_.Show(OurPod("p"));
  machine_.Run();
  Event();
  EXPECT_EQ(machine_.Places(), "0/1/0/0/0");
}

TEST_F(MoveToActiveQ, MoveAllWithDeclaredInputsSkipsWhoReadsNothingOfIt) {
  machine_.Show(OurPod("p"));
  machine_.Run();
  machine_.Pass(absl::Seconds(1));
  machine_.Show(MakeNode("n1").Cpu("9"));
  EXPECT_EQ(machine_.Places(), "0/0/1/0/0");
}

TEST_F(MoveToActiveQ, MoveAllWithDeclaredInputsAsksAGatedPodsPluginIfItIsInterested) {
  open_ = false;
  machine_.Show(OurPod("p"));
  asked_ = 0;
  Event();
  EXPECT_EQ(asked_, 0) << "it is not interested in labels of nodes";
  open_ = true;
  machine_.Handle(ObjectChanged{std::make_shared<const kube::Namespace>()});
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(machine_.Places(), "1/0/0/0/0");
}

// ---- TestPriorityQueue_NewWithOptions, _initPodMaxInUnschedulablePodsDuration ----

struct LimitRow {
  std::string name;
  absl::Duration max_unschedulable;
};
void PrintTo(const LimitRow& row, std::ostream* out) { *out << row.name; }
class Limits : public testing::TestWithParam<LimitRow> {};

TEST_P(Limits, OfTheTimeInThePool) {
  const absl::Duration longest = GetParam().max_unschedulable;
  Bench bench({absl::Seconds(1), absl::Seconds(10), longest});
  bench.Add("p");
  bench.Pop();
  bench.Reject("p");
  bench.Pass(longest - absl::Nanoseconds(1));
  EXPECT_EQ(bench.Of("p").place, Place::kUnschedulable);
  bench.Pass(absl::Nanoseconds(1));
  EXPECT_EQ(bench.Of("p").place, Place::kActive);
}

INSTANTIATE_TEST_SUITE_P(Rows, Limits,
                         testing::ValuesIn(std::vector<LimitRow>{
                             {"DefaultValue", SchedulerOptions{}.max_unschedulable},
                             {"UserDefinedValue", absl::Seconds(30)},
                         }),
                         [](const auto& row) { return row.param.name; });

// ---- TestPodTimestamp: pods of one priority come in the order in which they were queued ----

TEST(PodTimestamp, AddTwoPodsToActiveQ) {
  Bench bench;
  bench.Add("second");
  bench.queue().Remove(bench.Of("second"));
  bench.Add("first");
  bench.Pass(absl::Milliseconds(1));
  bench.Add("second");
  EXPECT_EQ(bench.Pop(), "first");
  EXPECT_EQ(bench.Pop(), "second");
}

TEST(PodTimestamp, AddTwoPodsToThePoolThenMoveThemToActiveQ) {
  Bench bench;
  for (const char* name : {"first", "second"}) {
    bench.Add(name);
    bench.Pop();
    bench.Reject(name);
    bench.Pass(absl::Milliseconds(1));
  }
  bench.Pass(absl::Seconds(1));
  bench.Event(kFailed);
  EXPECT_EQ(bench.Pop(), "first");
  EXPECT_EQ(bench.Pop(), "second");
}

TEST(PodTimestamp, AddOnePodToBackoffQAndMoveItToActiveQ) {
  Bench bench;
  bench.Add("second");
  bench.Pop();
  bench.Fail("second");
  bench.Add("first");
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(bench.Pop(), "first");
  EXPECT_EQ(bench.Pop(), "second");
}

// ---- TestPriorityQueue_GetPod ----

TEST(GetPod, IsFoundWhereverItIs) {
  Bench bench;
  for (const char* name : {"active", "backoff", "pool"}) bench.Add(name);
  for (const char* name : {"active", "backoff", "pool"}) EXPECT_EQ(bench.Pop(), name);
  bench.queue().Activate(bench.Of("active"), bench.now());
  bench.Fail("backoff");
  bench.Reject("pool");
  EXPECT_EQ(bench.Of("active").place, Place::kActive);
  EXPECT_EQ(bench.Of("backoff").place, Place::kBackoff);
  EXPECT_EQ(bench.Of("pool").place, Place::kUnschedulable);
  EXPECT_EQ(bench.queue().Find("default-nobody-uid"), nullptr);
}

// ---- TestPriorityQueue_MultipleProfiles ----

TEST(MultipleProfiles, EachPodIsLetInByItsOwn) {
  std::vector<Profile> profiles;
  for (const char* name : {"open", "closed"}) {
    ProfileBuilder builder(name);
    auto& door = builder.Add<PreEnqueueHook>("Door");
    if (name == std::string("closed")) {
      door.pre_enqueue = [](const PodRecord&) { return Unresolvable("closed"); };
    }
    profiles.push_back(builder.Build());
  }
  auto scheduler = Scheduler::Create(std::move(profiles), {});
  ASSERT_TRUE(scheduler.ok());
  const Instant now{absl::UnixEpoch(), absl::ZeroDuration()};
  for (const char* name : {"open", "closed", "closed"}) {
    const std::string pod = "p" + std::to_string((*scheduler)->queue_places().size());
    (*scheduler)->Handle(ObjectChanged{MakePod(pod).Scheduler(name).Ref()}, now);
  }
  EXPECT_EQ((*scheduler)->queue_counts().active, 1u);
  EXPECT_EQ((*scheduler)->queue_counts().gated, 2u);
}

}  // namespace queue_upstream_test
}  // namespace heat_scheduler
