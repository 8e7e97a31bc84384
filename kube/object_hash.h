// Hashes of what pods have in common, for absl's hash tables: all fields count, as for equality.
#pragma once

#include <optional>
#include <utility>

#include "absl/hash/hash.h"
#include "kube/objects.h"

namespace heat_scheduler::kube {

// Debian's absl hashes no std::optional.
template <typename T>
struct HashedOptional {
  explicit HashedOptional(const std::optional<T>& of) : optional(of) {}

  template <typename H>
  friend H AbslHashValue(H h, const HashedOptional& hashed) {
    h = H::combine(std::move(h), hashed.optional.has_value());
    return hashed.optional ? H::combine(std::move(h), *hashed.optional) : std::move(h);
  }

  const std::optional<T>& optional;
};

template <typename H>
H AbslHashValue(H h, const OwnerReference& owner) {
  return H::combine(std::move(h), owner.api_version, owner.kind, owner.name, owner.uid,
                    owner.controller);
}

template <typename H>
H AbslHashValue(H h, const SelectorRequirement& requirement) {
  return H::combine(std::move(h), requirement.key, requirement.op, requirement.values);
}

template <typename H>
H AbslHashValue(H h, const LabelSelector& selector) {
  return H::combine(std::move(h), selector.match_labels, selector.match_expressions);
}

template <typename H>
H AbslHashValue(H h, const NodeSelectorTerm& term) {
  return H::combine(std::move(h), term.match_expressions, term.match_fields);
}

template <typename H>
H AbslHashValue(H h, const NodeSelector& selector) {
  return H::combine(std::move(h), selector.terms);
}

template <typename H>
H AbslHashValue(H h, const ContainerPort& port) {
  return H::combine(std::move(h), port.container_port, port.host_port, port.protocol, port.host_ip);
}

template <typename H>
H AbslHashValue(H h, const Container& container) {
  return H::combine(std::move(h), container.name, container.image, container.requests,
                    container.limits, container.ports, container.restartable,
                    container.restarts_all_containers);
}

template <typename H>
H AbslHashValue(H h, const Toleration& toleration) {
  return H::combine(std::move(h), toleration.key, toleration.exists,
                    toleration.unsupported_operator, toleration.value, toleration.effect,
                    HashedOptional(toleration.toleration_seconds));
}

template <typename H>
H AbslHashValue(H h, const PreferredSchedulingTerm& preferred) {
  return H::combine(std::move(h), preferred.weight, preferred.preference);
}

template <typename H>
H AbslHashValue(H h, const PodAffinityTerm& term) {
  return H::combine(std::move(h), HashedOptional(term.label_selector), term.namespaces,
                    HashedOptional(term.namespace_selector), term.topology_key,
                    term.match_label_keys, term.mismatch_label_keys);
}

template <typename H>
H AbslHashValue(H h, const WeightedPodAffinityTerm& weighted) {
  return H::combine(std::move(h), weighted.weight, weighted.term);
}

template <typename H>
H AbslHashValue(H h, const Affinity& affinity) {
  return H::combine(std::move(h), HashedOptional(affinity.required_node_affinity),
                    affinity.preferred_node_affinity, affinity.required_pod_affinity,
                    affinity.preferred_pod_affinity, affinity.required_pod_anti_affinity,
                    affinity.preferred_pod_anti_affinity);
}

template <typename H>
H AbslHashValue(H h, const TopologySpreadConstraint& constraint) {
  return H::combine(std::move(h), constraint.max_skew, constraint.topology_key,
                    constraint.schedule_anyway, HashedOptional(constraint.label_selector),
                    HashedOptional(constraint.min_domains), constraint.honor_node_affinity,
                    constraint.honor_node_taints, constraint.match_label_keys);
}

template <typename H>
H AbslHashValue(H h, const InTreeDisk& disk) {
  return H::combine(std::move(h), disk.plugin, disk.id, disk.read_only, disk.azure_kind);
}

template <typename H>
H AbslHashValue(H h, const Volume::Iscsi& disk) {
  return H::combine(std::move(h), disk.target_portal, disk.iqn, disk.lun, disk.read_only);
}

template <typename H>
H AbslHashValue(H h, const Volume::Rbd& disk) {
  return H::combine(std::move(h), disk.monitors, disk.pool, disk.image, disk.read_only);
}

template <typename H>
H AbslHashValue(H h, const Volume& volume) {
  return H::combine(std::move(h), volume.name, volume.claim_name, volume.claim_read_only,
                    volume.ephemeral, volume.image, HashedOptional(volume.in_tree_disk),
                    HashedOptional(volume.iscsi), HashedOptional(volume.rbd));
}

template <typename H>
H AbslHashValue(H h, const PodCondition& condition) {
  return H::combine(std::move(h), condition.type, condition.status, condition.reason,
                    condition.message);
}

template <typename H>
H AbslHashValue(H h, const PodSpec& spec) {
  h = H::combine(std::move(h), spec.scheduler_name, spec.priority, spec.priority_class_name,
                 spec.preempts, spec.node_selector, spec.affinity, spec.tolerations,
                 spec.topology_spread_constraints, spec.scheduling_gates);
  return H::combine(std::move(h), spec.init_containers, spec.containers, spec.pod_requests,
                    spec.pod_limits, spec.overhead, spec.volumes, spec.resource_claims,
                    spec.pod_group, spec.host_network, spec.host_users);
}

}  // namespace heat_scheduler::kube
