// A whole scheduler against a whole (embedded) cluster under virtual time, with a tap on the wire
// for tests that answer a request themselves or break it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cluster/api_server.h"
#include "kube/client/api_client.h"
#include "kube/codec.h"
#include "kube/documents.h"
#include "live/driver.h"
#include "live/metrics.h"
#include "net/http_handler.h"
#include "scheduler/core/scheduler.h"
#include "tests/support/sim_loop.h"
#include "tests/support/sim_network.h"

namespace heat_scheduler {

// Answers a request in the server's place (true), or leaves it to the server.
using Tap = std::function<bool(const net::HttpRequest& request,
                               const std::shared_ptr<net::ResponseSink>& sink)>;
using Faults = std::function<FaultPlan(const net::HttpRequest& request)>;

class LiveCluster : private net::HttpHandler, private FaultPolicy {
 public:
  LiveCluster();
  ~LiveCluster() override;

  // ---- The cluster ----

  // Adds a ready node with 4 CPUs, 8Gi and room for 110 pods; no annotation for an empty reading.
  void AddNode(const std::string& name, const std::string& celsius);
  void SetTemperature(const std::string& node, const std::string& celsius);
  void DeleteNode(const std::string& name);
  // Adds a pod to namespace default.
  void AddPod(const std::string& name, const std::string& cpu = "100m",
              const std::string& scheduler_name = "heat-scheduler",
              const std::string& priority_class = "");
  void AddPriorityClass(const std::string& name, std::int32_t value);
  void DeletePod(const std::string& name);
  // Returns the pod's document, or null.
  nlohmann::json Pod(const std::string& name);
  // Returns the pod's node, empty if it has none or does not exist.
  std::string NodeOf(const std::string& pod);
  // Returns the documents of all events about the pod, in the order of their names.
  std::vector<nlohmann::json> EventsOf(const std::string& pod);
  // Returns how many pods are bound.
  std::size_t BoundPods();
  // Returns how many writes by the operation ("bind") the cluster took.
  std::size_t Writes(const std::string& operation);

  // ---- The scheduler ----

  // What the scheduler is started with, from the next start on.
  DriverOptions options;
  kube::TokenSource token;
  kube::DocumentOptions documents;
  std::function<std::unique_ptr<Scheduler>()> make_machine;  // Empty: MakeMachine.

  void StartScheduler();
  // As a crash: nothing is sent any more.
  void KillScheduler();
  LiveDriver& driver() { return *scheduler_->driver; }
  Metrics& metrics() { return scheduler_->metrics; }
  Scheduler& machine() { return *scheduler_->machine; }

  // ---- The wire ----

  void SetTap(Tap tap) { tap_ = std::move(tap); }
  void SetFaults(Faults faults) { faults_ = std::move(faults); }
  // Returns how many requests reached the server by that method, whose path ends like that.
  std::size_t Requests(const std::string& method, const std::string& suffix) const;

  // Returns true as soon as the condition holds; false if it does not within `max`.
  bool Until(const std::function<bool()>& condition, absl::Duration max = absl::Minutes(2)) {
    return loop_.RunUntil(condition, max);
  }
  bool UntilBound(const std::string& pod) {
    return Until([&] { return !NodeOf(pod).empty(); });
  }
  SimLoop& loop() { return loop_; }
  cluster::ApiServer& server() { return server_; }
  SimTransport& network() { return transport_; }

 private:
  // One start.
  struct Instance {
    Metrics metrics;
    std::unique_ptr<kube::Decoder> decoder;
    std::unique_ptr<kube::ApiClient> api;
    std::unique_ptr<Scheduler> machine;
    std::unique_ptr<LiveDriver> driver;
  };

  void Handle(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) override;
  FaultPlan OnRequest(const net::HttpRequest& request) override;

  SimLoop loop_;
  cluster::ApiServer server_;
  SimTransport transport_;
  Tap tap_;
  Faults faults_;
  std::vector<std::pair<std::string, std::string>> requests_;  // Method and path.
  std::unique_ptr<Instance> scheduler_;
};

// Returns a machine with the default profile.
std::unique_ptr<Scheduler> MakeMachine();

// Returns true for the binding of a pod.
bool IsBind(const net::HttpRequest& request);

}  // namespace heat_scheduler
