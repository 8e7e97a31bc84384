#include "policy/scheduler_config.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "policy/default_profile.h"
#include "policy/plugin_registry.h"

namespace heat_scheduler {
namespace scheduler_config_test {

using nlohmann::json;

constexpr char kHead[] =
    "apiVersion: kubescheduler.config.k8s.io/v1\n"
    "kind: KubeSchedulerConfiguration\n";

absl::StatusOr<LoadedConfig> Parse(const std::string& body) {
  return ParseSchedulerConfig(kHead + body, "c.yaml");
}

TEST(ParseSchedulerConfig, HasKubeSchedulersDefaults) {
  const auto loaded = Parse("");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const SchedulerConfig& config = loaded->config;
  EXPECT_EQ(config.parallelism, 16);
  EXPECT_EQ(config.percentage_of_nodes_to_score, 0);
  EXPECT_EQ(config.pod_initial_backoff_seconds, 1);
  EXPECT_EQ(config.pod_max_backoff_seconds, 10);
  EXPECT_FALSE(config.delay_cache_until_active);
  EXPECT_TRUE(config.enable_profiling);
  EXPECT_TRUE(config.enable_contention_profiling);
  EXPECT_TRUE(config.leader_election.leader_elect);
  EXPECT_EQ(config.leader_election.lease_duration, absl::Seconds(15));
  EXPECT_EQ(config.leader_election.renew_deadline, absl::Seconds(10));
  EXPECT_EQ(config.leader_election.retry_period, absl::Seconds(2));
  EXPECT_EQ(config.leader_election.resource_lock, "leases");
  EXPECT_EQ(config.leader_election.resource_name, "heat-scheduler");
  EXPECT_EQ(config.leader_election.resource_namespace, "kube-system");
  ASSERT_EQ(loaded->profiles.size(), 1u);
  EXPECT_EQ(loaded->profiles[0].scheduler_name(), "default-scheduler");
  EXPECT_TRUE(loaded->profiles[0].set_filter().empty());
  EXPECT_EQ(config.profiles[0].plugins, DefaultPluginSets());
}

TEST(ParseSchedulerConfig, TakesWhatTheFileSays) {
  const auto loaded = Parse(R"(
parallelism: 4
percentageOfNodesToScore: 70
podInitialBackoffSeconds: 2
podMaxBackoffSeconds: 2
delayCacheUntilActive: true
enableProfiling: false
clientConnection: {kubeconfig: /etc/k, acceptContentTypes: a, contentType: b, qps: 1.5, burst: 3}
leaderElection:
  leaderElect: true
  leaseDuration: 1m
  renewDeadline: 40s
  retryPeriod: 5s
  resourceName: mine
  resourceNamespace: ns
profiles:
- schedulerName: a
- schedulerName: b
  percentageOfNodesToScore: 0
- schedulerName: c
  percentageOfNodesToScore: 30
)");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const SchedulerConfig& config = loaded->config;
  EXPECT_EQ(config.parallelism, 4);
  EXPECT_EQ(config.pod_initial_backoff_seconds, 2);
  EXPECT_EQ(config.pod_max_backoff_seconds, 2);
  EXPECT_TRUE(config.delay_cache_until_active);
  EXPECT_FALSE(config.enable_profiling);
  EXPECT_FALSE(config.enable_contention_profiling);
  EXPECT_EQ(config.client_connection.kubeconfig, "/etc/k");
  EXPECT_EQ(config.client_connection.qps, 1.5);
  EXPECT_EQ(config.client_connection.burst, 3);
  EXPECT_EQ(config.leader_election.lease_duration, absl::Minutes(1));
  EXPECT_EQ(config.leader_election.renew_deadline, absl::Seconds(40));
  EXPECT_EQ(config.leader_election.retry_period, absl::Seconds(5));
  EXPECT_EQ(config.leader_election.resource_name, "mine");
  EXPECT_EQ(config.leader_election.resource_namespace, "ns");
  ASSERT_EQ(loaded->profiles.size(), 3u);
  EXPECT_EQ(loaded->profiles[0].percentage_of_nodes_to_score(), 70);
  EXPECT_EQ(loaded->profiles[1].percentage_of_nodes_to_score(), 0);
  EXPECT_EQ(loaded->profiles[2].percentage_of_nodes_to_score(), 30);
}

TEST(ParseSchedulerConfig, ReadsJson) {
  const auto loaded = ParseSchedulerConfig(
      R"({"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration",
          "profiles": [{"schedulerName": "x"}]})",
      "c.json");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->profiles[0].scheduler_name(), "x");
}

TEST(ParseSchedulerConfig, TakesEmptyAndZeroForNotStated) {
  const auto loaded = Parse(R"(
profiles: []
leaderElection: {leaseDuration: 0s, resourceLock: "", resourceName: "", resourceNamespace: null}
)");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->config.leader_election.lease_duration, absl::Seconds(15));
  EXPECT_EQ(loaded->config.leader_election.resource_name, "heat-scheduler");
  EXPECT_EQ(loaded->profiles.size(), 1u);
}

TEST(ParseSchedulerConfig, ChecksNoLeaseWhereNobodyIsElected) {
  EXPECT_TRUE(Parse("leaderElection: {leaderElect: false, leaseDuration: 1s}").ok());
}

struct BadRow {
  std::string name;
  std::string body;
  std::string mistakes;  // Without the source in front of each.
};

class BadConfig : public testing::TestWithParam<BadRow> {};

TEST_P(BadConfig, IsRefusedWithEveryMistake) {
  const absl::Status status = Parse(GetParam().body).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  std::string message(status.message());
  for (std::size_t at = 0; (at = message.find("c.yaml: ", at)) != std::string::npos;) {
    message.erase(at, 8);
  }
  EXPECT_EQ(message, GetParam().mistakes);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadConfig,
    testing::ValuesIn(std::vector<BadRow>{
        {"Numbers", R"(
parallelism: 0
percentageOfNodesToScore: 101
podInitialBackoffSeconds: 0
podMaxBackoffSeconds: -1
)",
         "parallelism: must be greater than 0, got 0\n"
         "percentageOfNodesToScore: want 0 to 100, got 101\n"
         "podInitialBackoffSeconds: must be greater than 0, got 0\n"
         "podMaxBackoffSeconds: must not be less than podInitialBackoffSeconds: -1 is below 0"},
        {"NumberAsText", "parallelism: \"8\"", "parallelism: want a whole number, got \"8\""},
        {"NumberWithAPoint", "parallelism: 1.5", "parallelism: want a whole number, got 1.5"},
        {"UnknownKeys", "paralelism: 2\nleaderElection: {leaderelect: true}\n",
         "leaderElection: unknown key \"leaderelect\", did you mean leaderElect?\n"
         "unknown key \"paralelism\", did you mean parallelism?"},
        {"OldKeys", "algorithmSource: {provider: DefaultProvider}\nhealthzBindAddress: x\n",
         "unknown key \"algorithmSource\", did you mean enableContentionProfiling?\n"
         "unknown key \"healthzBindAddress\", did you mean extenders?"},
        {"Lease", R"(
leaderElection:
  leaseDuration: 10s
  renewDeadline: 10s
  retryPeriod: 9s
  resourceLock: endpoints
  resourceName: Mine
)",
         "leaderElection.leaseDuration: must be greater than renewDeadline: 10s is not above 10s\n"
         "leaderElection.renewDeadline: must be greater than 1.2 times retryPeriod: 10s is not "
         "above 10.8s\n"
         "leaderElection.resourceLock: the only lock there is is leases, got \"endpoints\"\n"
         "leaderElection.resourceName: must consist of lower case letters, digits, '-' and '.', "
         "and "
         "begin and end with a letter or a digit, got \"Mine\""},
        {"Durations", "leaderElection: {leaseDuration: 10, renewDeadline: 1y, retryPeriod: -1s}\n",
         "leaderElection.leaseDuration: want a duration such as \"5m\", got 10\n"
         "leaderElection.renewDeadline: want a duration such as \"5m\", got \"1y\"\n"
         "leaderElection.retryPeriod: must be greater than 0, got -1s"},
        {"ClientConnection", "clientConnection: {qps: -1, burst: -2, kubeConfig: x}",
         "clientConnection.qps: must not be negative\n"
         "clientConnection.burst: must not be negative\n"
         "clientConnection: unknown key \"kubeConfig\", did you mean kubeconfig?"},
        {"NamesOfProfiles", "profiles: [{}, {schedulerName: a}, {schedulerName: a}]",
         "profiles[0].schedulerName: is required and must not be empty\n"
         "profiles[2].schedulerName: \"a\" is the name of profiles[1] already"},
        {"ProfilesAreNoList", "profiles: {schedulerName: a}",
         "profiles: want a list, got an object"},
        {"ProfilesDeepDown", R"(
profiles:
- schedulerName: a
- schedulerName: b
  percentageOfNodesToScore: 101
  plugins:
    score:
      enabled:
      - name: NodeResourcesFitt
  pluginConfig:
  - name: Heat
    args: {mode: Coldest}
)",
         "profiles[1].percentageOfNodesToScore: want 0 to 100, got 101\n"
         "profiles[1].plugins.score.enabled[0].name: there is no plugin \"NodeResourcesFitt\", did "
         "you mean NodeResourcesFit?\n"
         "profiles[1].pluginConfig[0].args.mode: want Coolest or Score, got \"Coldest\""},
        {"QueueSortsThatDiffer", R"(
profiles:
- schedulerName: a
- schedulerName: b
  plugins:
    queueSort: {enabled: [{name: PrioritySort}]}
)",
         "profiles[1].plugins.queueSort: must be the same as in profiles[0]: all profiles share "
         "one "
         "queue"},
        {"ExtendersThatAreAskedAboutPreemptions",
         "extenders: [{urlPrefix: http://x, preemptVerb: p}]",
         "extenders[0].preemptVerb: extenders are asked about no preemptions here; remove it, or "
         "leave these pods to kube-scheduler"},
        {"TlsOfExtenders", R"(
extenders:
- urlPrefix: https://x
  tlsConfig: {insecure: true, caFile: /ca, certFile: /cert}
- urlPrefix: https://y
  tlsConfig: {caData: "%%", keyFile: /key}
)",
         "extenders[0].tlsConfig.insecure: there is nothing to check the server against caFile or "
         "caData for\n"
         "extenders[0].tlsConfig.keyFile: certificate and key are given together\n"
         "extenders[1].tlsConfig.caData: want base64 of PEM text\n"
         "extenders[1].tlsConfig.certFile: certificate and key are given together"},
        {"BadExtenders", R"(
extenders:
- urlPrefix: http://x
  prioritizeVerb: p
  bindVerb: b
  httpTimeout: 5
  enableHttps: true
  managedResources: [{name: cpu}, {name: example.com/gpu}, {name: example.com/gpu}]
- bindVerb: b
  weight: -1
  prioritizeVerb: p
  tlsConfig: {cafile: x}
)",
         "extenders[0].httpTimeout: want a duration such as \"5m\", got 5\n"
         "extenders[0].weight: must be greater than 0 with a prioritizeVerb, got 0\n"
         "extenders[0].managedResources[0].name: want the name of an extended resource such as "
         "example.com/gpu, got \"cpu\"\n"
         "extenders[0].managedResources[2].name: \"example.com/gpu\" is managed by an extender "
         "already\n"
         "extenders[0]: unknown key \"enableHttps\", did you mean enableHTTPS?\n"
         "extenders[1].urlPrefix: want http://HOST:PORT/PATH or https://, got \"\"\n"
         "extenders[1].weight: must be greater than 0 with a prioritizeVerb, got -1\n"
         "extenders[1].tlsConfig: unknown key \"cafile\", did you mean caFile?\n"
         "extenders: 2 have a bindVerb; at most one may"},
    }),
    [](const auto& row) { return row.param.name; });

struct BadFileRow {
  std::string name;
  std::string text;
  std::string message;
};

class BadConfigFile : public testing::TestWithParam<BadFileRow> {};

TEST_P(BadConfigFile, IsRefused) {
  const absl::Status status = ParseSchedulerConfig(GetParam().text, "c.yaml").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadConfigFile,
    testing::ValuesIn(std::vector<BadFileRow>{
        {"Empty", "", "c.yaml: want one document of kind KubeSchedulerConfiguration, there are 0"},
        {"TwoDocuments", "a: 1\n---\nb: 2\n",
         "c.yaml: want one document of kind KubeSchedulerConfiguration, there are 2"},
        {"SaysNotWhatItIs", "parallelism: 1",
         "c.yaml: apiVersion: is required: want kubescheduler.config.k8s.io/v1\n"
         "c.yaml: kind: is required: want KubeSchedulerConfiguration"},
        {"OldVersion",
         "apiVersion: kubescheduler.config.k8s.io/v1beta3\nkind: KubeSchedulerConfiguration\n",
         "c.yaml: apiVersion: want kubescheduler.config.k8s.io/v1, got "
         "\"kubescheduler.config.k8s.io/v1beta3\""},
        {"LegacyPolicy", "apiVersion: v1\nkind: Policy\npredicates: []\n",
         "c.yaml: apiVersion: want kubescheduler.config.k8s.io/v1, got \"v1\"\n"
         "c.yaml: kind: want KubeSchedulerConfiguration, got \"Policy\"\n"
         "c.yaml: unknown key \"predicates\", did you mean profiles?"},
        {"KeyTwice", "kind: a\nkind: b\n", "c.yaml:2:1: document 1: key \"kind\" is given twice"},
    }),
    [](const auto& row) { return row.param.name; });

// Reading what was written gives the same bytes.
void ExpectRoundTrip(const SchedulerConfig& config) {
  const std::string written = WriteSchedulerConfig(config);
  const auto read = ParseSchedulerConfig(written, "written");
  ASSERT_TRUE(read.ok()) << read.status() << "\n" << written;
  EXPECT_EQ(WriteSchedulerConfig(read->config), written);
}

TEST(WriteSchedulerConfig, WritesTheDefaultConfigurationWhole) {
  const auto loaded = DefaultSchedulerConfig();
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->profiles[0].scheduler_name(), "heat-scheduler");
  EXPECT_EQ(loaded->profiles[0].set_filter().size(), 1u);
  const std::string written = WriteSchedulerConfig(loaded->config);
  EXPECT_EQ(written.substr(0, written.find("profiles:")),
            "apiVersion: kubescheduler.config.k8s.io/v1\n"
            "clientConnection:\n"
            "  acceptContentTypes: \"\"\n"
            "  burst: 0\n"
            "  contentType: application/json\n"
            "  kubeconfig: \"\"\n"
            "  qps: 0\n"
            "delayCacheUntilActive: false\n"
            "enableContentionProfiling: true\n"
            "enableProfiling: true\n"
            "kind: KubeSchedulerConfiguration\n"
            "leaderElection:\n"
            "  leaderElect: true\n"
            "  leaseDuration: 15s\n"
            "  renewDeadline: 10s\n"
            "  resourceLock: leases\n"
            "  resourceName: heat-scheduler\n"
            "  resourceNamespace: kube-system\n"
            "  retryPeriod: 2s\n"
            "parallelism: 16\n"
            "percentageOfNodesToScore: 0\n"
            "podInitialBackoffSeconds: 1\n"
            "podMaxBackoffSeconds: 10\n");
  EXPECT_NE(written.find("- args:\n"
                         "      annotation: nerdalize/temp\n"
                         "      apiVersion: kubescheduler.config.k8s.io/v1\n"
                         "      coldCelsius: 20\n"
                         "      hotCelsius: 80\n"
                         "      kind: HeatArgs\n"
                         "      mode: Coolest\n"
                         "      timeAnnotation: nerdalize/temp-time\n"
                         "    name: Heat\n"),
            std::string::npos)
      << written;
  ExpectRoundTrip(loaded->config);
}

TEST(ParseSchedulerConfig, TakesExtendersAndLeavesToThemWhatTheyAloneCount) {
  const auto loaded = Parse(R"(
extenders:
- urlPrefix: http://a:1/x
  filterVerb: filter
  managedResources: [{name: example.com/gpu, ignoredByScheduler: true}, {name: example.com/nic}]
- urlPrefix: https://b
  prioritizeVerb: p
  bindVerb: bind
  weight: 7
  enableHTTPS: true
  httpTimeout: 2s
  nodeCacheCapable: true
  ignorable: true
  tlsConfig: {serverName: s, caData: UEVN, certFile: /cert, keyFile: /key}
profiles:
- schedulerName: one
- schedulerName: two
  pluginConfig: [{name: NodeResourcesFit, args: {ignoredResources: [example.com/own]}}]
)");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const std::vector<ExtenderConfig>& extenders = loaded->config.extenders;
  ASSERT_EQ(extenders.size(), 2u);
  EXPECT_EQ(extenders[0].url_prefix, "http://a:1/x");
  EXPECT_EQ(extenders[0].timeout, absl::Seconds(5));
  EXPECT_EQ(extenders[0].managed_resources.size(), 2u);
  EXPECT_EQ(extenders[1].weight, 7);
  EXPECT_EQ(extenders[1].timeout, absl::Seconds(2));
  EXPECT_TRUE(extenders[1].ignorable && extenders[1].node_cache_capable);
  EXPECT_EQ(extenders[1].tls.ca_data, "PEM");
  for (const ProfileConfig& profile : loaded->config.profiles) {
    EXPECT_EQ(profile.plugin_config.at("NodeResourcesFit")["ignoredResources"],
              json::array({"example.com/gpu"}));
  }
  const std::string written = WriteSchedulerConfig(loaded->config);
  const auto read = ParseSchedulerConfig(written, "written");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(WriteSchedulerConfig(read->config), written);
}

TEST(WriteSchedulerConfig, WritesWhatWasDisabledAndReWeighed) {
  const auto loaded = Parse(R"(
profiles:
- schedulerName: "yes"
  percentageOfNodesToScore: 5
  plugins:
    multiPoint:
      disabled: [{name: NodePorts}, {name: GangScheduling}]
      enabled: [{name: TaintToleration, weight: 9}, {name: NodePorts}]
    score:
      disabled: [{name: "*"}]
      enabled: [{name: NodeResourcesFit, weight: 2}]
)");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const std::string written = WriteSchedulerConfig(loaded->config);
  EXPECT_NE(written.find("    score:\n"
                         "      disabled:\n"
                         "      - name: \"*\"\n"
                         "      enabled:\n"
                         "      - name: NodeResourcesFit\n"
                         "        weight: 2\n"
                         "  schedulerName: \"yes\"\n"),
            std::string::npos)
      << written;
  EXPECT_NE(written.find("      - name: TaintToleration\n        weight: 9\n"), std::string::npos);
  ExpectRoundTrip(loaded->config);
}

// Any sets that a configuration may have: plugins that run at multiPoint alone, so that each is
// fine wherever it is disabled.
json AnyPluginSets() {
  json sets = json::object();
  const auto any_name = [] {
    const std::size_t index = *rc::gen::inRange<std::size_t>(0, PluginRegistry().size());
    return std::string(PluginRegistry()[index].name);
  };
  const int disabled = *rc::gen::inRange(0, 5);
  for (int i = 0; i < disabled; ++i) {
    const std::string point = *rc::gen::element<std::string>("filter", "score", "preFilter");
    sets[point]["disabled"].push_back(json::object({{"name", any_name()}}));
  }
  std::vector<std::string> enabled;
  const int wanted = *rc::gen::inRange(0, 5);
  for (int i = 0; i < wanted; ++i) {
    std::string name = any_name();
    if (std::find(enabled.begin(), enabled.end(), name) != enabled.end()) continue;
    sets["multiPoint"]["enabled"].push_back({{"name", name}, {"weight", *rc::gen::inRange(0, 20)}});
    if (*rc::gen::arbitrary<bool>()) {
      sets["multiPoint"]["disabled"].push_back(json::object({{"name", name}}));
    }
    enabled.push_back(std::move(name));
  }
  return sets;
}

RC_GTEST_PROP(WriteSchedulerConfig, IsReadAsWhatWasWritten, ()) {
  json document = {{"apiVersion", kConfigApiVersion}, {"kind", kConfigKind}};
  document["parallelism"] = *rc::gen::inRange(1, 100);
  document["clientConnection"] = {{"qps", *rc::gen::inRange(0, 1000) / 8.0},
                                  {"kubeconfig", *rc::gen::element<std::string>("", "/a b", "~")}};
  document["leaderElection"]["leaseDuration"] =
      absl::StrCat(*rc::gen::inRange(11'000, 100'000), "ms");
  const int profiles = *rc::gen::inRange(1, 4);
  for (int i = 0; i < profiles; ++i) {
    json profile = {{"schedulerName", absl::StrCat("s", i)}, {"plugins", AnyPluginSets()}};
    profile["pluginConfig"][0] = {
        {"name", "Heat"},
        {"args", {{"coldCelsius", *rc::gen::inRange(-50, 70) / 3.0}, {"staleAfter", "90s"}}}};
    document["profiles"].push_back(std::move(profile));
  }
  const auto loaded = ParseSchedulerConfig(document.dump(), "any");
  RC_ASSERT(loaded.ok());
  const std::string written = WriteSchedulerConfig(loaded->config);
  const auto read = ParseSchedulerConfig(written, "written");
  RC_ASSERT(read.ok());
  RC_ASSERT(WriteSchedulerConfig(read->config) == written);
}

}  // namespace scheduler_config_test
}  // namespace heat_scheduler
