// The scheduler's end of the wire: notes what it is told, names on each bind and each deletion the
// decision that it carries out, and is what dies first in a crash.
//
// What it is told is the View: the versions of each kind up to which lists and watch events were
// handed on. A crash can strike between any two requests, and leave requests behind that the
// server still carries out. One thread: the loop's.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "net/http_transport.h"
#include "tests/faults/history.h"

namespace heat_scheduler {

// Before the number of the decision, in the User-Agent of a bind or a deletion.
inline constexpr char kDecisionMark[] = "heat-scheduler decision/";

class Wire final : public net::HttpTransport {
 public:
  // Which decision a request carries out; 0: none is known.
  struct Decisions {
    // The latest for a pod, by UID and by namespace and name.
    std::function<std::size_t(const std::string& uid, const std::string& key)> of_bind;
    // The latest with that victim, by the UID that its deletion names.
    std::function<std::size_t(const std::string& uid)> of_deletion;
  };

  // Borrows `network`, which stays until the end of the run.
  Wire(net::HttpTransport& network, Decisions decisions);

  net::RequestId Send(net::HttpRequest request, net::RequestOptions options, Done done) override;
  net::RequestId Stream(net::HttpRequest request, net::StreamOptions options,
                        net::StreamHandlers handlers) override;
  void Cancel(net::RequestId id) override;

  const View& view() const { return state_->view; }

  // From now on nothing gets through in either direction, and streams are cut. Other requests that
  // were sent before stay sent.
  void Crash();

  // Crashes once `requests` more were sent, and says so by `crashed`, inside the send.
  void CrashAfter(std::size_t requests, std::function<void()> crashed);

 private:
  // Outlives the wire in the callbacks of what is under way.
  struct State {
    View view;
    bool crashed = false;
    std::size_t requests_left = SIZE_MAX;
    std::function<void()> on_crash;
    std::set<net::RequestId> streams;
  };

  // Returns false if the request does not get out any more.
  bool CountRequest();
  std::size_t DecisionOfBind(const net::HttpRequest& request) const;
  std::size_t DecisionOfDeletion(const net::HttpRequest& request) const;

  net::HttpTransport& network_;
  const Decisions decisions_;
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace heat_scheduler
