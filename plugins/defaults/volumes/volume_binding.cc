#include "plugins/defaults/volumes/volume_binding.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "kube/objects.h"
#include "kube/storage.h"
#include "plugins/defaults/volumes/claim_binding.h"
#include "plugins/defaults/volumes/ephemeral_claims.h"
#include "plugins/defaults/volumes/pod_volumes.h"
#include "scheduler/framework/effects.h"

namespace heat_scheduler {
namespace {

using kube::PersistentVolumeClaim;

// Returns why the pod cannot have the claim, or empty text.
std::string RefusalOf(const ClusterObjects& objects, const PodRecord& pod, const PodClaim& used) {
  const auto* claim =
      objects.Find<PersistentVolumeClaim>(absl::StrCat(pod.facts.namespace_, "/", used.claim_name));
  const auto name = [&] { return Quoted(used.claim_name); };
  if (claim == nullptr) {
    if (!used.ephemeral) return absl::StrCat("persistentvolumeclaim ", name(), " not found");
    return absl::StrCat(
        "waiting for ephemeral volume controller to create the persistentvolumeclaim ", name());
  }
  if (claim->phase == "Lost") {
    return absl::StrCat("persistentvolumeclaim ", name(),
                        " bound to non-existent persistentvolume ", Quoted(claim->volume_name));
  }
  if (claim->metadata.deletion_timestamp) {
    return absl::StrCat("persistentvolumeclaim ", name(), " is being deleted");
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

kube::ObjectReference ReferenceTo(const PersistentVolumeClaim& claim) {
  kube::ObjectReference reference;
  reference.namespace_ = claim.metadata.namespace_;
  reference.name = claim.metadata.name;
  reference.uid = claim.metadata.uid;
  reference.resource_version = claim.metadata.resource_version;
  return reference;
}

ClaimChoice BindingTo(const kube::PersistentVolume& volume, const PersistentVolumeClaim& claim) {
  const ClaimReference shown{volume.claim_namespace, volume.claim_name, volume.claim_uid};
  ClaimChoice choice;
  choice.claim = ReferenceTo(claim);
  choice.volume = volume.metadata.name;
  choice.volume_version = volume.metadata.resource_version;
  choice.set_aside_by_user = RefersTo(shown, claim);
  choice.written = choice.set_aside_by_user && shown.uid == claim.metadata.uid;
  return choice;
}

ClaimChoice ProvisioningOf(const PersistentVolumeClaim& claim, const std::string& node) {
  const auto shown = claim.metadata.annotations.find(kube::kSelectedNodeAnnotation);
  ClaimChoice choice;
  choice.claim = ReferenceTo(claim);
  choice.written = shown != claim.metadata.annotations.end() && shown->second == node;
  return choice;
}

StepResult Failed(std::string reason) {
  StepResult result;
  result.status.code = Code::kError;
  result.status.reasons = {std::move(reason)};
  return result;
}

}  // namespace

PreFilterResult VolumeBinding::PreFilter(const Cycle& cycle) const {
  PreFilterResult result;
  const PodFacts& facts = cycle.facts();
  if (facts.claims.empty()) {
    result.status.code = Code::kSkip;
    return result;
  }
  const AssumedVolumes& assumed = cycle.cluster.assumed_volumes();
  if (assumed.PlanOf(PodKey(facts)) != nullptr) {
    // In flight: what its claims get is decided, and PreBind watches over it.
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
  absl::StatusOr<PodClaims> claims = GatherClaims(objects, assumed, facts);
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

Status VolumeBinding::ChooseVolumes(const Cycle& cycle, NodeId node,
                                    std::vector<ClaimChoice>& choices) const {
  const absl::StatusOr<PodVolumes> volumes =
      VolumesOn(cycle, cycle.state.Get<ClaimsOfPod>(this), node);
  if (!volumes.ok()) return {Code::kError, {std::string(volumes.status().message())}, ""};
  for (const auto& [claim, volume] : volumes->bindings) {
    choices.push_back(BindingTo(*volume, *claim));
  }
  const std::string& node_name = cycle.cluster.columns().name[node];
  for (const PersistentVolumeClaim* claim : volumes->to_provision) {
    choices.push_back(ProvisioningOf(*claim, node_name));
  }
  return {};
}

StepResult VolumeBinding::PreBind(const Cycle& cycle, NodeId node, EffectSink& effects) {
  using enum VolumePlan::Stage;
  const PodFacts& facts = cycle.facts();
  if (facts.claims.empty()) return {};
  const VolumePlan* plan = cycle.cluster.assumed_volumes().PlanOf(PodKey(facts));
  if (plan == nullptr || plan->stage == kBound) return {};
  if (plan->stage == kFailed) return Failed(plan->error);

  std::vector<ClaimChoice> writes;
  if (plan->stage == kDecided) {
    std::copy_if(plan->choices.begin(), plan->choices.end(), std::back_inserter(writes),
                 [](const ClaimChoice& choice) { return !choice.written; });
  }
  if (!writes.empty()) {
    effects.Emit(BindVolumesEffect{
        {facts.namespace_, facts.name, facts.uid}, plan->ticket, plan->node, std::move(writes)});
  } else if (plan->stage != kSent) {
    const NodeColumns& columns = cycle.cluster.columns();
    const ClusterObjects& objects = cycle.cluster.objects();
    const absl::StatusOr<bool> bound = AreBound(objects, *plan, *columns.node[node],
                                                objects.Find<kube::CsiNode>(columns.name[node]));
    if (!bound.ok()) return Failed(absl::StrCat("binding volumes: ", bound.status().message()));
    if (*bound) return {};
  }
  StepResult result;
  result.status.code = Code::kWait;
  result.wait.inputs = {Input::kNodeLabels};
  result.wait.deadline = cycle.now.mono + absl::Seconds(args_.bind_timeout_seconds);
  result.late = "binding volumes: context deadline exceeded";
  return result;
}

}  // namespace heat_scheduler
