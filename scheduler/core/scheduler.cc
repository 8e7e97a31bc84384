#include "scheduler/core/scheduler.h"

#include <cstdint>
#include <cstdlib>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "scheduler/core/full_scan.h"
#include "scheduler/core/incremental.h"
#include "scheduler/core/scheduler_impl.h"

namespace heat_scheduler {
namespace {

// A jump of the wall clock against the monotonic one that is no mere drift.
constexpr std::int64_t kWallJumpNanos = 1'000'000'000;

std::unique_ptr<Selector> MakeSelector(const SchedulerOptions& options) {
  switch (options.selector) {
    case SelectorKind::kFullScan:
      return std::make_unique<FullScan>(options.tie_rule, options.seed);
    case SelectorKind::kIncremental:
      break;
  }
  return std::make_unique<Incremental>(options.tie_rule, options.seed);
}

std::string QueueSortName(const Profile& profile) {
  const auto* plugin = dynamic_cast<const Plugin*>(&profile.queue_sort());
  return std::string(plugin->name());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Scheduler>> Scheduler::Create(std::vector<Profile> profiles,
                                                             SchedulerOptions options) {
  if (profiles.empty()) return absl::InvalidArgumentError("a scheduler needs a profile");
  std::map<std::string, Profile> by_name;
  const std::string sort = QueueSortName(profiles.front());
  for (Profile& profile : profiles) {
    const std::string name = profile.scheduler_name();
    if (const std::string other = QueueSortName(profile); other != sort) {
      return absl::InvalidArgumentError(
          absl::StrCat("profile \"", name, "\" sorts the queue with \"", other,
                       "\", others with \"", sort, "\"; there is one queue for all profiles"));
    }
    if (!by_name.emplace(name, std::move(profile)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("two profiles have the schedulerName \"", name, "\""));
    }
  }
  return std::unique_ptr<Scheduler>(
      new Scheduler(std::make_unique<Impl>(std::move(by_name), std::move(options))));
}

Scheduler::Scheduler(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Scheduler::~Scheduler() = default;

void Scheduler::Handle(const MachineInput& input, Instant now) { impl_->Handle(input, now); }
std::optional<Attempt> Scheduler::ScheduleOne(Instant now) { return impl_->ScheduleOne(now); }
std::string Scheduler::ObjectionTo(const BindEffect& binding, Instant now) {
  return impl_->ObjectionTo(binding, now);
}
std::vector<Effect> Scheduler::TakeEffects() { return impl_->TakeEffects(); }
std::optional<absl::Duration> Scheduler::NextDeadline() const { return impl_->queue().NextDue(); }
bool Scheduler::HasActive() const { return impl_->HasActive(); }
QueueCounts Scheduler::queue_counts() const { return impl_->queue().counts(); }
std::vector<std::pair<std::string, QueueEntry::Place>> Scheduler::queue_places() const {
  return impl_->queue().places();
}
PendingList Scheduler::pending(const PendingQuery& query) const {
  return ListPending(impl_->queue(), query);
}
std::map<std::pair<std::string, std::string>, std::uint64_t> Scheduler::arrivals() const {
  return CountArrivals(impl_->queue());
}
std::map<std::pair<std::string, std::string>, std::size_t> Scheduler::rejected_pods() const {
  return CountRejected(impl_->queue());
}
std::vector<kube::Ref<kube::Pod>> Scheduler::pods() const {
  std::vector<kube::Ref<kube::Pod>> pods;
  for (const auto& on_row : impl_->cluster().columns().pods) {
    for (const PodRecord* record : on_row) pods.push_back(record->pod);
  }
  impl_->queue().ForEach([&pods](const QueueEntry& entry) {
    if (entry.record->where == PodRecord::Where::kPending) pods.push_back(entry.record->pod);
  });
  return pods;
}
const ClusterState& Scheduler::cluster() const { return impl_->cluster(); }
const History* Scheduler::history() const { return impl_->history(); }
const SchedulerOptions& Scheduler::options() const { return impl_->options(); }
std::uint64_t Scheduler::volume_bindings_failed() const { return impl_->volume_bindings_failed(); }
bool Scheduler::Owns(const std::string& scheduler_name) const {
  return impl_->Owns(scheduler_name);
}

// ---- Time and wake-ups ----

Scheduler::Impl::Impl(std::map<std::string, Profile> profiles, SchedulerOptions options)
    : options_(std::move(options)),
      profiles_(std::move(profiles)),
      queue_(profiles_.begin()->second.queue_sort(),
             {options_.initial_backoff, options_.max_backoff, options_.max_unschedulable}),
      selector_(MakeSelector(options_)),
      extended_scan_(options_.tie_rule, options_.seed) {
  if (options_.history_bytes == 0) return;
  history_.emplace(options_.history_bytes);
  cluster_.KeepHistory(&*history_);
}

void Scheduler::Impl::Handle(const MachineInput& input, Instant now) {
  Tick(now);
  if (const auto* changed = std::get_if<ObjectChanged>(&input)) {
    OnObjectChanged(changed->object, now);
  } else if (const auto* gone = std::get_if<ObjectGone>(&input)) {
    OnObjectGone(gone->object, now);
  } else if (const auto* reply = std::get_if<BindReply>(&input)) {
    OnBindReply(*reply, now);
  } else if (const auto* evicted = std::get_if<EvictReply>(&input)) {
    OnEvictReply(*evicted);
  } else if (const auto* volumes = std::get_if<VolumesReply>(&input)) {
    OnVolumesReply(*volumes, now);
  } else if (const auto* extenders = std::get_if<ExtenderReply>(&input)) {
    OnExtenderReply(*extenders);
  }
  SettlePreemptions(now);
  Settle(now);
}

std::vector<Effect> Scheduler::Impl::TakeEffects() { return std::exchange(effects_, {}); }

void Scheduler::Impl::Emit(Effect effect) {
  if (std::holds_alternative<BindEffect>(effect)) ++bindings_emitted_;
  if (const auto* volumes = std::get_if<BindVolumesEffect>(&effect)) {
    cluster_.assumed_volumes().NoteSent(volumes->ticket);
  }
  effects_.push_back(std::move(effect));
}

void Scheduler::Impl::Tick(Instant now) {
  const std::int64_t ahead = absl::ToUnixNanos(now.wall) - absl::ToInt64Nanoseconds(now.mono);
  if (!wall_ahead_.has_value()) wall_ahead_ = ahead;
  if (std::abs(ahead - *wall_ahead_) > kWallJumpNanos) {
    wall_ahead_ = ahead;
    Notify({Input::kTime}, now);
  }
  Collect(queue_.OnTime(now.mono));
}

void Scheduler::Impl::Notify(Inputs inputs, Instant now, QueueEntry* cause) {
  if (!inputs.empty()) Collect(queue_.OnEvent(inputs, now.mono, cause));
}

void Scheduler::Impl::Collect(SchedulingQueue::Woken woken) {
  const auto append = [](std::vector<std::string>& to, std::vector<std::string>& from) {
    for (std::string& key : from) to.push_back(std::move(key));
  };
  append(woken_.not_admitted, woken.not_admitted);
  append(woken_.in_flight, woken.in_flight);
}

void Scheduler::Impl::Settle(Instant now) {
  // Those who are resumed may fail and wake others.
  while (!woken_.not_admitted.empty() || !woken_.in_flight.empty()) {
    const SchedulingQueue::Woken woken = std::exchange(woken_, {});
    for (const std::string& key : woken.not_admitted) {
      QueueEntry* entry = queue_.Find(key);
      if (entry == nullptr || entry->admitted) continue;
      if (PassesPreEnqueue(*entry, now)) queue_.Retry(*entry, now.mono);
    }
    for (const std::string& key : woken.in_flight) Resume(key, now);
  }
}

}  // namespace heat_scheduler
