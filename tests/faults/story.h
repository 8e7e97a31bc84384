// Tells a history by hand, for tests of the checker: writes, decisions and queues, one after the
// other, pods by their names.
//
//   Story story;
//   story.Put(MakeNode("n").Cpu("1")).Put(MakePod("a").Scheduler("heat-scheduler"));
//   story.DecideAndBind("a", "n");
//   EXPECT_EQ(story.Broken(), "");
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/faults/invariants.h"

namespace heat_scheduler {

// One second passes with each step. Each call hands one step to the checker.
class Story {
 public:
  // Creates or replaces.
  Story& Put(const kube::Node& node) {
    WriteEntry write = NextWrite("update");
    kube::Ref<kube::Node>& current = nodes_[node.metadata.name];
    write.node_before = current;
    write.node_after = current = std::make_shared<const kube::Node>(node);
    checker_.OnWrite(write);
    return *this;
  }
  Story& Put(const kube::Pod& pod) {
    WritePod("update", pod.metadata.name, std::make_shared<const kube::Pod>(pod));
    return *this;
  }
  Story& Put(const kube::PodDisruptionBudget& budget) {
    WriteEntry write = NextWrite("update");
    write.budget_after = std::make_shared<const kube::PodDisruptionBudget>(budget);
    checker_.OnWrite(write);
    return *this;
  }
  Story& DeleteNode(const std::string& name) {
    WriteEntry write = NextWrite("delete");
    write.node_before = std::exchange(nodes_[name], nullptr);
    checker_.OnWrite(write);
    return *this;
  }
  Story& DeletePod(const std::string& name) {
    WritePod("delete", name, nullptr);
    return *this;
  }
  Story& End(const std::string& name) {
    kube::Pod pod = *pods_[name];
    pod.status.phase = "Succeeded";
    return Put(pod);
  }

  // What the scheduler is told from now on; without it, it knows all.
  Story& StopTelling() {
    told_ = version_;
    return *this;
  }

  // The scheduler decides; an empty node: nowhere.
  std::size_t Decide(const std::string& pod, const std::string& node) {
    time_ += absl::Seconds(1);
    return checker_.OnDecision(TheDecision(pod, node));
  }
  // The scheduler makes others leave a node for a pod.
  std::size_t Preempt(const std::string& pod, const std::string& node,
                      const std::vector<std::string>& victims) {
    time_ += absl::Seconds(1);
    Decision decision = TheDecision(pod, "");
    decision.preempts_on = node;
    for (const std::string& victim : victims) decision.victims.push_back(UidOf(victim));
    return checker_.OnDecision(std::move(decision));
  }
  // The scheduler keeps room for the pod from now on.
  Story& Nominate(const std::string& pod, const std::string& node) {
    nominations_[UidOf(pod)] = node;
    return *this;
  }
  // The API accepts the condition, or our deletion, of a victim, which is on its way then.
  Story& Mark(const std::string& name) {
    return Put(Changed(name, [](kube::Pod& pod) {
      pod.status.conditions->push_back({"DisruptionTarget", "True", "PreemptionByScheduler", ""});
    }));
  }
  Story& Evict(const std::string& name, std::size_t decision) {
    WritePod(
        "delete", name,
        std::make_shared<const kube::Pod>(Changed(
            name, [](kube::Pod& pod) { pod.metadata.deletion_timestamp = absl::UnixEpoch(); })),
        true, decision);
    return *this;
  }
  // The API accepts our bind.
  Story& Bind(const std::string& pod, const std::string& node, std::size_t decision) {
    kube::Pod bound = *pods_[pod];
    bound.node_name = node;
    WritePod("bind", pod, std::make_shared<const kube::Pod>(bound), true, decision);
    return *this;
  }
  Story& DecideAndBind(const std::string& pod, const std::string& node) {
    return Bind(pod, node, Decide(pod, node));
  }
  // Another scheduler's bind.
  Story& BindForeign(const std::string& pod, const std::string& node) {
    kube::Pod bound = *pods_[pod];
    bound.node_name = node;
    WritePod("bind", pod, std::make_shared<const kube::Pod>(bound));
    return *this;
  }
  Story& Restart() {
    checker_.OnStart(++instance_, time_);
    return *this;
  }

  Story& Queues(const QueuePlaces& places, absl::Duration later = absl::Seconds(1)) {
    time_ += later;
    checker_.OnQueues({time_, instance_, TheView(), ByUid(places), nominations_});
    return *this;
  }
  // `counted` is by names, too.
  Story& Settled(const QueuePlaces& places,
                 const std::map<std::string, std::set<std::string>>& counted) {
    std::map<std::string, std::set<std::string>> by_uid;
    for (const auto& [node, names] : counted) {
      std::set<std::string>& uids = by_uid[node];
      for (const std::string& name : names) uids.insert(UidOf(name));
    }
    checker_.OnSettled({time_, instance_, ByUid(places), by_uid, nominations_});
    return *this;
  }

  // The broken guarantees, each once, in the order in which they were found: "G1 G2".
  std::string Broken() const {
    std::string broken;
    for (const Violation& violation : checker_.violations()) {
      if (broken.find(violation.guarantee) != broken.npos) continue;
      broken += (broken.empty() ? "" : " ") + violation.guarantee;
    }
    return broken;
  }
  std::string FirstReport() const {
    return checker_.violations().empty() ? "" : checker_.violations().front().what;
  }

 private:
  WriteEntry NextWrite(const std::string& operation) {
    time_ += absl::Seconds(1);
    WriteEntry write;
    write.resource_version = ++version_;
    write.time = time_;
    write.operation = operation;
    return write;
  }
  void WritePod(const std::string& operation, const std::string& name,
                std::shared_ptr<const kube::Pod> after, bool ours = false,
                std::size_t decision = 0) {
    WriteEntry write = NextWrite(operation);
    kube::Ref<kube::Pod>& current = pods_[name];
    write.pod_before = current;
    write.pod_after = after;
    write.ours = ours;
    write.decision = decision;
    if (after != nullptr) uids_[name] = after->metadata.uid;
    current = std::move(after);
    checker_.OnWrite(write);
  }
  View TheView() const {
    const std::int64_t version = told_.value_or(version_);
    return {version, version, version};
  }
  Decision TheDecision(const std::string& pod, const std::string& node) const {
    Decision decision{time_, instance_, UidOf(pod), node, TheView()};
    decision.nominations = nominations_;
    return decision;
  }
  template <typename Change>
  kube::Pod Changed(const std::string& name, Change change) const {
    kube::Pod pod = *pods_.at(name);
    change(pod);
    return pod;
  }
  std::string UidOf(const std::string& name) const {
    const auto found = uids_.find(name);
    return found == uids_.end() ? name : found->second;
  }
  QueuePlaces ByUid(const QueuePlaces& places) const {
    QueuePlaces by_uid;
    for (const auto& [name, place] : places) by_uid.emplace_back(UidOf(name), place);
    return by_uid;
  }

  InvariantChecker checker_;
  std::map<std::string, kube::Ref<kube::Pod>> pods_;
  std::map<std::string, kube::Ref<kube::Node>> nodes_;
  std::map<std::string, std::string> uids_;
  Nominations nominations_;
  std::int64_t version_ = 0;
  std::optional<std::int64_t> told_;
  absl::Duration time_ = absl::ZeroDuration();
  int instance_ = 1;
};

}  // namespace heat_scheduler
