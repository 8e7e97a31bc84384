#include "extender/handler.h"

#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "extender/answers.h"
#include "net/url.h"

namespace heat_scheduler {
namespace {

net::HttpResponse Text(int status, std::string_view text) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = absl::StrCat(ToAbsl(text), "\n")};
}

net::HttpResponse Json(std::string body) {
  return {
      .status = 200, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

bool IsProbe(std::string_view path) {
  return path == "/healthz" || path == "/livez" || path == "/readyz";
}

// Notes that a request cannot be read, and returns the answer.
net::HttpResponse Unreadable(const absl::Status& why, ExtenderReport& report) {
  report.problem = absl::StrCat("the request cannot be read: ", why.message());
  return Text(400, report.problem);
}

std::string SwitchedOff(std::string_view verb) {
  return absl::StrCat("the verb ", ToAbsl(verb),
                      " is switched off; a heat-scheduler that watches the API server answers it "
                      "if started with --extender-",
                      ToAbsl(verb));
}

}  // namespace

ExtenderHandler::ExtenderHandler(net::EventLoop& loop, kube::Decoder& decoder,
                                 ExtenderProfiles profiles, ExtenderOptions options)
    : loop_(loop),
      profiles_(std::move(profiles)),
      options_(std::move(options)),
      decider_(decoder, options_.live) {}

ExtenderHandler::~ExtenderHandler() {
  *alive_ = false;
  loop_.Cancel(turn_);
}

// ---- Whose turn it is ----

void ExtenderHandler::Handle(const net::HttpRequest& request,
                             std::shared_ptr<net::ResponseSink> sink) {
  const absl::StatusOr<net::Target> target = net::ParseTarget(request.target);
  if (!target.ok()) return sink->Send(Text(400, ToStd(target.status().message())));
  if (request.method != "POST") {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (reads && IsProbe(target->path)) return sink->Send(Text(200, "ok"));
    net::HttpResponse refusal =
        Text(405, "method not allowed; verbs of an extender are called by POST");
    refusal.headers.push_back({"Allow", "POST"});
    return sink->Send(std::move(refusal));
  }
  if (turn_ != 0) return StandInLine(request, std::move(sink));
  TakeTurn();
  Answer(request, sink);
}

void ExtenderHandler::StandInLine(const net::HttpRequest& request,
                                  std::shared_ptr<net::ResponseSink> sink) {
  if (waiting_.size() >= options_.max_waiting ||
      waiting_bytes_ + request.body.size() > options_.max_waiting_bytes) {
    return sink->Send(Text(503, "too many requests are waiting; try again later"));
  }
  waiting_bytes_ += request.body.size();
  auto gone = std::make_shared<bool>(false);
  sink->OnGone([gone] { *gone = true; });
  waiting_.push_back({request, std::move(sink), loop_.Now().mono, std::move(gone)});
}

void ExtenderHandler::TakeTurn() {
  turn_ = loop_.RunAfter(absl::ZeroDuration(), [this] { OnTurn(); });
}

void ExtenderHandler::OnTurn() {
  turn_ = 0;
  while (!waiting_.empty()) {
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= next.request.body.size();
    if (*next.gone) continue;
    if (loop_.Now().mono - next.since > options_.max_wait) {
      next.sink->Send(Text(503, "the request has waited too long; try again later"));
      continue;
    }
    TakeTurn();
    return Answer(next.request, next.sink);
  }
}

// ---- One request ----

void ExtenderHandler::Answer(const net::HttpRequest& request,
                             const std::shared_ptr<net::ResponseSink>& sink) {
  const absl::Duration began = loop_.Now().mono;
  const ExtenderRoute route = RouteOf(net::ParseTarget(request.target)->segments, profiles_);
  ExtenderReport report;
  report.verb = VerbName(route.verb);
  report.profile = route.profile->profile.scheduler_name();
  if (route.verb == ExtenderVerb::kBind) {
    return Bind(request.body, std::move(report), began, sink);
  }
  net::HttpResponse response = Decide(request.body, route, report);
  Finish(std::move(response), std::move(report), began, *sink);
}

void ExtenderHandler::Bind(const std::string& body, ExtenderReport report, absl::Duration began,
                           const std::shared_ptr<net::ResponseSink>& sink) {
  if (options_.binder == nullptr) {
    report.problem = SwitchedOff(report.verb);
    net::HttpResponse refusal = Json(BindingAnswer(report.problem));
    return Finish(std::move(refusal), std::move(report), began, *sink);
  }
  const absl::StatusOr<BindingArguments> arguments = reader_.ReadBinding(body);
  if (!arguments.ok()) {
    net::HttpResponse refusal = Unreadable(arguments.status(), report);
    return Finish(std::move(refusal), std::move(report), began, *sink);
  }
  report.pod = absl::StrCat(arguments->pod_namespace, "/", arguments->pod_name);
  report.nodes = 1;
  options_.binder->Bind(*arguments, [this, alive = alive_, report = std::move(report), began,
                                     sink](const std::string& error) mutable {
    if (!*alive) return;
    report.problem = error;
    Finish(Json(BindingAnswer(error)), std::move(report), began, *sink);
  });
}

net::HttpResponse ExtenderHandler::Decide(const std::string& body, const ExtenderRoute& route,
                                          ExtenderReport& report) {
  absl::StatusOr<std::string> answer;
  if (route.verb == ExtenderVerb::kPreempt) {
    if (!options_.preempt) {
      report.problem = SwitchedOff(report.verb);
      return Text(501, report.problem);
    }
    const absl::StatusOr<PreemptionArguments> arguments = reader_.ReadPreemption(body);
    if (!arguments.ok()) return Unreadable(arguments.status(), report);
    answer = decider_.Preempt(*arguments, *route.profile, loop_.Now(), report);
  } else {
    const absl::StatusOr<ExtenderArguments> arguments = reader_.ReadArguments(body);
    if (!arguments.ok()) return Unreadable(arguments.status(), report);
    answer = route.verb == ExtenderVerb::kPrioritize
                 ? decider_.Prioritize(*arguments, *route.profile, loop_.Now(), report)
                 : decider_.Filter(*arguments, *route.profile, loop_.Now(), report);
  }
  if (answer.ok()) return Json(*std::move(answer));
  report.problem = std::string(answer.status().message());
  const bool has_error =
      route.verb == ExtenderVerb::kFilter || route.verb == ExtenderVerb::kAncestor;
  return has_error ? Json(FilterError(report.problem)) : Text(500, report.problem);
}

void ExtenderHandler::Finish(net::HttpResponse response, ExtenderReport report,
                             absl::Duration began, net::ResponseSink& sink) {
  report.status = response.status;
  sink.Send(std::move(response));
  report.duration = loop_.Now().mono - began;
  if (options_.on_answer) options_.on_answer(report);
}

}  // namespace heat_scheduler
