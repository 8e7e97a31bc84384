// Three replicas in trouble, everything drawn from a seed: they are paused, killed, stopped and
// cut off while pods come, requests are lost and clocks jump.
//
// At each binding that is sent: its sender has renewed the lease within the deadline, and nobody
// else holds it (a lease that somebody edits or deletes is another seed's). In the end: each pod
// bound once, one leader. HEAT_ELECTION_SEEDS is how many seeds are run (40 by default),
// HEAT_ELECTION_SEED repeats one.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/numbers.h"
#include "base/random.h"
#include "cluster/json.h"
#include "cluster/registry.h"
#include "cluster/store.h"
#include "live/leader_elector.h"
#include "tests/live/live_cluster.h"
#include "tests/live/replica.h"

namespace heat_scheduler {
namespace election_simulation_test {

constexpr std::int64_t kSeeds = 40;
constexpr absl::Duration kTrouble = absl::Minutes(4);

class ElectionSimulation final : public cluster::WriteObserver {
 public:
  explicit ElectionSimulation(std::uint64_t seed) : random_(seed), meddles_(seed % 4 == 0) {
    for (int i = 0; i < 4; ++i) live_.AddNode(absl::StrCat("n", i), "30");
    live_.server().store().AddObserver(this);
    for (std::size_t i = 0; i < replicas_.size(); ++i) Start(i);
  }
  ~ElectionSimulation() override { live_.server().store().RemoveObserver(this); }

  void Run() {
    const absl::Duration end = kTrouble;
    while (Now() < end) {
      live_.loop().RunFor(absl::Milliseconds(200 + random_.Below(4000)));
      MakeTrouble();
    }
    calm_ = true;
    for (std::size_t i = 0; i < replicas_.size(); ++i) {
      replicas_[i]->Connect(true);
      replicas_[i]->Resume();
    }
    live_.loop().RunFor(absl::Seconds(30));
    for (std::size_t i = 0; i < replicas_.size(); ++i) {
      if (replicas_[i]->ended()) Start(i);
    }
    EXPECT_TRUE(live_.Until([this] { return live_.BoundPods() == pods_; }, absl::Minutes(3)));
    live_.loop().RunFor(absl::Minutes(1));
    int leaders = 0;
    for (const auto& replica : replicas_) leaders += replica->leads() ? 1 : 0;
    EXPECT_EQ(leaders, 1);
    for (const auto& [uid, binds] : binds_) EXPECT_EQ(binds, 1) << uid;
  }

  void OnWrite(const cluster::WriteRef& write) override {
    if (write->operation == "bind") {
      ++binds_[std::string(cluster::TextAt(write->after->json(), {"metadata", "uid"}))];
    }
    if (write->resource != &LeaseResource()) return;
    const std::string before = holder_;
    holder_ = write->verb == cluster::WriteVerb::kDelete
                  ? ""
                  : std::string(cluster::TextAt(write->after->json(), {"spec", "holderIdentity"}));
    if (holder_ != before && !holder_.empty()) ++changes_;
    if (!holder_.empty()) renewed_[holder_] = Now();
  }

  std::int64_t sent() const { return sent_; }
  std::int64_t changes() const { return changes_; }
  std::int64_t lost() const { return lost_; }

 private:
  absl::Duration Now() { return live_.loop().Now().mono; }

  void Start(std::size_t i) {
    if (replicas_[i] != nullptr && !replicas_[i]->lost().ok()) ++lost_;
    replicas_[i] = nullptr;
    replicas_[i] = std::make_unique<Replica>(live_, absl::StrCat("r", i, ".", ++starts_),
                                             random_.Bits(), LeaderElectionOptions{},
                                             [this](const net::HttpRequest&) { return Plan(); });
    replicas_[i]->on_bind = [this, name = replicas_[i]->name()](const net::HttpRequest&) {
      OnBindSent(name);
    };
  }

  void OnBindSent(const std::string& name) {
    ++sent_;
    const auto renewed = renewed_.find(name);
    ASSERT_NE(renewed, renewed_.end()) << name << " never held the lease";
    EXPECT_LT(Now() - renewed->second, absl::Seconds(10)) << name << " at " << Now();
    if (!meddles_) {
      EXPECT_EQ(holder_, name) << "at " << Now();
    }
  }

  FaultPlan Plan() {
    if (calm_ || !random_.Chance(0.05)) return {};
    switch (random_.Below(5)) {
      case 0:
        return {.fate = FaultPlan::Fate::kRefuse};
      case 1:
        return {.fate = FaultPlan::Fate::kLoseRequest};
      case 2:
        return {.fate = FaultPlan::Fate::kLoseReply};
      case 3:
        return {.fate = FaultPlan::Fate::kSilence};
      default:
        return {.reply_delay = absl::Milliseconds(random_.Below(4000))};
    }
  }

  void MakeTrouble() {
    for (std::uint64_t i = random_.Below(6); i > 0; --i) {
      live_.AddPod(absl::StrCat("web-", pods_++), "1m");
    }
    const std::size_t i = random_.Below(replicas_.size());
    Replica& replica = *replicas_[i];
    if (replica.ended()) return Start(i);
    switch (random_.Below(meddles_ ? 9 : 7)) {
      case 0:
        return replica.Pause();
      case 1:
      case 2:
        return replica.Resume();
      case 3:
        return random_.Chance(0.3) ? Start(i) : replica.Stop();
      case 4:
        return replica.Connect(false);
      case 5:
        return replica.Connect(true);
      case 6:
        return replica.SkewWall(absl::Seconds(random_.Below(7200)) - absl::Hours(1));
      case 7:
        live_.server().registry().Delete({&LeaseResource(), "kube-system", "heat-scheduler"}, {},
                                         {"somebody", "somebody"});
        return;
      default:
        live_.server().registry().Patch(
            {&LeaseResource(), "kube-system", "heat-scheduler"}, cluster::Part::kMain,
            cluster::PatchType::kMerge,
            {{"spec", {{"holderIdentity", random_.Chance(0.5) ? "" : "nobody"}}}},
            {"somebody", "somebody"});
    }
  }

  Random random_;
  const bool meddles_;  // Somebody edits and deletes the lease.
  LiveCluster live_;
  bool calm_ = false;
  std::string holder_;
  std::map<std::string, absl::Duration> renewed_;
  std::map<std::string, int> binds_;
  std::size_t pods_ = 0;
  int starts_ = 0;
  std::int64_t sent_ = 0;
  std::int64_t changes_ = 0;
  std::int64_t lost_ = 0;
  std::array<std::unique_ptr<Replica>, 3> replicas_;
};

std::optional<std::int64_t> FromEnvironment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? std::nullopt : ParseInt64(text);
}

TEST(ElectionSimulation, NobodyBindsWithoutTheLease) {
  const std::optional<std::int64_t> only = FromEnvironment("HEAT_ELECTION_SEED");
  const std::int64_t first = only.value_or(1);
  const std::int64_t last = only.value_or(FromEnvironment("HEAT_ELECTION_SEEDS").value_or(kSeeds));
  std::int64_t sent = 0;
  std::int64_t changes = 0;
  std::int64_t lost = 0;
  for (std::int64_t seed = first; seed <= last && !HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrCat("repeat it with HEAT_ELECTION_SEED=", seed));
    ElectionSimulation simulation(static_cast<std::uint64_t>(seed));
    simulation.Run();
    sent += simulation.sent();
    changes += simulation.changes();
    lost += simulation.lost();
  }
  std::cout << sent << " bindings sent, the holder changed " << changes << " times, " << lost
            << " leaders were lost\n";
  // A simulation in which nothing happens passes everything.
  if (only.has_value()) return;
  EXPECT_GT(sent, 50 * last);
  EXPECT_GT(changes, 3 * last);
  EXPECT_GT(lost, last);
}

}  // namespace election_simulation_test
}  // namespace heat_scheduler
