#include "tests/faults/storage_workload.h"

#include <iterator>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "tests/faults/manifests.h"
#include "tests/faults/workload.h"

namespace heat_scheduler {
namespace {

using cluster::Json;

constexpr std::size_t kClaimsAtMost = 20;
constexpr std::size_t kPodsAtMost = 40;

cluster::WriteContext StorageWriter(const char* operation) {
  return {"storage-workload", operation};
}

Json StorageClass(const char* name, const char* provisioner, const char* mode) {
  return {
      {"metadata", {{"name", name}}}, {"provisioner", provisioner}, {"volumeBindingMode", mode}};
}

}  // namespace

StorageWorkload::StorageWorkload(net::EventLoop& loop, cluster::Registry& registry,
                                 std::uint64_t seed)
    : loop_(loop),
      registry_(registry),
      random_(seed),
      pace_(absl::Milliseconds(200 + random_.Below(800))) {}

StorageWorkload::~StorageWorkload() { Stop(); }

void StorageWorkload::Start() {
  for (const Json& storage_class :
       {StorageClass("static", "kubernetes.io/no-provisioner", "WaitForFirstConsumer"),
        StorageClass("made", "csi.example.com", "WaitForFirstConsumer"),
        StorageClass("now", "csi.example.com", "Immediate")}) {
    Create(cluster::StorageClassResource(), storage_class);
  }
  for (int i = 0; i < 4; ++i) CreateVolume();
  for (int i = 0; i < 3; ++i) CreatePod();
  Tick();
}

void StorageWorkload::Stop() { loop_.Cancel(std::exchange(timer_, 0)); }

void StorageWorkload::Tick() {
  timer_ = loop_.RunAfter(pace_ * (2 * random_.Unit()), [this] {
    Act();
    Tick();
  });
}

void StorageWorkload::Act() {
  switch (random_.Below(8)) {
    case 0:
    case 1:
      return CreateVolume();
    case 2:
      return DeleteVolume();
    case 3:
      return DeleteClaim();
    default:
      return CreatePod();
  }
}

// One that a node alone reaches, or all do.
void StorageWorkload::CreateVolume() {
  Json volume = {{"metadata", {{"name", absl::StrCat("v", next_++)}}},
                 {"spec",
                  {{"capacity", {{"storage", absl::StrCat(1 + random_.Below(3), "Gi")}}},
                   {"accessModes", {"ReadWriteOnce"}},
                   {"storageClassName", "static"}}}};
  if (random_.Chance(0.7)) {
    const Json requirement = {{"key", "kubernetes.io/hostname"},
                              {"operator", "In"},
                              {"values", Json::array({absl::StrCat("n", random_.Below(5))})}};
    volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"] =
        Json::array({{{"matchExpressions", Json::array({requirement})}}});
  }
  Create(cluster::PersistentVolumeResource(), std::move(volume));
}

// Of those that are no claim's yet, as far as the API shows: a scheduler may have its eye on it.
void StorageWorkload::DeleteVolume() {
  for (const auto& [name, document] :
       cluster::Store::Objects(registry_.store().All(cluster::PersistentVolumeResource()))) {
    if (cluster::Find(document->json(), {"spec", "claimRef"}) != nullptr) continue;
    if (random_.Chance(0.7)) continue;
    registry_.Delete({&cluster::PersistentVolumeResource(), "", name}, {}, StorageWriter("delete"));
    return;
  }
}

std::string StorageWorkload::CreateClaim() {
  // Names never come again: a claim of that name is that claim.
  std::string name = absl::StrCat("c", next_++);
  constexpr const char* kClasses[] = {"static", "static", "made", "made", "now"};
  Create(
      cluster::PersistentVolumeClaimResource(),
      {{"metadata", {{"name", name}, {"namespace", "default"}}},
       {"spec",
        {{"accessModes", {"ReadWriteOnce"}},
         {"storageClassName", kClasses[random_.Below(std::size(kClasses))]},
         {"resources", {{"requests", {{"storage", absl::StrCat(1 + random_.Below(2), "Gi")}}}}}}}});
  return name;
}

void StorageWorkload::DeleteClaim() {
  const auto& claims = registry_.store().All(cluster::PersistentVolumeClaimResource());
  if (claims.empty()) return;
  const auto chosen =
      std::next(claims.begin(), static_cast<std::ptrdiff_t>(random_.Below(claims.size())));
  const std::string name(chosen->second->name());
  registry_.Delete({&cluster::PersistentVolumeClaimResource(), "default", name}, {},
                   StorageWriter("delete"));
}

void StorageWorkload::CreatePod() {
  const auto& claims = registry_.store().All(cluster::PersistentVolumeClaimResource());
  if (claims.size() >= kClaimsAtMost) return DeleteClaim();
  if (registry_.store().All(cluster::PodResource()).size() >= kPodsAtMost) return;
  Json pod = DrawPod(random_, absl::StrCat("d", next_++), kOurScheduler);
  const bool shared = !last_claim_.empty() && random_.Chance(0.2);
  if (!shared) last_claim_ = CreateClaim();
  Json volumes = Json::array();
  volumes.push_back({{"name", "data"}, {"persistentVolumeClaim", {{"claimName", last_claim_}}}});
  if (random_.Chance(0.3)) {
    volumes.push_back(
        {{"name", "more"}, {"persistentVolumeClaim", {{"claimName", CreateClaim()}}}});
  }
  pod["spec"]["volumes"] = std::move(volumes);
  Create(cluster::PodResource(), std::move(pod));
}

void StorageWorkload::Create(const cluster::ResourceInfo& resource, Json document) {
  registry_.Create(resource, resource.namespaced ? "default" : "", std::move(document),
                   StorageWriter("create"));
}

}  // namespace heat_scheduler
