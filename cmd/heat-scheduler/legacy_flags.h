// Flags of kube-scheduler up to 1.22 that have no meaning any more, or another name: they are taken
// with a warning, so that a deployment of then starts as it is.
//
// Those of policies are in config_flags.h. Source: cmd/kube-scheduler/app/options/deprecated.go,
// insecure_serving.go, v1.22.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "net/asio_loop.h"
#include "net/http_handler.h"
#include "net/http_server.h"
#include "policy/leader_election_options.h"

namespace CLI {
class App;
}  // namespace CLI

namespace heat_scheduler {

struct LegacyFlags {
  std::string address = "0.0.0.0";  // Of the port for plain HTTP.
  std::uint16_t port = 10251;       // 0: none.
};

// Adds the flags, which set `flags`.
void AddLegacyFlags(CLI::App& app, LegacyFlags& flags);

// Returns a warning for each flag that was given, with what to do instead.
std::vector<std::string> WarningsOfLegacyFlags(const CLI::App& app);

// Applies --lock-object-name and --lock-object-namespace, where they were given.
void ApplyLockFlags(const CLI::App& app, LeaderElectionOptions& options);

// Returns true if --address or --port was given: the probes are to be served over plain HTTP.
bool WantsPlainProbes(const CLI::App& app, const LegacyFlags& flags);

// Serves the probes of another handler over plain HTTP, and nothing else of it.
class PlainProbes final : private net::HttpHandler {
 public:
  // Borrows loop and handler.
  static absl::StatusOr<std::unique_ptr<PlainProbes>> Open(net::AsioLoop& loop,
                                                           net::HttpHandler& probes,
                                                           const LegacyFlags& flags);

 private:
  explicit PlainProbes(net::HttpHandler& probes) : probes_(probes) {}
  void Handle(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) override;

  net::HttpHandler& probes_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace heat_scheduler
