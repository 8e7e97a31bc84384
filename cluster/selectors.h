// The selectors of list and watch: labelSelector and fieldSelector as text, matched on documents.
// Source: k8s.io/apimachinery pkg/labels (selector.go: the grammar), pkg/fields;
// kubernetes pkg/registry/core/*/strategy.go (which fields can be selected).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "cluster/json.h"
#include "cluster/kinds.h"
#include "kube/objects.h"

namespace heat_scheduler::cluster {

// Returns the requirements of a label selector: "a=b,c!=d,e in (f,g),h notin (i),j,!k,l>5". All
// must hold; none match everything. InvalidArgument with the apiserver's words if it is malformed.
absl::StatusOr<std::vector<kube::SelectorRequirement>> ParseLabelSelector(std::string_view text);

// One term of a field selector.
struct FieldTerm {
  std::string field;  // As asked: "spec.nodeName".
  std::vector<std::string> path;
  std::string value;
  bool negated = false;
};

// Returns the terms of a field selector, "a.b=c,d!=e"; InvalidArgument if it is malformed or names
// a field that the resource cannot be selected by.
absl::StatusOr<std::vector<FieldTerm>> ParseFieldSelector(const ResourceInfo& resource,
                                                          std::string_view text);

// What a list or watch picks.
struct Selection {
  std::string namespace_;  // Empty: all.
  std::vector<kube::SelectorRequirement> labels;
  std::vector<FieldTerm> fields;

  // Returns true if a stored object is picked.
  bool Picks(const Json& object) const;
};

// Returns true if a metav1.LabelSelector document picks a stored object by its labels. An empty one
// picks everything; one with an operator that does not exist picks nothing.
bool SelectorPicks(const Json& selector, const Json& object);

}  // namespace heat_scheduler::cluster
