#include "tests/faults/storage_invariants.h"

#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "kube/selectors.h"
#include "kube/storage.h"
#include "tests/faults/fit.h"

namespace heat_scheduler {
namespace {

std::string Text(const cluster::Json& json, cluster::Path path) {
  return std::string(cluster::TextAt(json, path));
}

bool Reaches(const kube::Node& node, const kube::PersistentVolume& volume) {
  return !volume.node_affinity || kube::Matches(*volume.node_affinity, node.metadata.labels, "");
}

}  // namespace

template <typename T>
kube::Ref<T> StorageChecker::Decode(kube::Kind kind, const cluster::Document& document) const {
  const auto object = decoder_.DecodeObject(kind, *document.text());
  HS_CHECK(object.ok(), object.status().ToString());
  return std::get<kube::Ref<T>>(*object);
}

kube::Ref<kube::PersistentVolume> StorageChecker::FindVolume(const std::string& name) const {
  const auto document = store_.Get(cluster::PersistentVolumeResource(), "", name);
  if (document == nullptr) return nullptr;
  return Decode<kube::PersistentVolume>(kube::Kind::kPersistentVolume, *document);
}

kube::Ref<kube::PersistentVolumeClaim> StorageChecker::FindClaim(const std::string& name) const {
  const auto document = store_.Get(cluster::PersistentVolumeClaimResource(), "default", name);
  if (document == nullptr) return nullptr;
  return Decode<kube::PersistentVolumeClaim>(kube::Kind::kPersistentVolumeClaim, *document);
}

void StorageChecker::Report(std::string guarantee, absl::Duration time, std::string what) {
  violations_.push_back({std::move(guarantee), time, std::move(what)});
}

void StorageChecker::OnWrite(const cluster::WriteRef& write, bool ours) {
  if (write->before == nullptr || write->verb == cluster::WriteVerb::kDelete) return;
  if (write->resource == &cluster::PersistentVolumeResource()) CheckVolume(write);
  if (write->resource == &cluster::PersistentVolumeClaimResource()) CheckClaim(write);
  if (write->resource == &cluster::PodResource() && ours && write->operation == "bind") {
    CheckBind(write);
  }
}

void StorageChecker::CheckVolume(const cluster::WriteRef& write) {
  const std::string before = Text(write->before->json(), {"spec", "claimRef", "uid"});
  const std::string after = Text(write->after->json(), {"spec", "claimRef", "uid"});
  if (before.empty() || after.empty() || before == after) return;
  Report("G2", write->time.mono,
         absl::StrCat("volume ", write->name, " was claim ", before, "'s and was given to claim ",
                      after));
}

void StorageChecker::CheckClaim(const cluster::WriteRef& write) {
  const std::string volume = Text(write->after->json(), {"spec", "volumeName"});
  const std::string before = Text(write->before->json(), {"spec", "volumeName"});
  if (volume == before) return;
  if (!before.empty()) {
    Report("G2", write->time.mono,
           absl::StrCat("claim ", write->name, " had volume ", before, " and got ", volume));
  }
  for (const auto& [key, other] : store_.All(cluster::PersistentVolumeClaimResource())) {
    if (other->name() == write->name) continue;
    if (Text(other->json(), {"spec", "volumeName"}) != volume) continue;
    Report("G2", write->time.mono,
           absl::StrCat("claims ", write->name, " and ", key, " both got volume ", volume));
  }
}

void StorageChecker::CheckBind(const cluster::WriteRef& write) {
  const auto pod = Decode<kube::Pod>(kube::Kind::kPod, *write->after);
  const std::string bound = absl::StrCat("pod ", write->name, " was bound to ", pod->node_name);
  bool any = false;
  for (const kube::Volume& used : pod->spec->volumes) {
    if (used.claim_name.empty()) continue;
    any = true;
    const auto claim = FindClaim(used.claim_name);
    if (claim == nullptr) continue;  // Deleted meanwhile.
    if (!kube::IsFullyBound(*claim)) {
      Report("G2", write->time.mono,
             absl::StrCat(bound, ", but its claim ", used.claim_name, " is not bound"));
      continue;
    }
    const auto volume = FindVolume(claim->volume_name);
    const auto document = store_.Get(cluster::NodeResource(), "", pod->node_name);
    if (volume == nullptr || document == nullptr) continue;
    if (!Reaches(*Decode<kube::Node>(kube::Kind::kNode, *document), *volume)) {
      Report("G2", write->time.mono,
             absl::StrCat(bound, ", from where volume ", volume->metadata.name, " of claim ",
                          used.claim_name, " cannot be reached"));
    }
  }
  if (any) ++binds_;
}

void StorageChecker::OnSettled(absl::Duration time, const std::string& scheduler_name) {
  for (const auto& [key, document] : store_.All(cluster::PodResource())) {
    const auto pod = Decode<kube::Pod>(kube::Kind::kPod, *document);
    if (!pod->node_name.empty() || pod->spec->scheduler_name != scheduler_name) continue;
    if (pod->terminated() || pod->metadata.deletion_timestamp) continue;
    if (pod->spec->scheduling_gates.empty()) CheckWaiting(*pod, time);
  }
}

void StorageChecker::CheckWaiting(const kube::Pod& pod, absl::Duration time) {
  for (const auto& [name, document] : store_.All(cluster::NodeResource())) {
    const auto node = Decode<kube::Node>(kube::Kind::kNode, *document);
    if (!CanHaveClaims(pod, *node)) continue;
    PodRefs others;
    for (const auto& [key, other] : store_.All(cluster::PodResource())) {
      auto decoded = Decode<kube::Pod>(kube::Kind::kPod, *other);
      if (decoded->node_name == name && !decoded->terminated()) {
        others.push_back(std::move(decoded));
      }
    }
    if (!WhyNot(pod, *node, others).empty()) continue;
    Report("G7", time,
           absl::StrCat("pod ", pod.metadata.name, " was left waiting although it fits on ", name,
                        ", where its claims can be bound"));
    return;
  }
}

bool StorageChecker::CanHaveClaims(const kube::Pod& pod, const kube::Node& node) const {
  int waiting = 0;
  for (const kube::Volume& used : pod.spec->volumes) {
    if (used.claim_name.empty()) continue;
    const auto claim = FindClaim(used.claim_name);
    if (claim == nullptr || claim->metadata.deletion_timestamp) return false;
    if (!CanHaveClaim(*claim, node)) return false;
    if (!kube::IsFullyBound(*claim)) ++waiting;
  }
  // Two could each have the one volume that there is.
  return waiting <= 1;
}

bool StorageChecker::CanHaveClaim(const kube::PersistentVolumeClaim& claim,
                                  const kube::Node& node) const {
  if (kube::IsFullyBound(claim)) {
    const auto volume = FindVolume(claim.volume_name);
    return volume != nullptr && Reaches(node, *volume);
  }
  const std::string& storage_class = kube::StorageClassOf(claim);
  if (storage_class == "now" || !claim.volume_name.empty()) return false;
  const auto selected = claim.metadata.annotations.find(kube::kSelectedNodeAnnotation);
  if (selected != claim.metadata.annotations.end()) return selected->second == node.metadata.name;
  if (storage_class == "made") return true;
  for (const auto& [name, document] : store_.All(cluster::PersistentVolumeResource())) {
    const auto volume = FindVolume(name);
    if (volume->claim_name.empty() && volume->phase == "Available" &&
        kube::StorageClassOf(*volume) == storage_class && Reaches(node, *volume) &&
        kube::StorageCapacityOf(*volume) >= kube::StorageRequestOf(claim)) {
      return true;
    }
  }
  return false;
}

}  // namespace heat_scheduler
