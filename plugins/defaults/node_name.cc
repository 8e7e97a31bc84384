#include "plugins/defaults/node_name.h"

#include <cstddef>

namespace heat_scheduler {

void NodeName::Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const {
  const std::string& wanted = cycle.facts().node_name;
  if (wanted.empty()) return;
  const NodeColumns& columns = cycle.cluster.columns();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (columns.name[nodes[i]] != wanted) verdicts[i].code = Code::kUnschedulableAndUnresolvable;
  }
}

std::vector<std::string> NodeName::Reasons(const Cycle& /*cycle*/,
                                           const Verdict& /*verdict*/) const {
  return {"node(s) didn't match the requested node name"};
}

}  // namespace heat_scheduler
