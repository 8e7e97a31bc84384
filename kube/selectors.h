// Matches labels, nodes and taints as Kubernetes does. Pure functions over values.
// Source: k8s.io/apimachinery pkg/labels, k8s.io/component-helpers scheduling/corev1 (v0.36).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kube/objects.h"

namespace heat_scheduler::kube {

// Returns true if the text can be the key of a label or the name of a resource: a name of at most
// 63 letters, digits, '-', '_' and '.', or such a one behind a domain and a slash.
bool IsQualifiedName(std::string_view text);

// Returns true if one requirement holds for the labels. NotIn and DoesNotExist hold where the key
// is absent; Gt and Lt compare decimal int64s and are false where either side is none; an unknown
// operator holds for nothing.
bool Matches(const SelectorRequirement& requirement, const StringMap& labels);

// Returns true if all parts of the selector hold; an empty selector matches everything.
bool Matches(const LabelSelector& selector, const StringMap& labels);

// Returns true if all requirements of the term hold; an empty term matches nothing, and so does one
// with a field other than metadata.name, an operator other than In and NotIn on it, or a malformed
// requirement (its operator wants other values, or its key or a value is no label's).
bool Matches(const NodeSelectorTerm& term, const StringMap& labels, std::string_view node_name);

// Returns what keeps Kubernetes from reading a term, so that it matches nothing: of each malformed
// requirement the first, as "<path>.matchExpressions[0].values[0]: Invalid value: ...". Of what the
// API lets into a pod's preferred terms (values that are no label's, or no integers where integers
// are compared) in Kubernetes' own words.
std::vector<std::string> Problems(const NodeSelectorTerm& term, std::string_view path);

// Returns true if any term matches.
bool Matches(const NodeSelector& selector, const StringMap& labels, std::string_view node_name);

// Returns true if the toleration tolerates the taint.
bool Tolerates(const Toleration& toleration, const Taint& taint);

// Returns true if the taint keeps off pods that have none but these tolerations: a NoSchedule or
// NoExecute taint that none of them tolerates.
bool KeepsOff(const Taint& taint, const std::vector<Toleration>& tolerations);

}  // namespace heat_scheduler::kube
