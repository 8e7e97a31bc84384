// Writes the PodScheduled condition (and the nomination) of pods that were not placed.
//
// Best effort: a patch is tried kMaxTries times and then dropped; a later one for the same pod
// takes the place of one that was not sent. A pod has one patch in flight at most, so that the last
// word is the latest; a binding waits for it (Forget), lest a late "not scheduled" overwrites what
// the binding says. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "base/random.h"
#include "kube/client/api_client.h"
#include "kube/client/backoff.h"
#include "live/log.h"
#include "live/metrics.h"
#include "net/event_loop.h"

namespace heat_scheduler {

class StatusWriter {
 public:
  static constexpr int kMaxTries = 5;
  static constexpr std::size_t kMaxInFlight = 20;

  // Borrows everything.
  StatusWriter(net::EventLoop& loop, kube::ApiClient& api, Metrics& metrics, std::uint64_t seed);
  // Drops everything.
  ~StatusWriter();
  StatusWriter(const StatusWriter&) = delete;
  StatusWriter& operator=(const StatusWriter&) = delete;

  // Has the patch written, in place of an earlier one of that UID that was not sent.
  void Write(kube::PodStatusPatch patch);

  // Drops what was not sent for that pod; calls `then` at once if nothing is in flight for it, or
  // as soon as that is answered.
  void Forget(const std::string& uid, std::function<void()> then);

  // Returns the pods with patches that are in flight or wait.
  std::size_t pending() const { return pods_.size(); }

 private:
  struct Entry {
    explicit Entry(Random& random) : backoff(random) {}
    std::optional<kube::PodStatusPatch> next;  // Not sent yet, or to be sent again.
    bool in_line = false;
    bool in_flight = false;
    int tries = 0;
    kube::Backoff backoff;
    kube::CallId call = 0;
    net::TimerId timer = 0;
    std::function<void()> then;  // Set by Forget.
  };

  void PutInLine(const std::string& uid, Entry& entry);
  void Fill();
  void Send(const std::string& uid, Entry& entry);
  void OnAnswer(const std::string& uid, kube::PodStatusPatch patch,
                const kube::ApiResult<kube::Ref<kube::Pod>>& result);
  // Sends what is left for the pod, or forgets it.
  void GoOn(const std::string& uid);

  net::EventLoop& loop_;
  kube::ApiClient& api_;
  Metrics& metrics_;
  Random random_;
  LogThrottle throttle_;
  std::size_t in_flight_ = 0;
  std::map<std::string, Entry> pods_;  // By UID.
  std::deque<std::string> line_;       // UIDs whose patch may be sent.
};

}  // namespace heat_scheduler
