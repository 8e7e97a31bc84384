// Plugins whose hooks a test fills in, and profiles of them.
//
// Fake<FilterHook, ScoreHook> is a plugin at just those extension points. Each hook is a struct of
// functions that come with a harmless default. What a function reads nobody knows, so that hooks
// declare kClusterWide unless told otherwise: they are asked in full for every pod.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "scheduler/framework/effects.h"
#include "scheduler/framework/plugin.h"
#include "scheduler/framework/profile.h"

namespace heat_scheduler {

struct PreEnqueueHook : PreEnqueuePlugin {
  std::function<Status(const PodRecord&)> pre_enqueue = [](const PodRecord&) { return Status{}; };
  Inputs gate_inputs;

  Status PreEnqueue(const PodRecord& pod) const override { return pre_enqueue(pod); }
  Inputs pre_enqueue_inputs() const override { return gate_inputs; }
};

struct QueueSortHook : QueueSortPlugin {
  std::function<bool(const QueuedPod&, const QueuedPod&)> less = [](const auto& a, const auto& b) {
    if (a.pod->facts.priority != b.pod->facts.priority) {
      return a.pod->facts.priority > b.pod->facts.priority;
    }
    return a.queued_at < b.queued_at;
  };

  bool Less(const QueuedPod& a, const QueuedPod& b) const override { return less(a, b); }
};

struct PreFilterHook : PreFilterPlugin {
  std::function<PreFilterResult(const Cycle&)> pre_filter = [](const Cycle&) {
    return PreFilterResult{};
  };
  std::function<void(const Cycle&, const PodRecord&, NodeId)> add_pod;
  std::function<void(const Cycle&, const PodRecord&, NodeId)> remove_pod;
  Inputs pre_inputs;

  PreFilterResult PreFilter(const Cycle& cycle) const override { return pre_filter(cycle); }
  void AddPod(const Cycle& cycle, const PodRecord& pod, NodeId node) const override {
    if (add_pod) add_pod(cycle, pod, node);
  }
  void RemovePod(const Cycle& cycle, const PodRecord& pod, NodeId node) const override {
    if (remove_pod) remove_pod(cycle, pod, node);
  }
  Inputs pre_filter_inputs() const override { return pre_inputs; }
};

struct FilterHook : FilterPlugin {
  std::function<Verdict(const Cycle&, NodeId)> filter = [](const Cycle&, NodeId) {
    return Verdict{};
  };
  std::function<std::vector<std::string>(const Verdict&)> reasons = [](const Verdict&) {
    return std::vector<std::string>{"it does not fit"};
  };
  Inputs inputs = {Input::kNodeResources, Input::kNodePods, Input::kClusterWide};
  std::optional<absl::Time> valid_until;

  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override {
    for (std::size_t i = 0; i < nodes.size(); ++i) verdicts[i] = filter(cycle, nodes[i]);
  }
  std::vector<std::string> Reasons(const Cycle&, const Verdict& verdict) const override {
    return reasons(verdict);
  }
  Inputs filter_inputs() const override { return inputs; }
  std::optional<absl::Time> ValidUntil(const Cycle&, NodeSpan) const override {
    return valid_until;
  }
};

struct SetFilterHook : SetFilterPlugin {
  // Returns the node to keep.
  std::function<bool(const Cycle&, NodeId)> keep = [](const Cycle&, NodeId) { return true; };
  std::string note = "kept";

  std::string FilterSet(const Cycle& cycle, NodeSpan nodes,
                        absl::Span<std::uint8_t> kept) const override {
    for (std::size_t i = 0; i < nodes.size(); ++i) kept[i] = keep(cycle, nodes[i]) ? 1 : 0;
    return note;
  }
  Inputs set_filter_inputs() const override { return {Input::kNodeAnnotations}; }
};

struct PostFilterHook : PostFilterPlugin {
  std::function<PostFilterResult(const Cycle&, const Diagnosis&, DryRuns&)> post_filter =
      [](const Cycle&, const Diagnosis&, DryRuns&) {
        return PostFilterResult{{Code::kUnschedulable, {}, ""}, std::nullopt};
      };

  PostFilterResult PostFilter(const Cycle& cycle, const Diagnosis& diagnosis,
                              DryRuns& dry_runs) const override {
    return post_filter(cycle, diagnosis, dry_runs);
  }
};

struct PreScoreHook : PreScorePlugin {
  std::function<Status(const Cycle&, NodeSpan)> pre_score = [](const Cycle&, NodeSpan) {
    return Status{};
  };

  Status PreScore(const Cycle& cycle, NodeSpan nodes) const override {
    return pre_score(cycle, nodes);
  }
};

struct ScoreHook : ScorePlugin {
  std::function<std::int64_t(const Cycle&, NodeId)> score = [](const Cycle&, NodeId) { return 0; };
  std::function<void(absl::Span<std::int64_t>)> normalize;
  Inputs score_reads = {Input::kClusterWide};

  void Score(const Cycle& cycle, NodeSpan nodes, absl::Span<std::int64_t> scores) const override {
    for (std::size_t i = 0; i < nodes.size(); ++i) scores[i] = score(cycle, nodes[i]);
  }
  void NormalizeScore(const Cycle&, NodeSpan, absl::Span<std::int64_t> scores) const override {
    if (normalize) normalize(scores);
  }
  Inputs score_inputs() const override { return score_reads; }
  bool normalizes() const override { return normalize != nullptr; }
};

struct ReserveHook : ReservePlugin {
  std::function<Status(const Cycle&, NodeId)> reserve = [](const Cycle&, NodeId) {
    return Status{};
  };
  std::function<void(const PodRecord&, NodeId)> unreserve = [](const PodRecord&, NodeId) {};

  Status Reserve(const Cycle& cycle, NodeId node) override { return reserve(cycle, node); }
  void Unreserve(const PodRecord& pod, NodeId node) override { unreserve(pod, node); }
};

struct PermitHook : PermitPlugin {
  std::function<StepResult(const Cycle&, NodeId)> permit = [](const Cycle&, NodeId) {
    return StepResult{};
  };

  StepResult Permit(const Cycle& cycle, NodeId node) override { return permit(cycle, node); }
};

struct PreBindHook : PreBindPlugin {
  std::function<StepResult(const Cycle&, NodeId, EffectSink&)> pre_bind =
      [](const Cycle&, NodeId, EffectSink&) { return StepResult{}; };

  StepResult PreBind(const Cycle& cycle, NodeId node, EffectSink& effects) override {
    return pre_bind(cycle, node, effects);
  }
};

struct BindHook : BindPlugin {
  std::function<Status(const Cycle&, NodeId, EffectSink&)> bind =
      [](const Cycle& cycle, NodeId node, EffectSink& effects) {
        const PodFacts& facts = cycle.facts();
        effects.Emit(BindEffect{{facts.namespace_, facts.name, facts.uid},
                                cycle.cluster.columns().name[node]});
        return Status{};
      };

  Status Bind(const Cycle& cycle, NodeId node, EffectSink& effects) override {
    return bind(cycle, node, effects);
  }
};

struct PostBindHook : PostBindPlugin {
  std::function<void(const PodRecord&, NodeId)> post_bind = [](const PodRecord&, NodeId) {};

  void PostBind(const PodRecord& pod, NodeId node) override { post_bind(pod, node); }
};

template <typename... Hooks>
struct Fake final : Plugin, Hooks... {
  explicit Fake(std::string name) : name_(std::move(name)) {}
  std::string_view name() const override { return name_; }

 private:
  std::string name_;
};

// Collects the plugins of a profile.
class ProfileBuilder {
 public:
  explicit ProfileBuilder(std::string scheduler_name = "heat-scheduler")
      : scheduler_name_(std::move(scheduler_name)) {}

  // Adds a plugin and returns it, to be filled in.
  template <typename... Hooks>
  Fake<Hooks...>& Add(std::string name, std::int64_t weight = 1) {
    auto plugin = std::make_unique<Fake<Hooks...>>(std::move(name));
    Fake<Hooks...>& added = *plugin;
    plugins_.push_back({std::move(plugin), weight});
    return added;
  }

  // Makes the profile content with that share of the nodes.
  void PercentageOfNodesToScore(std::int32_t percentage) { percentage_ = percentage; }

  // Adds a queue that sorts by priority and a binder, and builds the profile.
  Profile Build() {
    Add<QueueSortHook>("Sort");
    Add<BindHook>("Binder");
    auto profile = Profile::Create(scheduler_name_, std::move(plugins_), percentage_);
    HS_CHECK(profile.ok(), profile.status().ToString());
    return *std::move(profile);
  }

 private:
  std::string scheduler_name_;
  std::vector<Profile::Enabled> plugins_;
  std::int32_t percentage_ = 0;
};

inline Verdict Unschedulable(std::uint64_t detail = 0) { return {Code::kUnschedulable, detail}; }
inline Status Rejected(std::string reason) {
  return {Code::kUnschedulable, {std::move(reason)}, ""};
}
inline Status Unresolvable(std::string reason) {
  return {Code::kUnschedulableAndUnresolvable, {std::move(reason)}, ""};
}

}  // namespace heat_scheduler
