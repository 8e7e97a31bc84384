// The controller of persistent volumes and the provisioners of all storage classes, faked: they
// bind claims to volumes and make volumes for them.
//
// As the real ones: a claim whose class binds at once, or that has no class, gets the volume that
// names it in its claimRef, else the smallest available one that will do, else a new one. A claim
// whose class waits for its first pod is left to the scheduler: it gets the volume that is set
// aside for it, or a new one on the node of its annotation volume.kubernetes.io/selected-node; a
// node that is not there has the annotation taken off, as by a provisioner that has failed. A new
// volume can be reached from that node alone, by its label kubernetes.io/hostname. Any provisioner
// but kubernetes.io/no-provisioner makes volumes; nothing is behind them. A volume that was set
// aside for a claim that got another one is given back. One whose claim is gone is Released, or
// deleted if its reclaim policy says so; a claim whose volume is gone is Lost.
// Everything is looked at a moment after any change. Belongs to one thread, the loop's. Source:
// kubernetes v1.36 pkg/controller/volume/persistentvolume/pv_controller.go.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "cluster/registry.h"
#include "kube/codec.h"
#include "net/event_loop.h"

namespace heat_scheduler::cluster {

struct VolumeControllerOptions {
  absl::Duration delay = absl::Milliseconds(100);  // From a change to what is done about it.
  // Asked before a volume is made on a chosen node: true for one that cannot be made.
  std::function<bool()> fails = [] { return false; };
};

class VolumeController final : public WriteObserver {
 public:
  // Starts with the claims that are there. `loop` and `registry` must outlive it.
  VolumeController(net::EventLoop& loop, Registry& registry, VolumeControllerOptions options);
  ~VolumeController() override;
  VolumeController(const VolumeController&) = delete;
  VolumeController& operator=(const VolumeController&) = delete;

  void OnWrite(const WriteRef& write) override;

 private:
  template <typename T>
  kube::Ref<T> Decode(kube::Kind kind, const Document& document) const;
  kube::Ref<kube::PersistentVolume> FindVolume(std::string_view name) const;

  void Schedule();
  // Looks at everything once.
  void Sync();
  void SyncClaim(const kube::PersistentVolumeClaim& claim);
  void SyncVolume(const kube::PersistentVolume& volume);

  // Returns the volume that names the claim, or null.
  kube::Ref<kube::PersistentVolume> VolumeSetAsideFor(
      const kube::PersistentVolumeClaim& claim) const;
  // Returns the smallest volume that will do and is no claim's, or null.
  kube::Ref<kube::PersistentVolume> FreeVolumeFor(const kube::PersistentVolumeClaim& claim) const;
  void Bind(const kube::PersistentVolumeClaim& claim, const kube::PersistentVolume& volume);
  // Makes a volume for the claim; an empty node: one that is reached from everywhere.
  void Provision(const kube::PersistentVolumeClaim& claim, const Json& storage_class,
                 const std::string& node);
  void Release(const kube::PersistentVolume& volume);
  void GiveBack(const kube::PersistentVolume& volume);
  void SetPhase(const ResourceInfo& resource, const kube::ObjectMeta& metadata, const char* phase);
  // Replaces the object's part by what `change` makes of it.
  void Write(const ResourceInfo& resource, const kube::ObjectMeta& metadata, Part part,
             const std::function<void(Json& object)>& change);

  net::EventLoop& loop_;
  Registry& registry_;
  const VolumeControllerOptions options_;
  const std::unique_ptr<kube::Decoder> decoder_;
  net::TimerId timer_ = 0;
};

}  // namespace heat_scheduler::cluster
