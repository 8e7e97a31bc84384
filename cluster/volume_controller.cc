#include "cluster/volume_controller.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "kube/selectors.h"
#include "kube/storage.h"

namespace heat_scheduler::cluster {
namespace {

using kube::PersistentVolume;
using kube::PersistentVolumeClaim;

constexpr char kProvisionedBy[] = "pv.kubernetes.io/provisioned-by";
constexpr char kHostname[] = "kubernetes.io/hostname";

WriteContext Writer(const char* operation) { return {"heat-cluster/volumes", operation}; }

// Returns true if the volume names the claim.
bool Names(const PersistentVolume& volume, const PersistentVolumeClaim& claim) {
  return volume.claim_name == claim.metadata.name &&
         volume.claim_namespace == claim.metadata.namespace_ &&
         (volume.claim_uid.empty() || volume.claim_uid == claim.metadata.uid);
}

bool WillDo(const PersistentVolume& volume, const PersistentVolumeClaim& claim) {
  const auto& offered = volume.access_modes;
  return volume.claim_name.empty() && !volume.metadata.deletion_timestamp &&
         kube::StorageClassOf(volume) == kube::StorageClassOf(claim) &&
         volume.volume_mode == claim.volume_mode &&
         kube::StorageCapacityOf(volume) >= kube::StorageRequestOf(claim) &&
         (!claim.selector || kube::Matches(*claim.selector, volume.metadata.labels)) &&
         std::all_of(claim.access_modes.begin(), claim.access_modes.end(),
                     [&](const std::string& mode) {
                       return std::find(offered.begin(), offered.end(), mode) != offered.end();
                     });
}

}  // namespace

VolumeController::VolumeController(net::EventLoop& loop, Registry& registry,
                                   VolumeControllerOptions options)
    : loop_(loop),
      registry_(registry),
      options_(std::move(options)),
      decoder_(kube::MakeJsonDecoder()) {
  registry_.store().AddObserver(this);
  Schedule();
}

VolumeController::~VolumeController() {
  registry_.store().RemoveObserver(this);
  loop_.Cancel(timer_);
}

void VolumeController::OnWrite(const WriteRef& write) {
  const ResourceInfo* resource = write->resource;
  if (resource == &PersistentVolumeResource() || resource == &PersistentVolumeClaimResource() ||
      resource == &StorageClassResource()) {
    Schedule();
  }
}

void VolumeController::Schedule() {
  if (timer_ != 0) return;
  timer_ = loop_.RunAfter(options_.delay, [this] {
    timer_ = 0;
    Sync();
  });
}

template <typename T>
kube::Ref<T> VolumeController::Decode(kube::Kind kind, const Document& document) const {
  auto object = decoder_->DecodeObject(kind, *document.text());
  return object.ok() ? std::get<kube::Ref<T>>(*std::move(object)) : nullptr;
}

kube::Ref<PersistentVolume> VolumeController::FindVolume(std::string_view name) const {
  const DocumentRef document = registry_.store().Get(PersistentVolumeResource(), "", name);
  if (document == nullptr) return nullptr;
  return Decode<PersistentVolume>(kube::Kind::kPersistentVolume, *document);
}

void VolumeController::Sync() {
  // Copies: what is done changes the store.
  const Store::Objects claims = registry_.store().All(PersistentVolumeClaimResource());
  for (const auto& [key, document] : claims) {
    const auto claim = Decode<PersistentVolumeClaim>(kube::Kind::kPersistentVolumeClaim, *document);
    if (claim != nullptr && !claim->metadata.deletion_timestamp) SyncClaim(*claim);
  }
  const Store::Objects volumes = registry_.store().All(PersistentVolumeResource());
  for (const auto& [key, document] : volumes) {
    const auto volume = Decode<PersistentVolume>(kube::Kind::kPersistentVolume, *document);
    if (volume != nullptr) SyncVolume(*volume);
  }
}

void VolumeController::SyncClaim(const PersistentVolumeClaim& claim) {
  if (!claim.volume_name.empty()) {
    const kube::Ref<PersistentVolume> volume = FindVolume(claim.volume_name);
    if (kube::IsFullyBound(claim)) {
      const char* phase = volume == nullptr ? "Lost" : "Bound";
      if (claim.phase != phase) SetPhase(PersistentVolumeClaimResource(), claim.metadata, phase);
    } else if (volume != nullptr && (volume->claim_name.empty() || Names(*volume, claim))) {
      Bind(claim, *volume);
    }
    return;
  }
  if (const auto volume = VolumeSetAsideFor(claim)) return Bind(claim, *volume);
  const std::string& class_name = kube::StorageClassOf(claim);
  const DocumentRef storage_class = registry_.store().Get(StorageClassResource(), "", class_name);
  std::string node;
  if (storage_class != nullptr &&
      TextAt(storage_class->json(), {"volumeBindingMode"}) == "WaitForFirstConsumer") {
    const auto selected = claim.metadata.annotations.find(kube::kSelectedNodeAnnotation);
    if (selected == claim.metadata.annotations.end()) return;
    node = selected->second;
  } else if (const auto volume = FreeVolumeFor(claim)) {
    return Bind(claim, *volume);
  }
  if (storage_class == nullptr) return;
  const std::string_view provisioner = TextAt(storage_class->json(), {"provisioner"});
  if (provisioner.empty() || provisioner == kube::kNoProvisioner) return;
  Provision(claim, storage_class->json(), node);
}

kube::Ref<PersistentVolume> VolumeController::VolumeSetAsideFor(
    const PersistentVolumeClaim& claim) const {
  for (const auto& [name, document] : registry_.store().All(PersistentVolumeResource())) {
    if (TextAt(document->json(), {"spec", "claimRef", "name"}) != claim.metadata.name) continue;
    auto volume = Decode<PersistentVolume>(kube::Kind::kPersistentVolume, *document);
    if (volume != nullptr && Names(*volume, claim)) return volume;
  }
  return nullptr;
}

kube::Ref<PersistentVolume> VolumeController::FreeVolumeFor(
    const PersistentVolumeClaim& claim) const {
  kube::Ref<PersistentVolume> best;
  for (const auto& [name, document] : registry_.store().All(PersistentVolumeResource())) {
    auto volume = Decode<PersistentVolume>(kube::Kind::kPersistentVolume, *document);
    if (volume == nullptr || volume->phase != "Available" || !WillDo(*volume, claim)) continue;
    if (best == nullptr || kube::StorageCapacityOf(*volume) < kube::StorageCapacityOf(*best)) {
      best = std::move(volume);
    }
  }
  return best;
}

void VolumeController::Bind(const PersistentVolumeClaim& claim, const PersistentVolume& volume) {
  Json capacity, modes;
  Write(PersistentVolumeResource(), volume.metadata, Part::kMain, [&](Json& object) {
    Json& spec = object["spec"];
    if (!Names(volume, claim)) {
      EnsureObject(object["metadata"], "annotations")[kube::kBoundByControllerAnnotation] = "yes";
    }
    Json& reference = EnsureObject(spec, "claimRef");
    reference["apiVersion"] = "v1";
    reference["kind"] = "PersistentVolumeClaim";
    reference["namespace"] = claim.metadata.namespace_;
    reference["name"] = claim.metadata.name;
    reference["uid"] = claim.metadata.uid;
    capacity = ObjectAt(spec, {"capacity"});
    modes = ArrayAt(spec, {"accessModes"});
  });
  SetPhase(PersistentVolumeResource(), volume.metadata, "Bound");
  Write(PersistentVolumeClaimResource(), claim.metadata, Part::kMain, [&](Json& object) {
    Json& annotations = EnsureObject(object["metadata"], "annotations");
    annotations[kube::kBindCompletedAnnotation] = "yes";
    if (claim.volume_name.empty()) annotations[kube::kBoundByControllerAnnotation] = "yes";
    object["spec"]["volumeName"] = volume.metadata.name;
  });
  Write(PersistentVolumeClaimResource(), claim.metadata, Part::kStatus, [&](Json& object) {
    object["status"] = {{"phase", "Bound"}, {"accessModes", modes}, {"capacity", capacity}};
  });
}

void VolumeController::Provision(const PersistentVolumeClaim& claim, const Json& storage_class,
                                 const std::string& node) {
  const std::string provisioner(TextAt(storage_class, {"provisioner"}));
  const DocumentRef there = registry_.store().Get(NodeResource(), "", node);
  if (!node.empty() && (there == nullptr || options_.fails())) {
    return Write(PersistentVolumeClaimResource(), claim.metadata, Part::kMain, [&](Json& object) {
      Json& annotations = EnsureObject(object["metadata"], "annotations");
      annotations.erase(std::string(kube::kSelectedNodeAnnotation));
      annotations["volume.kubernetes.io/storage-provisioner"] = provisioner;
    });
  }
  const DocumentRef asked = registry_.store().Get(PersistentVolumeClaimResource(),
                                                  claim.metadata.namespace_, claim.metadata.name);
  const std::string name = absl::StrCat("pvc-", claim.metadata.uid);
  Json volume = {{"metadata", {{"name", name}, {"annotations", {{kProvisionedBy, provisioner}}}}},
                 {"spec",
                  {{"capacity", {{"storage", "0"}}},
                   {"accessModes", ArrayAt(asked->json(), {"spec", "accessModes"})},
                   {"volumeMode", claim.volume_mode},
                   {"storageClassName", kube::StorageClassOf(claim)},
                   {"persistentVolumeReclaimPolicy", TextAt(storage_class, {"reclaimPolicy"})},
                   {"csi", {{"driver", provisioner}, {"volumeHandle", name}}},
                   {"claimRef",
                    {{"apiVersion", "v1"},
                     {"kind", "PersistentVolumeClaim"},
                     {"namespace", claim.metadata.namespace_},
                     {"name", claim.metadata.name},
                     {"uid", claim.metadata.uid}}}}}};
  if (const Json* size = Find(asked->json(), {"spec", "resources", "requests", "storage"})) {
    volume["spec"]["capacity"]["storage"] = *size;
  }
  if (there != nullptr) {
    if (const Json* host = Find(there->json(), {"metadata", "labels", kHostname})) {
      const Json requirement = {
          {"key", kHostname}, {"operator", "In"}, {"values", Json::array({*host})}};
      const Json term = {{"matchExpressions", Json::array({requirement})}};
      volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"] = Json::array({term});
    }
  }
  // One of that name was made before, and is bound at the next look.
  registry_.Create(PersistentVolumeResource(), "", std::move(volume), Writer("create"));
}

void VolumeController::SyncVolume(const PersistentVolume& volume) {
  if (volume.claim_uid.empty()) {
    if (volume.phase != "Available") {
      SetPhase(PersistentVolumeResource(), volume.metadata, "Available");
    }
    return;
  }
  const DocumentRef document = registry_.store().Get(PersistentVolumeClaimResource(),
                                                     volume.claim_namespace, volume.claim_name);
  const auto claim = document == nullptr ? nullptr
                                         : Decode<PersistentVolumeClaim>(
                                               kube::Kind::kPersistentVolumeClaim, *document);
  if (claim == nullptr || claim->metadata.uid != volume.claim_uid) return Release(volume);
  if (claim->volume_name.empty() || claim->volume_name == volume.metadata.name) return;
  GiveBack(volume);
}

void VolumeController::Release(const PersistentVolume& volume) {
  const DocumentRef document =
      registry_.store().Get(PersistentVolumeResource(), "", volume.metadata.name);
  if (TextAt(document->json(), {"spec", "persistentVolumeReclaimPolicy"}) == "Delete") {
    registry_.Delete({&PersistentVolumeResource(), "", volume.metadata.name}, {}, Writer("delete"));
  } else if (volume.phase != "Released") {
    SetPhase(PersistentVolumeResource(), volume.metadata, "Released");
  }
}

void VolumeController::GiveBack(const PersistentVolume& volume) {
  if (volume.metadata.annotations.contains(kProvisionedBy)) return Release(volume);
  Write(PersistentVolumeResource(), volume.metadata, Part::kMain, [&](Json& object) {
    if (volume.metadata.annotations.contains(kube::kBoundByControllerAnnotation)) {
      object["metadata"]["annotations"].erase(std::string(kube::kBoundByControllerAnnotation));
      object["spec"].erase("claimRef");
    } else {
      object["spec"]["claimRef"].erase("uid");
    }
  });
}

void VolumeController::SetPhase(const ResourceInfo& resource, const kube::ObjectMeta& metadata,
                                const char* phase) {
  Write(resource, metadata, Part::kStatus,
        [phase](Json& object) { EnsureObject(object, "status")["phase"] = phase; });
}

void VolumeController::Write(const ResourceInfo& resource, const kube::ObjectMeta& metadata,
                             Part part, const std::function<void(Json& object)>& change) {
  const DocumentRef current = registry_.store().Get(resource, metadata.namespace_, metadata.name);
  // Deleted by what was done for it a moment ago.
  if (current == nullptr) return;
  Json object = current->json();
  change(object);
  registry_.Update({&resource, metadata.namespace_, metadata.name}, part, std::move(object),
                   Writer(part == Part::kStatus ? "update status" : "update"));
}

}  // namespace heat_scheduler::cluster
