// Random streams of events against a naive model that keeps the objects and counts them anew.
#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "scheduler/state/cluster_state.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace cluster_state_property_test {

constexpr int kNodes = 4;
constexpr int kPods = 8;

// What the model knows: objects as last shown, and where we assumed pods.
struct Model {
  std::map<std::string, kube::Ref<kube::Node>> nodes;
  struct Pod {
    kube::Ref<kube::Pod> shown;
    std::string assumed_on;  // Empty: not assumed.
  };
  std::map<std::string, Pod> pods;

  std::string NodeOf(const Pod& pod) const {
    if (pod.shown->terminated()) return "";
    return pod.shown->node_name.empty() ? pod.assumed_on : pod.shown->node_name;
  }
  std::string NominatedNodeOf(const Pod& pod) const {
    if (pod.shown->terminated() || !NodeOf(pod).empty()) return "";
    return pod.shown->status.nominated_node_name;
  }
};

std::string AnyNodeName() { return "n" + std::to_string(*rc::gen::inRange(0, kNodes)); }

kube::Ref<kube::Pod> AnyPod(bool bound) {
  static const std::vector<std::string> kMemory = {"0", "1Ki", "3Mi", "9223372036854775807"};
  PodBuilder pod = MakePod("p" + std::to_string(*rc::gen::inRange(0, kPods)));
  pod.Cpu(std::to_string(*rc::gen::inRange(0, 4))).Memory(*rc::gen::elementOf(kMemory));
  if (*rc::gen::inRange(0, 3) == 0) pod.Request("example.com/gpu", "1");
  if (*rc::gen::inRange(0, 4) == 0) pod.Label("app", "web");
  if (*rc::gen::inRange(0, 4) == 0) pod.PreferredPodAffinity();
  if (*rc::gen::inRange(0, 4) == 0) pod.RequiredPodAntiAffinity();
  if (bound) pod.Node(AnyNodeName());
  if (*rc::gen::inRange(0, 4) == 0) pod.Nominated(AnyNodeName());
  if (*rc::gen::inRange(0, 8) == 0) pod.Phase("Succeeded");
  return pod.Ref();
}

// The pods of a row for which the condition holds, in their order.
std::vector<const PodRecord*> Those(const std::vector<const PodRecord*>& pods,
                                    bool (*holds)(const PodRecord&)) {
  std::vector<const PodRecord*> those;
  std::copy_if(pods.begin(), pods.end(), std::back_inserter(those),
               [&](const PodRecord* pod) { return holds(*pod); });
  return those;
}

class Driver {
 public:
  void Step() {
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
      case 1: {
        auto node = MakeNode(AnyNodeName()).Cpu(std::to_string(*rc::gen::inRange(1, 9))).Ref();
        model_.nodes[node->metadata.name] = node;
        state_.UpsertNode(node);
        break;
      }
      case 2: {
        const std::string name = AnyNodeName();
        RC_ASSERT(state_.RemoveNode(name) == (model_.nodes.erase(name) > 0));
        break;
      }
      case 3:
        Show(AnyPod(false));
        break;
      case 4:
        Show(AnyPod(true));
        break;
      case 5: {
        const std::string key = PodKey(AnyPod(false)->metadata);
        RC_ASSERT(state_.RemovePod(key) == (model_.pods.erase(key) > 0));
        break;
      }
      case 6:
        Assume();
        break;
      default: {
        const std::string key = PodKey(AnyPod(false)->metadata);
        state_.Forget(key);
        if (auto found = model_.pods.find(key); found != model_.pods.end()) {
          found->second.assumed_on.clear();
        }
      }
    }
  }

  // Compares every column with a count from scratch.
  void Check() const {
    std::vector<std::string> names;
    for (NodeId node : state_.nodes()) names.push_back(state_.columns().name[node]);
    std::vector<std::string> expected;
    for (const auto& [name, node] : model_.nodes) expected.push_back(name);
    RC_ASSERT(names == expected);

    std::set<std::string> rows_seen;
    std::set<const PodClass*> classes;
    for (const auto& [key, pod] : model_.pods) {
      const PodRecord* record = state_.FindPod(key);
      RC_ASSERT(record != nullptr);
      RC_ASSERT(record->pod->metadata.labels == pod.shown->metadata.labels);
      RC_ASSERT(record->pod->spec == pod.shown->spec);
      RC_ASSERT(record->pod->node_name == pod.shown->node_name);
      RC_ASSERT(record->pod->status.phase == pod.shown->status.phase);
      RC_ASSERT(state_.FindPodNamed(record->facts.namespace_, record->facts.name) == record);
      classes.insert(record->pod_class);
      const std::string node = model_.NodeOf(pod);
      const std::string on = record->node == kNoNode ? "" : state_.columns().name[record->node];
      RC_ASSERT(on == node);
    }
    RC_ASSERT(state_.pod_count() == model_.pods.size());
    RC_ASSERT(state_.pod_classes().size() == classes.size());
    for (NodeId row = 0; row < state_.columns().name.size(); ++row) CheckRow(row, rows_seen);
    for (const auto& [name, node] : model_.nodes) RC_ASSERT(rows_seen.count(name) == 1);
  }

  ClusterState& state() { return state_; }

 private:
  void Show(kube::Ref<kube::Pod> pod) {
    const std::string key = PodKey(pod->metadata);
    state_.UpsertPod(pod);
    Model::Pod& known = model_.pods[key];
    const bool was_bound =
        known.shown != nullptr && !known.shown->node_name.empty() && !known.shown->terminated();
    if (was_bound && pod->node_name.empty() && !pod->terminated()) return;
    known.shown = pod;
    if (pod->terminated() || !pod->node_name.empty()) known.assumed_on.clear();
  }

  void Assume() {
    const std::string key = PodKey(AnyPod(false)->metadata);
    const NodeId node = state_.FindNode(AnyNodeName());
    const PodRecord* record = state_.FindPod(key);
    if (node == kNoNode || record == nullptr || record->where != PodRecord::Where::kPending) return;
    state_.Assume(*state_.FindPod(key), node);
    model_.pods[key].assumed_on = state_.columns().name[node];
  }

  void CheckRow(NodeId row, std::set<std::string>& rows_seen) const {
    const NodeColumns& columns = state_.columns();
    const std::string& name = columns.name[row];
    Resources requested;
    std::int64_t milli_cpu = 0;
    std::int64_t memory = 0;
    std::set<const PodRecord*> pods;
    std::set<const PodRecord*> nominated;
    for (const auto& [key, pod] : model_.pods) {
      const PodRecord* record = state_.FindPod(key);
      if (!name.empty() && model_.NominatedNodeOf(pod) == name) nominated.insert(record);
      if (name.empty() || model_.NodeOf(pod) != name) continue;
      pods.insert(record);
      AddTo(requested, record->pod_class->requests);
      milli_cpu = SaturatingAdd(milli_cpu, record->pod_class->nonzero_milli_cpu);
      memory = SaturatingAdd(memory, record->pod_class->nonzero_memory);
    }
    RC_ASSERT(columns.requested[row] == requested);
    RC_ASSERT(columns.nonzero_milli_cpu[row] == milli_cpu);
    RC_ASSERT(columns.nonzero_memory[row] == memory);
    RC_ASSERT(columns.pods[row].size() == pods.size());
    RC_ASSERT(std::set(columns.pods[row].begin(), columns.pods[row].end()) == pods);
    RC_ASSERT(columns.pods_with_affinity[row] == Those(columns.pods[row], [](const PodRecord& pod) {
                return pod.pod_class->has_pod_affinity();
              }));
    RC_ASSERT(columns.pods_with_required_anti_affinity[row] ==
              Those(columns.pods[row], [](const PodRecord& pod) {
                return !pod.pod_class->required_pod_anti_affinity.empty();
              }));
    RC_ASSERT(columns.nominated[row].size() == nominated.size());
    RC_ASSERT(std::set(columns.nominated[row].begin(), columns.nominated[row].end()) == nominated);
    auto node = model_.nodes.find(name);
    RC_ASSERT(columns.node[row] == (node == model_.nodes.end() ? nullptr : node->second));
    RC_ASSERT(
        columns.allocatable[row].milli_cpu ==
        (columns.node[row] == nullptr ? 0 : columns.node[row]->allocatable.at("cpu").MilliValue()));
    if (!name.empty()) RC_ASSERT(rows_seen.insert(name).second);
    // A row that nobody needs is free.
    if (columns.node[row] == nullptr && pods.empty() && nominated.empty()) {
      RC_ASSERT(name.empty());
    }
  }

  ClusterState state_;
  Model model_;
};

RC_GTEST_PROP(ClusterStateLaws, ColumnsAreWhatANaiveCountGives, ()) {
  Driver driver;
  const int steps = *rc::gen::inRange(1, 120);
  for (int i = 0; i < steps; ++i) {
    driver.Step();
    driver.Check();
  }
}

// Everything that a reader can see of the columns.
bool SameColumns(const NodeColumns& a, const NodeColumns& b, bool with_marks) {
  return a.name == b.name && a.node == b.node && a.allocatable == b.allocatable &&
         a.allowed_pods == b.allowed_pods && a.requested == b.requested &&
         a.nonzero_milli_cpu == b.nonzero_milli_cpu && a.nonzero_memory == b.nonzero_memory &&
         a.pods == b.pods && a.used_ports == b.used_ports &&
         a.pods_with_affinity == b.pods_with_affinity &&
         a.pods_with_required_anti_affinity == b.pods_with_required_anti_affinity &&
         a.nominated == b.nominated && (!with_marks || a.changed_at == b.changed_at);
}

RC_GTEST_PROP(ClusterStateLaws, ForgettingUndoesAssuming, ()) {
  Driver driver;
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) driver.Step();
  ClusterState& state = driver.state();
  state.UpsertNode(MakeNode("n0").Cpu("1").Ref());
  const std::string key = PodKey(state.UpsertPod(MakePod("new").Cpu("1").Ref()).facts);
  const NodeColumns before = state.columns();
  const std::uint64_t sequence = state.sequence();
  state.Assume(*state.FindPod(key), state.FindNode("n0"));
  state.Forget(key);
  RC_ASSERT(SameColumns(state.columns(), before, false));
  RC_ASSERT(state.sequence() > sequence);
}

RC_GTEST_PROP(ClusterStateLaws, WhatIfPutsEveryByteBack, ()) {
  Driver driver;
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) driver.Step();
  ClusterState& state = driver.state();
  state.UpsertNode(MakeNode("n0").Cpu("1").Ref());
  const PodRecord& pending = state.UpsertPod(MakePod("new").Cpu("1").Ref());
  const NodeColumns before = state.columns();
  const std::uint64_t sequence = state.sequence();
  const NodeId row = state.FindNode("n0");
  {
    ClusterState::WhatIf what_if(state, row);
    what_if.Add(pending);
    while (!state.columns().pods[row].empty()) {
      const auto& pods = state.columns().pods[row];
      what_if.Remove(*pods[*rc::gen::inRange<std::size_t>(0, pods.size())]);
    }
    RC_ASSERT(state.columns().requested[row] == Resources{});
    RC_ASSERT(state.columns().nonzero_memory[row] == 0);
  }
  RC_ASSERT(SameColumns(state.columns(), before, true));
  RC_ASSERT(state.sequence() == sequence);
}

}  // namespace cluster_state_property_test
}  // namespace heat_scheduler
