// What happens to storage while it is scheduled: volumes made by hand come and go, claims come with
// pods that use them, alone or shared, and some are deleted too early.
//
// Writes to the embedded API without a network, as Workload does, beside which it runs. Everything
// is drawn from its seed. One thread: the loop's.
#pragma once

#include <cstdint>
#include <string>

#include "base/random.h"
#include "cluster/registry.h"
#include "net/event_loop.h"

namespace heat_scheduler {

class StorageWorkload {
 public:
  // Borrows loop and registry.
  StorageWorkload(net::EventLoop& loop, cluster::Registry& registry, std::uint64_t seed);
  ~StorageWorkload();
  StorageWorkload(const StorageWorkload&) = delete;
  StorageWorkload& operator=(const StorageWorkload&) = delete;

  // Creates the classes ("static", "made", "now") and goes on from there.
  void Start();

  // Changes nothing any more.
  void Stop();

 private:
  void Tick();
  void Act();
  void CreateVolume();
  void DeleteVolume();
  void CreatePod();
  std::string CreateClaim();
  void DeleteClaim();
  void Create(const cluster::ResourceInfo& resource, cluster::Json document);

  net::EventLoop& loop_;
  cluster::Registry& registry_;
  Random random_;
  const absl::Duration pace_;  // Mean time between two acts.
  std::uint64_t next_ = 0;     // Of names.
  std::string last_claim_;
  net::TimerId timer_ = 0;
};

}  // namespace heat_scheduler
