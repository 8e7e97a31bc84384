// The kubelets of all nodes, faked: they admit the pods bound to them, run and end them.
//
// A bound pod whose node exists is admitted as a kubelet would: if its node lacks the pods, cpu,
// memory or other resources that it asks for, it becomes Failed (OutOfpods, OutOfcpu, ...), which
// is how an overcommitting scheduler shows. Otherwise it is Running after a delay. Nothing is
// executed and nodes send no heartbeats. Pods say by annotation how they end:
//   heat-cluster/run-seconds  it ends so long after it started running; absent: it runs on
//   heat-cluster/exit-code    of its containers when it ends: 0 (default) Succeeded, else Failed
// A pod that is deleted gracefully is gone after the stop delay. A pod on a node that does not
// exist stays as it is until the node appears. Belongs to one thread, the loop's. Source:
// kubernetes v1.36 pkg/kubelet/lifecycle/predicate.go (admission and its words).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "cluster/registry.h"
#include "kube/codec.h"
#include "net/event_loop.h"

namespace heat_scheduler::cluster {

inline constexpr std::string_view kRunSecondsAnnotation = "heat-cluster/run-seconds";
inline constexpr std::string_view kExitCodeAnnotation = "heat-cluster/exit-code";

struct FakeKubeletOptions {
  absl::Duration start_delay = absl::Seconds(1);        // From the bind to Running.
  absl::Duration stop_delay = absl::Milliseconds(500);  // From a graceful delete to the end.
};

class FakeKubelet final : public WriteObserver {
 public:
  // Starts with the pods that are there. `loop` and `registry` must outlive it.
  FakeKubelet(net::EventLoop& loop, Registry& registry, FakeKubeletOptions options);
  ~FakeKubelet() override;
  FakeKubelet(const FakeKubelet&) = delete;
  FakeKubelet& operator=(const FakeKubelet&) = delete;

  void OnWrite(const WriteRef& write) override;

 private:
  // A pod as a timer remembers it: another pod of the same name is another matter.
  struct PodName {
    std::string namespace_, name, uid;
  };
  using Action = void (FakeKubelet::*)(const PodName& pod, const Document& document);

  // Calls `action` after `delay`, unless the kubelet or the pod is gone by then.
  void After(absl::Duration delay, const Json& pod, Action action);
  void After(absl::Duration delay, PodName pod, Action action);
  void StartNode(const std::string& node);

  void Admit(const PodName& pod, const Document& document);
  void Start(const PodName& pod, const Document& document);
  void Finish(const PodName& pod, const Document& document);
  void Remove(const PodName& pod, const Document& document);

  // Has the pod end when its annotation says so.
  void ScheduleFinish(const Json& pod);
  void Release(const Json& pod);
  void WriteStatus(const PodName& pod, Json document);
  std::string NewPodIp();

  net::EventLoop& loop_;
  Registry& registry_;
  const FakeKubeletOptions options_;
  const std::unique_ptr<kube::Decoder> decoder_;
  // By node and UID: the pods that were admitted and have not ended.
  std::map<std::string, std::map<std::string, kube::Ref<kube::Pod>>, std::less<>> admitted_;
  // By node: pods that were bound before there was such a node. Some may be gone by now.
  std::map<std::string, std::vector<PodName>, std::less<>> early_;
  std::uint32_t last_ip_ = 0;
  const std::shared_ptr<char> alive_ = std::make_shared<char>();  // Expires with this object.
};

}  // namespace heat_scheduler::cluster
