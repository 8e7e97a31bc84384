// Calls other people's extenders for the machine: an ExtenderEffect becomes requests, their answers
// an ExtenderReply.
//
//   filter:     one extender after the other, each about the nodes that the one before has left,
//               until none is left or all have answered
//   prioritize: all at once; what goes wrong costs that extender its say and nothing else
//   bind:       one call; whether it failed for good is for whoever asked to find out
//
// POST <urlPrefix>/<verb>; anything but 200 and an answer that can be read is an error, and so is
// one that names nodes that were not asked about; redirects are not followed. An error of an
// ignorable extender is passed over. max_in_flight questions are under way at a time, in the order
// in which they came: whoever waits for a slow extender is in nobody else's way. An extender that
// does not answer is left alone for a while (breaker.h). One thread: the loop's.
// Source: pkg/scheduler/extender.go, schedule_one.go (findNodesThatPassExtenders, prioritizeNodes),
// v1.36.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "extender/client/breaker.h"
#include "net/event_loop.h"
#include "net/http_transport.h"
#include "scheduler/core/scheduler.h"

namespace heat_scheduler {

// How one call went, for log and metrics.
struct ExtenderCall {
  const ExtenderConfig& extender;
  std::string_view verb;  // "filter", "prioritize", "bind".
  std::string pod;        // "default/web".
  absl::Status status;
  absl::Duration duration;
  bool sent = true;  // False: it was left alone.
};

// Limits of what is read.
inline constexpr std::size_t kMaxExtenderReplyBytes = std::size_t{64} << 20;      // Nodes in full.
inline constexpr std::size_t kMaxExtenderNamesReplyBytes = std::size_t{4} << 20;  // All else.

struct ExtenderCallerOptions {
  std::size_t max_in_flight = 16;
  net::SendGate bind_gate = {};  // Of bind, which alone changes something. May be empty.
  std::function<void(const ExtenderCall& call)> on_call = {};  // May be empty.
};

class ExtenderCaller {
 public:
  using OnReply = std::function<void(ExtenderReply reply)>;
  // OK: bound, as the extender says. Aborted and DeadlineExceeded: it may be, or come to be, bound.
  using OnBound = std::function<void(absl::Status status)>;

  // `transports`: to the servers of the extenders, in the same order. Borrows them and the loop.
  // `on_reply` is called once for each question, perhaps inside Ask.
  ExtenderCaller(net::EventLoop& loop, std::vector<ExtenderConfig> extenders,
                 std::vector<net::HttpTransport*> transports, ExtenderCallerOptions options,
                 OnReply on_reply);
  // Drops everything: nothing is called back any more.
  ~ExtenderCaller();
  ExtenderCaller(const ExtenderCaller&) = delete;
  ExtenderCaller& operator=(const ExtenderCaller&) = delete;

  // Has the question answered, in its turn.
  void Ask(ExtenderEffect question);

  // Has the pod bound by `binding.extender`, at once. `on_bound` is called once, perhaps inside.
  void Bind(const BindEffect& binding, OnBound on_bound);

  bool IsIgnorable(std::size_t extender) const { return extenders_[extender].ignorable; }

  // Forgets the questions that were not asked yet, with no reply for them.
  void DropWaiting() { waiting_.clear(); }

  // Returns the questions that wait or are under way.
  std::size_t pending() const { return waiting_.size() + in_flight_.size(); }

 private:
  using Body = absl::StatusOr<std::string>;

  struct Question {
    ExtenderEffect effect;
    std::size_t next = 0;           // Of effect.extenders: whom to ask next (filter).
    std::vector<std::size_t> left;  // Of effect.nodes: those that none has refused (filter).
    std::size_t outstanding = 0;    // Answers that are still to come (prioritize).
    ExtenderReply reply;
  };

  void Fill();
  // Has the next extender filter what is left.
  void FilterNext(std::uint64_t id);
  absl::Status TakeFilterReply(const ExtenderConfig& extender, const std::string& body,
                               Question& question) const;
  void Prioritize(std::uint64_t id);
  static absl::Status TakePoints(const ExtenderConfig& extender, const std::string& body,
                                 ExtenderReply& reply);
  void Finish(std::uint64_t id);

  // Calls `verb` about the pod. `read` takes the body of a 200 and says whether it is what it
  // should be; then, and if there is none, `done` is called, perhaps inside Call.
  void Call(std::size_t extender, std::string_view kind, const std::string& verb, const PodRef& pod,
            Body arguments, std::function<absl::Status(const std::string&)> read,
            std::function<void(const absl::Status&)> done);

  net::EventLoop& loop_;
  const std::vector<ExtenderConfig> extenders_;
  const std::vector<net::HttpTransport*> transports_;
  const ExtenderCallerOptions options_;
  const OnReply on_reply_;
  std::vector<std::string> paths_;  // Of the extenders' URLs.
  std::vector<Breaker> breakers_;
  std::uint64_t last_id_ = 0;
  std::deque<ExtenderEffect> waiting_;
  std::map<std::uint64_t, Question> in_flight_;
  std::map<std::uint64_t, std::pair<net::HttpTransport*, net::RequestId>> requests_;
  bool filling_ = false;
};

}  // namespace heat_scheduler
