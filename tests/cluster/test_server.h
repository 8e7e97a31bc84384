// An API server under virtual time, with requests as one-liners.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "cluster/api_server.h"
#include "net/http_handler.h"
#include "tests/support/sim_loop.h"

namespace heat_scheduler::cluster {

// A response: its status and its body, parsed if it is JSON.
struct Reply {
  int status = 0;
  Json body;
  std::string text;
};

// One watch: what came so far.
struct Watched {
  int status = 0;
  std::vector<Json> events;
  bool closed = false;
  std::size_t queued = 0;  // What the sink says is queued.
  std::function<void()> gone;

  // Returns "ADDED a", "BOOKMARK", "ERROR 410", ... of each event.
  std::vector<std::string> Summary() const;
};

class TestServer {
 public:
  explicit TestServer(ApiServerOptions options = {});

  Reply Call(std::string_view method, std::string_view target, const Json& body = nullptr,
             std::string_view content_type = "application/json");
  Reply CallText(std::string_view method, std::string_view target, std::string body,
                 net::Headers headers);
  std::shared_ptr<Watched> Watch(std::string_view target);

  // Shorthands; each fails the test unless it succeeds.
  void AddNode(std::string_view name);
  Json AddPod(std::string_view name);

  SimLoop& loop() { return loop_; }
  ApiServer& server() { return server_; }

 private:
  SimLoop loop_;
  ApiServer server_;
};

// Documents of the simplest kind.
Json PodDocument(std::string_view name);
Json NodeDocument(std::string_view name);
Json BindingDocument(std::string_view pod, std::string_view node);

}  // namespace heat_scheduler::cluster
