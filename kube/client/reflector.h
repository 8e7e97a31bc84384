// Keeps a view of one kind of object: lists it, then watches from there, for ever.
//
// Every list asks for the newest state (resourceVersion unset), in pages of one snapshot: a view
// never goes back in time, whichever API server answers. (client-go lists "0" first, which a stale
// cache may answer; since Kubernetes 1.31 the newest state comes from that cache too, and costs
// little.) Watches go on from the last resourceVersion seen, bookmarks included, so that a broken
// connection costs no list. Listed again: after 410, after 504 "Too large resource version", after
// an event over the limit, and when watches keep giving bytes that cannot be read.
//
//   Start -> listing --all pages--> watching --closed, cut, silent--> watching from the last
//   version
//               ^  \--error: back-off--/  \--error: back-off--> watching
//               \-------------- 410, 504 ------/
//
// Back-off as client-go's (backoff.h); at once only after a watch that lasted. Pauses that the
// server asks for are kept. Numbers: pages of 500, watches of 5 to 10 minutes (client-go).
// All calls and callbacks are on the loop's thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/random.h"
#include "kube/client/api_client.h"
#include "kube/client/backoff.h"
#include "kube/client/object_tracker.h"
#include "kube/client/reflector_handler.h"
#include "net/event_loop.h"

namespace heat_scheduler::kube {

struct ReflectorOptions {
  Selection selection = {};
  std::uint64_t seed = 1;  // Of the jitter.
  int page_size = 500;
  absl::Duration min_watch_timeout = absl::Minutes(5);  // Each lasts between once and twice this.
  BackoffOptions backoff = {};
};

// What a reflector has done since its start.
struct ReflectorStats {
  std::uint64_t lists = 0;           // Complete ones.
  std::uint64_t list_failures = 0;   // Pages or lists that failed or were given up.
  std::uint64_t watches = 0;         // That the server accepted.
  std::uint64_t watch_failures = 0;  // Refused, or ended by an error.
  std::uint64_t events = 0;          // ADDED, MODIFIED, DELETED.
  std::uint64_t bookmarks = 0;
  std::uint64_t decode_errors = 0;  // Objects and frames that could not be read.
  absl::Duration last_sync = -absl::InfiniteDuration();     // End of the last complete list.
  absl::Duration last_contact = -absl::InfiniteDuration();  // Last list, event or accepted watch.
};

class Reflector {
 public:
  // Borrows client, loop and handler, which outlive it.
  Reflector(ApiClient& client, net::EventLoop& loop, ReflectorOptions options,
            ReflectorHandler& handler);
  // Stops.
  ~Reflector();
  Reflector(const Reflector&) = delete;
  Reflector& operator=(const Reflector&) = delete;

  // Begins with a list, unless it runs already.
  void Start();

  // Ends all requests; the handler is not called any more. What is known is kept: Start tells the
  // differences.
  void Stop();

  // Returns true once a list was complete.
  bool synced() const { return stats_.lists > 0; }

  // Returns true while a watch is open: the view follows the cluster.
  bool watching() const { return watch_open_; }

  // Returns the resourceVersion up to which everything was seen; empty before the first list.
  const std::string& resource_version() const { return resource_version_; }

  // Returns why the last list or watch failed; OK since the next success.
  const absl::Status& last_error() const { return last_error_; }

  // Returns how many objects are known.
  std::size_t size() const { return tracker_.size(); }

  const ReflectorStats& stats() const { return stats_; }

 private:
  // What follows a pause.
  enum class Next { kList, kWatch };

  void BeginList();
  // Starts the list over without pages: the pages' snapshot is gone.
  void BeginWholeList();
  void RequestPage(const std::string& continue_token);
  void OnPage(ApiResult<ListPage> result);
  void OnPageFailure(const ApiFailure& failure);
  void FinishList();

  void BeginWatch();
  void OnEvent(const WatchEvent& event);
  void OnErrorEvent(const ApiStatus& status);
  void OnWatchEnd(const WatchEnd& end);
  void OnWatchRefused(const ApiFailure& failure);

  // Notes what went wrong and tells the handler.
  void Trouble(const absl::Status& error);
  // Goes on after the back-off, or after `at_least` if that is longer.
  void Retry(Next next, absl::Duration at_least = absl::ZeroDuration());
  // Lists again: at once, unless the last list was a moment ago.
  void Relist();
  void Schedule(Next next, absl::Duration delay);

  ApiClient& client_;
  net::EventLoop& loop_;
  const ReflectorOptions options_;
  ReflectorHandler& handler_;
  Random random_;
  Backoff backoff_;
  ObjectTracker tracker_;

  bool running_ = false;
  CallId call_ = 0;         // The page or watch under way.
  net::TimerId timer_ = 0;  // Or the pause.

  // The list under way.
  int page_size_;  // 0: all in one.
  ListPage gathered_;

  // The watch under way.
  bool watch_open_ = false;
  absl::Duration watch_opened_at_ = absl::ZeroDuration();
  int garbled_in_a_row_ = 0;

  std::string resource_version_;
  absl::Status last_error_;
  ReflectorStats stats_;
};

}  // namespace heat_scheduler::kube
