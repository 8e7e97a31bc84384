// Decodes the objects of kube/objects.h from parsed JSON, each by a function of its own.
//
// Every function sets `out` anew, and returns false with the reader's error set when a field does
// not fit. The files json_<group>.cc hold one group of kinds each. For kube/json_decoder.cc.
#pragma once

#include "kube/json_reader.h"
#include "kube/objects.h"

namespace heat_scheduler::kube {

// ---- json_common.cc: parts of many kinds ----
bool Decode(JsonReader& in, JsonReader::Value value, ObjectMeta& out);
bool Decode(JsonReader& in, JsonReader::Value value, LabelSelector& out);
bool Decode(JsonReader& in, JsonReader::Value value, NodeSelectorTerm& out);
bool Decode(JsonReader& in, JsonReader::Value value, NodeSelector& out);
bool Decode(JsonReader& in, JsonReader::Value value, ObjectReference& out);
// Reads an effect into a taint effect; returns kNone and clears `known` for one not known.
TaintEffect TaintEffectOf(std::string_view text, bool& known);

// ---- json_pod.cc, with json_pod_affinity.cc, json_pod_status.cc and json_pod_volumes.cc ----
bool Decode(JsonReader& in, JsonReader::Value value, Pod& out);
bool Decode(JsonReader& in, JsonReader::Value value, Affinity& out);
bool Decode(JsonReader& in, JsonReader::Value value, TopologySpreadConstraint& out);
bool Decode(JsonReader& in, JsonReader::Value value, PodStatus& out);
bool Decode(JsonReader& in, JsonReader::Value value, Volume& out);
// Reads a field of a pod's volume or a persistent volume if its key stands for an in-tree disk, and
// leaves `out` alone if not.
bool DecodeInTreeDisk(JsonReader& in, std::string_view key, JsonReader::Value value,
                      std::optional<InTreeDisk>& out);

// ---- json_node.cc ----
bool Decode(JsonReader& in, JsonReader::Value value, Node& out);

// ---- json_storage.cc ----
bool Decode(JsonReader& in, JsonReader::Value value, PersistentVolume& out);
bool Decode(JsonReader& in, JsonReader::Value value, PersistentVolumeClaim& out);
bool Decode(JsonReader& in, JsonReader::Value value, StorageClass& out);
bool Decode(JsonReader& in, JsonReader::Value value, CsiNode& out);
bool Decode(JsonReader& in, JsonReader::Value value, CsiDriver& out);
bool Decode(JsonReader& in, JsonReader::Value value, CsiStorageCapacity& out);
bool Decode(JsonReader& in, JsonReader::Value value, VolumeAttachment& out);

// ---- json_workloads.cc ----
bool Decode(JsonReader& in, JsonReader::Value value, Namespace& out);
bool Decode(JsonReader& in, JsonReader::Value value, PodDisruptionBudget& out);
bool Decode(JsonReader& in, JsonReader::Value value, PriorityClass& out);
bool Decode(JsonReader& in, JsonReader::Value value, Service& out);
bool Decode(JsonReader& in, JsonReader::Value value, ReplicationController& out);
bool Decode(JsonReader& in, JsonReader::Value value, ReplicaSet& out);
bool Decode(JsonReader& in, JsonReader::Value value, StatefulSet& out);
bool Decode(JsonReader& in, JsonReader::Value value, Lease& out);
bool Decode(JsonReader& in, JsonReader::Value value, Event& out);

}  // namespace heat_scheduler::kube
