#include "plugins/defaults/required_node_affinity.h"

#include <algorithm>
#include <cstddef>

#include "kube/selectors.h"

namespace heat_scheduler {

RequiredNodeAffinity::RequiredNodeAffinity(const PodClass& pod_class, const PodFacts& facts)
    : pod_class_(pod_class) {
  terms_.terms = pod_class.node_affinity_terms;
  for (std::size_t i = 0; i < terms_.terms.size(); ++i) {
    terms_.terms[i].match_fields = facts.node_affinity_fields[i];
  }
}

bool RequiredNodeAffinity::Matches(const kube::Node& node) const {
  const kube::StringMap& labels = node.metadata.labels;
  // Both are sorted by key.
  if (!std::includes(labels.begin(), labels.end(), pod_class_.node_selector.begin(),
                     pod_class_.node_selector.end())) {
    return false;
  }
  return !pod_class_.has_required_node_affinity ||
         kube::Matches(terms_, labels, node.metadata.name);
}

}  // namespace heat_scheduler
