#include "extender/client/caller.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "extender/client/messages.h"
#include "net/url.h"

namespace heat_scheduler {
namespace {

// kube-scheduler's range of scores over that of an extender's.
constexpr std::int64_t kScale = kMaxNodeScore / 10;
// Beyond it an answer is no score any more, and sums could overflow.
constexpr std::int64_t kMaxPoints = std::int64_t{1} << 53;

// Returns the path under which the verbs are. An URL that is none has been refused before.
std::string PathOf(const std::string& url_prefix) {
  const absl::StatusOr<net::Url> url = net::ParseUrl(url_prefix);
  return url.ok() ? url->path : std::string();
}

// Returns the error with the extender's name before it.
absl::Status At(const ExtenderConfig& extender, const absl::Status& status) {
  if (status.ok()) return status;
  return Annotate(status, absl::StrCat("extender ", Quoted(extender.url_prefix)));
}

absl::Status NotAskedAbout(const std::string& node) {
  return absl::InvalidArgumentError(
      absl::StrCat("it names node ", Quoted(node), ", which it was not asked about"));
}

}  // namespace

ExtenderCaller::ExtenderCaller(net::EventLoop& loop, std::vector<ExtenderConfig> extenders,
                               std::vector<net::HttpTransport*> transports,
                               ExtenderCallerOptions options, OnReply on_reply)
    : loop_(loop),
      extenders_(std::move(extenders)),
      transports_(std::move(transports)),
      options_(std::move(options)),
      on_reply_(std::move(on_reply)),
      breakers_(extenders_.size()) {
  HS_CHECK(extenders_.size() == transports_.size(), "an extender without a way to it");
  for (const ExtenderConfig& extender : extenders_) paths_.push_back(PathOf(extender.url_prefix));
}

ExtenderCaller::~ExtenderCaller() {
  for (const auto& [id, request] : requests_) request.first->Cancel(request.second);
}

void ExtenderCaller::Ask(ExtenderEffect question) {
  waiting_.push_back(std::move(question));
  Fill();
}

void ExtenderCaller::Fill() {
  // Questions that are answered at once come back here.
  if (std::exchange(filling_, true)) return;
  while (!waiting_.empty() && in_flight_.size() < options_.max_in_flight) {
    const std::uint64_t id = ++last_id_;
    Question& question = in_flight_[id];
    question.effect = std::move(waiting_.front());
    waiting_.pop_front();
    question.reply.pod = question.effect.pod;
    question.reply.ticket = question.effect.ticket;
    if (question.effect.question == ExtenderEffect::Question::kPrioritize) {
      Prioritize(id);
      continue;
    }
    for (std::size_t i = 0; i < question.effect.nodes.size(); ++i) question.left.push_back(i);
    FilterNext(id);
  }
  filling_ = false;
}

void ExtenderCaller::Finish(std::uint64_t id) {
  auto question = in_flight_.extract(id);
  on_reply_(std::move(question.mapped().reply));
  Fill();
}

// ---- Filter ----

void ExtenderCaller::FilterNext(std::uint64_t id) {
  Question& question = in_flight_.at(id);
  const ExtenderEffect& effect = question.effect;
  if (question.next == effect.extenders.size() || question.left.empty()) {
    for (const std::size_t i : question.left) {
      question.reply.passed.push_back(effect.nodes[i]->metadata.name);
    }
    return Finish(id);
  }
  const std::size_t index = effect.extenders[question.next++];
  const ExtenderConfig& extender = extenders_[index];
  std::vector<NodeRef> nodes;
  for (const std::size_t i : question.left) nodes.push_back(effect.nodes[i]);
  Call(
      index, "filter", extender.filter_verb, effect.pod,
      WriteArguments(effect.object, nodes, extender.node_cache_capable),
      [this, id, &extender](const std::string& body) {
        return TakeFilterReply(extender, body, in_flight_.at(id));
      },
      [this, id, &extender](const absl::Status& status) {
        std::string& error = in_flight_.at(id).reply.error;
        if (!status.ok()) error = std::string(status.message());
        if (!error.empty() && !extender.ignorable) return Finish(id);
        error.clear();
        FilterNext(id);
      });
}

// Takes an answer, which may be that there is none (`Error`): that is no error of the call.
absl::Status ExtenderCaller::TakeFilterReply(const ExtenderConfig& extender,
                                             const std::string& body, Question& question) const {
  ASSIGN_OR_RETURN(const FilterReply answer, ReadFilterReply(body));
  if (!answer.error.empty()) {
    question.reply.error =
        absl::StrCat("extender ", Quoted(extender.url_prefix), ": ", answer.error);
    return absl::OkStatus();
  }
  const auto& passed = extender.node_cache_capable && answer.node_names.has_value()
                           ? answer.node_names
                           : answer.nodes;
  absl::flat_hash_map<std::string, std::size_t> asked;
  for (const std::size_t i : question.left) asked[question.effect.nodes[i]->metadata.name] = i;
  std::vector<bool> stays(question.effect.nodes.size(), false);
  if (passed.has_value()) {
    for (const std::string& node : *passed) {
      const auto found = asked.find(node);
      if (found == asked.end()) return NotAskedAbout(node);
      stays[found->second] = true;
    }
  }
  std::erase_if(question.left, [&](std::size_t i) { return !stays[i]; });
  for (const auto& [node, reason] : answer.unresolvable) {
    question.reply.refused.push_back({node, reason, false});
  }
  for (const auto& [node, reason] : answer.failed) {
    if (answer.unresolvable.contains(node)) continue;
    question.reply.refused.push_back({node, reason, true});
  }
  return absl::OkStatus();
}

// ---- Prioritize ----

void ExtenderCaller::Prioritize(std::uint64_t id) {
  Question& question = in_flight_.at(id);
  const ExtenderEffect& effect = question.effect;
  question.outstanding = effect.extenders.size();
  // The question may be over, and gone, after the last call.
  const std::vector<std::size_t> extenders = effect.extenders;
  for (const std::size_t index : extenders) {
    const ExtenderConfig& extender = extenders_[index];
    Call(
        index, "prioritize", extender.prioritize_verb, effect.pod,
        WriteArguments(effect.object, effect.nodes, extender.node_cache_capable),
        [this, id, &extender](const std::string& body) {
          return TakePoints(extender, body, in_flight_.at(id).reply);
        },
        [this, id](const absl::Status&) {
          if (--in_flight_.at(id).outstanding == 0) Finish(id);
        });
  }
}

absl::Status ExtenderCaller::TakePoints(const ExtenderConfig& extender, const std::string& body,
                                        ExtenderReply& reply) {
  ASSIGN_OR_RETURN(const auto scores, ReadPrioritizeReply(body));
  std::vector<std::pair<std::string, std::int64_t>> points;
  for (const auto& [host, score] : scores) {
    const __int128 exact = static_cast<__int128>(score) * extender.weight * kScale;
    if (exact > kMaxPoints || exact < -kMaxPoints) {
      return absl::InvalidArgumentError(
          absl::StrCat("node ", Quoted(host), " scores ", score, " where 0 to 10 is expected"));
    }
    points.emplace_back(host, static_cast<std::int64_t>(exact));
  }
  reply.points.insert(reply.points.end(), points.begin(), points.end());
  return absl::OkStatus();
}

// ---- Bind ----

void ExtenderCaller::Bind(const BindEffect& binding, OnBound on_bound) {
  const std::size_t index = *binding.extender;
  const ExtenderConfig& extender = extenders_[index];
  auto refusal = std::make_shared<std::string>();
  Call(
      index, "bind", extender.bind_verb, binding.pod,
      WriteBindingArguments(binding.pod, binding.node),
      [refusal](const std::string& body) -> absl::Status {
        ASSIGN_OR_RETURN(*refusal, ReadBindingReply(body));
        return absl::OkStatus();
      },
      [refusal, &extender, on_bound = std::move(on_bound)](const absl::Status& status) {
        if (!status.ok() || refusal->empty()) return on_bound(status);
        on_bound(At(extender, absl::FailedPreconditionError(*refusal)));
      });
}

// ---- One call ----

void ExtenderCaller::Call(std::size_t index, std::string_view kind, const std::string& verb,
                          const PodRef& pod, Body arguments,
                          std::function<absl::Status(const std::string&)> read,
                          std::function<void(const absl::Status&)> done) {
  const ExtenderConfig& extender = extenders_[index];
  Breaker& breaker = breakers_[index];
  const absl::Duration began = loop_.Now().mono;
  const auto finish = [this, &extender, kind, began, done = std::move(done),
                       name = absl::StrCat(pod.namespace_, "/", pod.name)](
                          const absl::Status& outcome, bool sent) {
    const absl::Status status = At(extender, outcome);
    if (options_.on_call) {
      options_.on_call({extender, kind, name, status, loop_.Now().mono - began, sent});
    }
    done(status);
  };
  if (!arguments.ok()) return finish(arguments.status(), false);
  if (!breaker.Admit(began)) {
    return finish(absl::UnavailableError(absl::StrCat(
                      "it is left alone for a while, since ", Breaker::kFailures,
                      " calls in a row came to nothing; at last: ", breaker.last_failure())),
                  false);
  }
  net::HttpRequest request{.method = "POST",
                           .target = absl::StrCat(paths_[index], "/", verb),
                           .headers = {{"Content-Type", "application/json"}},
                           .body = *std::move(arguments)};
  const net::RequestOptions options = {
      .timeout = extender.timeout,
      .max_body_bytes = extender.node_cache_capable || kind != "filter"
                            ? kMaxExtenderNamesReplyBytes
                            : kMaxExtenderReplyBytes,
      .gate = kind == "bind" ? options_.bind_gate : net::SendGate()};
  const std::uint64_t number = ++last_id_;
  const net::RequestId id = transports_[index]->Send(
      std::move(request), options,
      [this, number, &breaker, finish,
       read = std::move(read)](const absl::StatusOr<net::HttpResponse>& response) {
        requests_.erase(number);
        absl::Status status = response.status();
        if (response.ok()) {
          status = response->status == 200 ? read(response->body)
                                           : absl::FailedPreconditionError(absl::StrCat(
                                                 "it answered with status ", response->status));
        }
        if (status.ok()) {
          breaker.NoteSuccess();
        } else {
          breaker.NoteFailure(loop_.Now().mono, std::string(status.message()));
        }
        finish(status, true);
      });
  requests_.emplace(number, std::pair(transports_[index], id));
}

}  // namespace heat_scheduler
