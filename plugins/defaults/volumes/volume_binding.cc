#include "plugins/defaults/volumes/volume_binding.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "kube/objects.h"
#include "kube/storage.h"
#include "plugins/defaults/volumes/ephemeral_claims.h"
#include "plugins/defaults/volumes/pod_volumes.h"

namespace heat_scheduler {
namespace {

using kube::PersistentVolumeClaim;

// Returns why the pod cannot have the claim, or empty text.
std::string RefusalOf(const ClusterObjects& objects, const PodRecord& pod, const PodClaim& used) {
  const auto* claim =
      objects.Find<PersistentVolumeClaim>(absl::StrCat(pod.facts.namespace_, "/", used.claim_name));
  const std::string name = Quoted(used.claim_name);
  if (claim == nullptr) {
    if (!used.ephemeral) return absl::StrCat("persistentvolumeclaim ", name, " not found");
    return absl::StrCat(
        "waiting for ephemeral volume controller to create the persistentvolumeclaim ", name);
  }
  if (claim->phase == "Lost") {
    return absl::StrCat("persistentvolumeclaim ", name, " bound to non-existent persistentvolume ",
                        Quoted(claim->volume_name));
  }
  if (claim->metadata.deletion_timestamp) {
    return absl::StrCat("persistentvolumeclaim ", name, " is being deleted");
  }
  if (used.ephemeral && !kube::IsControlledBy(*claim, *pod.pod)) {
    return NotOwnerMessage(*claim, *pod.pod);
  }
  return "";
}

// From PreFilter on. Copies share what they say: verdicts of one are read with another.
struct ClaimsOfPod final : PluginState {
  std::shared_ptr<const PodClaims> claims;
  std::shared_ptr<std::vector<std::string>> errors = std::make_shared<std::vector<std::string>>();

  std::unique_ptr<PluginState> Clone() const override {
    return std::make_unique<ClaimsOfPod>(*this);
  }
};

absl::StatusOr<PodVolumes> VolumesOn(const Cycle& cycle, const ClaimsOfPod& state, NodeId node) {
  const NodeColumns& columns = cycle.cluster.columns();
  return FindVolumes(*state.claims, *columns.node[node],
                     cycle.cluster.objects().Find<kube::CsiNode>(columns.name[node]));
}

PreFilterResult Refused(Code code, std::string reason) {
  PreFilterResult result;
  result.status.code = code;
  result.status.reasons = {std::move(reason)};
  return result;
}

std::vector<VolumeChoice> ChoicesOf(const PodVolumes& volumes) {
  std::vector<VolumeChoice> choices;
  for (const auto& [claim, volume] : volumes.bindings) {
    choices.push_back({kube::KeyOf(claim->metadata), volume->metadata.name});
  }
  for (const PersistentVolumeClaim* claim : volumes.to_provision) {
    choices.push_back({kube::KeyOf(claim->metadata), ""});
  }
  return choices;
}

}  // namespace

PreFilterResult VolumeBinding::PreFilter(const Cycle& cycle) const {
  PreFilterResult result;
  const PodFacts& facts = cycle.facts();
  if (facts.claims.empty()) {
    result.status.code = Code::kSkip;
    return result;
  }
  const ClusterObjects& objects = cycle.cluster.objects();
  for (const PodClaim& used : facts.claims) {
    std::string refusal = RefusalOf(objects, cycle.pod, used);
    if (!refusal.empty()) {
      return Refused(Code::kUnschedulableAndUnresolvable, std::move(refusal));
    }
  }
  absl::StatusOr<PodClaims> claims = GatherClaims(objects, assumed_, facts);
  if (!claims.ok()) return Refused(Code::kError, std::string(claims.status().message()));
  if (claims->immediate_unbound) {
    return Refused(Code::kUnschedulableAndUnresolvable,
                   "pod has unbound immediate PersistentVolumeClaims");
  }
  auto state = std::make_unique<ClaimsOfPod>();
  state->claims = std::make_shared<const PodClaims>(*std::move(claims));
  cycle.state.Put(this, std::move(state));
  return result;
}

void VolumeBinding::Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const {
  const auto& state = cycle.state.Get<ClaimsOfPod>(this);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const absl::StatusOr<PodVolumes> volumes = VolumesOn(cycle, state, nodes[i]);
    if (!volumes.ok()) {
      verdicts[i] = {Code::kError, state.errors->size()};
      state.errors->emplace_back(volumes.status().message());
    } else if (volumes->conflicts != 0) {
      verdicts[i] = {Code::kUnschedulableAndUnresolvable, volumes->conflicts};
    }
  }
}

bool VolumeBinding::FindDoubtful(const Cycle& cycle, CycleState& /*kept*/,
                                 std::vector<NodeId>& /*nodes*/) const {
  return AreSatisfiedEverywhere(*cycle.state.Get<ClaimsOfPod>(this).claims);
}

std::vector<std::string> VolumeBinding::Reasons(const Cycle& cycle, const Verdict& verdict) const {
  if (verdict.code == Code::kError) {
    return {cycle.state.Get<ClaimsOfPod>(this).errors->at(verdict.detail)};
  }
  std::vector<std::string> reasons;
  const auto add = [&](VolumeConflict conflict, const char* reason) {
    if ((verdict.detail & conflict) != 0) reasons.emplace_back(reason);
  };
  add(kNodeConflict, "node(s) didn't match PersistentVolume's node affinity");
  add(kNothingToBind, "node(s) didn't find available persistent volumes to bind");
  add(kNotEnoughSpace, "node(s) did not have enough free storage");
  add(kVolumeNotExists,
      "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");
  return reasons;
}

Status VolumeBinding::PreScore(const Cycle& /*cycle*/, NodeSpan /*nodes*/) const {
  return {Code::kSkip, {}, ""};
}

void VolumeBinding::Score(const Cycle& /*cycle*/, NodeSpan /*nodes*/,
                          absl::Span<std::int64_t> scores) const {
  std::fill(scores.begin(), scores.end(), kMinNodeScore);
}

Status VolumeBinding::Reserve(const Cycle& cycle, NodeId node) {
  if (cycle.facts().claims.empty()) return {};
  const absl::StatusOr<PodVolumes> volumes =
      VolumesOn(cycle, cycle.state.Get<ClaimsOfPod>(this), node);
  if (!volumes.ok()) return {Code::kError, {std::string(volumes.status().message())}, ""};
  std::vector<VolumeChoice> choices = ChoicesOf(*volumes);
  if (choices.empty()) return {};
  const std::string pod = PodKey(cycle.facts());
  const std::string& node_name = cycle.cluster.columns().name[node];
  for (const auto& [claim, volume] : volumes->bindings) {
    assumed_.AssumeBound(pod, *volume, *claim);
  }
  for (const PersistentVolumeClaim* claim : volumes->to_provision) {
    assumed_.AssumeProvisioned(pod, *claim, node_name);
  }
  reserved_[pod] = std::move(choices);
  return {};
}

void VolumeBinding::Unreserve(const PodRecord& pod, NodeId /*node*/) {
  const std::string key = PodKey(pod.facts);
  if (reserved_.erase(key) > 0) assumed_.Forget(key);
}

StepResult VolumeBinding::PreBind(const Cycle& cycle, NodeId node, EffectSink& /*effects*/) {
  StepResult result;
  if (reserved_.empty()) return result;
  const auto found = reserved_.find(PodKey(cycle.facts()));
  if (found == reserved_.end()) return result;
  result.status.code = Code::kUnschedulable;
  const std::string on_node = Quoted(cycle.cluster.columns().name[node]);
  for (const VolumeChoice& choice : found->second) {
    const std::string chosen = choice.volume.empty()
                                   ? absl::StrCat("a new volume on node ", on_node)
                                   : absl::StrCat("persistentvolume ", Quoted(choice.volume));
    result.status.reasons.push_back(absl::StrCat(
        "persistentvolumeclaim ", Quoted(choice.claim), " is unbound and would get ", chosen,
        ", but heat-scheduler does not bind claims: the pod waits until somebody has"));
  }
  return result;
}

void VolumeBinding::PostBind(const PodRecord& pod, NodeId node) { Unreserve(pod, node); }

std::vector<VolumeChoice> VolumeBinding::ChoicesOn(const Cycle& cycle, NodeId node) const {
  if (cycle.facts().claims.empty()) return {};
  const absl::StatusOr<PodVolumes> volumes =
      VolumesOn(cycle, cycle.state.Get<ClaimsOfPod>(this), node);
  return volumes.ok() ? ChoicesOf(*volumes) : std::vector<VolumeChoice>();
}

}  // namespace heat_scheduler
