#include "live/config_watch.h"

#include <utility>

#include "live/file_watch.h"
#include "live/log.h"

namespace heat_scheduler {

ConfigWatch::ConfigWatch(net::EventLoop& loop, Metrics& metrics, Source source,
                         std::function<void(const std::string& text)> on_changed)
    : loop_(loop),
      metrics_(metrics),
      source_(std::move(source)),
      on_changed_(std::move(on_changed)) {
  timer_ = loop_.RunAfter(kFileWatchPeriod, [this] { Look(false); });
}

ConfigWatch::~ConfigWatch() {
  *alive_ = false;
  loop_.Cancel(timer_);
}

void ConfigWatch::LookNow() { Look(true); }

void ConfigWatch::Look(bool asked) {
  if (reading_ || changed_) return;
  loop_.Cancel(timer_);
  timer_ = 0;
  reading_ = true;
  source_.read([this, asked, alive = alive_](const absl::StatusOr<std::string>& text) {
    if (*alive) OnText(text, asked);
  });
}

void ConfigWatch::OnText(const absl::StatusOr<std::string>& text, bool asked) {
  reading_ = false;
  timer_ = loop_.RunAfter(kFileWatchPeriod, [this] { Look(false); });
  if (!text.ok()) return Refuse("", text.status(), asked);
  if (*text == source_.in_force) {
    refused_.reset();
    if (asked) LogInfo(0, "The configuration has not changed", {{"what", source_.what}});
    return;
  }
  if (const absl::Status status = source_.check(*text); !status.ok()) {
    return Refuse(*text, status, asked);
  }
  changed_ = true;
  metrics_.config_reloads.Add({"success"});
  LogInfo(0, "Taking up the configuration that has changed", {{"what", source_.what}});
  on_changed_(*text);
}

void ConfigWatch::Refuse(const std::string& text, const absl::Status& why, bool asked) {
  if (!asked && refused_ == text) return;
  refused_ = text;
  metrics_.config_reloads.Add({"error"});
  LogError("The configuration has changed and cannot be used, the one before stays in force",
           {{"what", source_.what}, {"err", std::string(why.message())}});
}

}  // namespace heat_scheduler
