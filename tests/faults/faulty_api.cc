#include "tests/faults/faulty_api.h"

#include <deque>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace heat_scheduler {
namespace {

// metav1.Status.
std::string StatusBody(int code, const char* reason, const std::string& message) {
  return absl::StrCat(R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",)",
                      R"("code":)", code, R"(,"reason":")", reason, R"(","message":")", message,
                      R"("})");
}

void Answer(net::ResponseSink& sink, int code, const char* reason, const std::string& message,
            net::Headers headers = {}) {
  headers.push_back({"Content-Type", "application/json"});
  sink.Send({code, std::move(headers), StatusBody(code, reason, message)});
}

// Passes a watch on, and now and then the last events once more, as a server does that took the
// watch up from an earlier version; it may end in the middle of them.
class ReplayingSink final : public net::ResponseSink {
 public:
  ReplayingSink(std::shared_ptr<net::ResponseSink> sink, Faults& faults)
      : sink_(std::move(sink)), faults_(faults) {}

  void Send(net::HttpResponse response) override { sink_->Send(std::move(response)); }
  void BeginStream(int status, net::Headers headers) override {
    sink_->BeginStream(status, std::move(headers));
  }
  void Write(std::shared_ptr<const std::string> data) override {
    if (closed_) return;
    sink_->Write(data);
    last_.push_back(std::move(data));
    if (last_.size() > 4) last_.pop_front();
    if (!faults_.Strikes(Fault::kEventsReplayed)) return;
    const std::size_t count = 1 + faults_.random().Below(last_.size());
    for (std::size_t i = 0; i < count; ++i) sink_->Write(last_[i]);
    if (count < last_.size()) Close();
  }
  void Close() override {
    if (!std::exchange(closed_, true)) sink_->Close();
  }
  std::size_t queued_bytes() const override { return sink_->queued_bytes(); }
  void OnGone(std::function<void()> gone) override { sink_->OnGone(std::move(gone)); }

 private:
  const std::shared_ptr<net::ResponseSink> sink_;
  Faults& faults_;
  std::deque<std::shared_ptr<const std::string>> last_;
  bool closed_ = false;
};

// Says that it took too long, once, whatever the server answers.
class LyingSink final : public net::ResponseSink {
 public:
  explicit LyingSink(std::shared_ptr<net::ResponseSink> sink) : sink_(std::move(sink)) {}

  void Send(net::HttpResponse) override {
    if (std::exchange(sent_, true)) return;
    Answer(*sink_, 504, "Timeout", "request did not complete within the allotted timeout");
  }
  void BeginStream(int, net::Headers) override {}
  void Write(std::shared_ptr<const std::string>) override {}
  void Close() override {}
  std::size_t queued_bytes() const override { return 0; }
  void OnGone(std::function<void()>) override {}

 private:
  const std::shared_ptr<net::ResponseSink> sink_;
  bool sent_ = false;
};

}  // namespace

bool IsWatch(const std::string& target) { return absl::StrContains(target, "watch=true"); }

bool IsBinding(const std::string& target) {
  return absl::StrContains(target, "/pods/") && absl::EndsWith(target, "/binding");
}

FaultyApi::FaultyApi(net::EventLoop& loop, cluster::ApiServer& server, Faults& faults,
                     int page_size)
    : loop_(loop), server_(server), faults_(faults), page_size_(page_size) {}

// ---- The network ----

FaultPlan FaultyApi::OnRequest(const net::HttpRequest& request) {
  if (faults_.Strikes(Fault::kRefused)) return {.fate = FaultPlan::Fate::kRefuse};
  if (IsWatch(request.target)) return PlanWatch();
  FaultPlan plan;
  if (faults_.Strikes(Fault::kRequestLost)) {
    plan.fate = FaultPlan::Fate::kLoseRequest;
  } else if (faults_.Strikes(Fault::kReplyLost)) {
    plan.fate = FaultPlan::Fate::kLoseReply;
  } else if (faults_.Strikes(Fault::kReplyNever)) {
    plan.fate = FaultPlan::Fate::kSilence;
  } else if (faults_.Strikes(Fault::kReplyCut)) {
    plan.cut_after_bytes = faults_.random().Below(400);
  }
  if (faults_.Strikes(Fault::kSlowRequest)) plan.request_delay = faults_.Delay(absl::Seconds(20));
  if (faults_.Strikes(Fault::kSlowReply)) plan.reply_delay = faults_.Delay(absl::Seconds(20));
  return plan;
}

FaultPlan FaultyApi::PlanWatch() {
  FaultPlan plan;
  if (faults_.Strikes(Fault::kWatchCut)) {
    plan.cut_after = faults_.Delay(absl::Seconds(20));
  } else if (faults_.Strikes(Fault::kWatchCutInEvent)) {
    plan.cut_after_bytes = faults_.random().Below(20'000);
  } else if (faults_.Strikes(Fault::kWatchFrozen)) {
    plan.freeze_after_bytes = faults_.random().Below(20'000);
  }
  if (faults_.Strikes(Fault::kWatchLagging)) plan.reply_delay = faults_.Delay(absl::Seconds(10));
  return plan;
}

// ---- The server ----

void FaultyApi::Handle(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) {
  if (Refuse(request, *sink)) return;
  if (IsWatch(request.target)) {
    Forward(request, std::make_shared<ReplayingSink>(std::move(sink), faults_));
    return;
  }
  if (faults_.Strikes(Fault::kErrorAfterAction)) {
    Forward(request, std::make_shared<LyingSink>(std::move(sink)));
    return;
  }
  if (IsBinding(request.target) && faults_.Strikes(Fault::kBindLate)) {
    // The client hears at once that it took too long, or nothing until it gives up. The server
    // drops what it has not begun within a minute (kube-apiserver's --request-timeout).
    late_.insert(request.target);
    if (faults_.random().Chance(0.5)) {
      loop_.RunAfter(absl::Seconds(31) + faults_.Delay(absl::Seconds(29)),
                     [this, request, sink = std::move(sink)] { Forward(request, sink); });
    } else {
      auto deaf = std::make_shared<LyingSink>(sink);
      deaf->Send({});
      loop_.RunAfter(faults_.Delay(absl::Minutes(1)),
                     [this, request, deaf] { Forward(request, deaf); });
    }
    return;
  }
  Forward(request, std::move(sink));
}

void FaultyApi::Forward(net::HttpRequest request, std::shared_ptr<net::ResponseSink> sink) {
  request.target =
      absl::StrReplaceAll(request.target, {{"limit=500", absl::StrCat("limit=", page_size_)}});
  server_.Handle(request, std::move(sink));
}

bool FaultyApi::Refuse(const net::HttpRequest& request, net::ResponseSink& sink) {
  if (faults_.Strikes(Fault::kTooManyRequests)) {
    Answer(sink, 429, "TooManyRequests", "the server is busy", {{"Retry-After", "1"}});
  } else if (faults_.Strikes(Fault::kInternalError)) {
    Answer(sink, 500, "InternalError", "an error on the server");
  } else if (faults_.Strikes(Fault::kUnavailable)) {
    Answer(sink, 503, "ServiceUnavailable", "the server is starting");
  } else if (IsWatch(request.target)) {
    return RefuseWatch(sink);
  } else if (IsBinding(request.target)) {
    return RefuseBind(request.target, sink);
  } else {
    return false;
  }
  return true;
}

bool FaultyApi::RefuseWatch(net::ResponseSink& sink) {
  if (faults_.Strikes(Fault::kWatchGone)) {
    Answer(sink, 410, "Expired", "too old resource version");
  } else if (faults_.Strikes(Fault::kWatchGoneEvent)) {
    sink.BeginStream(200, {{"Content-Type", "application/json"}});
    sink.Write(std::make_shared<const std::string>(
        absl::StrCat(R"({"type":"ERROR","object":)",
                     StatusBody(410, "Expired", "too old resource version"), "}\n")));
    sink.Close();
  } else if (faults_.Strikes(Fault::kWatchTooLarge)) {
    Answer(sink, 504, "Timeout", "Too large resource version: 900, current: 800");
  } else {
    return false;
  }
  return true;
}

bool FaultyApi::RefuseBind(const std::string& target, net::ResponseSink& sink) {
  const bool once_more =
      !faults_.stopped() && late_.contains(target) && faults_.random().Chance(0.5);
  if (once_more) {
    faults_.Count(Fault::kBindForbidden);
    Answer(sink, 403, "Forbidden", "pods is forbidden: quota exceeded");
  } else if (faults_.Strikes(Fault::kBindConflict)) {
    Answer(sink, 409, "Conflict",
           "Operation cannot be fulfilled on pods: the object has been modified; please apply "
           "your changes to the latest version and try again");
  } else if (faults_.Strikes(Fault::kBindForbidden)) {
    Answer(sink, 403, "Forbidden", "pods is forbidden: quota exceeded");
  } else {
    return false;
  }
  return true;
}

}  // namespace heat_scheduler
