#include "kube/client/reflector.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"

namespace heat_scheduler::kube {
namespace {

// A watch that ends sooner has not worked, however it ended.
constexpr absl::Duration kShortWatch = absl::Seconds(1);
// Lists that follow each other sooner are held back.
constexpr absl::Duration kRelistPause = absl::Seconds(30);
// A frame that cannot be read comes again from the same version; a list gets past it.
constexpr int kMaxGarbledInARow = 3;
// A server that asks for a longer pause is asked again after this one.
constexpr absl::Duration kMaxServerPause = absl::Minutes(5);

}  // namespace

Reflector::Reflector(ApiClient& client, net::EventLoop& loop, ReflectorOptions options,
                     ReflectorHandler& handler)
    : client_(client),
      loop_(loop),
      options_(std::move(options)),
      handler_(handler),
      random_(options_.seed),
      backoff_(random_, options_.backoff),
      tracker_(options_.selection.kind, handler),
      page_size_(options_.page_size) {}

Reflector::~Reflector() { Stop(); }

void Reflector::Start() {
  if (std::exchange(running_, true)) return;
  Schedule(Next::kList, absl::ZeroDuration());
}

void Reflector::Stop() {
  running_ = false;
  watch_open_ = false;
  client_.Cancel(std::exchange(call_, 0));
  loop_.Cancel(std::exchange(timer_, 0));
}

void Reflector::BeginList() {
  gathered_ = {};
  RequestPage("");
}

void Reflector::BeginWholeList() {
  ++stats_.list_failures;
  page_size_ = 0;
  BeginList();
}

void Reflector::RequestPage(const std::string& continue_token) {
  call_ = client_.List(
      {.selection = options_.selection, .limit = page_size_, .continue_token = continue_token},
      [this](ApiResult<ListPage> result) {
        call_ = 0;
        OnPage(std::move(result));
      },
      {.timeout = kListTimeout, .max_retries = 0});
}

void Reflector::OnPage(ApiResult<ListPage> result) {
  if (!result.ok()) {
    OnPageFailure(result.failure());
    return;
  }
  ListPage& page = *result;
  if (page.resource_version.empty()) {
    ++stats_.list_failures;
    Trouble(absl::DataLossError(
        absl::StrCat("list of ", ToAbsl(ResourceOf(options_.selection.kind).plural),
                     " has no metadata.resourceVersion, so that no watch can follow it; is the "
                     "server a Kubernetes API server?")));
    Retry(Next::kList);
    return;
  }
  const bool first = gathered_.resource_version.empty();
  const bool other_snapshot = !first && page.resource_version != gathered_.resource_version;
  const bool goes_in_circles =
      !page.continue_token.empty() && page.continue_token == gathered_.continue_token;
  if (other_snapshot || goes_in_circles) {
    BeginWholeList();
    return;
  }
  gathered_.resource_version = std::move(page.resource_version);
  gathered_.continue_token = std::move(page.continue_token);
  std::move(page.items.begin(), page.items.end(), std::back_inserter(gathered_.items));
  std::move(page.errors.begin(), page.errors.end(), std::back_inserter(gathered_.errors));
  if (gathered_.continue_token.empty()) {
    FinishList();
  } else {
    RequestPage(gathered_.continue_token);
  }
}

void Reflector::OnPageFailure(const ApiFailure& failure) {
  if (failure.expired() && !gathered_.continue_token.empty()) {
    BeginWholeList();
    return;
  }
  ++stats_.list_failures;
  Trouble(failure.status);
  // A page over the limit is asked for in smaller ones; a whole list that fails, in pages again.
  const bool too_large =
      absl::IsResourceExhausted(failure.status) && failure.kind == ApiFailure::Kind::kUnreadable;
  page_size_ = too_large && page_size_ > 0 ? std::max(page_size_ / 2, 1) : options_.page_size;
  Retry(Next::kList, failure.retry_after());
}

void Reflector::FinishList() {
  const ListPage list = std::exchange(gathered_, {});
  page_size_ = options_.page_size;
  resource_version_ = list.resource_version;
  garbled_in_a_row_ = 0;
  last_error_ = absl::OkStatus();
  stats_.decode_errors += list.errors.size();
  stats_.last_sync = stats_.last_contact = loop_.Now().mono;
  tracker_.Replace(list.items, list.errors, list.resource_version);
  ++stats_.lists;
  if (!running_) return;
  handler_.OnSynced();
  if (running_) BeginWatch();
}

void Reflector::BeginWatch() {
  WatchQuery query = {.selection = options_.selection,
                      .resource_version = resource_version_,
                      .timeout = options_.min_watch_timeout * (1 + random_.Unit())};
  call_ = client_.Watch(query, {.on_open =
                                    [this] {
                                      watch_open_ = true;
                                      watch_opened_at_ = loop_.Now().mono;
                                      stats_.last_contact = watch_opened_at_;
                                      last_error_ = absl::OkStatus();
                                      ++stats_.watches;
                                    },
                                .on_event = [this](const WatchEvent& event) { OnEvent(event); },
                                .on_end =
                                    [this](const WatchEnd& end) {
                                      call_ = 0;
                                      watch_open_ = false;
                                      OnWatchEnd(end);
                                    }});
}

void Reflector::OnEvent(const WatchEvent& event) {
  stats_.last_contact = loop_.Now().mono;
  if (event.type == WatchEventType::kError) {
    client_.Cancel(std::exchange(call_, 0));
    watch_open_ = false;
    OnErrorEvent(event.status);
    return;
  }
  garbled_in_a_row_ = 0;
  // Before the handler runs, so that Stop and Start inside it find the state complete.
  if (!event.resource_version.empty() &&
      !OlderResourceVersion(event.resource_version, resource_version_)) {
    resource_version_ = event.resource_version;
  }
  if (event.type == WatchEventType::kBookmark) {
    ++stats_.bookmarks;
    return;
  }
  ++stats_.events;
  if (!event.object_error.ok()) ++stats_.decode_errors;
  tracker_.Apply(event);
}

void Reflector::OnErrorEvent(const ApiStatus& status) {
  ++stats_.watch_failures;
  const bool expired = IsExpired(status);
  Trouble(absl::Status(expired ? absl::StatusCode::kOutOfRange : absl::StatusCode::kUnavailable,
                       absl::StrCat("watch ", ToAbsl(ResourceOf(options_.selection.kind).plural),
                                    ": the server ended it: ", status.code, " ", status.reason,
                                    ": ", status.message)));
  if (expired) {
    Relist();
  } else if (IsTooLargeResourceVersion(status)) {
    Retry(Next::kList);
  } else {
    Retry(Next::kWatch, absl::Seconds(status.retry_after_seconds));
  }
}

void Reflector::OnWatchEnd(const WatchEnd& end) {
  if (end.reason == WatchEnd::Reason::kRefused) {
    OnWatchRefused(end.failure);
    return;
  }
  const bool lasted = loop_.Now().mono - watch_opened_at_ >= kShortWatch;
  if (end.reason == WatchEnd::Reason::kClosed) {
    if (lasted) return Schedule(Next::kWatch, absl::ZeroDuration());
    ++stats_.watch_failures;
    Trouble(absl::UnavailableError(absl::StrCat(
        "watch ", ToAbsl(ResourceOf(options_.selection.kind).plural), ": closed at once")));
    return Retry(Next::kWatch);
  }
  ++stats_.watch_failures;
  Trouble(end.failure.status);
  switch (end.reason) {
    case WatchEnd::Reason::kLineTooLong:
      return Relist();
    case WatchEnd::Reason::kGarbled:
      ++stats_.decode_errors;
      if (++garbled_in_a_row_ >= kMaxGarbledInARow) return Retry(Next::kList);
      return Retry(Next::kWatch);
    default:
      if (lasted) return Schedule(Next::kWatch, absl::ZeroDuration());
      return Retry(Next::kWatch);
  }
}

void Reflector::OnWatchRefused(const ApiFailure& failure) {
  ++stats_.watch_failures;
  Trouble(failure.status);
  if (failure.expired()) return Relist();
  // 400: the server does not understand the version, because it is another server than before.
  if (failure.too_large_resource_version() || failure.IsHttp(400)) return Retry(Next::kList);
  Retry(Next::kWatch, failure.retry_after());
}

void Reflector::Trouble(const absl::Status& error) {
  last_error_ = error;
  handler_.OnTrouble(options_.selection.kind, error);
}

void Reflector::Retry(Next next, absl::Duration at_least) {
  const absl::Duration pause = backoff_.Next(loop_.Now().mono);
  Schedule(next, std::max(pause, std::min(at_least, kMaxServerPause)));
}

void Reflector::Relist() {
  if (loop_.Now().mono - stats_.last_sync >= kRelistPause) {
    Schedule(Next::kList, absl::ZeroDuration());
  } else {
    Retry(Next::kList);
  }
}

void Reflector::Schedule(Next next, absl::Duration delay) {
  // The handler may have called Stop when it was told of the trouble.
  if (!running_) return;
  timer_ = loop_.RunAfter(delay, [this, next] {
    timer_ = 0;
    next == Next::kList ? BeginList() : BeginWatch();
  });
}

}  // namespace heat_scheduler::kube
