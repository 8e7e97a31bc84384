#include "tests/support/scripted_handler.h"

#include <gtest/gtest.h>

#include <utility>

namespace heat_scheduler {
namespace {

bool TargetMatches(std::string_view pattern, std::string_view target) {
  if (!pattern.empty() && pattern.back() == '*') {
    pattern.remove_suffix(1);
    return target.substr(0, pattern.size()) == pattern;
  }
  return target == pattern;
}

}  // namespace

Answer Reply(int status, std::string body, net::Headers headers) {
  return [status, body = std::move(body), headers = std::move(headers)](
             const net::HttpRequest&, std::shared_ptr<net::ResponseSink> sink) {
    sink->Send({status, headers, body});
  };
}

Answer ReplyLines(std::vector<std::string> lines) {
  return
      [lines = std::move(lines)](const net::HttpRequest&, std::shared_ptr<net::ResponseSink> sink) {
        sink->BeginStream(200, {{"Content-Type", "application/json"}});
        for (const std::string& line : lines) {
          sink->Write(std::make_shared<const std::string>(line + "\n"));
        }
        sink->Close();
      };
}

Answer ScriptedStream::Open() {
  return [this](const net::HttpRequest&, std::shared_ptr<net::ResponseSink> sink) {
    sink_ = std::move(sink);
    sink_->BeginStream(200, {{"Content-Type", "application/json"}});
    sink_->OnGone([this, opened = sink_.get()] {
      if (sink_.get() == opened) sink_.reset();
    });
  };
}

void ScriptedStream::WriteLine(std::string line) { Write(std::move(line) + "\n"); }

void ScriptedStream::Write(std::string bytes) {
  ASSERT_NE(sink_, nullptr) << "the stream is not open";
  sink_->Write(std::make_shared<const std::string>(std::move(bytes)));
}

void ScriptedStream::Close() {
  ASSERT_NE(sink_, nullptr) << "the stream is not open";
  sink_->Close();
  sink_.reset();
}

ScriptedHandler::~ScriptedHandler() {
  for (const Expectation& missing : script_) {
    ADD_FAILURE() << "request never came: " << missing.method << " " << missing.target;
  }
}

void ScriptedHandler::Expect(std::string method, std::string target, Answer answer) {
  script_.push_back({std::move(method), std::move(target), std::move(answer)});
}

void ScriptedHandler::Handle(const net::HttpRequest& request,
                             std::shared_ptr<net::ResponseSink> sink) {
  requests_.push_back(request);
  if (script_.empty() && otherwise_) {
    otherwise_(request, std::move(sink));
    return;
  }
  if (script_.empty()) {
    ADD_FAILURE() << "request after the end of the script: " << request.method << " "
                  << request.target;
    sink->Send({500, {}, "unexpected"});
    return;
  }
  const Expectation next = std::move(script_.front());
  script_.pop_front();
  if (request.method != next.method || !TargetMatches(next.target, request.target)) {
    ADD_FAILURE() << "request " << request.method << " " << request.target << ", expected "
                  << next.method << " " << next.target;
    sink->Send({500, {}, "unexpected"});
    return;
  }
  next.answer(request, std::move(sink));
}

}  // namespace heat_scheduler
