#include "tests/plugins/asking.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"

namespace heat_scheduler {

std::unique_ptr<ClusterState> MakeCluster(const std::vector<kube::Node>& nodes,
                                          const std::vector<kube::Pod>& pods) {
  auto cluster = std::make_unique<ClusterState>();
  for (const kube::Node& node : nodes) {
    cluster->UpsertNode(std::make_shared<const kube::Node>(node));
  }
  for (const kube::Pod& pod : pods) cluster->UpsertPod(std::make_shared<const kube::Pod>(pod));
  return cluster;
}

std::string Text(Code code, const std::vector<std::string>& reasons) {
  if (code == Code::kSuccess) return "ok";
  if (reasons.empty()) return std::string(CodeName(code));
  return absl::StrCat(ToAbsl(CodeName(code)), ": ", absl::StrJoin(reasons, ", "));
}

Asking::Asking(ClusterState& cluster, const kube::Pod& pod, const Plugin& plugin, absl::Time now)
    : cluster_(cluster),
      plugin_(plugin),
      cycle_{cluster, record_, cycle_state_, {now, absl::ZeroDuration()}} {
  kube::Pod pending = pod;
  pending.node_name.clear();
  record_ = cluster_.UpsertPod(std::make_shared<const kube::Pod>(std::move(pending)));
  record_.facts.node_name = pod.node_name;
}

Asking::~Asking() { cluster_.RemovePod(PodKey(record_.facts)); }

std::string Asking::PreFilter() {
  const auto* point = dynamic_cast<const PreFilterPlugin*>(&plugin_);
  if (point == nullptr) return "ok";
  PreFilterResult result = point->PreFilter(cycle_);
  narrowed_to_ = std::move(result.node_names);
  cycle_state_.NotePreFilter(&plugin_, result.status.code == Code::kSkip);
  return Text(result.status.code, result.status.reasons);
}

std::map<std::string, std::string> Asking::Filter() {
  std::map<std::string, std::string> answers;
  const std::string pre_filter = PreFilter();
  std::vector<std::string> in_order(cluster_.nodes().size(), pre_filter);
  if (pre_filter == "Skip") in_order.assign(in_order.size(), "ok");
  if (pre_filter == "ok") in_order = FilterNodes(cluster_.nodes());
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    answers[cluster_.columns().name[cluster_.nodes()[i]]] = in_order[i];
  }
  return answers;
}

std::vector<std::string> Asking::FilterNodes(NodeSpan nodes) {
  const auto& point = dynamic_cast<const FilterPlugin&>(plugin_);
  std::vector<Verdict> verdicts(nodes.size());
  point.Filter(cycle_, nodes, absl::MakeSpan(verdicts));
  std::vector<std::string> answers;
  for (const Verdict& verdict : verdicts) {
    answers.push_back(Text(
        verdict.code, verdict.ok() ? std::vector<std::string>() : point.Reasons(cycle_, verdict)));
  }
  return answers;
}

std::map<std::string, std::int64_t> Asking::ByNode(NodeSpan nodes,
                                                   const std::vector<std::int64_t>& scores) const {
  std::map<std::string, std::int64_t> by_node;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    by_node[cluster_.columns().name[nodes[i]]] = scores[i];
  }
  return by_node;
}

std::map<std::string, std::int64_t> Asking::Score() {
  const auto& point = dynamic_cast<const ScorePlugin&>(plugin_);
  std::vector<std::int64_t> scores(cluster_.nodes().size());
  point.Score(cycle_, cluster_.nodes(), absl::MakeSpan(scores));
  return ByNode(cluster_.nodes(), scores);
}

std::optional<std::map<std::string, std::int64_t>> Asking::Scored(
    const std::vector<std::string>& names) {
  std::vector<NodeId> nodes(cluster_.nodes().begin(), cluster_.nodes().end());
  if (!names.empty()) {
    nodes.clear();
    for (const std::string& name : names) nodes.push_back(cluster_.FindNode(name));
  }
  std::vector<std::int64_t> scores(nodes.size(), -1);
  Status status;
  if (const auto* before = dynamic_cast<const PreScorePlugin*>(&plugin_)) {
    status = before->PreScore(cycle_, nodes);
  }
  if (status.code == Code::kSkip) return std::nullopt;
  if (!status.ok()) return ByNode(nodes, scores);
  const auto& point = dynamic_cast<const ScorePlugin&>(plugin_);
  point.Score(cycle_, nodes, absl::MakeSpan(scores));
  point.NormalizeScore(cycle_, nodes, absl::MakeSpan(scores));
  return ByNode(nodes, scores);
}

std::string FilterOne(const Plugin& plugin, const kube::Pod& pod, const kube::Node& node,
                      const std::vector<kube::Pod>& others) {
  const auto cluster = MakeCluster({node}, others);
  return Asking(*cluster, pod, plugin).Filter().at(node.metadata.name);
}

}  // namespace heat_scheduler
