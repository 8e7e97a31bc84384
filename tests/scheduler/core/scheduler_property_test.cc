// A random world against the machine: pods and nodes come and go, views are late, bindings fail,
// and others bind too. A seed decides everything.
#include <deque>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/random.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "scheduler/explain/explainer.h"
#include "tests/scheduler/core/machine.h"

namespace heat_scheduler {
namespace scheduler_property_test {

using Outcome = BindReply::Outcome;

constexpr int kNodes = 4;

// Room, gates, a Permit and a PreBind that wait now and then, and a filter that fails now and then.
Profile RandomWorldProfile() {
  ProfileBuilder builder;
  builder.Add<PreEnqueueHook>("Gates").pre_enqueue = [](const PodRecord& pod) {
    return pod.facts.scheduling_gates.empty() ? Status{} : Unresolvable("gated");
  };
  AddFit(builder);
  const auto has = [](const Cycle& cycle, const char* label) {
    return cycle.pod.pod->metadata.labels.count(label) > 0;
  };
  const auto second = [](const Cycle& cycle) { return absl::ToInt64Seconds(cycle.now.mono); };
  builder.Add<FilterHook>("Moody").filter = [has, second](const Cycle& cycle, NodeId) {
    if (has(cycle, "cursed") && second(cycle) % 4 == 0) throw std::runtime_error("out of luck");
    return Verdict{};
  };
  const auto wait = [second](const Cycle& cycle) {
    StepResult result;
    if (second(cycle) % 3 == 0) return result;
    result.status = {Code::kWait, {"not yet"}, ""};
    result.wait = {{Input::kVolumes}, cycle.now.mono + absl::Seconds(5)};
    return result;
  };
  builder.Add<PermitHook>("Permit").permit = [has, wait](const Cycle& cycle, NodeId) {
    return has(cycle, "permit") ? wait(cycle) : StepResult{};
  };
  builder.Add<PreBindHook>("PreBind").pre_bind = [has, wait](const Cycle& cycle, NodeId,
                                                             EffectSink&) {
    return has(cycle, "prebind") ? wait(cycle) : StepResult{};
  };
  return builder.Build();
}

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed), machine_(RandomWorldProfile(), Options()) {}

  void Step() {
    switch (random_.Below(16)) {
      case 0:
      case 1:
        ShowNode();
        break;
      case 2:
        if (random_.Chance(0.3)) machine_.Gone(MakeNode(AnyNode()));
        break;
      case 3:
      case 4:
      case 5:
        CreatePod();
        break;
      case 6:
        ChangePod();
        break;
      case 7:
        BindByAnother();
        break;
      case 8:
      case 9:
        CarryOut();
        break;
      case 10:
      case 11:
        DeliverReply();
        break;
      case 12:
      case 13:
        for (int i = 0; i < 3; ++i) DeliverView();
        break;
      case 14:
        machine_.Pass(absl::Milliseconds(100 + random_.Below(4000)));
        TakeEffects();
        machine_.Handle(ObjectChanged{std::make_shared<const kube::PersistentVolume>()});
        break;
      default:
        if (auto attempt = machine_.One()) attempts_.push_back(*std::move(attempt));
    }
    TakeEffects();
    Check();
  }

  // No more faults: everything is delivered and there is room for all.
  void Calm() {
    calm_ = true;
    for (auto& [key, pod] : pods_) {
      if (pod.gone || !pod.spec.gated) continue;
      pod.spec.gated = false;
      Publish(pod);
    }
    for (int i = 0; i < kNodes; ++i) {
      machine_.Show(MakeNode("n" + std::to_string(i)).Cpu("1000").Pods(1000));
    }
    for (int i = 0; i < 400; ++i) {
      while (DeliverView()) {
      }
      machine_.Pass(absl::Seconds(1));
      machine_.Handle(ObjectChanged{std::make_shared<const kube::PersistentVolume>()});
      machine_.Run();
      TakeEffects();
      while (!to_carry_out_.empty()) CarryOut();
      while (!replies_.empty()) DeliverReply();
      TakeEffects();
    }
    Check();
    RC_ASSERT(machine_.Places() == "0/0/0/0/0");
    for (const auto& [key, pod] : pods_) {
      RC_ASSERT((pod.gone || pod.deleting || !pod.node.empty()));
    }
    CheckColumns();
  }

  // Each decision of Step, made again afterwards, comes out as it did. Returns how many there were.
  std::size_t CheckExplanations() {
    const Explainer explainer(*machine_, [](const std::string&) { return RandomWorldProfile(); });
    for (std::size_t number = 0; number < attempts_.size(); ++number) {
      const Attempt& attempt = attempts_[number];
      const auto document = explainer.Explain("default", attempt.pod.name, number);
      RC_ASSERT(document.ok());
      RC_ASSERT(!document->contains("differs"));
      RC_ASSERT(document->at("pod").at("uid") == attempt.pod.uid);
      if (attempt.selection.result == Selection::Result::kChosen) {
        RC_ASSERT(document->at("result") == "Scheduled");
        RC_ASSERT(document->at("feasible") == attempt.selection.feasible_count);
      } else {
        RC_ASSERT(document->at("message") == attempt.message);
      }
    }
    return attempts_.size();
  }

  const std::vector<std::string>& log() const { return log_; }

 private:
  static SchedulerOptions Options() {
    SchedulerOptions options;
    options.history_bytes = 1 << 20;
    return options;
  }

  struct Spec {
    int cpu = 1;
    int priority = 0;
    bool gated = false;
    bool cursed = false;
    bool permit = false;
    bool prebind = false;
    int version = 0;
  };
  // The API server's truth.
  struct Pod {
    std::string name;
    std::string uid;
    Spec spec;
    std::string node;
    bool deleting = false;
    bool gone = false;
    int accepted_bindings = 0;
  };

  std::string AnyNode() { return "n" + std::to_string(random_.Below(kNodes)); }

  PodBuilder View(const Pod& pod) const {
    PodBuilder view = OurPod(pod.name, std::to_string(pod.spec.cpu)).Uid(pod.uid);
    view.Priority(pod.spec.priority).Label("version", std::to_string(pod.spec.version));
    if (pod.spec.gated) view.Gate("g");
    if (pod.spec.cursed) view.Label("cursed", "");
    if (pod.spec.permit) view.Label("permit", "");
    if (pod.spec.prebind) view.Label("prebind", "");
    if (!pod.node.empty()) view.Node(pod.node);
    if (pod.deleting) view.Deleting(absl::UnixEpoch());
    return view;
  }

  void Publish(const Pod& pod) {
    views_.push_back(pod.gone ? MachineInput(ObjectGone{View(pod).Ref()})
                              : MachineInput(ObjectChanged{View(pod).Ref()}));
  }

  void ShowNode() {
    machine_.Show(MakeNode(AnyNode()).Cpu(std::to_string(1 + random_.Below(6))).Pods(4));
  }

  void CreatePod() {
    // Few names, so that pods are recreated.
    const std::string name = "p" + std::to_string(random_.Below(12));
    for (auto& [key, pod] : pods_) {
      if (pod.name != name || pod.gone) continue;
      if (random_.Chance(0.7)) return;
      pod.gone = true;
      Publish(pod);
    }
    Pod pod;
    pod.name = name;
    pod.uid = "uid-" + std::to_string(next_uid_++);
    pod.spec.cpu = 1 + static_cast<int>(random_.Below(3));
    pod.spec.priority = static_cast<int>(random_.Below(3));
    pod.spec.gated = random_.Chance(0.15);
    pod.spec.cursed = random_.Chance(0.15);
    pod.spec.permit = random_.Chance(0.3);
    pod.spec.prebind = random_.Chance(0.3);
    pods_[pod.uid] = pod;
    Publish(pod);
  }

  Pod* AnyPod() {
    if (pods_.empty()) return nullptr;
    auto at = pods_.begin();
    std::advance(at, random_.Below(pods_.size()));
    return at->second.gone ? nullptr : &at->second;
  }

  void ChangePod() {
    Pod* pod = AnyPod();
    if (pod == nullptr) return;
    switch (random_.Below(4)) {
      case 0:
        pod->deleting = true;
        break;
      case 1:
        pod->gone = true;
        break;
      case 2:
        pod->spec.gated = false;
        break;
      default:
        ++pod->spec.version;
    }
    Publish(*pod);
  }

  void BindByAnother() {
    Pod* pod = AnyPod();
    if (pod == nullptr || !pod->node.empty() || !random_.Chance(0.3)) return;
    pod->node = AnyNode();
    Publish(*pod);
  }

  // The API server gets to one of our bindings.
  void CarryOut() {
    if (to_carry_out_.empty()) return;
    const BindEffect bind = to_carry_out_.front();
    to_carry_out_.pop_front();
    Pod& pod = pods_.at(bind.pod.uid);
    Outcome outcome = Outcome::kBound;
    if (pod.gone || pod.deleting) {
      outcome = Outcome::kPodGone;
    } else if (!pod.node.empty()) {
      outcome = Outcome::kBoundElsewhere;
    } else if (!calm_ && random_.Chance(0.3)) {
      outcome = Outcome::kFailed;
    } else {
      pod.node = bind.node;
      ++pod.accepted_bindings;
      RC_ASSERT(pod.accepted_bindings == 1);
      Publish(pod);
    }
    replies_.push_back({bind.pod, outcome, "as drawn"});
  }

  void DeliverReply() {
    if (replies_.empty()) return;
    const BindReply reply = replies_.front();
    replies_.pop_front();
    outstanding_.erase(reply.pod.uid);
    machine_.Handle(reply);
  }

  bool DeliverView() {
    if (views_.empty()) return false;
    machine_.Handle(views_.front());
    TakeEffects();
    // Now and then the same again.
    if (calm_ || !random_.Chance(0.1)) views_.pop_front();
    return true;
  }

  void TakeEffects() {
    for (const Effect& effect : machine_->TakeEffects()) {
      log_.push_back(Describe(effect));
      const auto* bind = std::get_if<BindEffect>(&effect);
      if (bind == nullptr) continue;
      RC_ASSERT(outstanding_.insert(bind->pod.uid).second);
      to_carry_out_.push_back(*bind);
      CheckRoom(*bind);
    }
  }

  // The node had room for the pod, itself counted, when the binding was sent.
  void CheckRoom(const BindEffect& bind) {
    const ClusterState& cluster = machine_->cluster();
    const NodeId node = cluster.FindNode(bind.node);
    RC_ASSERT(node != kNoNode);
    const NodeColumns& columns = cluster.columns();
    RC_ASSERT(columns.requested[node].milli_cpu <= columns.allocatable[node].milli_cpu);
    RC_ASSERT(static_cast<std::int64_t>(columns.pods[node].size()) <= columns.allowed_pods[node]);
  }

  // Every pod is in exactly one place: on a node, or in one queue.
  void Check() {
    const ClusterState& cluster = machine_->cluster();
    std::size_t pending = 0;
    std::size_t assumed = 0;
    std::size_t outstanding_bound = 0;
    for (const auto& [uid, pod] : pods_) {
      const PodRecord* record = cluster.FindPod(uid);
      if (record == nullptr) continue;
      const bool deleting = record->pod->metadata.deletion_timestamp.has_value();
      if (record->where == PodRecord::Where::kPending && !deleting) ++pending;
      if (record->where == PodRecord::Where::kAssumed) ++assumed;
      if (record->where == PodRecord::Where::kBound && outstanding_.count(uid) > 0) {
        ++outstanding_bound;
      }
    }
    const QueueCounts counts = machine_->queue_counts();
    const std::size_t queued = counts.active + counts.backoff + counts.unschedulable + counts.gated;
    // Those that are settled elsewhere, which the watch has yet to show, are in no queue.
    RC_ASSERT(queued <= pending);
    std::size_t settled = 0;
    for (const auto& [uid, pod] : pods_) {
      const PodRecord* record = cluster.FindPod(uid);
      const bool shown_pending = record != nullptr && record->where == PodRecord::Where::kPending &&
                                 !record->pod->metadata.deletion_timestamp.has_value();
      const bool otherwise = pod.gone || pod.deleting || !pod.node.empty();
      if (shown_pending && otherwise) ++settled;
    }
    RC_ASSERT(queued + settled >= pending);
    RC_ASSERT(counts.in_flight <= assumed + outstanding_bound);
    CheckColumns();
  }

  // What is counted is the sum of the pods that are counted.
  void CheckColumns() {
    const NodeColumns& columns = machine_->cluster().columns();
    for (NodeId row = 0; row < columns.name.size(); ++row) {
      std::int64_t milli_cpu = 0;
      for (const PodRecord* pod : columns.pods[row]) {
        milli_cpu += pod->pod_class->requests.milli_cpu;
        RC_ASSERT(pod->node == row);
      }
      RC_ASSERT(columns.requested[row].milli_cpu == milli_cpu);
    }
  }

  Random random_;
  Machine machine_;
  std::vector<Attempt> attempts_;  // Of Step.
  bool calm_ = false;
  int next_uid_ = 0;
  std::map<std::string, Pod> pods_;  // By UID.
  std::deque<MachineInput> views_;   // The watch, in order.
  std::deque<BindEffect> to_carry_out_;
  std::deque<BindReply> replies_;
  std::set<std::string> outstanding_;  // UIDs with a binding that has not been answered.
  std::vector<std::string> log_;
};

RC_GTEST_PROP(SchedulerLaws, NoOvercommitNoDoubleBindNoLostPodAndConvergence,
              (std::uint64_t seed)) {
  World world(seed);
  for (int i = 0; i < 300; ++i) world.Step();
  world.Calm();
}

RC_GTEST_PROP(SchedulerLaws, TheSameInputsGiveTheSameEffects, (std::uint64_t seed)) {
  World first(seed);
  World second(seed);
  for (int i = 0; i < 200; ++i) {
    first.Step();
    second.Step();
  }
  RC_ASSERT(first.log() == second.log());
}

RC_GTEST_PROP(SchedulerLaws, EachDecisionIsExplainedAsItWasMade, (std::uint64_t seed)) {
  World world(seed);
  for (int i = 0; i < 400; ++i) world.Step();
  RC_ASSERT(world.CheckExplanations() > 0);
}

}  // namespace scheduler_property_test
}  // namespace heat_scheduler
