// Times the HTTP extender over real sockets on the loopback: requests a second, and how long they
// take, beside a handler that answers with ready-made bytes of the same length in the same harness,
// which is what sockets and HTTP alone take. "decide" is the extender's own time, from the whole
// request to the whole answer; "parse" that of simdjson's DOM parser for the same body.
#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/status.h"
#include "cmd/command_line.h"
#include "extender/handler.h"
#include "kube/codec.h"
#include "net/asio_loop.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {
namespace {

constexpr std::size_t kMaxBodyBytes = std::size_t{64} << 20;  // As the program has it.
// Cases that have more in flight, at the client and at the server, are left out.
constexpr std::size_t kMaxBytesInFlight = std::size_t{1} << 30;

struct Flags {
  std::vector<int> nodes = {100, 1000, 5000, 15000};
  std::vector<int> connections = {1, 32};
  double seconds = 3;
};

struct Case {
  std::string verb;
  bool names = false;
  int nodes = 0;
  int connections = 0;
};

// ---- What is asked ----

std::string NodeName(int number) { return absl::StrFormat("node-%05d.example.internal", number); }

// A node as kube-apiserver has it, with its images, conditions and addresses: about 4 KB.
std::string NodeDocument(int number) {
  std::string images;
  for (int i = 0; i < 12; ++i) {
    absl::StrAppend(&images, i > 0 ? "," : "", R"({"names":["registry.example/team/service-)", i,
                    R"(@sha256:8f1a3c5e7d9b0f2a4c6e8d0b1f3a5c7e9d1b3f5a7c9e0d2b4f6a8c0e1d3b5f7a",)",
                    R"("registry.example/team/service-)", i, R"(:v1.)", number % 7,
                    R"("],"sizeBytes":)", 123456789 + i, "}");
  }
  std::string conditions;
  for (const char* type : {"MemoryPressure", "DiskPressure", "PIDPressure", "Ready"}) {
    absl::StrAppend(&conditions, conditions.empty() ? "" : ",", R"({"type":")", type,
                    R"(","status":"False","lastHeartbeatTime":"2026-11-21T10:09:00Z",)",
                    R"("lastTransitionTime":"2026-11-20T08:00:00Z","reason":"KubeletHas",)",
                    R"("message":"kubelet has no )", type, R"("})");
  }
  return absl::StrCat(
      R"({"metadata":{"name":")", NodeName(number), R"(","uid":"6a1f0c2e-3b4d-4e5f-8a9b-)",
      absl::StrFormat("%012d", number),
      R"(","resourceVersion":"1234567","creationTimestamp":"2026-11-20T08:00:00Z","labels":{)",
      R"("kubernetes.io/arch":"arm64","kubernetes.io/os":"linux","kubernetes.io/hostname":")",
      NodeName(number), R"(","topology.kubernetes.io/zone":"zone-)", number % 3,
      R"("},"annotations":{"nerdalize/temp":")", 30 + number % 40, ".", number % 10,
      R"(","node.alpha.kubernetes.io/ttl":"0"}},"spec":{"podCIDR":"10.0.0.0/24"},"status":{)",
      R"("capacity":{"cpu":"4","memory":"8Gi","pods":"110"},"allocatable":{"cpu":"3600m",)",
      R"("memory":"7Gi","pods":"110"},"conditions":[)", conditions, R"(],"addresses":[{"type":)",
      R"("InternalIP","address":"10.1.2.3"},{"type":"Hostname","address":")", NodeName(number),
      R"("}],"nodeInfo":{"machineID":"m","kernelVersion":"6.1.0","kubeletVersion":"v1.36.3",)",
      R"("architecture":"arm64","operatingSystem":"linux"},"images":[)", images, "]}}");
}

std::string BodyOf(const Case& one) {
  std::vector<std::string> nodes;
  for (int i = 0; i < one.nodes; ++i) {
    nodes.push_back(one.names ? absl::StrCat("\"", NodeName(i), "\"") : NodeDocument(i));
  }
  const std::string list = absl::StrJoin(nodes, ",");
  return absl::StrCat(
      R"({"Pod":{"metadata":{"name":"web","namespace":"default","uid":"u"},"spec":{"containers":[)",
      R"({"name":"c","image":"registry.example/team/service-1:v1"}]}},)",
      one.names ? "\"Nodes\":null,\"NodeNames\":[" : "\"NodeNames\":null,\"Nodes\":{\"items\":[",
      list, one.names ? "]}" : "]}}");
}

// ---- Who answers ----

class ReadyMade final : public net::HttpHandler {
 public:
  explicit ReadyMade(std::string body) : body_(std::move(body)) {}
  void Handle(const net::HttpRequest&, std::shared_ptr<net::ResponseSink> sink) override {
    sink->Send({.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = body_});
  }

 private:
  const std::string body_;
};

// A server in a thread of its own.
class Server {
 public:
  using MakeHandler = std::function<std::unique_ptr<net::HttpHandler>(net::AsioLoop& loop)>;

  explicit Server(const MakeHandler& make) {
    std::promise<std::uint16_t> port;
    std::future<std::uint16_t> known = port.get_future();
    thread_ = std::thread([this, &make, &port] {
      net::AsioLoop loop;
      const std::unique_ptr<net::HttpHandler> handler = make(loop);
      net::ServerOptions options;
      options.limits.body_bytes = kMaxBodyBytes;
      const auto server = net::HttpServer::Start(loop, *handler, options);
      loop_ = &loop;
      port.set_value(server.ok() ? (*server)->port() : 0);
      if (server.ok()) loop.Run();
    });
    port_ = known.get();
  }
  ~Server() { Stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void Stop() {
    if (!thread_.joinable()) return;
    loop_->Stop();
    thread_.join();
  }

  std::uint16_t port() const { return port_; }

 private:
  std::thread thread_;
  net::AsioLoop* loop_ = nullptr;
  std::uint16_t port_ = 0;
};

// ---- Who asks ----

struct Times {
  std::vector<double> ms;
  std::size_t refused = 0;  // Answered, but not 200.
  double seconds = 0;
  std::string answer;  // The last of 200.
};

double Quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

absl::StatusOr<Times> Ask(std::uint16_t port, const Case& one, const std::string& body,
                          double seconds) {
  net::AsioLoop loop;
  ASSIGN_OR_RETURN(const std::unique_ptr<net::HttpClient> client,
                   net::HttpClient::Create(
                       loop, {.base_url = absl::StrCat("http://127.0.0.1:", port),
                              .ignore_environment = true,
                              .max_connections = static_cast<std::size_t>(one.connections)}));
  Times times;
  absl::Status failure;
  int in_flight = 0;
  absl::Duration begin = -absl::InfiniteDuration();  // Nothing follows the first one.
  std::function<void()> send = [&] {
    ++in_flight;
    const absl::Duration sent = loop.Now().mono;
    client->Send({.method = "POST",
                  .target = "/heat/" + one.verb,
                  .headers = {{"Content-Type", "application/json"}},
                  .body = body},
                 {.timeout = absl::Seconds(60), .max_body_bytes = kMaxBodyBytes},
                 [&, sent](absl::StatusOr<net::HttpResponse> response) {
                   --in_flight;
                   const absl::Duration now = loop.Now().mono;
                   if (!response.ok()) {
                     failure = response.status();
                     return;
                   }
                   if (response->status == 200) {
                     times.answer = std::move(response->body);
                     times.ms.push_back(absl::ToDoubleMilliseconds(now - sent));
                   } else {
                     ++times.refused;
                   }
                   if (now - begin < absl::Seconds(seconds)) send();
                 });
  };
  const auto idle = [&] { return in_flight == 0 || !failure.ok(); };
  // The first request makes connections and caches.
  send();
  loop.RunUntil(idle, absl::Minutes(1));
  times.ms.clear();
  times.refused = 0;
  begin = loop.Now().mono;
  for (int i = 0; i < one.connections; ++i) send();
  loop.RunUntil(idle, absl::Minutes(5));
  RETURN_IF_ERROR(failure);
  times.seconds = absl::ToDoubleSeconds(loop.Now().mono - begin);
  return times;
}

double ParseMs(const std::string& body) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(body);
  const SystemClock clock;
  std::vector<double> times;
  for (int i = 0; i < 7; ++i) {
    const absl::Duration begin = clock.Now().mono;
    if (parser.parse(padded).error() != simdjson::SUCCESS) return 0;
    times.push_back(absl::ToDoubleMilliseconds(clock.Now().mono - begin));
  }
  return Quantile(times, 0.5);
}

// ---- One case ----

absl::StatusOr<std::unique_ptr<ClusterState>> ClusterOf(int nodes) {
  auto cluster = std::make_unique<ClusterState>();
  const std::unique_ptr<kube::Decoder> decoder = kube::MakeJsonDecoder();
  for (int i = 0; i < nodes; ++i) {
    ASSIGN_OR_RETURN(const kube::Object node,
                     decoder->DecodeObject(kube::Kind::kNode, NodeDocument(i)));
    cluster->UpsertNode(std::get<kube::Ref<kube::Node>>(node));
  }
  return cluster;
}

absl::Status RunCase(const Case& one, double seconds) {
  const std::string body = BodyOf(one);
  const std::size_t in_flight = body.size() * static_cast<std::size_t>(one.connections);
  std::printf("%-10s %-5s %6d %5d %8.2f", one.verb.c_str(), one.names ? "names" : "nodes",
              one.nodes, one.connections, static_cast<double>(body.size()) / 1e6);
  if (body.size() > kMaxBodyBytes || in_flight > kMaxBytesInFlight) {
    std::printf("  left out: the requests are too large together\n");
    return absl::OkStatus();
  }
  std::unique_ptr<ClusterState> cluster;
  if (one.names) {
    ASSIGN_OR_RETURN(cluster, ClusterOf(one.nodes));
  }
  ASSIGN_OR_RETURN(ExtenderProfiles profiles, ExtenderProfiles::Create());
  const std::unique_ptr<kube::Decoder> decoder = kube::MakeJsonDecoder();
  std::vector<double> decided;
  Times times;
  {
    Server server([&](net::AsioLoop& loop) {
      return std::make_unique<ExtenderHandler>(
          loop, *decoder, std::move(profiles),
          ExtenderOptions{.live = {cluster.get(), [] { return true; }},
                          .on_answer = [&decided](const ExtenderReport& report) {
                            decided.push_back(absl::ToDoubleMilliseconds(report.duration));
                          }});
    });
    ASSIGN_OR_RETURN(times, Ask(server.port(), one, body, seconds));
  }
  if (times.answer.find("\"Error\":\"\"") == std::string::npos && one.verb == "filter") {
    return absl::InternalError(absl::StrCat("not answered: ", times.answer.substr(0, 200)));
  }
  Times bare;
  {
    Server server([&](net::AsioLoop&) { return std::make_unique<ReadyMade>(times.answer); });
    ASSIGN_OR_RETURN(bare, Ask(server.port(), one, body, seconds));
  }
  const auto rate = [](const Times& all) {
    return static_cast<double>(all.ms.size()) / std::max(all.seconds, 1e-9);
  };
  std::printf(" %8.0f %8.2f %8.2f  %8.0f %8.2f %8.2f  %8.2f %8.2f %8.2f %7zu\n", rate(times),
              Quantile(times.ms, 0.5), Quantile(times.ms, 0.99), rate(bare), Quantile(bare.ms, 0.5),
              Quantile(bare.ms, 0.99), Quantile(decided, 0.5), Quantile(decided, 0.99),
              ParseMs(body), times.refused);
  std::fflush(stdout);
  return absl::OkStatus();
}

absl::StatusOr<int> Run(const Flags& flags) {
  std::printf(
      "                                       extender                    ready-made bytes  "
      "          decide            parse\n");
  std::printf("%-10s %-5s %6s %5s %8s %8s %8s %8s  %8s %8s %8s  %8s %8s %8s %7s\n", "verb", "form",
              "nodes", "conns", "body MB", "req/s", "p50 ms", "p99 ms", "req/s", "p50 ms", "p99 ms",
              "p50 ms", "p99 ms", "ms", "refused");
  for (const bool names : {true, false}) {
    for (const char* verb : {"filter", "prioritize"}) {
      for (const int nodes : flags.nodes) {
        for (const int connections : flags.connections) {
          RETURN_IF_ERROR(RunCase({verb, names, nodes, connections}, flags.seconds));
        }
      }
    }
  }
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app("Times the HTTP extender over sockets on the loopback.", "heat-extender-bench");
  Flags flags;
  app.add_option("--nodes", flags.nodes, "Nodes of a request")->delimiter(',');
  app.add_option("--connections", flags.connections, "Connections that ask at once")
      ->delimiter(',');
  app.add_option("--seconds", flags.seconds, "Time for each case, and once more beside it")
      ->capture_default_str();
  return ParseAndRun(app, argc, argv, [&flags] { return Run(flags); });
}

}  // namespace
}  // namespace heat_scheduler

int main(int argc, char** argv) { return heat_scheduler::Main(argc, argv); }
