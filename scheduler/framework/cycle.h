// What a plugin is given when it is asked about a pod.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

class Plugin;

// A plugin's own data for one cycle, from its PreFilter or PreScore on.
class PluginState {
 public:
  virtual ~PluginState() = default;
  // Returns a copy, for dry runs that change it (PreFilterPlugin::AddPod, RemovePod).
  virtual std::unique_ptr<PluginState> Clone() const = 0;
};

// One slot a plugin, empty at the start of the cycle; and which PreFilters have run.
class CycleState {
 public:
  // Notes that the plugin's PreFilter has run, and whether it answered kSkip. Called by the
  // framework.
  void NotePreFilter(const Plugin* plugin, bool skip) { pre_filters_.emplace_back(plugin, skip); }

  // Returns true if the plugin's PreFilter has run in this cycle, whatever it answered: one that
  // ends PreFilter keeps those after it from running.
  bool PreFilterRan(const Plugin* plugin) const { return FindPreFilter(plugin) != nullptr; }

  // Returns true if the plugin's PreFilter answered kSkip.
  bool FilterSkipped(const Plugin* plugin) const {
    const auto* found = FindPreFilter(plugin);
    return found != nullptr && found->second;
  }

  // Stores the plugin's data, replacing what it had.
  template <typename T>
  T& Put(const Plugin* owner, std::unique_ptr<T> data) {
    T& stored = *data;
    Slot(owner) = std::move(data);
    return stored;
  }

  // Returns the plugin's data. Throws std::runtime_error if it has put none of that type: a profile
  // may have a plugin's Filter or Score without the PreFilter or PreScore that makes them. As with
  // kube-scheduler that is an error of the pod.
  template <typename T>
  T& Get(const Plugin* owner) const {
    if (T* found = Find<T>(owner)) return *found;
    ThrowNotFound(*owner);
  }

  // Returns the plugin's data, or null if it has put none of that type.
  template <typename T>
  T* Find(const Plugin* owner) const {
    for (const auto& [plugin, data] : slots_) {
      if (plugin == owner) return dynamic_cast<T*>(data.get());
    }
    return nullptr;
  }

  // Returns a copy with copies of all data.
  CycleState Clone() const {
    CycleState copy;
    for (const auto& [plugin, data] : slots_) copy.slots_.emplace_back(plugin, data->Clone());
    copy.pre_filters_ = pre_filters_;
    return copy;
  }

 private:
  std::unique_ptr<PluginState>& Slot(const Plugin* owner) {
    for (auto& [plugin, data] : slots_) {
      if (plugin == owner) return data;
    }
    return slots_.emplace_back(owner, nullptr).second;
  }

  [[noreturn]] static void ThrowNotFound(const Plugin& owner);

  const std::pair<const Plugin*, bool>* FindPreFilter(const Plugin* plugin) const {
    for (const auto& entry : pre_filters_) {
      if (entry.first == plugin) return &entry;
    }
    return nullptr;
  }

  std::vector<std::pair<const Plugin*, std::unique_ptr<PluginState>>> slots_;
  std::vector<std::pair<const Plugin*, bool>> pre_filters_;
};

// One attempt to place one pod. Borrows everything; lives as long as the call.
struct Cycle {
  const ClusterState& cluster;
  const PodRecord& pod;
  CycleState& state;
  Instant now;
  // A number that seed and decision give, for what kube-scheduler leaves to chance.
  std::uint64_t chance = 0;

  const PodClass& pod_class() const { return *pod.pod_class; }
  const PodFacts& facts() const { return pod.facts; }
};

}  // namespace heat_scheduler
