#include "bench/workload_run.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/file_reader.h"
#include "base/random.h"
#include "base/status.h"
#include "nlohmann/json.hpp"
#include "policy/profile_config.h"
#include "policy/scheduler_config.h"

namespace heat_scheduler {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr absl::Duration kTimeOfDecision = absl::Milliseconds(1);

std::int64_t NanosSince(SteadyClock::time_point start) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(SteadyClock::now() - start).count();
}

std::size_t HeapBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::size_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

absl::StatusOr<std::vector<Profile>> ProfilesOf(const std::string& config) {
  std::vector<Profile> profiles;
  if (config.empty()) {
    ASSIGN_OR_RETURN(Profile profile, ProfileFromJson(nullptr));
    profiles.push_back(std::move(profile));
    return profiles;
  }
  ASSIGN_OR_RETURN(const std::string text, ReadFile(config));
  ASSIGN_OR_RETURN(LoadedConfig loaded, ParseSchedulerConfig(text, config));
  return std::move(loaded.profiles);
}

}  // namespace

double RunResult::decisions_per_second() const {
  return Part{deciding.seconds, measured_decided}.per_second();
}

double RunResult::pods_per_second() const {
  return Part{deciding.seconds + arrivals.seconds + confirming.seconds + churn.seconds,
              measured_decided}
      .per_second();
}

absl::StatusOr<std::unique_ptr<WorkloadRun>> WorkloadRun::Create(const Workload& workload,
                                                                 const RunOptions& options) {
  ASSIGN_OR_RETURN(std::vector<Profile> profiles, ProfilesOf(workload.scheduler_config));
  SchedulerOptions machine;
  machine.seed = options.seed;
  machine.tie_rule = options.tie_rule;
  machine.selector = options.selector;
  machine.keep_best = options.keep_best;
  machine.history_bytes = options.history_bytes;
  ASSIGN_OR_RETURN(std::unique_ptr<Scheduler> scheduler,
                   Scheduler::Create(std::move(profiles), machine));
  return std::unique_ptr<WorkloadRun>(new WorkloadRun(workload, std::move(scheduler)));
}

WorkloadRun::WorkloadRun(const Workload& workload, std::unique_ptr<Scheduler> scheduler)
    : workload_(workload),
      scheduler_(std::move(scheduler)),
      maker_(workload),
      now_{absl::FromUnixSeconds(1'800'000'000), absl::Seconds(1)} {}

WorkloadRun::~WorkloadRun() = default;

absl::Status WorkloadRun::Prepare() {
  for (std::size_t op = 0; op + 1 < workload_.operations.size(); ++op) {
    RETURN_IF_ERROR(Do(workload_.operations[op], op));
  }
  return absl::OkStatus();
}

absl::StatusOr<RunResult> WorkloadRun::Measure() {
  measuring_ = true;
  result_.decision_nanos.reserve(2 * static_cast<std::size_t>(workload_.measured_pods()));
  RETURN_IF_ERROR(Do(workload_.operations.back(), workload_.operations.size() - 1));
  NoteEnd();
  return std::move(result_);
}

void WorkloadRun::NoteEnd() {
  const ClusterState& cluster = scheduler_->cluster();
  for (const auto& pods : cluster.columns().pods) {
    result_.outcome.placed += static_cast<std::int64_t>(pods.size());
  }
  result_.outcome.pending = static_cast<std::int64_t>(cluster.pod_count()) - result_.outcome.placed;
  result_.resident_bytes = ResidentBytes();
  const std::size_t before = HeapBytes();
  scheduler_.reset();
  result_.heap_bytes = before - std::min(before, HeapBytes());
}

void WorkloadRun::TakeTimed(const std::vector<MachineInput>& inputs, Part& part) {
  const auto start = SteadyClock::now();
  for (const MachineInput& input : inputs) scheduler_->Handle(input, now_);
  part.seconds += 1e-9 * static_cast<double>(NanosSince(start));
  part.count += static_cast<std::int64_t>(inputs.size());
}

absl::Status WorkloadRun::DecideAll() {
  while (true) {
    if (measuring_) RETURN_IF_ERROR(HappenBefore(result_.measured_decided));
    if (scheduler_->HasActive()) {
      RETURN_IF_ERROR(DecideOne());
    } else if (!CarryOut(scheduler_->TakeEffects(), std::nullopt) && !Wait()) {
      return absl::OkStatus();
    }
  }
}

bool WorkloadRun::Wait() {
  if (scheduler_->queue_counts().backoff == 0) return false;
  const std::optional<absl::Duration> due = scheduler_->NextDeadline();
  if (!due) return false;
  const absl::Duration wait = std::max(*due - now_.mono, absl::ZeroDuration());
  now_.mono += wait;
  now_.wall += wait;
  TakeTimed({TimePassed()}, confirming());
  return true;
}

absl::Status WorkloadRun::HappenBefore(std::int64_t measured_pod) {
  if (measured_pod == happened_before_ || measured_pod >= workload_.measured_pods()) {
    return absl::OkStatus();
  }
  happened_before_ = measured_pod;
  for (const Interlude& interlude : interludes_) {
    if (measured_pod % interlude.interval == 0) RETURN_IF_ERROR(interlude.happen());
  }
  return absl::OkStatus();
}

absl::Status WorkloadRun::DecideOne() {
  now_.mono += kTimeOfDecision;
  now_.wall += kTimeOfDecision;
  const auto start = SteadyClock::now();
  const std::optional<Attempt> attempt = scheduler_->ScheduleOne(now_);
  std::vector<Effect> effects = scheduler_->TakeEffects();
  const std::int64_t nanos = NanosSince(start);
  if (!attempt) return absl::InternalError("nothing was decided on though a pod is active");

  if (measuring_) {
    result_.decision_nanos.push_back(nanos);
    result_.deciding.seconds += 1e-9 * static_cast<double>(nanos);
    ++result_.deciding.count;
    if (attempt->attempts == 1 && measured_uids_.contains(attempt->pod.uid)) {
      ++result_.measured_decided;
    }
  }
  result_.checksum = Mix(result_.checksum, attempt->selection.node);
  std::string node = attempt->node;
  if (placer_) {
    ASSIGN_OR_RETURN(node, placer_(*attempt, measuring_));
  }

  CarryOut(std::move(effects), node);
  if (attempt->node.empty() && !node.empty()) {
    std::shared_ptr<kube::Pod> bound = CopyOfPod(attempt->pod.uid);
    bound->node_name = node;
    TakeTimed({ObjectChanged{kube::Ref<kube::Pod>(std::move(bound))}}, confirming());
  }
  return absl::OkStatus();
}

bool WorkloadRun::CarryOut(std::vector<Effect> effects, const std::optional<std::string>& node) {
  if (effects.empty()) return false;
  while (!effects.empty()) {
    std::vector<MachineInput> inputs;
    for (const Effect& effect : effects) Answer(effect, node, inputs);
    TakeTimed(inputs, confirming());
    const auto start = SteadyClock::now();
    effects = scheduler_->TakeEffects();
    confirming().seconds += 1e-9 * static_cast<double>(NanosSince(start));
  }
  return true;
}

std::shared_ptr<kube::Pod> WorkloadRun::CopyOfPod(const std::string& uid) const {
  const PodRecord* record = scheduler_->cluster().FindPod(uid);
  return record == nullptr ? nullptr : std::make_shared<kube::Pod>(*record->pod);
}

kube::Object WorkloadRun::AsItIs(const kube::Object& object) const {
  if (!std::holds_alternative<kube::Ref<kube::Pod>>(object)) return object;
  std::shared_ptr<kube::Pod> pod = CopyOfPod(kube::MetadataOf(object).uid);
  return pod == nullptr ? object : kube::Ref<kube::Pod>(std::move(pod));
}

void WorkloadRun::Answer(const Effect& effect, const std::optional<std::string>& node,
                         std::vector<MachineInput>& inputs) {
  if (const auto* bind = std::get_if<BindEffect>(&effect)) {
    std::shared_ptr<kube::Pod> bound = CopyOfPod(bind->pod.uid);
    const bool ours = bind->node == node.value_or(bind->node);
    inputs.push_back(BindReply{
        bind->pod, ours ? BindReply::Outcome::kBound : BindReply::Outcome::kBoundElsewhere, ""});
    bound->node_name = node.value_or(bind->node);
    inputs.push_back(ObjectChanged{kube::Ref<kube::Pod>(std::move(bound))});
  } else if (const auto* evict = std::get_if<EvictEffect>(&effect)) {
    inputs.push_back(
        EvictReply{evict->victim, evict->preemptor, EvictReply::Outcome::kEvicted, ""});
    if (std::shared_ptr<kube::Pod> victim = CopyOfPod(evict->victim.uid)) {
      inputs.push_back(ObjectGone{kube::Ref<kube::Pod>(std::move(victim))});
      ++result_.outcome.evicted;
    }
  } else if (const auto* volumes = std::get_if<BindVolumesEffect>(&effect)) {
    inputs.push_back(VolumesReply{volumes->pod, volumes->ticket, VolumesReply::Outcome::kBound,
                                  volumes->writes.size(), ""});
  } else if (const auto* status = std::get_if<PodStatusEffect>(&effect)) {
    std::shared_ptr<kube::Pod> shown = CopyOfPod(status->pod.uid);
    if (shown == nullptr) return;
    if (status->nominated_node_name) {
      shown->status.nominated_node_name = *status->nominated_node_name;
    }
    if (!status->reason.empty()) {
      *shown->status.conditions = {{"PodScheduled", "False", status->reason, status->message}};
    }
    inputs.push_back(ObjectChanged{kube::Ref<kube::Pod>(std::move(shown))});
  }
}

}  // namespace heat_scheduler
