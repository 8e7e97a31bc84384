#include "extender/decider.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "extender/answers.h"
#include "scheduler/state/guest_pod.h"

namespace heat_scheduler {
namespace {

std::size_t TotalSize(const std::vector<std::string_view>& texts) {
  std::size_t size = 0;
  for (const std::string_view text : texts) size += text.size() + 1;
  return size;
}

// Returns the pods of those UIDs that count on the node, each once.
std::vector<const PodRecord*> VictimsOn(const ClusterState& cluster, NodeId node,
                                        const std::vector<std::string>& uids) {
  std::vector<const PodRecord*> victims;
  for (const std::string& uid : uids) {
    const PodRecord* victim = cluster.FindPod(uid);
    if (victim == nullptr || victim->node != node) continue;
    const bool again = std::find(victims.begin(), victims.end(), victim) != victims.end();
    if (!again) victims.push_back(victim);
  }
  return victims;
}

}  // namespace

// What a request asks about.
struct Decider::Asked {
  // A node that no plugin can be asked about.
  struct Lost {
    std::string name;
    std::string problem;
  };

  kube::Ref<kube::Pod> pod;
  NodeForm form = NodeForm::kNodes;
  const ClusterState* cluster = nullptr;
  // What stands for each node in the request, and so in the answer; and its row, or kNoNode.
  const std::vector<std::string_view>* texts = nullptr;
  std::vector<NodeId> rows;
  std::vector<NodeId> nodes;  // The rows that are some, in their order.
  std::vector<Lost> lost;
};

absl::StatusOr<std::string> Decider::Filter(const ExtenderArguments& arguments,
                                            const ExtenderProfile& profile, Instant now,
                                            ExtenderReport& report) {
  ASSIGN_OR_RETURN(const Asked asked, Read(arguments, profile, report));
  const GuestPod guest(*asked.cluster, asked.pod, ++guests_);
  ASSIGN_OR_RETURN(
      const FilterOutcome outcome,
      evaluator_.Filter({profile.profile, *asked.cluster, guest.record(), now, asked.nodes}));
  report.kept = outcome.passed.size();
  const bool all_pass = outcome.passed.size() == asked.texts->size();
  FilterAnswer answer(asked.form, all_pass ? TotalSize(*asked.texts) : 0);
  auto passed = outcome.passed.begin();
  for (std::size_t i = 0; i < asked.rows.size() && passed != outcome.passed.end(); ++i) {
    if (asked.rows[i] != *passed) continue;
    answer.AddPassed((*asked.texts)[i]);
    ++passed;
  }
  for (const FilterOutcome::Failure& failure : outcome.failed) {
    answer.AddFailed(asked.cluster->columns().name[failure.node], outcome.reasons[failure.reason],
                     failure.resolvable);
  }
  for (const Asked::Lost& lost : asked.lost) answer.AddFailed(lost.name, lost.problem, false);
  return answer.Finish();
}

absl::StatusOr<std::string> Decider::Prioritize(const ExtenderArguments& arguments,
                                                const ExtenderProfile& profile, Instant now,
                                                ExtenderReport& report) {
  ASSIGN_OR_RETURN(const Asked asked, Read(arguments, profile, report));
  const GuestPod guest(*asked.cluster, asked.pod, ++guests_);
  ASSIGN_OR_RETURN(
      std::vector<std::int64_t> scores,
      evaluator_.Prioritize({profile.profile, *asked.cluster, guest.record(), now, asked.nodes}));
  std::vector<std::string_view> names;
  names.reserve(scores.size() + asked.lost.size());
  for (const NodeId node : asked.nodes) names.push_back(asked.cluster->columns().name[node]);
  for (const Asked::Lost& lost : asked.lost) {
    names.push_back(lost.name);
    scores.push_back(0);
  }
  return PrioritizeAnswer(names, scores);
}

absl::StatusOr<std::string> Decider::Preempt(const PreemptionArguments& arguments,
                                             const ExtenderProfile& profile, Instant now,
                                             ExtenderReport& report) {
  ASSIGN_OR_RETURN(const kube::Ref<kube::Pod> pod, ReadPod(arguments.pod, report));
  RETURN_IF_ERROR(CheckLive());
  const ClusterState& cluster = *live_.cluster;
  const GuestPod guest(cluster, pod, ++guests_);
  report.nodes = arguments.nodes.size();
  PreemptionAnswer answer;
  for (const NodeVictims& candidate : arguments.nodes) {
    const NodeId node = cluster.FindNode(candidate.node);
    if (node == kNoNode) continue;
    const std::vector<const PodRecord*> victims = VictimsOn(cluster, node, candidate.uids);
    if (victims.size() != candidate.uids.size()) continue;
    ASSIGN_OR_RETURN(
        const bool fits,
        evaluator_.FitsWithout({profile.profile, cluster, guest.record(), now, NodeSpan(&node, 1)},
                               victims));
    if (!fits) continue;
    answer.Add(candidate);
    ++report.kept;
  }
  return answer.Finish();
}

absl::StatusOr<Decider::Asked> Decider::Read(const ExtenderArguments& arguments,
                                             const ExtenderProfile& profile,
                                             ExtenderReport& report) {
  Asked asked;
  ASSIGN_OR_RETURN(asked.pod, ReadPod(arguments.pod, report));
  if (arguments.nodes.has_value() == arguments.node_names.has_value()) {
    return absl::InvalidArgumentError(
        arguments.nodes.has_value() ? "the request has both Nodes and NodeNames; it is to have one"
                                    : "the request has neither Nodes nor NodeNames");
  }
  const bool named = arguments.node_names.has_value();
  asked.form = named ? NodeForm::kNames : NodeForm::kNodes;
  asked.texts = named ? &*arguments.node_names : &*arguments.nodes;
  report.nodes = asked.texts->size();
  if (asked.texts->empty()) {
    return absl::InvalidArgumentError("the request has no node to choose from");
  }
  RETURN_IF_ERROR(named ? TakeNames(*asked.texts, asked) : TakeNodes(*asked.texts, profile, asked));
  asked.nodes.reserve(asked.rows.size());
  for (const NodeId row : asked.rows) {
    if (row != kNoNode) asked.nodes.push_back(row);
  }
  return asked;
}

absl::StatusOr<kube::Ref<kube::Pod>> Decider::ReadPod(std::string_view document,
                                                      ExtenderReport& report) {
  if (document.empty()) return absl::InvalidArgumentError("the request has no Pod");
  ASSIGN_OR_RETURN(const kube::Object object, decoder_.DecodeObject(kube::Kind::kPod, document));
  auto pod = std::get<kube::Ref<kube::Pod>>(object);
  report.pod = absl::StrCat(pod->metadata.namespace_, "/", pod->metadata.name);
  if (!pod->node_name.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("pod ", Quoted(report.pod), " is on node ",
                                                   Quoted(pod->node_name), " already"));
  }
  return pod;
}

absl::Status Decider::TakeNodes(const std::vector<std::string_view>& documents,
                                const ExtenderProfile& profile, Asked& asked) {
  if (!profile.beyond_nodes.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(profile.beyond_nodes, "; set nodeCacheCapable: true"));
  }
  RETURN_IF_ERROR(received_.Take(documents));
  asked.cluster = &received_.cluster();
  asked.rows = received_.rows();
  for (const ReceivedNodes::BadNode& bad : received_.bad()) {
    asked.lost.push_back({bad.name, absl::StrCat("node(s) could not be read: ", bad.problem)});
  }
  return absl::OkStatus();
}

absl::Status Decider::TakeNames(const std::vector<std::string_view>& names, Asked& asked) {
  RETURN_IF_ERROR(CheckLive());
  asked.cluster = live_.cluster;
  named_.assign(asked.cluster->columns().name.size(), 0);
  asked.rows.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const NodeId row = asked.cluster->FindNode(names[i]);
    asked.rows.push_back(row);
    if (row == kNoNode) {
      asked.lost.push_back({std::string(names[i]), "node(s) were not known to heat-scheduler"});
    } else if (std::exchange(named_[row], 1) != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("NodeNames[", i, "]: node ", Quoted(names[i]), " is there twice"));
    }
  }
  return absl::OkStatus();
}

absl::Status Decider::CheckLive() const {
  if (live_.cluster == nullptr) {
    return absl::FailedPreconditionError(
        "nodes and pods by name are known to a heat-scheduler that watches the API server, which "
        "this one does not; set nodeCacheCapable: false, or call the other");
  }
  if (live_.synced()) return absl::OkStatus();
  return absl::UnavailableError("the cluster has not been read yet; try again later");
}

}  // namespace heat_scheduler
