// What a cluster does by itself while it is scheduled: nodes come, go, come back, are cordoned,
// tainted and resized, their temperatures change; pods of ours and of others come, are changed and
// deleted; disruption budgets come, go, and allow more or less.
//
// Writes to the embedded API without a network, so that no fault reaches it. Everything is drawn
// from the Random that it is given. One thread: the loop's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/random.h"
#include "cluster/registry.h"
#include "net/event_loop.h"

namespace heat_scheduler {

inline constexpr char kOurScheduler[] = "heat-scheduler";
inline constexpr char kOtherScheduler[] = "other-scheduler";

class Workload {
 public:
  // Borrows loop and registry.
  Workload(net::EventLoop& loop, cluster::Registry& registry, std::uint64_t seed);
  ~Workload();
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  // Creates the first nodes and pods, and goes on changing things from then on.
  void Start();

  // Changes nothing any more.
  void Stop();

 private:
  void Tick();
  void Act();
  void CreatePod(const std::string& scheduler_name);
  void CreateStaticPod();
  void DeletePod();
  void RecreatePod();
  void Ungate();
  void TouchPod();
  void TolerateMore();
  void CreateNode();
  void DeleteNode();
  void RecreateNode();
  void PatchNode(const cluster::Json& patch, cluster::Part part = cluster::Part::kMain);
  void ChangeTemperature();
  void CreateBudget();
  void ChangeBudget();
  void DeleteBudget();

  // Returns an object at random, or null if there is none.
  cluster::DocumentRef AnyPod();
  cluster::DocumentRef AnyNode();
  void Create(const cluster::ResourceInfo& resource, const std::string& namespace_,
              cluster::Json document);
  void Delete(const cluster::ResourceInfo& resource, const cluster::Document& document,
              bool at_once);
  void PatchPod(const cluster::Document& pod, const cluster::Json& patch);

  net::EventLoop& loop_;
  cluster::Registry& registry_;
  Random random_;
  const absl::Duration pace_;           // Mean time between two acts.
  std::vector<std::uint64_t> weights_;  // How often each act is drawn, this run.
  std::uint64_t next_pod_ = 0;
  std::uint64_t next_node_ = 0;
  std::uint64_t next_budget_ = 0;
  net::TimerId timer_ = 0;
};

}  // namespace heat_scheduler
