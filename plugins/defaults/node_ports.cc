#include "plugins/defaults/node_ports.h"

#include <algorithm>
#include <cstddef>

#include "kube/pod_requests.h"

namespace heat_scheduler {
namespace {

using HostPorts = std::vector<kube::HostPort>;

bool AnyConflict(const HostPorts& wanted, const HostPorts& taken) {
  for (const kube::HostPort& port : taken) {
    if (std::any_of(wanted.begin(), wanted.end(),
                    [&](const kube::HostPort& want) { return kube::Conflict(want, port); })) {
      return true;
    }
  }
  return false;
}

}  // namespace

PreFilterResult NodePorts::PreFilter(const Cycle& cycle) const {
  PreFilterResult result;
  if (cycle.pod_class().host_ports.empty()) result.status.code = Code::kSkip;
  return result;
}

void NodePorts::Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const {
  const NodeColumns& columns = cycle.cluster.columns();
  const HostPorts& wanted = cycle.pod_class().host_ports;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (AnyConflict(wanted, columns.used_ports[nodes[i]])) verdicts[i].code = Code::kUnschedulable;
  }
}

std::vector<std::string> NodePorts::Reasons(const Cycle& /*cycle*/,
                                            const Verdict& /*verdict*/) const {
  return {"node(s) didn't have free ports for the requested pod ports"};
}

}  // namespace heat_scheduler
