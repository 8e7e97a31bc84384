// The cluster of a case: decodes its objects into a ClusterState and follows its events.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "kube/codec.h"
#include "nlohmann/json.hpp"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

class ClusterFeed {
 public:
  // Takes `cluster` of a case: lists of objects under the plural names of their kinds. Throws
  // std::invalid_argument for an object that cannot be decoded or a kind that is not known, as all
  // methods here do.
  explicit ClusterFeed(const nlohmann::json& cluster);

  // Applies one event: {"op", "kind", "object"} or {"op": "delete", "kind", "key"}.
  void Apply(const nlohmann::json& event);

  // Makes the pod known as a pending one and returns its record. spec.nodeName counts as a wish
  // (PodFacts), not as a binding. The record holds until the next change.
  PodRecord AddPending(const nlohmann::json& pod);

  // Puts the pod on a node, as bound by kube-scheduler and started at that time.
  void Bind(nlohmann::json pod, const std::string& node, const std::string& start_time);

  // Forgets the pod, unless it keeps counting as nominated.
  void Leave(const nlohmann::json& pod);

  ClusterState& state() { return state_; }

 private:
  void Put(kube::Kind kind, const nlohmann::json& document);
  void PutPod(const kube::Ref<kube::Pod>& pod);
  void Delete(kube::Kind kind, const std::string& key);
  kube::Object Decode(kube::Kind kind, const nlohmann::json& document);

  std::unique_ptr<kube::Decoder> decoder_ = kube::MakeJsonDecoder();
  ClusterState state_;
  std::map<std::string, std::string> pod_keys_;  // "namespace/name" to PodKey.
  std::map<std::pair<kube::Kind, std::string>, kube::Object> others_;
};

}  // namespace heat_scheduler
