// Calls an ExtenderHandler as a server would, and keeps what it answers.
//
// Thread-compatible.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "extender/handler.h"
#include "net/http.h"
#include "net/http_handler.h"

namespace heat_scheduler {

class RecordingSink final : public net::ResponseSink {
 public:
  // Where the answer is kept; it may outlive the sink.
  struct Record {
    std::optional<net::HttpResponse> response;
    std::function<void()> gone;
  };

  explicit RecordingSink(std::shared_ptr<Record> record) : record_(std::move(record)) {}

  void Send(net::HttpResponse response) override { record_->response = std::move(response); }
  void BeginStream(int status, net::Headers headers) override;
  void Write(std::shared_ptr<const std::string> data) override;
  void Close() override {}
  std::size_t queued_bytes() const override { return 0; }
  void OnGone(std::function<void()> gone) override { record_->gone = std::move(gone); }

 private:
  const std::shared_ptr<Record> record_;
};

// Sends a request; the answer may come later.
std::shared_ptr<RecordingSink::Record> Send(net::HttpHandler& handler,
                                            const net::HttpRequest& request);

// Sends a POST whose answer comes at once, and returns it.
net::HttpResponse Post(net::HttpHandler& handler, const std::string& path, const std::string& body);

// Returns the JSON document of a node that says so of its temperature; absent: it says nothing.
std::string NodeDocument(const std::string& name, const std::optional<std::string>& temperature);

// Returns the body of a request about a pod and these nodes' documents.
std::string NodesBody(const std::vector<std::string>& documents);

}  // namespace heat_scheduler
