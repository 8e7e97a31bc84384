// A scheduler with a hand on its clock, for tests: short words for inputs and effects.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "scheduler/core/scheduler.h"
#include "tests/scheduler/fake_plugins.h"
#include "tests/support/objects.h"

namespace heat_scheduler {

// Adds a filter that knows room: cpu and the number of pods, in kube-scheduler's words.
inline void AddFit(ProfileBuilder& builder) {
  auto& fit = builder.Add<FilterHook>("Fit");
  fit.inputs = {Input::kNodeResources, Input::kNodePods};
  fit.filter = [](const Cycle& cycle, NodeId node) {
    const NodeColumns& columns = cycle.cluster.columns();
    const auto pods = static_cast<std::int64_t>(columns.pods[node].size());
    if (pods + 1 > columns.allowed_pods[node]) return Unschedulable(2);
    return columns.requested[node].milli_cpu + cycle.pod_class().requests.milli_cpu >
                   columns.allocatable[node].milli_cpu
               ? Unschedulable(1)
               : Verdict{};
  };
  fit.reasons = [](const Verdict& verdict) {
    return std::vector<std::string>{verdict.detail == 1 ? "Insufficient cpu" : "Too many pods"};
  };
}

// Returns one line for an effect: "bind default/p on n", "status default/p Unschedulable: ...",
// "event default/p Warning FailedScheduling: ...".
inline std::string Describe(const Effect& effect) {
  const auto name = [](const PodRef& pod) { return absl::StrCat(pod.namespace_, "/", pod.name); };
  if (const auto* bind = std::get_if<BindEffect>(&effect)) {
    return absl::StrCat(
        "bind ", name(bind->pod), " on ", bind->node,
        bind->extender.has_value() ? absl::StrCat(" by extender ", *bind->extender) : "");
  }
  if (const auto* status = std::get_if<PodStatusEffect>(&effect)) {
    return absl::StrCat("status ", name(status->pod), " ", status->reason, ": ", status->message,
                        status->nominated_node_name.has_value()
                            ? absl::StrCat(" nominated=", *status->nominated_node_name)
                            : "");
  }
  if (const auto* evict = std::get_if<EvictEffect>(&effect)) {
    return absl::StrCat("evict ", name(evict->victim), " for ", name(evict->preemptor), ": ",
                        evict->message, evict->marked ? " (marked already)" : "");
  }
  if (const auto* ask = std::get_if<ExtenderEffect>(&effect)) {
    const bool filter = ask->question == ExtenderEffect::Question::kFilter;
    std::string line = absl::StrCat("ask ", name(ask->pod), filter ? " filter " : " prioritize ",
                                    absl::StrJoin(ask->extenders, ","), ":");
    for (const auto& node : ask->nodes) absl::StrAppend(&line, " ", node->metadata.name);
    return line;
  }
  if (const auto* volumes = std::get_if<BindVolumesEffect>(&effect)) {
    std::string line = absl::StrCat("volumes ", name(volumes->pod), " on ", volumes->node);
    for (const ClaimChoice& write : volumes->writes) {
      absl::StrAppend(&line, " ", write.claim.name, "=", write.volume);
    }
    return line;
  }
  if (const auto* aborted = std::get_if<AbortedEffect>(&effect)) {
    return absl::StrCat("aborted ", name(aborted->pod), " on ", aborted->node, " in ",
                        aborted->extension_point, aborted->error ? " by an error: " : ": ",
                        aborted->message);
  }
  const auto& event = std::get<EventEffect>(effect);
  return absl::StrCat("event ", name(event.pod), " ", event.type, " ", event.reason, " ",
                      event.action, ": ", event.note);
}

class Machine {
 public:
  using Lines = std::vector<std::string>;

  explicit Machine(Profile profile, SchedulerOptions options = Options()) {
    std::vector<Profile> profiles;
    profiles.push_back(std::move(profile));
    auto created = Scheduler::Create(std::move(profiles), options);
    HS_CHECK(created.ok(), created.status().ToString());
    scheduler_ = *std::move(created);
  }

  static SchedulerOptions Options() {
    SchedulerOptions options;
    options.tie_rule = TieRule::kSmallestName;
    return options;
  }

  Scheduler& operator*() { return *scheduler_; }
  Scheduler* operator->() { return scheduler_.get(); }

  // ---- Inputs ----
  void Show(const PodBuilder& pod) { Handle(ObjectChanged{pod.Ref()}); }
  void Show(const NodeBuilder& node) { Handle(ObjectChanged{node.Ref()}); }
  void Gone(const PodBuilder& pod) { Handle(ObjectGone{pod.Ref()}); }
  void Gone(const NodeBuilder& node) { Handle(ObjectGone{node.Ref()}); }
  void Reply(const std::string& name, BindReply::Outcome outcome, std::string message = "") {
    Handle(BindReply{{"default", name, "default-" + name + "-uid"}, outcome, std::move(message)});
  }
  void Evicted(const std::string& name, const std::string& preemptor,
               EvictReply::Outcome outcome = EvictReply::Outcome::kEvicted) {
    Handle(EvictReply{{"default", name, "default-" + name + "-uid"},
                      {"default", preemptor, "default-" + preemptor + "-uid"},
                      outcome,
                      outcome == EvictReply::Outcome::kFailed ? "refused" : ""});
  }
  void Handle(const MachineInput& input) { scheduler_->Handle(input, now_); }
  // Lets time pass on both clocks.
  void Pass(absl::Duration time) {
    now_.wall += time;
    now_.mono += time;
    Handle(TimePassed{});
  }
  // Sets the wall clock alone.
  void JumpWall(absl::Duration by) {
    now_.wall += by;
    Handle(TimePassed{});
  }
  Instant now() const { return now_; }

  // Decides until nothing is active; returns the names of the pods tried, in order.
  Lines Run() {
    Lines tried;
    while (auto attempt = scheduler_->ScheduleOne(now_)) tried.push_back(attempt->pod.name);
    return tried;
  }
  std::optional<Attempt> One() { return scheduler_->ScheduleOne(now_); }

  // Returns the effects since the last call, a line each.
  Lines Effects() {
    Lines lines;
    for (const Effect& effect : scheduler_->TakeEffects()) lines.push_back(Describe(effect));
    return lines;
  }

  // Returns "active/backoff/unschedulable/gated/in flight".
  std::string Places() const {
    const QueueCounts counts = scheduler_->queue_counts();
    return absl::StrCat(counts.active, "/", counts.backoff, "/", counts.unschedulable, "/",
                        counts.gated, "/", counts.in_flight);
  }

  std::int64_t MilliCpuOn(const std::string& node) const {
    return scheduler_->cluster()
        .columns()
        .requested[scheduler_->cluster().FindNode(node)]
        .milli_cpu;
  }
  PodRecord::Where WhereIs(const std::string& name) const {
    return scheduler_->cluster().FindPod("default-" + name + "-uid")->where;
  }

 private:
  std::unique_ptr<Scheduler> scheduler_;
  Instant now_{absl::FromUnixSeconds(1'000'000), absl::Seconds(100)};
};

// A pod of ours, and one that asks for cpu.
inline PodBuilder OurPod(std::string_view name, std::string_view cpu = "1") {
  return MakePod(name).Scheduler("heat-scheduler").Cpu(cpu);
}

}  // namespace heat_scheduler
