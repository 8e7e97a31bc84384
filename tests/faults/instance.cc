#include "tests/faults/instance.h"

#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "policy/plugin_registry.h"
#include "tests/faults/workload.h"

namespace heat_scheduler {
namespace {

// Returns what the cluster state keeps room for.
Nominations NominationsIn(const ClusterState& cluster) {
  Nominations nominations;
  for (const NodeId row : cluster.nominated_rows()) {
    for (const PodRecord* pod : cluster.columns().nominated[row]) {
      nominations[pod->facts.uid] = cluster.columns().name[row];
    }
  }
  return nominations;
}

// Sees each choice as it is made.
class Witness final : public Plugin, public ReservePlugin {
 public:
  explicit Witness(Instance::OnDecision on_decision) : on_decision_(std::move(on_decision)) {}

  std::string_view name() const override { return "Witness"; }
  Status Reserve(const Cycle& cycle, NodeId node) override {
    Decision decision;
    decision.pod_uid = cycle.facts().uid;
    decision.node = cycle.cluster.columns().name[node];
    decision.nominations = NominationsIn(cycle.cluster);
    on_decision_(cycle.pod, std::move(decision));
    return {};
  }
  void Unreserve(const PodRecord&, NodeId) override {}

 private:
  const Instance::OnDecision on_decision_;
};

// DefaultPreemption, and sees what it makes of each pod that fits nowhere.
class WitnessedPreemption final : public Plugin, public PostFilterPlugin {
 public:
  WitnessedPreemption(std::unique_ptr<Plugin> plugin, Instance::OnDecision on_decision)
      : plugin_(std::move(plugin)),
        post_filter_(dynamic_cast<const PostFilterPlugin&>(*plugin_)),
        on_decision_(std::move(on_decision)) {}

  std::string_view name() const override { return plugin_->name(); }
  PostFilterResult PostFilter(const Cycle& cycle, const Diagnosis& diagnosis,
                              DryRuns& dry_runs) const override {
    Decision decision;
    decision.pod_uid = cycle.facts().uid;
    decision.nominations = NominationsIn(cycle.cluster);
    PostFilterResult result = post_filter_.PostFilter(cycle, diagnosis, dry_runs);
    if (result.preemption.has_value()) {
      const PreemptionCandidate& chosen = *result.preemption->candidates[result.preemption->chosen];
      decision.preempts_on = cycle.cluster.columns().name[chosen.node];
      for (const PodRecord* victim : chosen.victims) decision.victims.push_back(victim->facts.uid);
    }
    on_decision_(cycle.pod, std::move(decision));
    return result;
  }

 private:
  const std::unique_ptr<Plugin> plugin_;
  const PostFilterPlugin& post_filter_;
  const Instance::OnDecision on_decision_;
};

std::unique_ptr<Scheduler> MakeScheduler(std::uint64_t seed, Instance::OnDecision on_decision) {
  std::vector<Profile::Enabled> enabled;
  for (const PluginRegistration& registration : PluginRegistry()) {
    absl::StatusOr<std::unique_ptr<Plugin>> plugin = registration.create(nullptr);
    HS_CHECK(plugin.ok(), plugin.status().ToString());
    if (registration.name == "DefaultPreemption") {
      plugin = std::make_unique<WitnessedPreemption>(*std::move(plugin), on_decision);
    }
    enabled.push_back({.plugin = *std::move(plugin)});
  }
  enabled.push_back({.plugin = std::make_unique<Witness>(std::move(on_decision))});
  absl::StatusOr<Profile> profile = Profile::Create(kOurScheduler, std::move(enabled));
  HS_CHECK(profile.ok(), profile.status().ToString());
  std::vector<Profile> profiles;
  profiles.push_back(*std::move(profile));
  auto scheduler = Scheduler::Create(std::move(profiles), {.seed = seed});
  HS_CHECK(scheduler.ok(), scheduler.status().ToString());
  return *std::move(scheduler);
}

DriverOptions OptionsOf(const InstanceOptions& options) {
  DriverOptions driver;
  driver.seed = options.seed;
  if (!options.all_kinds) {
    driver.kinds = {kube::Kind::kNode, kube::Kind::kPod, kube::Kind::kPodDisruptionBudget};
  }
  return driver;
}

}  // namespace

Instance::Instance(net::EventLoop& loop, net::HttpTransport& network, InstanceOptions options,
                   OnDecision on_decision, Wire::Decisions decisions)
    : number_(options.number),
      wire_(network, std::move(decisions)),
      decoder_(kube::MakeJsonDecoder()),
      api_(wire_, loop, *decoder_),
      scheduler_(MakeScheduler(options.seed, std::move(on_decision))),
      driver_(std::make_unique<LiveDriver>(loop, api_, *scheduler_, metrics_, OptionsOf(options))) {
}

QueuePlaces Instance::Places() const {
  using Place = QueueEntry::Place;
  QueuePlaces places;
  for (const auto& [uid, place] : scheduler_->queue_places()) {
    switch (place) {
      case Place::kActive:
        places.emplace_back(uid, QueuePlace::kActive);
        break;
      case Place::kBackoff:
        places.emplace_back(uid, QueuePlace::kBackoff);
        break;
      case Place::kWaiting:
      case Place::kUnschedulable:
        places.emplace_back(uid, QueuePlace::kUnschedulable);
        break;
      case Place::kGated:
        places.emplace_back(uid, QueuePlace::kGated);
        break;
      case Place::kInFlight:
        places.emplace_back(uid, QueuePlace::kInFlight);
        break;
      case Place::kNowhere:
        break;
    }
  }
  return places;
}

QueueDump Instance::Queues(absl::Duration time) const {
  return {time, number_, wire_.view(), Places(), NominationsIn(scheduler_->cluster())};
}

SettledDump Instance::Settled(absl::Duration time) const {
  const ClusterState& cluster = scheduler_->cluster();
  SettledDump dump{time, number_, Places(), {}, NominationsIn(cluster)};
  for (const NodeId node : cluster.nodes()) {
    std::set<std::string>& counted = dump.counted[cluster.columns().name[node]];
    for (const PodRecord* pod : cluster.columns().pods[node]) counted.insert(pod->facts.uid);
  }
  return dump;
}

}  // namespace heat_scheduler
