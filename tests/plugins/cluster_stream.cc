#include "tests/plugins/cluster_stream.h"

#include <initializer_list>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kube/storage.h"
#include "tests/plugins/defaults/volumes/storage_objects.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace {

using enum kube::SelectorOperator;

constexpr std::size_t kKinds = 12;

}  // namespace

ClusterStream::ClusterStream(std::uint64_t seed, std::size_t nodes)
    : random_(seed), nodes_wanted_(nodes), room_(3 * nodes + 4) {
  for (std::size_t i = 0; i < kKinds; ++i) kinds_.push_back(DrawKind());
  for (std::size_t i = 0; i < nodes; ++i) PutNode();
  for (int i = 0; i < 4; ++i) ChangeObject();
  Put(cluster_,
      {ObjectOf(WaitingClass("made", "d")), ObjectOf(WaitingClass("found", kube::kNoProvisioner))});
}

// ---- What there can be ----

kube::Node ClusterStream::DrawNode() {
  NodeBuilder node = MakeNode(NodeName());
  node.Pods(static_cast<std::int64_t>(2 + random_.Below(6)));
  node.Cpu(absl::StrCat(2 + random_.Below(3))).Memory(absl::StrCat(2 + random_.Below(3), "Gi"));
  if (OneIn(3)) node.Resource("example.com/gpu", absl::StrCat(random_.Below(3)));
  if (!OneIn(8)) node.Label("zone", OneOf({"a", "b", "c"}));
  if (OneIn(2)) node.Label("disk", OneOf({"ssd", "hdd", ""}));
  if (OneIn(40)) node.Label("kubernetes.io/hostname", OneOf({"n0", "same"}));
  if (OneIn(40)) node.Label("topology.kubernetes.io/zone", "");
  if (!OneIn(4)) node.Label("topology.kubernetes.io/zone", OneOf({"a", "b"}));
  if (OneIn(5)) {
    node.Taint(OneOf({"k", "l"}), "v",
               OneIn(3) ? kube::TaintEffect::kNoSchedule : kube::TaintEffect::kPreferNoSchedule);
  }
  if (OneIn(10)) node.Unschedulable();
  for (const auto& [image, mebibytes] : std::initializer_list<std::pair<const char*, std::int64_t>>{
           {"app:1", 600}, {"app:latest", 900}, {"other:1", 300}}) {
    if (OneIn(3)) node.Image(image, (mebibytes + (OneIn(9) ? 100 : 0)) << 20);
  }
  if (!OneIn(4)) {
    node.Annotation("nerdalize/temp", OneOf({"10", "20.5", "20.5", "69", "71", "-5", "0", "-0"}));
  }
  if (OneIn(3)) node.Annotation("nerdalize/temp-time", "1970-01-01T00:00:00Z");
  kube::Node drawn = node;
  if (OneIn(2)) drawn.declared_features = {"RestartAllContainersOnContainerExits"};
  return drawn;
}

kube::NodeSelectorTerm ClusterStream::DrawNodeTerm() {
  kube::NodeSelectorTerm term;
  term.match_expressions.push_back(Require(OneOf({"disk", "zone"}), OneIn(3) ? kNotIn : kIn,
                                           {OneOf({"a", "ssd"}), OneOf({"b", "c", "hdd"})}));
  if (OneIn(12)) {
    term.match_fields.push_back(Require("metadata.name", OneIn(2) ? kIn : kNotIn, {NodeName()}));
  }
  return term;
}

kube::LabelSelector ClusterStream::DrawSelector() {
  kube::LabelSelector selector;
  if (OneIn(12)) return selector;
  if (OneIn(2)) {
    selector.match_labels["app"] = OneOf({"a", "b"});
  } else {
    selector.match_expressions.push_back(
        Require("app", OneIn(2) ? kNotIn : kIn, {OneOf({"a", "b"}), "c"}));
  }
  return selector;
}

kube::PodAffinityTerm ClusterStream::DrawAffinityTerm() {
  kube::PodAffinityTerm term;
  if (!OneIn(15)) term.label_selector = DrawSelector();
  term.topology_key = OneOf({"disk", "zone", "zone", "kubernetes.io/hostname"});
  if (OneIn(5)) term.namespaces = {OneOf({"default", "other"})};
  if (OneIn(5)) {
    term.namespace_selector.emplace().match_expressions = {
        Require("team", OneIn(2) ? kIn : kNotIn, {OneOf({"a", "b"})})};
  }
  return term;
}

void ClusterStream::DrawNodeWishes(kube::Pod& pod) {
  if (OneIn(5)) pod.spec->node_selector["zone"] = OneOf({"a", "b"});
  if (OneIn(5)) pod.spec->affinity.required_node_affinity.emplace().terms = {DrawNodeTerm()};
  if (OneIn(3)) {
    pod.spec->affinity.preferred_node_affinity.push_back(
        {static_cast<std::int32_t>(1 + random_.Below(9)), DrawNodeTerm()});
  }
  if (OneIn(3)) {
    kube::Toleration toleration;
    toleration.key = OneOf({"k", "l", "node.kubernetes.io/unschedulable"});
    toleration.exists = true;
    pod.spec->tolerations.push_back(std::move(toleration));
  }
}

void ClusterStream::DrawNeighbours(kube::Pod& pod) {
  kube::Affinity& affinity = pod.spec->affinity;
  const auto weight = [&] { return static_cast<std::int32_t>(1 + random_.Below(5)); };
  if (OneIn(4)) affinity.required_pod_affinity.push_back(DrawAffinityTerm());
  if (OneIn(12)) affinity.required_pod_affinity.push_back(DrawAffinityTerm());
  if (OneIn(4)) affinity.required_pod_anti_affinity.push_back(DrawAffinityTerm());
  if (OneIn(4)) affinity.preferred_pod_affinity.push_back({weight(), DrawAffinityTerm()});
  if (OneIn(4)) affinity.preferred_pod_anti_affinity.push_back({weight(), DrawAffinityTerm()});
  for (std::uint64_t constraints = random_.Below(3); constraints > 0; --constraints) {
    kube::TopologySpreadConstraint constraint;
    constraint.max_skew = static_cast<std::int32_t>(1 + random_.Below(3));
    constraint.topology_key = OneOf({"disk", "zone", "zone", "kubernetes.io/hostname"});
    constraint.schedule_anyway = OneIn(2);
    if (!OneIn(15)) constraint.label_selector = DrawSelector();
    if (OneIn(4)) constraint.min_domains = static_cast<std::int32_t>(1 + random_.Below(4));
    constraint.honor_node_affinity = OneIn(2);
    constraint.honor_node_taints = OneIn(2);
    if (OneIn(6)) constraint.match_label_keys = {"app"};
    pod.spec->topology_spread_constraints.push_back(std::move(constraint));
  }
}

kube::Pod ClusterStream::DrawKind() {
  PodBuilder pod = MakePod(OneOf({"default", "default", "default", "other"}) + "/kind");
  if (!OneIn(4)) pod.Cpu(OneOf({"100m", "250m", "600m", "1300m"}));
  if (!OneIn(4)) pod.Memory(OneOf({"100Mi", "300Mi", "900Mi"}));
  if (OneIn(8)) pod.Request("example.com/gpu", "1");
  if (OneIn(8)) pod.Port(80);
  if (!OneIn(4)) pod.Label("app", OneOf({"a", "b", "c"}));
  if (OneIn(6)) pod.Owner("ReplicaSet", "set");
  kube::Pod drawn = pod;
  if (OneIn(2)) DrawNodeWishes(drawn);
  if (OneIn(2)) DrawNeighbours(drawn);
  drawn.spec->containers.front().image = OneOf({"app:1", "app", "other:1", "none"});
  drawn.spec->containers.front().restarts_all_containers = OneIn(10);
  if (OneIn(10)) drawn.spec->volumes.emplace_back().image = "other:1";
  return drawn;
}

kube::Pod ClusterStream::DrawPod() {
  if (OneIn(60)) kinds_[random_.Below(kKinds)] = DrawKind();
  kube::Pod pod = kinds_[random_.Below(kKinds)];
  pod.metadata.name = absl::StrCat("p", ++pods_made_);
  pod.metadata.uid = absl::StrCat("u", pods_made_);
  if (OneIn(12)) pod.metadata.labels["app"] = OneOf({"a", "b", "c"});
  if (OneIn(40)) pod.metadata.labels["own"] = pod.metadata.name;
  pod.spec->priority = static_cast<std::int32_t>(random_.Below(3));
  if (OneIn(5)) AddClaim(pod);
  return pod;
}

// Some are shared by pods, some a pod's own.
void ClusterStream::AddClaim(kube::Pod& pod) {
  kube::Volume& volume = pod.spec->volumes.emplace_back();
  volume.name = "data";
  volume.claim_name = OneIn(3) ? pod.metadata.name : absl::StrCat("c", random_.Below(8));
  if (!OneIn(4)) PutClaim(volume.claim_name);
}

// A claim with or without a volume.
void ClusterStream::PutClaim(const std::string& name) {
  const std::string version = absl::StrCat(++versions_);
  ClaimBuilder claim = MakeClaim(name).ResourceVersion(version);
  VolumeBuilder volume = MakeVolume("v-" + name).ResourceVersion(version);
  volume.Csi("d", name);
  if (OneIn(6)) volume.ReachedFrom("zone", {OneOf({"a", "b"})});
  if (OneIn(8)) volume.Label("topology.kubernetes.io/zone", OneOf({"a", "b"}));
  if (OneIn(8)) claim.Mode("ReadWriteOncePod");
  if (OneIn(30)) claim.Deleting();
  if (OneIn(4)) {
    claim.Class(OneOf({"made", "found"}));
    volume.Class("found");
  } else {
    claim.BoundTo("v-" + name);
  }
  Put(cluster_, {volume, claim});
}

void ClusterStream::PutAttachment() {
  auto attachment = std::make_shared<kube::VolumeAttachment>();
  attachment->metadata.name = absl::StrCat("a", random_.Below(4));
  attachment->attacher = "d";
  attachment->node_name = NodeName();
  attachment->persistent_volume_name = absl::StrCat("v-c", random_.Below(8));
  cluster_.UpsertObject(kube::Ref<kube::VolumeAttachment>(std::move(attachment)));
}

// A pod of ours, in flight, for which it is decided what one of its claims gets; or one of those
// gives up, or is bound, with its writes done, refused, under way, or never asked for.
void ClusterStream::ChangeAssumed() {
  if (in_flight_.size() <= random_.Below(4)) return Assume();
  AssumedVolumes& assumed = cluster_.assumed_volumes();
  const std::string pod = in_flight_.back();
  in_flight_.pop_back();
  const std::uint64_t ticket = assumed.PlanOf(pod)->ticket;
  std::string who;
  if (OneIn(2)) assumed.NoteSent(ticket);
  if (OneIn(2))
    assumed.NoteWritten(ticket, random_.Below(2), OneIn(2) ? "refused" : "", false, who);
  assumed.Forget(pod);
  if (OneIn(2)) assumed.NoteWritten(ticket, 0, "refused", false, who);
}

void ClusterStream::Assume() {
  const ClusterObjects& objects = cluster_.objects();
  AssumedVolumes& assumed = cluster_.assumed_volumes();
  const auto* claim =
      objects.Find<kube::PersistentVolumeClaim>(absl::StrCat("default/c", random_.Below(8)));
  if (claim == nullptr || kube::IsFullyBound(*claim)) return;
  ClaimChoice choice;
  choice.claim.namespace_ = claim->metadata.namespace_;
  choice.claim.name = claim->metadata.name;
  choice.claim.uid = claim->metadata.uid;
  choice.claim.resource_version = claim->metadata.resource_version;
  const auto* volume = objects.Find<kube::PersistentVolume>(absl::StrCat("v-c", random_.Below(8)));
  if (OneIn(2)) {
    if (volume == nullptr || !assumed.ClaimOf(*volume).name.empty()) return;
    choice.volume = volume->metadata.name;
    choice.volume_version = volume->metadata.resource_version;
  } else if (assumed.SelectedNodeOf(*claim) != nullptr) {
    return;
  }
  in_flight_.push_back(absl::StrCat("in flight ", ++pods_made_));
  assumed.Assume(in_flight_.back(), NodeName(), {choice});
}

// ---- What happens ----

void ClusterStream::Happen() {
  while (placed_.size() > room_) Remove(random_.Below(placed_.size()));
  if (OneIn(3)) return;
  switch (random_.Below(16)) {
    case 0:
    case 1:
      PutNode();
      break;
    case 2:
      if (OneIn(2)) cluster_.RemoveNode(NodeName());
      break;
    case 3:
    case 4:
    case 5:
      ChangeNode();
      break;
    case 6:
    case 7:
      PutForeignPod();
      break;
    case 8:
      if (OneIn(3)) ChangeObject();
      ChangeAssumed();
      break;
    case 9:
      Nominate();
      break;
    case 10:
    case 11:
      if (!placed_.empty()) Remove(random_.Below(placed_.size()));
      break;
    default:
      ChangePod();
  }
}

void ClusterStream::PutNode() {
  cluster_.UpsertNode(std::make_shared<const kube::Node>(DrawNode()));
}

void ClusterStream::ChangeNode() {
  const NodeId row = cluster_.FindNode(NodeName());
  if (row == kNoNode) return;
  kube::Node node = *cluster_.columns().node[row];
  switch (random_.Below(6)) {
    case 0:
      node.unschedulable = !node.unschedulable;
      break;
    case 1:
    case 2:
      node.metadata.annotations["nerdalize/temp"] = OneOf({"9", "10", "20.5", "44", "hot"});
      break;
    case 3:
      node.metadata.labels[OneOf({"zone", "disk"})] = OneOf({"a", "b", "ssd"});
      break;
    case 4:
      node.allocatable["cpu"] = Q(OneOf({"1", "3", "5"}));
      break;
    default:
      node.metadata.resource_version = "next";
  }
  cluster_.UpsertNode(std::make_shared<const kube::Node>(std::move(node)));
}

void ClusterStream::PutForeignPod() {
  kube::Pod pod = DrawPod();
  pod.node_name = OneIn(30) ? "unknown" : NodeName();
  Upsert(pod);
}

void ClusterStream::ChangePod() {
  if (placed_.empty()) return;
  kube::Pod& pod = placed_[random_.Below(placed_.size())];
  switch (random_.Below(5)) {
    case 4:
      pod.status.start_time =
          absl::UnixEpoch() + absl::Seconds(random_.Below(3)) - absl::Seconds(1);
      break;
    case 0:
      pod.metadata.labels["app"] = OneOf({"a", "b", "c"});
      break;
    case 1:
      pod.metadata.deletion_timestamp = absl::UnixEpoch();
      break;
    case 2:
      pod.spec->containers.front().requests["cpu"] = Q(OneOf({"100m", "700m"}));
      break;
    default:
      if (OneIn(2)) pod.status.phase = "Succeeded";
  }
  cluster_.UpsertPod(std::make_shared<const kube::Pod>(pod));
}

// A few pods at a time, at times none.
void ClusterStream::Nominate() {
  if (nominated_.size() > random_.Below(4)) {
    const std::size_t gone = OneIn(3) ? nominated_.size() : 1;
    for (std::size_t i = 0; i < gone; ++i) {
      cluster_.RemovePod(nominated_.back());
      nominated_.pop_back();
    }
    return;
  }
  kube::Pod pod = DrawPod();
  pod.status.nominated_node_name = NodeName();
  nominated_.push_back(PodKey(pod.metadata));
  cluster_.UpsertPod(std::make_shared<const kube::Pod>(std::move(pod)));
}

void ClusterStream::ChangeObject() {
  if (OneIn(4)) {
    const auto limit = static_cast<std::int32_t>(1 + random_.Below(4));
    Put(cluster_, {ObjectOf(MakeCsiNode(NodeName(), OneOf({"d", "e"}), limit))});
    return;
  }
  if (OneIn(8)) return PutAttachment();
  if (OneIn(4)) {
    auto budget = std::make_shared<kube::PodDisruptionBudget>();
    budget->metadata.namespace_ = "default";
    budget->metadata.name = "budget";
    budget->selector.emplace().match_labels["app"] = OneOf({"a", "b"});
    budget->disruptions_allowed = static_cast<std::int32_t>(random_.Below(3));
    cluster_.UpsertObject(kube::Ref<kube::PodDisruptionBudget>(std::move(budget)));
    return;
  }
  if (OneIn(2)) {
    auto object = std::make_shared<kube::Namespace>();
    object->metadata.name = OneOf({"default", "other"});
    object->metadata.labels["team"] = OneOf({"a", "b"});
    cluster_.UpsertObject(kube::Ref<kube::Namespace>(std::move(object)));
    return;
  }
  if (OneIn(2)) {
    auto set = std::make_shared<kube::ReplicaSet>();
    set->metadata.namespace_ = "default";
    set->metadata.name = "set";
    set->selector.emplace().match_labels["app"] = OneOf({"a", "b"});
    cluster_.UpsertObject(kube::Ref<kube::ReplicaSet>(std::move(set)));
    return;
  }
  auto service = std::make_shared<kube::Service>();
  service->metadata.namespace_ = "default";
  service->metadata.name = "service";
  service->selector.emplace().match_labels["app"] = OneOf({"a", "b", "c"});
  const kube::Object object = kube::Ref<kube::Service>(std::move(service));
  if (OneIn(2)) {
    cluster_.RemoveObject(object);
  } else {
    cluster_.UpsertObject(object);
  }
}

void ClusterStream::Upsert(const kube::Pod& pod) {
  cluster_.UpsertPod(std::make_shared<const kube::Pod>(pod));
  placed_.push_back(pod);
}

void ClusterStream::Remove(std::size_t place) {
  cluster_.RemovePod(PodKey(placed_[place].metadata));
  std::swap(placed_[place], placed_.back());
  placed_.pop_back();
}

// ---- The pods that are asked about ----

const PodRecord& ClusterStream::NextPod() {
  kube::Pod pod = DrawPod();
  if (OneIn(15)) pod.status.nominated_node_name = NodeName();
  return cluster_.UpsertPod(std::make_shared<const kube::Pod>(std::move(pod)));
}

void ClusterStream::Place(const PodRecord& pod, NodeId node) {
  const std::string key = PodKey(pod.facts);
  cluster_.Assume(*cluster_.FindPod(key), node);
  if (OneIn(12)) {
    cluster_.Forget(key);
    cluster_.RemovePod(key);
    return;
  }
  kube::Pod shown = *pod.pod;
  shown.node_name = cluster_.columns().name[node];
  // Some are never shown bound.
  if (OneIn(2)) cluster_.UpsertPod(std::make_shared<const kube::Pod>(shown));
  placed_.push_back(std::move(shown));
}

void ClusterStream::Leave(const PodRecord& pod) { cluster_.RemovePod(PodKey(pod.facts)); }

}  // namespace heat_scheduler
