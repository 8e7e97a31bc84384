// The watches: each gets the writes that it picks, in order, from the resourceVersion it names.
//
// One line of text a write, made once and shared by all who see the object alike. A watcher that
// takes its data too slowly is closed, so that memory stays bounded: it comes back with its last
// resourceVersion, or gets 410 and lists again. Belongs to one thread, the loop's. Source of the
// rules: https://kubernetes.io/docs/reference/using-api/api-concepts/; k8s.io/apiserver
// pkg/storage/cacher (v0.36).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "cluster/api_error.h"
#include "cluster/selectors.h"
#include "cluster/store.h"
#include "cluster/view.h"
#include "net/event_loop.h"
#include "net/http_handler.h"

namespace heat_scheduler::cluster {

struct WatchLimits {
  std::size_t max_queued_bytes = 64 * 1024 * 1024;  // Of one watcher; beyond it is closed.
  absl::Duration bookmark_interval = absl::Minutes(1);
  // How long a watch lasts that names no timeout: at least this, at most twice.
  absl::Duration min_timeout = absl::Minutes(30);
};

// The parameters of a watch, as they stand in the query.
struct WatchOptions {
  Selection selection;
  std::string resource_version;  // "" and "0": what is there first, as ADDED; N: what follows N.
  bool bookmarks = false;
  bool send_initial_events = false;  // What is there first, then a bookmark that says so.
  std::optional<absl::Duration> timeout;
};

class WatchHub final : public WriteObserver {
 public:
  // `loop` and `store` must outlive the hub.
  WatchHub(net::EventLoop& loop, Store& store, WatchLimits limits);
  ~WatchHub() override;
  WatchHub(const WatchHub&) = delete;
  WatchHub& operator=(const WatchHub&) = delete;

  // Answers a watch: its head and first events now, the rest as it happens. A resourceVersion that
  // is no longer known, or not reached yet, gets an ERROR event and the end, as from the real
  // server. BadRequest if the resourceVersion is none.
  Refusal Start(const View& view, WatchOptions options, std::shared_ptr<net::ResponseSink> sink);

  // Ends every watch, as a server that stops.
  void CloseAll();

  // Number of watches under way.
  std::size_t size() const;

  void OnWrite(const WriteRef& write) override;

 private:
  struct Watcher;

  void SendInitial(Watcher& watcher);
  void Deliver(Watcher& watcher, const Write& write);
  void SendLine(Watcher& watcher, std::string line);
  void SendBookmark(Watcher& watcher, bool initial_events_end);
  void ScheduleBookmark(std::uint64_t id);
  Watcher* FindWatcher(std::uint64_t id);
  void End(std::uint64_t id);

  net::EventLoop& loop_;
  Store& store_;
  const WatchLimits limits_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Watcher>> watchers_;
  const std::shared_ptr<char> alive_ = std::make_shared<char>();  // Expires with the hub.
};

}  // namespace heat_scheduler::cluster
