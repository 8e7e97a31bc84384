// The port of the HTTP extender: its flags, its server, its certificate.
//
// Whoever reaches the port may ask. So beyond the loopback it takes clients with a certificate of
// the given authorities alone, unless it is told otherwise.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "live/file_watch.h"
#include "net/asio_loop.h"
#include "net/http_handler.h"
#include "net/http_server.h"
#include "net/tls.h"

namespace CLI {
class App;
}  // namespace CLI

namespace heat_scheduler {

inline constexpr char kDefaultExtenderAddress[] = "127.0.0.1:8100";

struct ExtenderPortFlags {
  std::string prefix = "--";  // Of the flags' names.
  std::string listen = kDefaultExtenderAddress;
  bool stated = false;             // `listen` was given.
  std::string tls_cert_file = {};  // Empty: plain HTTP.
  std::string tls_private_key_file = {};
  std::string client_ca_file = {};
  bool insecure = false;
};

// Adds the flags, which set `flags`: "<prefix>listen", ...
void AddExtenderPortFlags(CLI::App& app, ExtenderPortFlags& flags);

class ExtenderServing {
 public:
  // Serves `handler`, which outlives this as the loop does. Errors name the flag: an address that
  // is none or cannot be had, files that do not work, and a port that would be open to everyone.
  static absl::StatusOr<std::unique_ptr<ExtenderServing>> Open(net::AsioLoop& loop,
                                                               net::HttpHandler& handler,
                                                               const ExtenderPortFlags& flags);
  ExtenderServing(const ExtenderServing&) = delete;
  ExtenderServing& operator=(const ExtenderServing&) = delete;

  // Where it is reached: "http://127.0.0.1:8100".
  const std::string& url() const { return url_; }

  net::HttpServer& server() { return *server_; }

 private:
  ExtenderServing() = default;

  std::string url_;
  std::unique_ptr<net::HttpServer> server_;
  // Read again each minute; what was before stays while that fails.
  std::unique_ptr<FileWatch<net::ServerTls>> watch_;
};

}  // namespace heat_scheduler
