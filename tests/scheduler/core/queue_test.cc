// Names of tests that have a namesake in kube-scheduler's scheduling_queue_test.go are its;
// queue_upstream_test.cc says which of its tests has its counterpart where.
#include "scheduler/core/queue.h"

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/scheduler/fake_plugins.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace queue_test {

using Place = QueueEntry::Place;

class PriorityQueue : public testing::Test {
 protected:
  QueueEntry& Add(const std::string& name, int priority = 0) {
    return queue_.Add(cluster_.UpsertPod(MakePod(name).Priority(priority).Ref()), now_);
  }
  QueueEntry& Activate(const std::string& name, int priority = 0) {
    QueueEntry& entry = Add(name, priority);
    entry.admitted = true;
    queue_.Activate(entry, now_);
    return entry;
  }
  std::string Pop() {
    QueueEntry* entry = queue_.Pop();
    return entry == nullptr ? "" : entry->record->facts.name;
  }
  // Adds a pod and has it rejected for the inputs.
  QueueEntry& Unschedulable(const std::string& name, Inputs inputs,
                            std::optional<absl::Time> valid_until = std::nullopt) {
    QueueEntry& entry = Activate(name);
    EXPECT_EQ(Pop(), name);
    queue_.Reject(entry, inputs, valid_until, At());
    return entry;
  }
  Instant At() const { return {absl::UnixEpoch() + now_, now_}; }
  SchedulingQueue::Woken Pass(absl::Duration time) {
    now_ += time;
    return queue_.OnTime(now_);
  }

  absl::Duration now_ = absl::Seconds(1000);
  ClusterState cluster_;
  QueueSortHook sort_;
  SchedulingQueue queue_{sort_, {absl::Seconds(1), absl::Seconds(10), absl::Minutes(5)}};
};

TEST_F(PriorityQueue, Add) {
  Activate("medium", 5);
  Activate("high", 10);
  Activate("low", 0);
  EXPECT_EQ(Pop(), "high");
  EXPECT_EQ(Pop(), "medium");
  EXPECT_EQ(Pop(), "low");
  EXPECT_EQ(Pop(), "");
  EXPECT_EQ(queue_.counts().in_flight, 3u);
}

TEST_F(PriorityQueue, AddWithReversePriorityLessFunc) {
  sort_.less = [](const QueuedPod& a, const QueuedPod& b) {
    return a.pod->facts.priority < b.pod->facts.priority;
  };
  Activate("medium", 5);
  Activate("high", 10);
  EXPECT_EQ(Pop(), "medium");
  EXPECT_EQ(Pop(), "high");
}

TEST_F(PriorityQueue, EqualPodsComeInOrderOfArrival) {
  for (const char* name : {"c", "a", "b"}) Activate(name);
  EXPECT_EQ(Pop(), "c");
  EXPECT_EQ(Pop(), "a");
  EXPECT_EQ(Pop(), "b");
}

TEST_F(PriorityQueue, AThrowingSortLeavesItToArrival) {
  sort_.less = [](const QueuedPod&, const QueuedPod&) -> bool { throw std::runtime_error("x"); };
  Activate("first", 0);
  Activate("second", 10);
  EXPECT_EQ(Pop(), "first");
  EXPECT_EQ(Pop(), "second");
}

TEST_F(PriorityQueue, AddUnschedulableIfNotPresent) {
  QueueEntry& entry = Unschedulable("p", {Input::kNodeLabels});
  EXPECT_EQ(entry.place, Place::kUnschedulable);
  EXPECT_EQ(queue_.counts().unschedulable, 1u);
  EXPECT_FALSE(queue_.HasActive());
}

TEST_F(PriorityQueue, AddUnschedulableIfNotPresent_Backoff) {
  QueueEntry& entry = Activate("p");
  Pop();
  // Something that the pod waits for happens while it is being decided on.
  queue_.OnEvent({Input::kNodeLabels}, now_);
  queue_.Reject(entry, {Input::kNodeLabels}, std::nullopt, At());
  EXPECT_EQ(entry.place, Place::kBackoff);
}

TEST_F(PriorityQueue, AnEventOfOtherInputsInFlightDoesNotMatter) {
  QueueEntry& entry = Activate("p");
  Pop();
  queue_.OnEvent({Input::kNodeTaints}, now_);
  queue_.Reject(entry, {Input::kNodeLabels}, std::nullopt, At());
  EXPECT_EQ(entry.place, Place::kUnschedulable);
}

TEST_F(PriorityQueue, AnEventBeforeThePodWasPoppedDoesNotMatter) {
  QueueEntry& entry = Activate("p");
  queue_.OnEvent({Input::kNodeLabels}, now_);
  Pop();
  queue_.Reject(entry, {Input::kNodeLabels}, std::nullopt, At());
  EXPECT_EQ(entry.place, Place::kUnschedulable);
}

TEST_F(PriorityQueue, UpdateWhenInflight) {
  QueueEntry& entry = Activate("p");
  Pop();
  queue_.NoteUpdateInFlight(entry, Inputs::All());
  queue_.Reject(entry, {Input::kNodeLabels}, std::nullopt, At());
  EXPECT_EQ(entry.place, Place::kBackoff);
  Pass(absl::Seconds(1));
  Pop();
  queue_.Reject(entry, {Input::kNodeLabels}, std::nullopt, At());
  EXPECT_EQ(entry.place, Place::kUnschedulable) << "an update counts once";
}

TEST_F(PriorityQueue, MoveAllToActiveOrBackoffQueue) {
  QueueEntry& fresh = Unschedulable("backing-off", {Input::kNodeLabels});
  queue_.OnEvent({Input::kNodeLabels}, now_);
  EXPECT_EQ(fresh.place, Place::kBackoff);
  EXPECT_EQ(queue_.NextDue(), now_ + absl::Seconds(1));

  QueueEntry& rested = Unschedulable("rested", {Input::kNodeLabels});
  QueueEntry& other = Unschedulable("other", {Input::kNodeTaints});
  now_ += absl::Seconds(1);
  queue_.OnEvent({Input::kNodeLabels, Input::kNodePods}, now_);
  EXPECT_EQ(rested.place, Place::kActive);
  EXPECT_EQ(other.place, Place::kUnschedulable);
}

TEST_F(PriorityQueue, ThePodThatCausedAnEventIsNotWokenByIt) {
  QueueEntry& cause = Unschedulable("cause", {Input::kNodePods});
  QueueEntry& other = Unschedulable("other", {Input::kNodePods});
  now_ += absl::Seconds(1);
  queue_.OnEvent({Input::kNodePods}, now_, &cause);
  EXPECT_EQ(cause.place, Place::kUnschedulable);
  EXPECT_EQ(other.place, Place::kActive);
}

TEST_F(PriorityQueue, ThePodThatCausedAnEventInFlightHasNotMissedIt) {
  QueueEntry& entry = Activate("p");
  Pop();
  queue_.OnEvent({Input::kTopologyCounts}, now_, &entry);
  queue_.Reject(entry, {Input::kTopologyCounts}, std::nullopt, At());
  EXPECT_EQ(entry.place, Place::kUnschedulable);
}

TEST_F(PriorityQueue, AnEventBeforeItsOwnIsStillMissed) {
  QueueEntry& entry = Activate("p");
  Pop();
  queue_.OnEvent({Input::kTopologyCounts}, now_);
  queue_.OnEvent({Input::kTopologyCounts}, now_, &entry);
  queue_.Reject(entry, {Input::kTopologyCounts}, std::nullopt, At());
  EXPECT_EQ(entry.place, Place::kBackoff);
}

TEST_F(PriorityQueue, FlushUnschedulablePodsLeftover) {
  QueueEntry& entry = Unschedulable("p", {});
  Pass(absl::Minutes(5) - absl::Milliseconds(1));
  EXPECT_EQ(entry.place, Place::kUnschedulable);
  EXPECT_EQ(queue_.NextDue(), now_ + absl::Milliseconds(1));
  Pass(absl::Milliseconds(1));
  EXPECT_EQ(entry.place, Place::kActive);
}

TEST_F(PriorityQueue, HighPriorityFlushUnschedulablePodsLeftover) {
  QueueEntry& low = Activate("low", 0);
  Pop();
  queue_.Reject(low, {}, std::nullopt, At());
  QueueEntry& high = Activate("high", 10);
  Pop();
  queue_.Reject(high, {}, std::nullopt, At());
  Pass(absl::Minutes(5));
  EXPECT_EQ(Pop(), "high");
  EXPECT_EQ(Pop(), "low");
}

TEST_F(PriorityQueue, AVerdictThatRunsOutIsTriedAgain) {
  QueueEntry& entry =
      Unschedulable("p", {Input::kTime}, absl::UnixEpoch() + now_ + absl::Seconds(30));
  EXPECT_EQ(queue_.NextDue(), now_ + absl::Seconds(30));
  Pass(absl::Seconds(30));
  EXPECT_EQ(entry.place, Place::kActive);
}

TEST_F(PriorityQueue, AVerdictThatHasRunOutAlreadyWaitsForBackOff) {
  QueueEntry& entry =
      Unschedulable("p", {Input::kTime}, absl::UnixEpoch() + now_ - absl::Seconds(30));
  Pass(absl::ZeroDuration());
  EXPECT_EQ(entry.place, Place::kBackoff);
  EXPECT_EQ(queue_.NextDue(), now_ + absl::Seconds(1));
}

TEST_F(PriorityQueue, AVerdictThatHoldsForEverIsFlushedAllTheSame) {
  Unschedulable("p", {Input::kTime}, absl::InfiniteFuture());
  EXPECT_EQ(queue_.NextDue(), now_ + absl::Minutes(5));
}

TEST_F(PriorityQueue, BackOffFlow) {
  QueueEntry& entry = Activate("p");
  for (const int seconds : {1, 2, 4, 8, 10, 10}) {
    Pop();
    queue_.RejectForNow(entry, now_);
    EXPECT_EQ(entry.place, Place::kBackoff);
    EXPECT_EQ(queue_.NextDue(), now_ + absl::Seconds(seconds));
    Pass(absl::Seconds(seconds) - absl::Nanoseconds(1));
    EXPECT_EQ(entry.place, Place::kBackoff);
    Pass(absl::Nanoseconds(1));
    EXPECT_EQ(entry.place, Place::kActive);
  }
  EXPECT_EQ(entry.attempts, 6);
}

TEST_F(PriorityQueue, ErrorsInARowBackOffByThemselves) {
  QueueEntry& entry = Activate("p");
  const auto fail = [&] {
    Pop();
    queue_.Fail(entry, now_);
    const absl::Duration wait = *queue_.NextDue() - now_;
    Pass(wait);
    return wait;
  };
  const auto reject = [&] {
    Pop();
    queue_.RejectForNow(entry, now_);
    const absl::Duration wait = *queue_.NextDue() - now_;
    Pass(wait);
    return wait;
  };
  EXPECT_EQ(reject(), absl::Seconds(1));
  EXPECT_EQ(reject(), absl::Seconds(2));
  EXPECT_EQ(fail(), absl::Seconds(1));
  EXPECT_EQ(fail(), absl::Seconds(2));
  EXPECT_EQ(reject(), absl::Seconds(4));
  EXPECT_EQ(fail(), absl::Seconds(1));
}

TEST_F(PriorityQueue, APodOnWhichPluginsFailAgainAndAgainIsPutAside) {
  QueueEntry& entry = Activate("p");
  for (int failure = 1; failure < 10; ++failure) {
    Pop();
    queue_.FailInPlugin(entry, now_);
    ASSERT_EQ(entry.place, Place::kBackoff) << failure;
    Pass(absl::Seconds(10));
  }
  Pop();
  queue_.FailInPlugin(entry, now_);
  EXPECT_EQ(entry.place, Place::kUnschedulable);
  queue_.OnEvent(Inputs::All(), now_);
  EXPECT_EQ(entry.place, Place::kUnschedulable) << "no event says that the plugin is mended";
  EXPECT_EQ(queue_.NextDue(), now_ + absl::Minutes(5));
  Pass(absl::Minutes(5));
  EXPECT_EQ(entry.place, Place::kActive);
  Pop();
  queue_.FailInPlugin(entry, now_);
  EXPECT_EQ(entry.place, Place::kUnschedulable);
}

TEST_F(PriorityQueue, AnyOtherOutcomeEndsTheRowOfErrorsInPlugins) {
  QueueEntry& entry = Activate("p");
  for (int failure = 0; failure < 30; ++failure) {
    Pop();
    if (failure % 9 == 8) {
      queue_.Fail(entry, now_);
    } else {
      queue_.FailInPlugin(entry, now_);
    }
    ASSERT_EQ(entry.place, Place::kBackoff) << failure;
    Pass(absl::Seconds(10));
  }
}

TEST_F(PriorityQueue, WithoutMaximumThereIsNoBackOff) {
  SchedulingQueue queue(sort_, {absl::Seconds(1), absl::ZeroDuration(), absl::Minutes(5)});
  QueueEntry& entry = queue.Add(cluster_.UpsertPod(MakePod("p").Ref()), now_);
  queue.Activate(entry, now_);
  queue.Pop();
  queue.Fail(entry, now_);
  EXPECT_EQ(entry.place, Place::kActive);
}

TEST_F(PriorityQueue, HighPriorityBackoff) {
  Activate("medium", 5);
  QueueEntry& high = Activate("high", 10);
  EXPECT_EQ(Pop(), "high");
  queue_.Fail(high, now_);
  // It does not stand in the way of others while it backs off.
  EXPECT_EQ(Pop(), "medium");
}

TEST_F(PriorityQueue, RecentlyTriedPodsGoBack) {
  std::vector<QueueEntry*> entries;
  for (int i = 0; i < 5; ++i) {
    entries.push_back(&Activate("p" + std::to_string(i)));
    now_ += absl::Milliseconds(1);
  }
  QueueEntry& first = *entries[0];
  EXPECT_EQ(Pop(), "p0");
  queue_.Reject(first, {Input::kNodePods}, std::nullopt, At());
  now_ += absl::Seconds(1);
  queue_.OnEvent({Input::kNodePods}, now_);
  for (int i = 1; i < 5; ++i) EXPECT_EQ(Pop(), "p" + std::to_string(i));
  EXPECT_EQ(Pop(), "p0");
}

TEST_F(PriorityQueue, PodFailedSchedulingMultipleTimesDoesNotBlockNewerPod) {
  QueueEntry& old = Unschedulable("old", {Input::kNodePods});
  now_ += absl::Minutes(1);
  Activate("newer");
  now_ += absl::Milliseconds(1);
  queue_.OnEvent({Input::kNodePods}, now_);
  EXPECT_EQ(old.place, Place::kActive);
  EXPECT_EQ(Pop(), "newer");
  EXPECT_EQ(Pop(), "old");
}

TEST_F(PriorityQueue, Delete) {
  QueueEntry& pool = Unschedulable("pool", {Input::kNodePods});
  QueueEntry& active = Activate("active");
  QueueEntry& gated = Add("gated");
  queue_.Gate(gated, {Input::kNodePods});
  queue_.Remove(active);
  queue_.Remove(pool);
  queue_.Remove(gated);
  EXPECT_EQ(queue_.Find("default-active-uid"), nullptr);
  EXPECT_FALSE(queue_.HasActive());
  EXPECT_EQ(queue_.NextDue(), std::nullopt);
  const auto woken = queue_.OnEvent(Inputs::All(), now_);
  EXPECT_TRUE(woken.not_admitted.empty());
}

TEST_F(PriorityQueue, UpdateReordersWhatIsActive) {
  QueueEntry& a = Activate("a", 1);
  Activate("b", 2);
  const absl::Duration queued_at = a.sort_key.queued_at;
  now_ += absl::Seconds(9);
  queue_.Lift(a);
  cluster_.UpsertPod(MakePod("a").Priority(3).Ref());
  queue_.Activate(a, now_);
  EXPECT_EQ(a.sort_key.queued_at, queued_at);
  EXPECT_EQ(Pop(), "a");
}

TEST_F(PriorityQueue, GatedPodsAreHandedOutWhenTheirInputsChange) {
  QueueEntry& entry = Add("p");
  queue_.Gate(entry, {Input::kNamespaceLabels});
  EXPECT_EQ(queue_.counts().gated, 1u);
  EXPECT_EQ(queue_.NextDue(), std::nullopt);
  EXPECT_TRUE(queue_.OnEvent({Input::kVolumes}, now_).not_admitted.empty());
  EXPECT_EQ(queue_.OnEvent({Input::kNamespaceLabels}, now_).not_admitted,
            std::vector<std::string>{"default-p-uid"});
}

TEST_F(PriorityQueue, WhoBacksOffWithoutAdmissionIsAskedBeforeItIsActive) {
  QueueEntry& entry = Add("p");
  queue_.Fail(entry, now_);
  EXPECT_EQ(entry.place, Place::kBackoff);
  EXPECT_EQ(Pass(absl::Seconds(1)).not_admitted, std::vector<std::string>{"default-p-uid"});
  EXPECT_FALSE(queue_.HasActive());
}

TEST_F(PriorityQueue, WaitingPodsComeBackByInputOrDeadline) {
  QueueEntry& entry = Activate("p");
  Pop();
  queue_.Wait(entry, {{Input::kVolumes}, now_ + absl::Seconds(5)});
  EXPECT_EQ(queue_.counts().unschedulable, 1u);
  EXPECT_EQ(queue_.NextDue(), now_ + absl::Seconds(5));
  queue_.OnEvent({Input::kVolumes}, now_);
  EXPECT_EQ(entry.place, Place::kActive);
  Pop();
  queue_.Wait(entry, {{Input::kVolumes}, now_ + absl::Seconds(5)});
  Pass(absl::Seconds(5));
  EXPECT_EQ(entry.place, Place::kActive);
}

TEST_F(PriorityQueue, SuspendedPodsStayInFlight) {
  QueueEntry& entry = Activate("p");
  Pop();
  queue_.Suspend(entry, {{Input::kVolumes}, now_ + absl::Seconds(5)});
  EXPECT_EQ(queue_.counts().in_flight, 1u);
  const std::vector<std::string> expected = {"default-p-uid"};
  EXPECT_EQ(queue_.OnEvent({Input::kVolumes}, now_).in_flight, expected);
  EXPECT_EQ(queue_.NextDue(), std::nullopt) << "woken once";
  queue_.Suspend(entry, {{}, now_ + absl::Seconds(5)});
  EXPECT_EQ(Pass(absl::Seconds(5)).in_flight, expected);
  EXPECT_EQ(queue_.counts().in_flight, 1u);
}

TEST_F(PriorityQueue, PendingPods) {
  Unschedulable("pool", {});
  Activate("active");
  QueueEntry& gated = Add("gated");
  queue_.Gate(gated, {});
  const QueueCounts counts = queue_.counts();
  EXPECT_EQ(counts.active, 1u);
  EXPECT_EQ(counts.gated, 1u);
  EXPECT_EQ(counts.unschedulable, 1u);
  EXPECT_EQ(counts.backoff, 0u);
  EXPECT_EQ(counts.in_flight, 0u);
}

TEST_F(PriorityQueue, AStormOfEventsCostsAtMostOneAttemptAPodAndBackOff) {
  constexpr int kPods = 2000;
  for (int i = 0; i < kPods; ++i) Unschedulable("p" + std::to_string(i), {Input::kNodePods});
  int attempts = 0;
  for (int second = 0; second < 100; ++second) {
    Pass(absl::Seconds(1));
    queue_.OnEvent({Input::kNodePods}, now_);
    while (QueueEntry* entry = queue_.Pop()) {
      ++attempts;
      queue_.Reject(*entry, {Input::kNodePods}, std::nullopt, At());
    }
  }
  // Back-offs of 1, 2, 4, 8, 10, 10 ... seconds: 4 attempts in the first 15, then one in ten.
  EXPECT_LE(attempts, kPods * 14);
  EXPECT_GE(attempts, kPods * 10);
}

}  // namespace queue_test
}  // namespace heat_scheduler
