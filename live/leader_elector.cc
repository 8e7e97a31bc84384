#include "live/leader_elector.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/quote.h"

namespace heat_scheduler {
namespace {

// Each watch lasts between once and twice this, as reflectors' do.
constexpr absl::Duration kMinWatchTimeout = absl::Minutes(5);
// How often Stop looks whether its event was written.
constexpr absl::Duration kReleasePoll = absl::Milliseconds(10);

std::int32_t WholeSeconds(absl::Duration duration) {
  return static_cast<std::int32_t>(absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1))));
}

std::int32_t OneMore(std::int32_t transitions) {
  return transitions == std::numeric_limits<std::int32_t>::max() ? transitions : transitions + 1;
}

}  // namespace

LeaderElector::LeaderElector(net::EventLoop& loop, kube::ApiClient& api, Metrics& metrics,
                             Leadership& leadership, LeaderElectionOptions options,
                             Candidate candidate, Callbacks callbacks)
    : loop_(loop),
      api_(api),
      metrics_(metrics),
      leadership_(leadership),
      options_(std::move(options)),
      candidate_(std::move(candidate)),
      callbacks_(std::move(callbacks)),
      random_(candidate_.seed),
      events_(loop, api, metrics, candidate_.hostname, 1, Mix(candidate_.seed, 1)),
      watch_backoff_(random_) {
  metrics_.leader_status.Set({candidate_.name}, 0);
}

LeaderElector::~LeaderElector() {
  StopTrying();
  loop_.Cancel(stop_timer_);
}

void LeaderElector::Start() {
  phase_ = Phase::kAcquiring;
  LogInfo(0, "Attempting to acquire leader lease",
          {{"lock", LockName()}, {"identity", candidate_.identity}});
  StartWatch();
  Try();
}

HealthCheck LeaderElector::Check() const {
  HealthCheck check{.name = "leaderElection", .ok = true, .problem = ""};
  if (leading() && Now() - observed_at_ > options_.lease_duration + kUnhealthyAfter) {
    check.ok = false;
    check.problem =
        absl::StrCat("failed election to renew leadership on lease ", options_.resource_name);
  }
  return check;
}

std::string LeaderElector::LockName() const {
  return absl::StrCat(options_.resource_namespace, "/", options_.resource_name);
}

kube::CallOptions LeaderElector::Call() const {
  // One request that hangs must not be what loses the lease; tries follow each other as it is.
  return {.timeout = std::max(absl::Seconds(1), options_.renew_deadline / 2), .max_retries = 0};
}

// ---- One try ----

void LeaderElector::Try() {
  trying_ = true;
  look_again_ = false;
  tried_at_ = Now();
  // The leader writes at once: if the lease is not as it left it, the API server says 409.
  if (leading() && observed_.holder == candidate_.identity && Now() < ObservedEnd()) {
    optimistic_ = true;
    return Take(*lease_, observed_.transitions, observed_.acquired);
  }
  Fetch();
}

void LeaderElector::Fetch() {
  optimistic_ = false;
  call_ = api_.GetLease(
      options_.resource_namespace, options_.resource_name,
      [this](const LeaseResult& result) { OnFetched(result); }, Call());
}

void LeaderElector::OnFetched(const LeaseResult& result) {
  if (!result.ok()) {
    if (result.failure().IsHttp(404)) return OnMissing();
    return Fail(std::string(result.failure().status.message()), Trouble::kYes);
  }
  const Record before = observed_;
  lease_ = *result;
  const Record record = RecordOf(*lease_);
  if (record != observed_) Observe(record, Now());
  const bool ours = record.holder == candidate_.identity;
  if (leading() && !ours) {
    if (!record.holder.empty()) return Lose(absl::StrCat(Quoted(record.holder), " holds it"));
    // Emptied by hand it is still ours. If somebody led and released it, our view may be behind
    // what was done meanwhile.
    if (record.transitions != before.transitions || !leadership_.held()) {
      return Lose("somebody else may have held it meanwhile");
    }
  }
  if (!leading() && !ours && !record.holder.empty() && Now() < ObservedEnd()) {
    return Fail(absl::StrCat("held by ", Quoted(record.holder)), Trouble::kNo);
  }
  if (leading()) metrics_.leader_slowpath.Add({candidate_.name});
  if (ours) return Take(*lease_, record.transitions, record.acquired);
  Take(*lease_, OneMore(record.transitions), std::nullopt);
}

void LeaderElector::OnMissing() {
  const bool ours = observed_.holder.empty() || observed_.holder == candidate_.identity;
  if (leading() && !leadership_.held()) {
    return Lose("it was deleted, and somebody else may have held it meanwhile");
  }
  if (!ours && Now() < ObservedEnd()) {
    return Fail(absl::StrCat("deleted, last held by ", Quoted(observed_.holder)), Trouble::kNo);
  }
  kube::Lease lease;
  lease.metadata.namespace_ = options_.resource_namespace;
  lease.metadata.name = options_.resource_name;
  Take(std::move(lease), 0, std::nullopt);
}

void LeaderElector::Take(kube::Lease lease, std::int32_t transitions,
                         std::optional<absl::Time> acquired) {
  const Instant now = loop_.Now();
  const bool create = lease.metadata.resource_version.empty();
  lease.holder_identity = candidate_.identity;
  lease.lease_duration_seconds = WholeSeconds(options_.lease_duration);
  lease.lease_transitions = transitions;
  lease.acquire_time = acquired.value_or(now.wall);
  lease.renew_time = now.wall;
  const auto on_answer = [this, sent = now.mono](const LeaseResult& result) {
    OnTaken(sent, result);
  };
  call_ = create ? api_.CreateLease(lease, on_answer, Call())
                 : api_.UpdateLease(lease, on_answer, Call());
}

void LeaderElector::OnTaken(absl::Duration sent, const LeaseResult& result) {
  if (!result.ok()) {
    if (optimistic_) return Fetch();
    return Fail(std::string(result.failure().status.message()), Trouble::kYes);
  }
  lease_ = *result;
  // It cannot have been written before it was sent, so nobody else starts to wait sooner.
  Observe(RecordOf(*lease_), sent);
  Succeed(sent);
}

void LeaderElector::Succeed(absl::Duration sent) {
  trying_ = false;
  call_ = 0;
  last_failure_.clear();
  loop_.Cancel(std::exchange(round_timer_, 0));
  const absl::Duration until = sent + options_.renew_deadline;
  // The process was stopped while the answer lay there: it says nothing of now.
  if (until <= Now()) return TryAfter(absl::ZeroDuration());
  const bool was_held = leadership_.held();
  leadership_.HoldUntil(until);
  TryAfter(look_again_ ? absl::ZeroDuration() : options_.retry_period);
  if (!leading()) {
    phase_ = Phase::kLeading;
    metrics_.leader_status.Set({candidate_.name}, 1);
    LogInfo(0, "Successfully acquired lease", {{"lock", LockName()}});
    RecordEvent("became leader");
    callbacks_.on_leading();
  } else if (!was_held) {
    LogWarning("Leadership was in doubt and is confirmed", {{"lock", LockName()}});
    callbacks_.on_leading();
  }
}

void LeaderElector::Fail(std::string why, Trouble trouble) {
  trying_ = false;
  call_ = 0;
  const char* message = leading() ? "Failed to renew lease" : "Failed to acquire lease";
  if (trouble == Trouble::kNo) {
    LogInfo(kLogDebug, message, {{"lock", LockName()}, {"err", why}});
  } else if (throttle_.Allow(Now())) {
    LogWarning(message, {{"lock", LockName()}, {"err", why}});
  }
  last_failure_ = std::move(why);
  if (look_again_) return TryAfter(absl::ZeroDuration());
  if (leading()) return TryAfter(tried_at_ + options_.retry_period - Now());
  const double jitter = LeaderElectionOptions::kJitterFactor * random_.Unit();
  TryAfter(options_.retry_period * (1 + jitter));
}

LeaderElector::Record LeaderElector::RecordOf(const kube::Lease& lease) {
  return {.holder = lease.holder_identity,
          .duration_seconds = lease.lease_duration_seconds.value_or(0),
          .transitions = std::max(0, lease.lease_transitions),
          .acquired = lease.acquire_time,
          .renewed = lease.renew_time};
}

void LeaderElector::Observe(const Record& record, absl::Duration at) {
  if (record.holder != observed_.holder && !record.holder.empty() &&
      record.holder != candidate_.identity) {
    LogInfo(0, "Somebody else leads", {{"lock", LockName()}, {"holder", record.holder}});
  }
  observed_ = record;
  observed_at_ = at;
}

absl::Duration LeaderElector::ObservedEnd() const {
  // A duration of 0 was not written by a leader; one that is, comes with the next renewal.
  return observed_at_ + (observed_.duration_seconds > 0 ? absl::Seconds(observed_.duration_seconds)
                                                        : options_.lease_duration);
}

// ---- Between tries ----

void LeaderElector::TryAfter(absl::Duration delay) {
  loop_.Cancel(try_timer_);
  try_timer_ = loop_.RunAfter(std::max(delay, absl::ZeroDuration()), [this] {
    try_timer_ = 0;
    BeginTry();
  });
}

void LeaderElector::LookNow() {
  if (trying_) {
    look_again_ = true;
    return;
  }
  loop_.Cancel(std::exchange(try_timer_, 0));
  BeginTry();
}

void LeaderElector::BeginTry() {
  if (leading() && round_timer_ == 0) {
    round_timer_ = loop_.RunAfter(options_.renew_deadline, [this] {
      round_timer_ = 0;
      Lose(absl::StrCat("not renewed within ", absl::FormatDuration(options_.renew_deadline),
                        last_failure_.empty() ? "" : ": ", last_failure_));
    });
  }
  Try();
}

void LeaderElector::Lose(std::string why) {
  StopTrying();
  phase_ = Phase::kOver;
  leadership_.GiveUp();
  metrics_.leader_status.Set({candidate_.name}, 0);
  LogError("Leaderelection lost", {{"lock", LockName()}, {"err", why}});
  callbacks_.on_lost(
      absl::AbortedError(absl::StrCat("leaderelection lost: lease ", LockName(), ": ", why)));
}

void LeaderElector::StopTrying() {
  api_.Cancel(std::exchange(call_, 0));
  api_.Cancel(std::exchange(watch_, 0));
  loop_.Cancel(std::exchange(try_timer_, 0));
  loop_.Cancel(std::exchange(round_timer_, 0));
  loop_.Cancel(std::exchange(watch_timer_, 0));
}

// ---- The watch ----

void LeaderElector::StartWatch() {
  kube::WatchQuery query;
  query.selection.kind = kube::Kind::kLease;
  query.selection.namespace_ = options_.resource_namespace;
  query.selection.field_selector = absl::StrCat("metadata.name=", options_.resource_name);
  query.timeout = kMinWatchTimeout * (1 + random_.Unit());
  // Without a resourceVersion: the lease as it is comes first.
  watch_ =
      api_.Watch(query, {.on_open = [] {},
                         .on_event = [this](const kube::WatchEvent& event) { OnWatchEvent(event); },
                         .on_end = [this](const kube::WatchEnd& end) { OnWatchEnd(end); }});
}

void LeaderElector::OnWatchEvent(const kube::WatchEvent& event) {
  using Type = kube::WatchEventType;
  if (event.type == Type::kBookmark || event.type == Type::kError) return;
  if (event.type == Type::kDeleted) return LookNow();
  if (!event.object_error.ok()) return;
  const Record record = RecordOf(*std::get<kube::Ref<kube::Lease>>(event.object));
  if (leading()) {
    if (record.holder != candidate_.identity) LookNow();
    return;
  }
  // An event may be late: what it tells is then taken for younger than it is, and respected longer.
  if (record != observed_) Observe(record, Now());
  if (record.holder.empty()) LookNow();
}

void LeaderElector::OnWatchEnd(const kube::WatchEnd& end) {
  watch_ = 0;
  if (end.reason == kube::WatchEnd::Reason::kRefused && watch_throttle_.Allow(Now())) {
    LogWarning("The lease cannot be watched, so that a released one is taken later",
               {{"lock", LockName()}, {"err", std::string(end.failure.status.message())}});
  }
  watch_timer_ = loop_.RunAfter(watch_backoff_.Next(Now()), [this] {
    watch_timer_ = 0;
    StartWatch();
  });
}

// ---- The release ----

void LeaderElector::Stop(std::function<void()> done) {
  const bool led = leading();
  StopTrying();
  phase_ = Phase::kStopping;
  stopped_ = std::move(done);
  leadership_.GiveUp();
  metrics_.leader_status.Set({candidate_.name}, 0);
  stop_timer_ = loop_.RunAfter(led ? kReleaseLimit : absl::ZeroDuration(), [this] {
    stop_timer_ = 0;
    FinishStop();
  });
  if (led) Release(*lease_, /*again=*/true);
}

void LeaderElector::Release(kube::Lease lease, bool again) {
  const absl::Time now = loop_.Now().wall;
  lease.holder_identity.clear();
  lease.lease_duration_seconds = 1;
  lease.acquire_time = now;
  lease.renew_time = now;
  call_ = api_.UpdateLease(
      lease, [this, again](const LeaseResult& result) { OnReleased(result, again); }, Call());
}

void LeaderElector::OnReleased(const LeaseResult& result, bool again) {
  call_ = 0;
  if (result.ok()) {
    LogInfo(0, "Released lease", {{"lock", LockName()}});
    RecordEvent("stopped leading");
    return AwaitEvent();
  }
  if (!again) {
    LogWarning("The lease was not released, so that others wait until it runs out",
               {{"lock", LockName()}, {"err", std::string(result.failure().status.message())}});
    return FinishStop();
  }
  // A renewal that was under way may have changed it.
  call_ = api_.GetLease(
      options_.resource_namespace, options_.resource_name,
      [this](const LeaseResult& found) {
        call_ = 0;
        if (!found.ok() || (*found)->holder_identity != candidate_.identity) return FinishStop();
        Release(**found, /*again=*/false);
      },
      Call());
}

void LeaderElector::AwaitEvent() {
  if (events_.pending() == 0) return FinishStop();
  try_timer_ = loop_.RunAfter(kReleasePoll, [this] { AwaitEvent(); });
}

void LeaderElector::FinishStop() {
  StopTrying();
  loop_.Cancel(std::exchange(stop_timer_, 0));
  phase_ = Phase::kOver;
  const std::function<void()> stopped = std::move(stopped_);
  stopped();
}

void LeaderElector::RecordEvent(const std::string& what) {
  const kube::ObjectMeta& lease = lease_->metadata;
  events_.Record({.regarding = {.kind = "Lease",
                                .api_version = "coordination.k8s.io/v1",
                                .namespace_ = lease.namespace_,
                                .name = lease.name,
                                .uid = lease.uid,
                                .resource_version = lease.resource_version},
                  .related = std::nullopt,
                  .type = "Normal",
                  .reason = "LeaderElection",
                  .action = "LeaderElection",
                  .note = absl::StrCat(candidate_.identity, " ", what),
                  .controller = candidate_.name});
}

}  // namespace heat_scheduler
