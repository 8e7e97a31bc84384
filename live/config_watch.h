// Looks whether the configuration has changed: each minute, and whenever it is told to (SIGHUP).
//
// What has changed and is good is handed on, once. What cannot be read or is refused leaves what
// was before in force; it is logged, with everything that is wrong, once for each text, and
// counted. One thread: the loop's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "live/metrics.h"
#include "net/event_loop.h"

namespace heat_scheduler {

class ConfigWatch {
 public:
  using Done = std::function<void(absl::StatusOr<std::string> text)>;

  struct Source {
    std::string what;                     // Its name, for people: "scheduler.yaml".
    std::string in_force;                 // Its text, when that was last taken up.
    std::function<void(Done done)> read;  // Calls `done` once, at once or later.
    std::function<absl::Status(const std::string& text)> check;  // Whether a text can be used.
  };

  // Borrows loop and metrics. After `on_changed` it looks no more.
  ConfigWatch(net::EventLoop& loop, Metrics& metrics, Source source,
              std::function<void(const std::string& text)> on_changed);
  // Drops everything: nothing is called back any more.
  ~ConfigWatch();
  ConfigWatch(const ConfigWatch&) = delete;
  ConfigWatch& operator=(const ConfigWatch&) = delete;

  // Looks at once, and says so in the log if nothing has changed.
  void LookNow();

 private:
  void Look(bool asked);
  void OnText(const absl::StatusOr<std::string>& text, bool asked);
  void Refuse(const std::string& text, const absl::Status& why, bool asked);

  net::EventLoop& loop_;
  Metrics& metrics_;
  const Source source_;
  const std::function<void(const std::string& text)> on_changed_;
  bool reading_ = false;
  bool changed_ = false;
  std::optional<std::string> refused_;  // The text that was refused last; unreadable: empty.
  net::TimerId timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace heat_scheduler
