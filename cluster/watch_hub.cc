#include "cluster/watch_hub.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"

namespace heat_scheduler::cluster {

struct WatchHub::Watcher {
  std::uint64_t id = 0;
  View view;
  WatchOptions options;
  std::shared_ptr<net::ResponseSink> sink;
  net::TimerId bookmark_timer = 0;
  net::TimerId timeout_timer = 0;
  bool gone = false;  // The peer left, or was too slow: sent nothing more, soon ended.
};

WatchHub::WatchHub(net::EventLoop& loop, Store& store, WatchLimits limits)
    : loop_(loop), store_(store), limits_(limits) {
  store_.AddObserver(this);
}

WatchHub::~WatchHub() {
  store_.RemoveObserver(this);
  CloseAll();
}

std::size_t WatchHub::size() const { return watchers_.size(); }

WatchHub::Watcher* WatchHub::FindWatcher(std::uint64_t id) {
  const auto found = watchers_.find(id);
  return found == watchers_.end() ? nullptr : found->second.get();
}

Refusal WatchHub::Start(const View& view, WatchOptions options,
                        std::shared_ptr<net::ResponseSink> sink) {
  const Outcome<std::int64_t> version = ParseResourceVersion(options.resource_version);
  if (!version.ok()) return version.error();
  auto owned = std::make_unique<Watcher>();
  Watcher& watcher = *owned;
  watcher.id = ++last_id_;
  watcher.view = view;
  watcher.options = std::move(options);
  watcher.sink = std::move(sink);
  watcher.sink->BeginStream(200, {{"Content-Type", "application/json"}});
  const bool from_now = *version == 0 || watcher.options.send_initial_events;
  std::optional<ApiError> lost;
  if (*version > store_.resource_version()) {
    lost = TooLargeResourceVersion(*version, store_.resource_version());
  } else if (!from_now && *version < store_.history().compacted()) {
    lost = Expired(absl::StrCat("too old resource version: ", *version, " (",
                                store_.history().compacted(), ")"));
  }
  if (lost.has_value()) {
    SendLine(watcher,
             absl::StrCat("{\"type\":\"ERROR\",\"object\":", Dump(ToStatus(*lost)), "}\n"));
    watcher.sink->Close();
    return std::nullopt;
  }
  const std::uint64_t id = watcher.id;
  watchers_[id] = std::move(owned);
  watcher.sink->OnGone([this, id, alive = std::weak_ptr<char>(alive_)] {
    if (alive.expired()) return;
    if (Watcher* left = FindWatcher(id)) left->gone = true;
    loop_.Post([this, id, alive] {
      if (!alive.expired()) End(id);
    });
  });
  if (from_now) {
    SendInitial(watcher);
  } else {
    for (const WriteRef& write : store_.history().writes()) {
      if (write->resource_version > *version) Deliver(watcher, *write);
    }
  }
  absl::Duration timeout = limits_.min_timeout;
  if (watcher.options.timeout.has_value()) {
    timeout = *watcher.options.timeout;
  } else {
    timeout += limits_.min_timeout * (static_cast<double>(id % 64) / 64);  // Not all at once.
  }
  watcher.timeout_timer = loop_.RunAfter(timeout, [this, id] {
    Watcher* due = FindWatcher(id);
    due->timeout_timer = 0;
    if (due->options.bookmarks) SendBookmark(*due, false);
    End(id);
  });
  if (watcher.options.bookmarks) ScheduleBookmark(id);
  return std::nullopt;
}

void WatchHub::SendInitial(Watcher& watcher) {
  for (const auto& [key, document] : store_.All(*watcher.view.resource)) {
    if (!watcher.options.selection.Picks(document->json())) continue;
    SendLine(watcher, watcher.view.RenderEvent("ADDED", document));
  }
  if (watcher.options.send_initial_events && watcher.options.bookmarks) {
    SendBookmark(watcher, true);
  }
}

void WatchHub::Deliver(Watcher& watcher, const Write& write) {
  if (write.resource->storage != watcher.view.resource->storage || watcher.gone) return;
  const Selection& selection = watcher.options.selection;
  const bool before = write.before != nullptr && selection.Picks(write.before->json());
  const bool after = write.verb != WriteVerb::kDelete && selection.Picks(write.after->json());
  Write::FrameKind kind = Write::FrameKind::kModified;
  if (write.verb == WriteVerb::kDelete) {
    if (!before) return;
    kind = Write::FrameKind::kDeleted;
  } else if (before && !after) {
    kind = Write::FrameKind::kVanished;
  } else if (!before && after) {
    kind = Write::FrameKind::kAdded;
  } else if (!after) {
    return;
  }
  if (watcher.view.is_plain()) {
    watcher.sink->Write(write.Frame(kind));
  } else {
    SendLine(watcher, watcher.view.RenderEvent(FrameTypeName(kind), write.FrameObject(kind)));
  }
}

void WatchHub::OnWrite(const WriteRef& write) {
  for (const auto& [id, watcher] : watchers_) {
    Deliver(*watcher, *write);
    if (watcher->gone || watcher->sink->queued_bytes() <= limits_.max_queued_bytes) continue;
    watcher->gone = true;
    loop_.Post([this, slow = id, alive = std::weak_ptr<char>(alive_)] {
      if (!alive.expired()) End(slow);
    });
  }
}

void WatchHub::SendLine(Watcher& watcher, std::string line) {
  watcher.sink->Write(std::make_shared<const std::string>(std::move(line)));
}

void WatchHub::SendBookmark(Watcher& watcher, bool initial_events_end) {
  SendLine(watcher, watcher.view.RenderBookmark(store_.resource_version(), initial_events_end));
}

void WatchHub::ScheduleBookmark(std::uint64_t id) {
  FindWatcher(id)->bookmark_timer = loop_.RunAfter(limits_.bookmark_interval, [this, id] {
    SendBookmark(*FindWatcher(id), false);
    ScheduleBookmark(id);
  });
}

void WatchHub::End(std::uint64_t id) {
  const auto found = watchers_.find(id);
  if (found == watchers_.end()) return;
  const std::unique_ptr<Watcher> watcher = std::move(found->second);
  watchers_.erase(found);
  loop_.Cancel(watcher->bookmark_timer);
  loop_.Cancel(watcher->timeout_timer);
  watcher->sink->Close();
}

void WatchHub::CloseAll() {
  while (!watchers_.empty()) End(watchers_.begin()->first);
}

}  // namespace heat_scheduler::cluster
