// heat-cluster: the embedded Kubernetes API server, its fake kubelets and volumes, on a port.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "base/file_reader.h"
#include "base/status.h"
#include "base/time_text.h"
#include "cluster/api_server.h"
#include "cluster/fake_kubelet.h"
#include "cluster/kubeconfig.h"
#include "cluster/manifest.h"
#include "cluster/nodes.h"
#include "cluster/volume_controller.h"
#include "cmd/command_line.h"
#include "cmd/listen_address.h"
#include "net/asio_loop.h"
#include "net/http_server.h"
#include "net/tls.h"
#include "net/url.h"

namespace heat_scheduler {
namespace {

struct Flags {
  std::string listen = "127.0.0.1:0";
  std::string kubeconfig_out;
  std::vector<std::string> load;
  std::string pod_start_delay = "1s";
  std::string pod_stop_delay = "500ms";
  std::int64_t nodes = 0;
  std::uint64_t seed = 1;
  bool tls = false;
};

void AddFlags(CLI::App& app, Flags& flags) {
  app.set_version_flag("--version", "heat-cluster " HEAT_CLUSTER_VERSION);
  app.add_option("--listen", flags.listen,
                 "Address and port to serve on; port 0 is any free one. There is no "
                 "authentication: who reaches the port may do everything")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--kubeconfig-out", flags.kubeconfig_out,
                 "Write a kubeconfig for this cluster there once it serves")
      ->type_name("FILE");
  app.add_option("--load", flags.load,
                 "Create the objects of this manifest, YAML or JSON, at the start; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--nodes", flags.nodes, "Create that many synthetic nodes at the start")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  app.add_option("--pod-start-delay", flags.pod_start_delay,
                 "Time from a pod's binding to its phase Running, such as 250ms")
      ->type_name("DURATION")
      ->capture_default_str();
  app.add_option("--pod-stop-delay", flags.pod_stop_delay,
                 "Time from a pod's deletion to its end, whatever its grace period")
      ->type_name("DURATION")
      ->capture_default_str();
  app.add_option("--seed", flags.seed, "Seed of UIDs and generated names")->capture_default_str();
  app.add_flag("--tls", flags.tls,
               "Serve HTTPS with a self-signed certificate, which the kubeconfig trusts");
}

absl::StatusOr<net::ServerOptions> ParseListen(const std::string& listen) {
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(listen);
  if (!address.ok()) return Annotate(address.status(), "--listen");
  net::ServerOptions options;
  options.host = address->host;
  options.port = address->port;
  // All clients are on one machine, and each watch is a connection.
  options.limits.max_connections_per_peer = 0;
  return options;
}

absl::Status Fill(cluster::Registry& registry, const Flags& flags) {
  for (const std::string& file : flags.load) {
    ASSIGN_OR_RETURN(const std::string text, ReadFileUpTo(file, cluster::kMaxManifestBytes));
    RETURN_IF_ERROR(cluster::LoadManifests(registry, text, file));
  }
  return Annotate(cluster::AddSyntheticNodes(registry, flags.nodes), "--nodes");
}

// Returns a secret of this run.
std::string MakeToken() {
  std::random_device machine;
  std::string token;
  for (int i = 0; i < 4; ++i) {
    absl::StrAppend(&token, absl::Hex(static_cast<std::uint32_t>(machine()), absl::kZeroPad8));
  }
  return token;
}

absl::StatusOr<absl::Duration> ParseDelay(const char* flag, const std::string& text) {
  const std::optional<absl::Duration> delay = ParseDuration(text);
  if (!delay.has_value() || *delay < absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        absl::StrCat(flag, " ", text, ": expected a duration, such as 250ms"));
  }
  return *delay;
}

absl::StatusOr<int> Serve(const Flags& flags) {
  ASSIGN_OR_RETURN(net::ServerOptions options, ParseListen(flags.listen));
  cluster::FakeKubeletOptions kubelet_options;
  ASSIGN_OR_RETURN(kubelet_options.start_delay,
                   ParseDelay("--pod-start-delay", flags.pod_start_delay));
  ASSIGN_OR_RETURN(kubelet_options.stop_delay,
                   ParseDelay("--pod-stop-delay", flags.pod_stop_delay));
  net::AsioLoop loop;
  if (flags.tls) {
    ASSIGN_OR_RETURN(net::KeyPair pair, net::MakeSelfSigned({options.host}, loop.Now().wall));
    options.tls = net::ServerTls{.key_pair = std::move(pair)};
  }
  cluster::ApiServerOptions server_options;
  server_options.store.seed = flags.seed;
  server_options.token = MakeToken();
  cluster::ApiServer server(loop, server_options);
  const cluster::FakeKubelet kubelet(loop, server.registry(), kubelet_options);
  const cluster::VolumeController volumes(loop, server.registry(), {});
  RETURN_IF_ERROR(Fill(server.registry(), flags));
  if (!net::IsLoopback(options.host)) {
    std::fprintf(stderr,
                 "heat-cluster: warning: %s is not a loopback address, and whoever reaches it may "
                 "do everything in this cluster\n",
                 options.host.c_str());
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<net::HttpServer> http,
                   net::HttpServer::Start(loop, server, options));
  const std::string url = UrlOf(options.tls.has_value(), {options.host, http->port()});
  if (!flags.kubeconfig_out.empty()) {
    const std::string ca = options.tls.has_value() ? options.tls->key_pair.certificate_pem : "";
    RETURN_IF_ERROR(cluster::WritePrivateFile(
        flags.kubeconfig_out, cluster::KubeconfigText(url, ca, server_options.token)));
  }
  std::fprintf(stderr, "heat-cluster: serving on %s\n", url.c_str());
  bool stopping = false;
  loop.OnSignal([&](int) {
    if (stopping) loop.Stop();  // The second one means it.
    if (stopping) return;
    stopping = true;
    server.CloseWatches();
    http->Shutdown(absl::Seconds(2), [&] { loop.Stop(); });
  });
  loop.Run();
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app("An in-memory Kubernetes API server with fake kubelets, for demos and tests.",
               "heat-cluster");
  Flags flags;
  AddFlags(app, flags);
  return ParseAndRun(app, argc, argv, [&flags] { return Serve(flags); });
}

}  // namespace
}  // namespace heat_scheduler

int main(int argc, char** argv) { return heat_scheduler::Main(argc, argv); }
