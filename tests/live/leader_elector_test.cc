// Replicas of the whole scheduler under virtual time, which elect a leader through the embedded API
// server.
#include "live/leader_elector.h"

#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cluster/json.h"
#include "cluster/registry.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/live/live_cluster.h"
#include "tests/live/replica.h"

namespace heat_scheduler {
namespace leader_elector_test {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const cluster::WriteContext kSomebody = {"somebody", "somebody"};

bool IsLease(const net::HttpRequest& request) {
  return request.target.find("/leases") != std::string::npos;
}
bool IsLeaseWatch(const net::HttpRequest& request) {
  return IsLease(request) && request.target.find("watch=true") != std::string::npos;
}

class Election : public ::testing::Test {
 protected:
  Election() {
    live_.AddNode("n1", "50.5");
    live_.AddNode("n2", "31.5");
  }

  std::unique_ptr<Replica> Start(const std::string& name, Faults faults = nullptr) {
    return std::make_unique<Replica>(live_, name, 7 * ++started_, LeaderElectionOptions{},
                                     std::move(faults));
  }

  // Starts `a`, which leads, and then `b`, which stands by.
  void StartBoth(Faults faults_of_a = nullptr) {
    a_ = Start("a", std::move(faults_of_a));
    ASSERT_TRUE(UntilLeads(*a_));
    b_ = Start("b");
    ASSERT_TRUE(live_.Until([this] { return b_->driver().synced(); }));
  }

  bool UntilLeads(const Replica& replica, absl::Duration max = absl::Minutes(1)) {
    return live_.Until([&] { return replica.leads(); }, max);
  }

  json Lease() {
    const auto found = live_.server().store().Get(LeaseResource(), "kube-system", "heat-scheduler");
    return found == nullptr ? json(nullptr) : found->json();
  }
  std::string Holder() { return Lease()["spec"].value("holderIdentity", "none"); }
  int Transitions() { return Lease()["spec"]["leaseTransitions"].get<int>(); }

  void PatchLease(const json& patch) {
    const auto patched = live_.server().registry().Patch(
        {&LeaseResource(), "kube-system", "heat-scheduler"}, cluster::Part::kMain,
        cluster::PatchType::kMerge, patch, kSomebody);
    ASSERT_TRUE(patched.ok()) << patched.error().message;
  }
  void DeleteLease() {
    ASSERT_TRUE(live_.server()
                    .registry()
                    .Delete({&LeaseResource(), "kube-system", "heat-scheduler"}, {}, kSomebody)
                    .ok());
  }

  void AddPods(int count) {
    for (int i = 0; i < count; ++i) live_.AddPod("web-" + std::to_string(pods_++), "10m");
  }
  bool UntilAllBound(absl::Duration max = absl::Minutes(2)) {
    return live_.Until([this] { return live_.BoundPods() == static_cast<std::size_t>(pods_); },
                       max);
  }
  absl::Duration Now() { return live_.loop().Now().mono; }

  // The notes of the events about the lease.
  std::vector<std::string> LeaseEvents() {
    std::vector<std::string> notes;
    for (const json& event : live_.EventsOf("heat-scheduler")) {
      EXPECT_EQ(event["reason"], "LeaderElection");
      EXPECT_EQ(event["involvedObject"]["kind"], "Lease");
      EXPECT_EQ(event["metadata"]["namespace"], "kube-system");
      notes.push_back(event["message"].get<std::string>());
    }
    return notes;
  }

  std::uint64_t started_ = 0;
  int pods_ = 0;
  LiveCluster live_;
  std::unique_ptr<Replica> a_;
  std::unique_ptr<Replica> b_;
};

// ---- Who leads ----

TEST_F(Election, AFreeLeaseIsTakenAtOnce) {
  a_ = Start("a");
  ASSERT_TRUE(UntilLeads(*a_, absl::Milliseconds(20)));
  const json spec = Lease()["spec"];
  EXPECT_EQ(spec["holderIdentity"], "a");
  EXPECT_EQ(spec["leaseDurationSeconds"], 15);
  EXPECT_EQ(spec["leaseTransitions"], 0);
  EXPECT_EQ(spec["acquireTime"], spec["renewTime"]);
  EXPECT_EQ(a_->status_metric(), 1);
  ASSERT_TRUE(live_.Until([this] { return !LeaseEvents().empty(); }));
  EXPECT_THAT(LeaseEvents(), testing::ElementsAre("a became leader"));
}

TEST_F(Election, OneLeadsAndTheOtherStandsByReady) {
  StartBoth();
  AddPods(20);
  ASSERT_TRUE(UntilAllBound());
  live_.loop().RunFor(absl::Minutes(10));
  EXPECT_TRUE(a_->leads());
  EXPECT_FALSE(b_->leads());
  EXPECT_THAT(a_->binds(), SizeIs(20));
  EXPECT_THAT(b_->binds(), IsEmpty());
  EXPECT_EQ(b_->status_metric(), 0);
  EXPECT_EQ(Transitions(), 0);
  EXPECT_NE(Lease()["spec"]["acquireTime"], Lease()["spec"]["renewTime"]);
  for (const HealthCheck& check : b_->driver().ReadyChecks()) {
    EXPECT_TRUE(check.ok) << check.name << ": " << check.problem;
  }
  EXPECT_EQ(b_->driver().LiveChecks().at(0).name, "leaderElection");
  EXPECT_EQ(a_->metrics().leader_slowpath.Get({"heat-scheduler"}), 0);
}

TEST_F(Election, TheLeaderRenewsEachRetryPeriod) {
  a_ = Start("a");
  ASSERT_TRUE(UntilLeads(*a_));
  const std::size_t before = live_.Writes("update");
  live_.loop().RunFor(absl::Minutes(1));
  EXPECT_NEAR(static_cast<double>(live_.Writes("update") - before), 30, 1);
}

TEST_F(Election, NothingIsDecidedByWhoMayNotHaveTheLease) {
  a_ = Start("a", [](const net::HttpRequest& request) {
    return IsLease(request) ? FaultPlan{.fate = FaultPlan::Fate::kRefuse} : FaultPlan{};
  });
  AddPods(1);
  live_.loop().RunFor(absl::Minutes(10));
  EXPECT_TRUE(a_->driver().synced());
  EXPECT_FALSE(a_->ended()) << "it keeps trying";
  EXPECT_THAT(a_->binds(), IsEmpty());
}

// ---- The end of a leader ----

TEST_F(Election, AKilledLeaderIsReplacedOnceItsLeaseHasRunOut) {
  StartBoth();
  AddPods(5);
  ASSERT_TRUE(UntilAllBound());
  a_.reset();
  const absl::Duration killed = Now();
  AddPods(5);
  ASSERT_TRUE(UntilLeads(*b_));
  // The last renewal was up to a retry period before; the next try up to 4.4 s late.
  EXPECT_GE(Now() - killed, absl::Seconds(13));
  EXPECT_LE(Now() - killed, absl::Seconds(19.5));
  ASSERT_TRUE(UntilAllBound(absl::Seconds(5)));
  EXPECT_EQ(Holder(), "b");
  EXPECT_EQ(Transitions(), 1);
}

TEST_F(Election, ACleanStopHandsOverAtOnce) {
  StartBoth();
  AddPods(200);
  ASSERT_TRUE(live_.Until([this] { return live_.BoundPods() > 20; }));
  const absl::Duration stopped = Now();
  a_->Stop();
  ASSERT_TRUE(UntilLeads(*b_));
  RecordProperty("hand_over_ms", static_cast<int>(absl::ToInt64Milliseconds(Now() - stopped)));
  EXPECT_LE(Now() - stopped, absl::Milliseconds(200));
  EXPECT_FALSE(a_->leads());
  ASSERT_TRUE(live_.Until([this] { return a_->ended(); }, absl::Seconds(1)));
  EXPECT_TRUE(a_->lost().ok());
  ASSERT_TRUE(UntilAllBound(absl::Seconds(10)));
  EXPECT_EQ(live_.Writes("bind"), 200u);
  EXPECT_EQ(Transitions(), 1);
  ASSERT_TRUE(live_.Until([this] { return LeaseEvents().size() == 3; }));
  EXPECT_THAT(LeaseEvents(), testing::UnorderedElementsAre("a became leader", "a stopped leading",
                                                           "b became leader"));
}

TEST_F(Election, ACleanStopHandsOverThoughEventsAreSlow) {
  StartBoth([](const net::HttpRequest& request) {
    const bool event = request.target.ends_with("/events");
    return event ? FaultPlan{.reply_delay = absl::Seconds(1)} : FaultPlan{};
  });
  AddPods(200);
  ASSERT_TRUE(UntilAllBound());
  a_->Stop();
  EXPECT_TRUE(UntilLeads(*b_, absl::Seconds(1.5)));
}

TEST_F(Election, WithoutItsWatchAReleasedLeaseIsTakenByTheNextTry) {
  a_ = Start("a");
  ASSERT_TRUE(UntilLeads(*a_));
  b_ = Start("b", [](const net::HttpRequest& request) {
    return IsLeaseWatch(request) ? FaultPlan{.fate = FaultPlan::Fate::kRefuse} : FaultPlan{};
  });
  live_.loop().RunFor(absl::Seconds(20));
  a_->Stop();
  EXPECT_TRUE(UntilLeads(*b_, absl::Seconds(4.5)));
}

TEST_F(Election, TheReleasedLeaseSaysThatNobodyHoldsIt) {
  a_ = Start("a");
  ASSERT_TRUE(UntilLeads(*a_));
  a_->Stop();
  ASSERT_TRUE(live_.Until([this] { return a_->ended(); }, absl::Seconds(1)));
  EXPECT_EQ(Holder(), "");
  EXPECT_EQ(Lease()["spec"]["leaseDurationSeconds"], 1);
  EXPECT_EQ(a_->status_metric(), 0);
}

TEST_F(Election, StopEndsThoughTheLeaseCannotBeReleased) {
  bool silent = false;
  a_ = Start("a", [&silent](const net::HttpRequest& request) {
    return silent && IsLease(request) ? FaultPlan{.fate = FaultPlan::Fate::kSilence} : FaultPlan{};
  });
  ASSERT_TRUE(UntilLeads(*a_));
  live_.loop().RunFor(absl::Seconds(1));
  silent = true;
  a_->Stop();
  EXPECT_TRUE(live_.Until([this] { return a_->ended(); }, absl::Seconds(1)));
}

TEST_F(Election, ALeaseIsNotReleasedWhileABindingIsUnderWay) {
  StartBoth([](const net::HttpRequest& request) {
    return IsBind(request) ? FaultPlan{.fate = FaultPlan::Fate::kSilence} : FaultPlan{};
  });
  AddPods(1);
  ASSERT_TRUE(live_.Until([this] { return a_->binds().size() == 1; }));
  const absl::Duration stopped = Now();
  a_->Stop();
  ASSERT_TRUE(live_.Until([this] { return a_->ended(); }, absl::Seconds(5)));
  EXPECT_EQ(Holder(), "a");
  a_.reset();
  ASSERT_TRUE(UntilLeads(*b_));
  EXPECT_GE(Now() - stopped, absl::Seconds(13));
}

TEST_F(Election, AStandbyStopsAtOnceAndLeavesTheLeaseAlone) {
  StartBoth();
  b_->Stop();
  ASSERT_TRUE(live_.Until([this] { return b_->ended(); }, absl::Milliseconds(50)));
  EXPECT_EQ(Holder(), "a");
}

// ---- A leader that was stopped for a while (SIGSTOP) ----

struct PauseCase {
  const char* name;
  absl::Duration pause;
  bool replaced;
};

class PausedLeader : public Election, public ::testing::WithParamInterface<PauseCase> {
 protected:
  absl::Duration a_renewed_ = -absl::InfiniteDuration();  // After the pause, as the lease shows.
};

TEST_P(PausedLeader, SendsNothingBeforeItsLeadIsConfirmed) {
  // Bindings of the leader never get through: timers wait to send them again.
  bool broken = true;
  StartBoth([&broken](const net::HttpRequest& request) {
    return broken && IsBind(request) ? FaultPlan{.fate = FaultPlan::Fate::kRefuse} : FaultPlan{};
  });
  live_.loop().RunFor(absl::Seconds(5));
  AddPods(30);
  ASSERT_TRUE(live_.Until([this] { return a_->binds().size() >= 20; }));
  const std::size_t sent = a_->binds().size();
  a_->Pause();
  AddPods(10);
  live_.loop().RunFor(GetParam().pause);
  EXPECT_EQ(b_->leads(), GetParam().replaced);
  EXPECT_THAT(a_->binds(), SizeIs(sent));

  std::string holder_at_bind;
  a_->on_bind = [&](const net::HttpRequest&) {
    holder_at_bind += Holder();
    EXPECT_LT(Now() - absl::Seconds(10), a_renewed_) << "sent without a renewal";
  };
  a_->Resume();
  broken = false;
  // A renewal after the pause shows in the lease.
  const json before = Lease()["spec"]["renewTime"];
  a_renewed_ = GetParam().pause < absl::Seconds(8) ? Now() : -absl::InfiniteDuration();
  const absl::Duration end = Now() + absl::Seconds(30);
  while (Now() < end && live_.loop().Step()) {
    if (Holder() == "a" && Lease()["spec"]["renewTime"] != before) a_renewed_ = Now();
  }
  if (GetParam().replaced) {
    EXPECT_TRUE(a_->ended());
    EXPECT_THAT(std::string(a_->lost().message()),
                HasSubstr("leaderelection lost: lease kube-system/heat-scheduler: \"b\" holds it"));
    EXPECT_THAT(a_->binds(), SizeIs(sent));
    EXPECT_EQ(a_->status_metric(), 0);
    EXPECT_EQ(Holder(), "b");
  } else {
    EXPECT_FALSE(a_->ended()) << a_->lost();
    EXPECT_THAT(holder_at_bind, testing::MatchesRegex("a+"));
    EXPECT_EQ(Holder(), "a");
    EXPECT_EQ(Transitions(), 0);
  }
  EXPECT_TRUE(UntilAllBound());
  EXPECT_EQ(live_.Writes("bind"), 40u);
}

INSTANTIATE_TEST_SUITE_P(
    Table, PausedLeader,
    ::testing::Values(PauseCase{"ShorterThanTheDeadline", absl::Seconds(7), false},
                      PauseCase{"ShorterThanTheLease", absl::Seconds(12), false},
                      PauseCase{"LongerThanTheLease", absl::Seconds(20), true},
                      PauseCase{"AMinute", absl::Minutes(1), true},
                      PauseCase{"AnHour", absl::Hours(1), true}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(Election, ALonelyLeaderGoesOnAfterALongPause) {
  a_ = Start("a");
  ASSERT_TRUE(UntilLeads(*a_));
  live_.loop().RunFor(absl::Seconds(1));
  a_->Pause();
  AddPods(3);
  live_.loop().RunFor(absl::Minutes(5));
  // What a probe finds that is answered before anything else.
  EXPECT_FALSE(a_->driver().LiveChecks().at(0).ok);
  EXPECT_FALSE(a_->driver().ReadyChecks().at(0).ok);
  EXPECT_EQ(a_->driver().LiveChecks().at(0).problem,
            "failed election to renew leadership on lease heat-scheduler");
  EXPECT_FALSE(a_->leads());
  a_->Resume();
  ASSERT_TRUE(UntilAllBound(absl::Seconds(5)));
  EXPECT_FALSE(a_->ended()) << a_->lost();
  EXPECT_TRUE(a_->driver().LiveChecks().at(0).ok);
  EXPECT_EQ(a_->metrics().leader_slowpath.Get({"heat-scheduler"}), 1);
}

TEST_F(Election, APausedLeaderIsLostThoughTheNextOneHasReleasedTheLease) {
  StartBoth();
  live_.loop().RunFor(absl::Seconds(1));
  a_->Pause();
  ASSERT_TRUE(UntilLeads(*b_));
  b_->Stop();
  ASSERT_TRUE(live_.Until([this] { return b_->ended(); }));
  ASSERT_EQ(Holder(), "");
  AddPods(1);
  a_->Resume();
  ASSERT_TRUE(live_.Until([this] { return a_->ended(); }, absl::Seconds(5)));
  EXPECT_THAT(std::string(a_->lost().message()), HasSubstr("may have held it meanwhile"));
  EXPECT_THAT(a_->binds(), IsEmpty());
}

// ---- Trouble with the lease's requests ----

TEST_F(Election, AConflictIsLookedInto) {
  StartBoth();
  PatchLease({{"metadata", {{"labels", {{"touched", "yes"}}}}}});
  live_.loop().RunFor(absl::Seconds(10));
  EXPECT_TRUE(a_->leads());
  EXPECT_EQ(Holder(), "a");
  EXPECT_EQ(Transitions(), 0);
  EXPECT_EQ(a_->metrics().leader_slowpath.Get({"heat-scheduler"}), 1);
  EXPECT_EQ(Lease()["metadata"]["labels"]["touched"], "yes");
}

struct LossCase {
  const char* name;
  const char* method;
};

class LostReply : public Election, public ::testing::WithParamInterface<LossCase> {};

TEST_P(LostReply, LosesNothing) {
  int count = 0;
  a_ = Start("a", [&count](const net::HttpRequest& request) {
    const bool hit = IsLease(request) && !IsLeaseWatch(request) &&
                     request.method == GetParam().method && ++count % 2 == 1;
    return hit ? FaultPlan{.fate = FaultPlan::Fate::kLoseReply} : FaultPlan{};
  });
  ASSERT_TRUE(UntilLeads(*a_, absl::Seconds(5)));
  for (int i = 0; i < 60; ++i) {
    live_.loop().RunFor(absl::Seconds(1));
    ASSERT_TRUE(a_->leads()) << i;
  }
  EXPECT_EQ(Transitions(), 0);
}

INSTANTIATE_TEST_SUITE_P(Table, LostReply,
                         ::testing::Values(LossCase{"OfTheCreation", "POST"},
                                           LossCase{"OfAnUpdate", "PUT"},
                                           LossCase{"OfALook", "GET"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(Election, ALeaderOutOfReachIsLostAndSendsNothingAfterItsDeadline) {
  StartBoth();
  live_.loop().RunFor(absl::Seconds(5));
  a_->Connect(false);
  const absl::Duration cut = Now();
  // A pod is always there to be decided, as far as the leader knows: its watches are cut.
  for (int i = 0; i < 20 && !a_->ended(); ++i) live_.loop().RunFor(absl::Seconds(1));
  ASSERT_TRUE(a_->ended());
  EXPECT_THAT(std::string(a_->lost().message()), HasSubstr("not renewed within 10s: "));
  EXPECT_LE(Now() - cut, absl::Seconds(13));
  for (const absl::Duration at : a_->binds()) EXPECT_LE(at, cut + absl::Seconds(10));
  EXPECT_FALSE(b_->leads()) << "the lease has not run out yet";
  AddPods(1);
  ASSERT_TRUE(UntilAllBound());
  EXPECT_THAT(b_->binds(), SizeIs(1));
}

TEST_F(Election, AShortOutageIsSurvived) {
  StartBoth();
  live_.loop().RunFor(absl::Seconds(5));
  a_->Connect(false);
  live_.loop().RunFor(absl::Seconds(7));
  a_->Connect(true);
  live_.loop().RunFor(absl::Seconds(30));
  EXPECT_TRUE(a_->leads());
  EXPECT_FALSE(a_->ended());
  EXPECT_EQ(Transitions(), 0);
}

TEST_F(Election, ALeaderWhoseLeaseRequestsHangStopsBindingInTime) {
  // All but the lease works: pods come and are bound, until the deadline.
  bool silent = false;
  StartBoth([&silent](const net::HttpRequest& request) {
    return silent && IsLease(request) ? FaultPlan{.fate = FaultPlan::Fate::kSilence} : FaultPlan{};
  });
  live_.loop().RunFor(absl::Seconds(5));
  silent = true;
  const absl::Duration since = Now();
  for (int i = 0; i < 200; ++i) {
    AddPods(1);
    live_.loop().RunFor(absl::Milliseconds(150));
  }
  EXPECT_TRUE(a_->ended());
  EXPECT_GT(a_->binds().back(), since + absl::Seconds(7));
  EXPECT_LE(a_->binds().back(), since + absl::Seconds(10));
  EXPECT_GE(b_->binds().front(), since + absl::Seconds(13));
  EXPECT_TRUE(UntilAllBound());
  EXPECT_EQ(live_.Writes("bind"), 200u);
}

TEST_F(Election, WrongWallClocksChangeNothing) {
  StartBoth();
  for (const absl::Duration jump :
       {absl::Hours(1), -absl::Hours(2), absl::Hours(24 * 365), -absl::Hours(24 * 700)}) {
    a_->SkewWall(jump);
    live_.loop().RunFor(absl::Seconds(20));
    b_->SkewWall(-jump);
    live_.loop().RunFor(absl::Seconds(20));
  }
  EXPECT_TRUE(a_->leads());
  EXPECT_EQ(Transitions(), 0);
  a_.reset();
  EXPECT_TRUE(UntilLeads(*b_, absl::Seconds(20)));
}

// ---- A lease that somebody changed ----

TEST_F(Election, ADeletedLeaseIsMadeAnewByItsLeader) {
  StartBoth();
  live_.loop().RunFor(absl::Seconds(1));
  DeleteLease();
  live_.loop().RunFor(absl::Seconds(5));
  EXPECT_EQ(Holder(), "a");
  EXPECT_TRUE(a_->leads());
  EXPECT_FALSE(b_->leads());
  live_.loop().RunFor(absl::Minutes(1));
  EXPECT_TRUE(a_->leads());
}

TEST_F(Election, ADeletedLeaseOfADeadLeaderIsTakenOnceItWouldHaveRunOut) {
  StartBoth();
  live_.loop().RunFor(absl::Seconds(5));
  a_.reset();
  const absl::Duration killed = Now();
  DeleteLease();
  ASSERT_TRUE(UntilLeads(*b_));
  EXPECT_GE(Now() - killed, absl::Seconds(13));
  EXPECT_LE(Now() - killed, absl::Seconds(19.5));
}

TEST_F(Election, APausedLeaderWhoseLeaseIsGoneIsLost) {
  StartBoth();
  live_.loop().RunFor(absl::Seconds(1));
  b_.reset();
  a_->Pause();
  live_.loop().RunFor(absl::Seconds(30));
  DeleteLease();
  AddPods(1);
  a_->Resume();
  ASSERT_TRUE(live_.Until([this] { return a_->ended(); }, absl::Seconds(5)));
  EXPECT_THAT(std::string(a_->lost().message()), HasSubstr("deleted"));
  EXPECT_THAT(a_->binds(), IsEmpty());
}

TEST_F(Election, ALeaseGivenToSomebodyElseEndsTheLeaderAtOnce) {
  StartBoth();
  live_.loop().RunFor(absl::Seconds(1));
  PatchLease({{"spec", {{"holderIdentity", "c"}}}});
  ASSERT_TRUE(live_.Until([this] { return a_->ended(); }, absl::Milliseconds(50)));
  EXPECT_THAT(std::string(a_->lost().message()), HasSubstr("\"c\" holds it"));
  // "c" never renews: the lease is taken once it has run out.
  EXPECT_TRUE(UntilLeads(*b_, absl::Seconds(20)));
}

struct EditCase {
  const char* name;
  json spec;
};

class EditedLease : public Election, public ::testing::WithParamInterface<EditCase> {};

TEST_P(EditedLease, LeavesOneLeaderAndEachPodBoundOnce) {
  StartBoth();
  AddPods(50);
  PatchLease({{"spec", GetParam().spec}});
  ASSERT_TRUE(UntilAllBound(absl::Minutes(1)));
  live_.loop().RunFor(absl::Seconds(30));
  EXPECT_NE(a_->leads(), b_->leads());
  EXPECT_EQ(Holder(), a_->leads() ? "a" : "b");
  EXPECT_EQ(Lease()["spec"]["leaseDurationSeconds"], 15);
  EXPECT_EQ(live_.Writes("bind"), 50u);
}

INSTANTIATE_TEST_SUITE_P(
    Table, EditedLease,
    ::testing::Values(EditCase{"NoHolder", {{"holderIdentity", nullptr}}},
                      EditCase{"NoDuration", {{"leaseDurationSeconds", nullptr}}},
                      EditCase{"Duration0", {{"leaseDurationSeconds", 0}}},
                      EditCase{"NegativeTransitions", {{"leaseTransitions", -5}}},
                      EditCase{"HugeTransitions",
                               {{"leaseTransitions", std::numeric_limits<std::int32_t>::max()}}},
                      EditCase{"HugeTransitionsAndNoHolder",
                               {{"leaseTransitions", std::numeric_limits<std::int32_t>::max()},
                                {"holderIdentity", ""}}},
                      EditCase{"OldTimes",
                               {{"renewTime", "1970-01-01T00:00:00.000000Z"},
                                {"acquireTime", nullptr}}}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace leader_elector_test
}  // namespace heat_scheduler
