// Binds pods for other schedulers, through the API server.
//
//   node known? -> get the pod -> UID, no node, not being deleted? -> post the binding -> answer
//
// The pod is read first, since it is another scheduler's and not among those that are watched; that
// it is still the one that was read is a precondition of the binding. Nothing is tried again: the
// caller does that, with the whole pod. One thread: the loop's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "extender/binder.h"
#include "extender/decider.h"
#include "kube/client/api_client.h"

namespace heat_scheduler {

class LiveExtenderBinder final : public ExtenderBinder {
 public:
  // Borrows the client and what `live` points to.
  LiveExtenderBinder(kube::ApiClient& api, WatchedCluster live)
      : api_(api), live_(std::move(live)) {}
  // Drops everything: nothing is called back any more.
  ~LiveExtenderBinder() override;
  LiveExtenderBinder(const LiveExtenderBinder&) = delete;
  LiveExtenderBinder& operator=(const LiveExtenderBinder&) = delete;

  void Bind(const BindingArguments& arguments, Done done) override;

 private:
  struct Call {
    BindingArguments arguments;
    Done done;
    kube::CallId id = 0;
  };

  void OnPod(std::uint64_t number, const kube::ApiResult<kube::Object>& result);
  void OnBound(std::uint64_t number, const kube::ApiResult<kube::Accepted>& result);
  void Finish(std::uint64_t number, const std::string& error);

  kube::ApiClient& api_;
  const WatchedCluster live_;
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, Call> calls_;
};

}  // namespace heat_scheduler
