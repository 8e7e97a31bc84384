// A server that follows a script: answers the requests that a test expects, in their order, and
// fails the test for any other and for those that never came.
//
//   ScriptedHandler server;
//   server.Expect("GET", "/api/v1/pods?limit=500", Reply(200, R"({"kind":"PodList",...})"));
//   ScriptedStream watch;
//   server.Expect("GET", "/api/v1/pods?watch=true*", watch.Open());   // '*': whatever follows
//   ...
//   watch.WriteLine(R"({"type":"ADDED",...})");
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "net/http_handler.h"

namespace heat_scheduler {

// Answers one request.
using Answer =
    std::function<void(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink)>;

// Returns an answer that sends this at once.
Answer Reply(int status, std::string body, net::Headers headers = {});

// Returns an answer that streams these lines, each with its newline, and then ends.
Answer ReplyLines(std::vector<std::string> lines);

// The server's end of one streamed response, written to by the test. Thread-compatible.
class ScriptedStream {
 public:
  // Returns an answer that opens the stream (status 200) and leaves it open. It may be given to
  // several expectations: the latest request is the one written to. The stream outlives the
  // handler.
  Answer Open();

  // Sends a line with its newline, or bytes as they are. The stream must be open.
  void WriteLine(std::string line);
  void Write(std::string bytes);
  // Ends the response.
  void Close();

  // Returns true from the request on until Close or until the peer has gone.
  bool is_open() const { return sink_ != nullptr; }

 private:
  std::shared_ptr<net::ResponseSink> sink_;
};

class ScriptedHandler final : public net::HttpHandler {
 public:
  // Fails the test if expectations are left.
  ~ScriptedHandler() override;

  // Expects, after those given before, a request with this method and target. A target that ends
  // with '*' stands for all that begin with what is before it.
  void Expect(std::string method, std::string target, Answer answer);

  // Answers requests that come when the script is at its end, instead of failing the test.
  void Otherwise(Answer answer) { otherwise_ = std::move(answer); }

  void Handle(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) override;

  // Returns every request so far.
  const std::vector<net::HttpRequest>& requests() const { return requests_; }

  // Returns how many expectations are still to be met.
  std::size_t remaining() const { return script_.size(); }

 private:
  struct Expectation {
    std::string method;
    std::string target;
    Answer answer;
  };

  std::deque<Expectation> script_;
  Answer otherwise_;
  std::vector<net::HttpRequest> requests_;
};

}  // namespace heat_scheduler
