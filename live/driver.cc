#include "live/driver.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "extender/client/caller.h"
#include "live/attempt_metrics.h"
#include "live/binder.h"
#include "live/decision_log.h"
#include "live/event_recorder.h"
#include "live/evictor.h"
#include "live/extender_log.h"
#include "live/informers.h"
#include "live/leader_elector.h"
#include "live/log.h"
#include "live/status_writer.h"
#include "live/volume_binder.h"

namespace heat_scheduler {
namespace {

// How often Stop looks whether everything was answered.
constexpr absl::Duration kStopPoll = absl::Milliseconds(10);
// How long Stop waits for what is best effort, events and conditions: the next leader waits too.
constexpr absl::Duration kBestEffortGrace = absl::Seconds(1);

// Of the election's metrics and events.
constexpr char kComponent[] = "heat-scheduler";

// Returns what kube-scheduler calls the change of an object, "AssignedPodAdd", and nothing for any
// other input. Only of pods and nodes is an addition told from an update.
std::string EventOf(const MachineInput& input, const ClusterState& cluster) {
  const auto* changed = std::get_if<ObjectChanged>(&input);
  const auto* gone = std::get_if<ObjectGone>(&input);
  if (changed == nullptr && gone == nullptr) return "";
  const kube::Object& object = changed != nullptr ? changed->object : gone->object;
  // The variant lists the kinds in the order of the enum.
  std::string name(kube::KindName(static_cast<kube::Kind>(object.index())));
  bool known = false;
  if (const auto* pod = std::get_if<kube::Ref<kube::Pod>>(&object)) {
    name = (*pod)->node_name.empty() ? "UnscheduledPod" : "AssignedPod";
    known = cluster.FindPod(PodKey((*pod)->metadata)) != nullptr;
  } else if (const auto* node = std::get_if<kube::Ref<kube::Node>>(&object)) {
    known = cluster.FindNode((*node)->metadata.name) != kNoNode;
  } else {
    return name + (gone != nullptr ? "Delete" : "Change");
  }
  if (gone != nullptr) return name + "Delete";
  return name + (known ? "Update" : "Add");
}

// Returns what lets a binding by an extender go out.
net::SendGate BindGate(const DriverOptions& options) {
  if (!options.election.has_value()) return nullptr;
  return [leadership = options.election->leadership] { return leadership->Check(); };
}

// Streams of random numbers that must not be one another's.
enum SeedOf : std::uint64_t {
  kBinderSeed = 1,
  kStatusSeed,
  kEventSeed,
  kInformerSeed,
  kElectionSeed,
  kEvictorSeed,
  kVolumeSeed,
};

}  // namespace

std::vector<kube::Kind> SchedulingKinds() {
  using kube::Kind;
  return {Kind::kNode,
          Kind::kPod,
          Kind::kNamespace,
          Kind::kPodDisruptionBudget,
          Kind::kService,
          Kind::kReplicationController,
          Kind::kReplicaSet,
          Kind::kStatefulSet,
          Kind::kStorageClass,
          Kind::kCsiNode,
          Kind::kCsiDriver,
          Kind::kCsiStorageCapacity,
          Kind::kVolumeAttachment,
          Kind::kPersistentVolume,
          Kind::kPersistentVolumeClaim};
}

class LiveDriver::Impl {
 public:
  Impl(net::EventLoop& loop, kube::ApiClient& api, Scheduler& scheduler, Metrics& metrics,
       DriverOptions options);
  ~Impl();

  void Start();
  void Stop(std::function<void()> done);
  bool synced() const { return informers_.synced(); }
  bool stopping() const { return stopping_; }
  std::size_t binds_pending() const { return binder_.pending() + held_binds_; }
  std::vector<HealthCheck> LiveChecks() const;
  std::vector<HealthCheck> ReadyChecks() const;

 private:
  // Returns true while this process may decide.
  bool Leads() const { return !options_.election || options_.election->leadership->held(); }
  void OnInput(const MachineInput& input);
  void OnSynced();
  void OnBindReply(BindReply reply);
  void WarnOfVanishedNode(const PodRef& pod) const;
  void ScheduleTurn();
  // Carries out effects, decides a batch, and sees to it that it is called again when it is due.
  void Turn();
  void DecideBatch();
  void ArmDeadline();
  void CarryOut();
  void TakeAsDone(const Effect& effect);
  void CarryOutOne(BindEffect effect);
  void CarryOutOne(ExtenderEffect effect) { extenders_.Ask(std::move(effect)); }
  void CarryOutOne(EvictEffect effect) { evictor_.Evict(std::move(effect)); }
  void CarryOutOne(BindVolumesEffect effect) { volume_binder_.Bind(std::move(effect)); }
  void CarryOutOne(const PodStatusEffect& effect);
  void CarryOutOne(const EventEffect& effect) { events_.Record(effect); }
  void CarryOutOne(const AbortedEffect& effect);
  void PollStop();
  void UpdateGauges();
  // Sets the metrics that are looked up when somebody asks.
  void Refresh();

  net::EventLoop& loop_;
  Scheduler& scheduler_;
  Metrics& metrics_;
  const DriverOptions options_;
  AttemptMetrics attempt_metrics_;

  bool stopping_ = false;
  absl::Duration stopped_at_;
  std::function<void()> stopped_;
  std::size_t held_binds_ = 0;  // Wait for a status patch of their pod.
  net::TimerId turn_timer_ = 0;
  net::TimerId deadline_timer_ = 0;
  std::optional<absl::Duration> armed_for_;
  net::TimerId stop_timer_ = 0;

  ExtenderCaller extenders_;
  Binder binder_;
  Evictor evictor_;
  VolumeBinder volume_binder_;
  StatusWriter status_;
  EventRecorder events_;
  Informers informers_;
  std::optional<LeaderElector> elector_;
};

LiveDriver::Impl::Impl(net::EventLoop& loop, kube::ApiClient& api, Scheduler& scheduler,
                       Metrics& metrics, DriverOptions options)
    : loop_(loop),
      scheduler_(scheduler),
      metrics_(metrics),
      options_(std::move(options)),
      attempt_metrics_(metrics),
      extenders_(loop, scheduler.options().extenders, options_.extender_transports,
                 {.max_in_flight = options_.max_extender_questions,
                  .bind_gate = BindGate(options_),
                  .on_call =
                      [&metrics](const ExtenderCall& call) {
                        CountExtenderCall(call, metrics);
                        LogExtenderCall(call);
                      }},
                 [this](const ExtenderReply& reply) { OnInput(reply); }),
      binder_(
          loop, api, metrics, options_.max_binds_in_flight, Mix(options_.seed, kBinderSeed),
          &extenders_,
          [this](const BindEffect& effect) { return scheduler_.ObjectionTo(effect, loop_.Now()); },
          [this](BindReply reply) { OnBindReply(std::move(reply)); }),
      evictor_(loop, api, metrics, Mix(options_.seed, kEvictorSeed),
               [this](const EvictReply& reply) { OnInput(reply); }),
      volume_binder_(loop, api, metrics, scheduler.cluster(), Mix(options_.seed, kVolumeSeed),
                     [this](const VolumesReply& reply) { OnInput(reply); }),
      status_(loop, api, metrics, Mix(options_.seed, kStatusSeed)),
      events_(loop, api, metrics, options_.hostname, options_.max_events_in_flight,
              Mix(options_.seed, kEventSeed)),
      informers_(
          loop, api, metrics, options_.kinds, Mix(options_.seed, kInformerSeed),
          [this](const MachineInput& input) { OnInput(input); }, [this] { OnSynced(); }) {
  metrics_.refresh[kComponent] = [this] { Refresh(); };
  if (!options_.election.has_value()) return;
  const Election& election = *options_.election;
  elector_.emplace(loop, *election.api, metrics, *election.leadership, election.options,
                   Candidate{.identity = election.identity,
                             .hostname = options_.hostname,
                             .name = kComponent,
                             .seed = Mix(options_.seed, kElectionSeed)},
                   LeaderElector::Callbacks{.on_leading = [this] { ScheduleTurn(); },
                                            .on_lost = election.on_lost});
}

LiveDriver::Impl::~Impl() {
  metrics_.refresh.erase(kComponent);
  loop_.Cancel(turn_timer_);
  loop_.Cancel(deadline_timer_);
  loop_.Cancel(stop_timer_);
}

void LiveDriver::Impl::Start() {
  informers_.Start();
  if (elector_) elector_->Start();
}

void LiveDriver::Impl::OnInput(const MachineInput& input) {
  if (const auto* gone = std::get_if<ObjectGone>(&input)) {
    if (std::holds_alternative<kube::Ref<kube::Pod>>(gone->object)) {
      attempt_metrics_.Forget(kube::MetadataOf(gone->object).uid);
    }
  }
  const std::string event = EventOf(input, scheduler_.cluster());
  const Instant now = loop_.Now();
  scheduler_.Handle(input, now);
  if (!event.empty()) {
    metrics_.event_handling_duration.Observe({event},
                                             absl::ToDoubleSeconds(loop_.Now().mono - now.mono));
  }
  ScheduleTurn();
}

void LiveDriver::Impl::OnSynced() {
  LogInfo(
      0, "Ready to schedule",
      {{"nodes", scheduler_.cluster().nodes().size()}, {"pods", scheduler_.cluster().pod_count()}});
  ScheduleTurn();
}

void LiveDriver::Impl::OnBindReply(BindReply reply) {
  const Instant now = loop_.Now();
  attempt_metrics_.OnReply(reply, now.mono);
  if (reply.outcome == BindReply::Outcome::kBound) WarnOfVanishedNode(reply.pod);
  scheduler_.Handle(std::move(reply), now);
  ScheduleTurn();
}

// The API server takes a binding to a node that was deleted while it was on its way; such a pod is
// the cluster's to collect.
void LiveDriver::Impl::WarnOfVanishedNode(const PodRef& pod) const {
  const ClusterState& cluster = scheduler_.cluster();
  const PodRecord* known = cluster.FindPod(pod.uid);
  if (known == nullptr || known->node == kNoNode) return;
  if (cluster.columns().node[known->node] != nullptr) return;
  LogWarning("Bound to a node that was deleted meanwhile",
             {{"pod", absl::StrCat(pod.namespace_, "/", pod.name)},
              {"node", cluster.columns().name[known->node]}});
}

void LiveDriver::Impl::ScheduleTurn() {
  if (turn_timer_ != 0) return;
  turn_timer_ = loop_.RunAfter(absl::ZeroDuration(), [this] {
    turn_timer_ = 0;
    Turn();
  });
}

void LiveDriver::Impl::Turn() {
  CarryOut();
  if (synced() && !stopping_ && Leads()) DecideBatch();
  ArmDeadline();
  UpdateGauges();
}

void LiveDriver::Impl::DecideBatch() {
  const absl::Duration turn_end = loop_.Now().mono + options_.turn_budget;
  for (std::size_t i = 0; i < options_.decisions_per_turn; ++i) {
    const Instant began = loop_.Now();
    if (began.mono > turn_end) break;
    const std::optional<Attempt> attempt = scheduler_.ScheduleOne(began);
    if (!attempt.has_value()) break;
    const absl::Duration ended = loop_.Now().mono;
    attempt_metrics_.OnAttempt(*attempt, began.mono, ended);
    LogSlowDecision(*attempt, ended - began.mono);
    LogDecision(*attempt, scheduler_.cluster().nodes().size());
    CarryOut();
  }
  if (scheduler_.HasActive()) ScheduleTurn();
}

void LiveDriver::Impl::ArmDeadline() {
  const std::optional<absl::Duration> deadline = scheduler_.NextDeadline();
  if (deadline == armed_for_) return;
  loop_.Cancel(deadline_timer_);
  deadline_timer_ = 0;
  armed_for_ = deadline;
  if (!deadline.has_value()) return;
  deadline_timer_ =
      loop_.RunAfter(std::max(absl::ZeroDuration(), *deadline - loop_.Now().mono), [this] {
        deadline_timer_ = 0;
        armed_for_.reset();
        OnInput(TimePassed{});
      });
}

void LiveDriver::Impl::CarryOut() {
  for (Effect& effect : scheduler_.TakeEffects()) {
    // What extenders are asked changes nothing.
    if (options_.dry_run && !std::holds_alternative<ExtenderEffect>(effect)) {
      TakeAsDone(effect);
      continue;
    }
    std::visit([this](auto& one) { CarryOutOne(std::move(one)); }, effect);
  }
}

void LiveDriver::Impl::TakeAsDone(const Effect& effect) {
  if (const auto* bind = std::get_if<BindEffect>(&effect)) {
    OnBindReply({bind->pod, BindReply::Outcome::kBound, ""});
  } else if (const auto* evict = std::get_if<EvictEffect>(&effect)) {
    OnInput(EvictReply{evict->victim, evict->preemptor, EvictReply::Outcome::kEvicted, ""});
  } else if (const auto* volumes = std::get_if<BindVolumesEffect>(&effect)) {
    OnInput(VolumesReply{volumes->pod, volumes->ticket, VolumesReply::Outcome::kBound,
                         volumes->writes.size(), ""});
  }
}

void LiveDriver::Impl::CarryOutOne(BindEffect effect) {
  ++held_binds_;
  const std::string uid = effect.pod.uid;
  attempt_metrics_.OnBinding(effect.pod, loop_.Now().mono);
  status_.Forget(uid, [this, effect = std::move(effect)]() mutable {
    --held_binds_;
    if (!stopping_) binder_.Bind(std::move(effect));
  });
}

void LiveDriver::Impl::CarryOutOne(const AbortedEffect& effect) {
  attempt_metrics_.OnAborted(effect, loop_.Now().mono);
  LogAborted(effect);
}

void LiveDriver::Impl::CarryOutOne(const PodStatusEffect& effect) {
  kube::PodStatusPatch patch{.namespace_ = effect.pod.namespace_,
                             .name = effect.pod.name,
                             .uid = effect.pod.uid,
                             .condition = std::nullopt,
                             .transition_time = std::nullopt,
                             .nominated_node_name = effect.nominated_node_name};
  if (effect.reason.empty()) return status_.Write(std::move(patch));
  patch.condition = kube::PodCondition{.type = "PodScheduled",
                                       .status = "False",
                                       .reason = effect.reason,
                                       .message = effect.message};
  patch.transition_time = loop_.Now().wall;
  // The time is that of the last change of the condition's status, not of its message.
  const PodRecord* known = scheduler_.cluster().FindPod(effect.pod.uid);
  if (known != nullptr) {
    for (const kube::PodCondition& condition : *known->pod->status.conditions) {
      if (condition.type == "PodScheduled" && condition.status == "False") {
        patch.transition_time.reset();
      }
    }
  }
  status_.Write(std::move(patch));
}

void LiveDriver::Impl::Stop(std::function<void()> done) {
  if (stopping_) return;
  stopping_ = true;
  stopped_at_ = loop_.Now().mono;
  stopped_ = std::move(done);
  informers_.Stop();
  binder_.DropWaiting();
  extenders_.DropWaiting();
  evictor_.DropWaiting();
  volume_binder_.DropWaiting();
  LogInfo(0, "Stopping", {{"bindings", binds_pending()}});
  PollStop();
}

void LiveDriver::Impl::PollStop() {
  const absl::Duration waited = loop_.Now().mono - stopped_at_;
  const bool written = evictor_.pending() == 0 && volume_binder_.pending() == 0 &&
                       status_.pending() == 0 && events_.pending() == 0;
  const bool idle =
      binds_pending() == 0 && turn_timer_ == 0 && (written || waited >= kBestEffortGrace);
  if (idle || waited >= options_.stop_grace) {
    // With a binding under way the lease is left to run out: released, the next leader would
    // decide at once, on a cluster that the binding may still change.
    if (binds_pending() > 0) {
      LogWarning("Stopped before all bindings were answered; the next start reads them",
                 {{"bindings", binds_pending()}});
    } else if (elector_) {
      return elector_->Stop(stopped_);
    }
    stop_timer_ = loop_.RunAfter(absl::ZeroDuration(), stopped_);
    return;
  }
  stop_timer_ = loop_.RunAfter(kStopPoll, [this] { PollStop(); });
}

std::vector<HealthCheck> LiveDriver::Impl::LiveChecks() const {
  std::vector<HealthCheck> checks;
  if (elector_) checks.push_back(elector_->Check());
  return checks;
}

std::vector<HealthCheck> LiveDriver::Impl::ReadyChecks() const {
  std::vector<HealthCheck> checks = LiveChecks();
  for (HealthCheck& check : informers_.Checks()) checks.push_back(std::move(check));
  checks.push_back(
      {.name = "shutdown", .ok = !stopping_, .problem = stopping_ ? "it is shutting down" : ""});
  return checks;
}

void LiveDriver::Impl::UpdateGauges() {
  const QueueCounts counts = scheduler_.queue_counts();
  metrics_.pending_pods.Set({"active"}, static_cast<double>(counts.active));
  metrics_.pending_pods.Set({"backoff"}, static_cast<double>(counts.backoff));
  metrics_.pending_pods.Set({"unschedulable"}, static_cast<double>(counts.unschedulable));
  metrics_.pending_pods.Set({"gated"}, static_cast<double>(counts.gated));
  metrics_.volume_stage_errors.Set({"bind"},
                                   static_cast<double>(scheduler_.volume_bindings_failed()));
  metrics_.cache_size.Set({"nodes"}, static_cast<double>(scheduler_.cluster().nodes().size()));
  metrics_.cache_size.Set({"pods"}, static_cast<double>(scheduler_.cluster().pod_count()));
  metrics_.cache_size.Set({"assumed_pods"}, static_cast<double>(counts.in_flight));
}

void LiveDriver::Impl::Refresh() {
  UpdateGauges();
  for (const auto& [came, pods] : scheduler_.arrivals()) {
    metrics_.queue_incoming_pods.Set({came.first, came.second}, static_cast<double>(pods));
  }
  metrics_.unschedulable_pods.Clear();
  for (const auto& [rejected, pods] : scheduler_.rejected_pods()) {
    metrics_.unschedulable_pods.Set({rejected.first, rejected.second}, static_cast<double>(pods));
  }
  const std::pair<const char*, std::size_t> lines[] = {{"bindings", binds_pending()},
                                                       {"evictions", evictor_.pending()},
                                                       {"pod_status", status_.pending()},
                                                       {"events", events_.pending()}};
  for (const auto& [name, writes] : lines) {
    metrics_.workqueue_depth.Set({name}, static_cast<double>(writes));
  }
  metrics_.pending_async_api_calls.Set({"pod_binding"}, static_cast<double>(binds_pending()));
  metrics_.pending_async_api_calls.Set({"pod_status_patch"},
                                       static_cast<double>(status_.pending()));
}

LiveDriver::LiveDriver(net::EventLoop& loop, kube::ApiClient& api, Scheduler& scheduler,
                       Metrics& metrics, DriverOptions options)
    : impl_(std::make_unique<Impl>(loop, api, scheduler, metrics, std::move(options))) {}

LiveDriver::~LiveDriver() = default;

void LiveDriver::Start() { impl_->Start(); }
void LiveDriver::Stop(std::function<void()> done) { impl_->Stop(std::move(done)); }
bool LiveDriver::synced() const { return impl_->synced(); }
bool LiveDriver::stopping() const { return impl_->stopping(); }
std::size_t LiveDriver::binds_pending() const { return impl_->binds_pending(); }
std::vector<HealthCheck> LiveDriver::LiveChecks() const { return impl_->LiveChecks(); }
std::vector<HealthCheck> LiveDriver::ReadyChecks() const { return impl_->ReadyChecks(); }

}  // namespace heat_scheduler
