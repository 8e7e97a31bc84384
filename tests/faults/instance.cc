#include "tests/faults/instance.h"

#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "policy/plugin_registry.h"
#include "tests/faults/workload.h"

namespace heat_scheduler {
namespace {

// Sees each decision as it is made.
class Witness final : public Plugin, public ReservePlugin, public PostFilterPlugin {
 public:
  explicit Witness(Instance::OnDecision on_decision) : on_decision_(std::move(on_decision)) {}

  std::string_view name() const override { return "Witness"; }
  Status Reserve(const Cycle& cycle, NodeId node) override {
    on_decision_(cycle.pod, cycle.cluster.columns().name[node]);
    return {};
  }
  void Unreserve(const PodRecord&, NodeId) override {}
  PostFilterResult PostFilter(const Cycle& cycle, const Diagnosis&, DryRuns&) const override {
    on_decision_(cycle.pod, "");
    PostFilterResult no_help;
    no_help.status.code = Code::kUnschedulable;
    return no_help;
  }

 private:
  const Instance::OnDecision on_decision_;
};

std::unique_ptr<Scheduler> MakeScheduler(std::uint64_t seed, Instance::OnDecision on_decision) {
  std::vector<Profile::Enabled> enabled;
  for (const PluginRegistration& registration : PluginRegistry()) {
    // The checker's idea of who may be refused knows no nominations.
    if (registration.name == "DefaultPreemption") continue;
    absl::StatusOr<std::unique_ptr<Plugin>> plugin = registration.create(nullptr);
    HS_CHECK(plugin.ok(), plugin.status().ToString());
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
  if (!options.all_kinds) driver.kinds = {kube::Kind::kNode, kube::Kind::kPod};
  return driver;
}

}  // namespace

Instance::Instance(net::EventLoop& loop, net::HttpTransport& network, InstanceOptions options,
                   OnDecision on_decision, Wire::DecisionOf decision_of)
    : number_(options.number),
      wire_(network, std::move(decision_of)),
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
  return {time, number_, wire_.view(), Places()};
}

SettledDump Instance::Settled(absl::Duration time) const {
  SettledDump dump{time, number_, Places(), {}};
  const ClusterState& cluster = scheduler_->cluster();
  for (const NodeId node : cluster.nodes()) {
    std::set<std::string>& counted = dump.counted[cluster.columns().name[node]];
    for (const PodRecord* pod : cluster.columns().pods[node]) counted.insert(pod->facts.uid);
  }
  return dump;
}

}  // namespace heat_scheduler
