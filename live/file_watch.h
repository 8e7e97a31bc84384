// Looks each minute whether what was loaded from files has changed, and hands on what has: keys and
// certificates are rotated under a running process.
//
// What cannot be loaded, or is refused, leaves what was before in force and is logged once a
// minute. `Value` has ==. One thread: the loop's.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "live/log.h"
#include "net/event_loop.h"

namespace heat_scheduler {

inline constexpr absl::Duration kFileWatchPeriod = absl::Minutes(1);

template <typename Value>
class FileWatch {
 public:
  using Load = std::function<absl::StatusOr<Value>()>;
  using Apply = std::function<absl::Status(const Value& value)>;

  // `what` names it in the log; `first` is what is in force. Borrows the loop.
  FileWatch(net::EventLoop& loop, std::string what, Value first, Load load, Apply apply)
      : loop_(loop),
        what_(std::move(what)),
        in_force_(std::move(first)),
        load_(std::move(load)),
        apply_(std::move(apply)) {
    LookLater();
  }
  ~FileWatch() { loop_.Cancel(timer_); }
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

 private:
  void LookLater() {
    timer_ = loop_.RunAfter(kFileWatchPeriod, [this] { Look(); });
  }

  void Look() {
    LookLater();
    absl::StatusOr<Value> found = load_();
    if (found.ok() && *found == in_force_) return;
    const absl::Status status = found.ok() ? apply_(*found) : found.status();
    if (status.ok()) {
      in_force_ = *std::move(found);
      LogInfo(0, "Taken up anew", {{"what", what_}});
    } else {
      LogWarning("What has changed cannot be used, what was before stays",
                 {{"what", what_}, {"err", std::string(status.message())}});
    }
  }

  net::EventLoop& loop_;
  const std::string what_;
  Value in_force_;
  const Load load_;
  const Apply apply_;
  net::TimerId timer_ = 0;
};

}  // namespace heat_scheduler
