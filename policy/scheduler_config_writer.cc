#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "kube/yaml_writer.h"
#include "nlohmann/json.hpp"
#include "policy/extender_config.h"
#include "policy/scheduler_config.h"

namespace heat_scheduler {
namespace {

using nlohmann::json;

json PluginSetJson(const PluginSet& set) {
  json out = json::object();
  for (const EnabledPlugin& plugin : set.enabled) {
    json item = {{"name", plugin.name}};
    if (plugin.weight != 0) item["weight"] = plugin.weight;
    out["enabled"].push_back(std::move(item));
  }
  for (const std::string& name : set.disabled) {
    out["disabled"].push_back(json::object({{"name", name}}));
  }
  return out;
}

json PluginsJson(const PluginSets& sets) {
  json out;
  out["multiPoint"] = PluginSetJson(sets.multi_point);
  for (ExtensionPoint point : kExtensionPoints) {
    const PluginSet& set = sets.points[IndexOf(point)];
    if (set.enabled.empty() && set.disabled.empty()) continue;
    out[std::string(KeyOf(point))] = PluginSetJson(set);
  }
  return out;
}

json ProfileJson(const ProfileConfig& profile) {
  json out;
  out["schedulerName"] = profile.scheduler_name;
  if (profile.percentage_of_nodes_to_score) {
    out["percentageOfNodesToScore"] = *profile.percentage_of_nodes_to_score;
  }
  out["plugins"] = PluginsJson(profile.plugins);
  for (const auto& [name, args] : profile.plugin_config) {
    json complete = args;
    complete["apiVersion"] = kConfigApiVersion;
    complete["kind"] = name + "Args";
    out["pluginConfig"].push_back(json::object({{"name", name}, {"args", std::move(complete)}}));
  }
  return out;
}

json ClientConnectionJson(const ClientConnectionOptions& connection) {
  return {{"kubeconfig", connection.kubeconfig},
          {"acceptContentTypes", connection.accept_content_types},
          {"contentType", connection.content_type},
          {"qps", connection.qps},
          {"burst", connection.burst}};
}

json LeaderElectionJson(const LeaderElectionOptions& election) {
  return {{"leaderElect", election.leader_elect},
          {"leaseDuration", absl::FormatDuration(election.lease_duration)},
          {"renewDeadline", absl::FormatDuration(election.renew_deadline)},
          {"retryPeriod", absl::FormatDuration(election.retry_period)},
          {"resourceLock", election.resource_lock},
          {"resourceName", election.resource_name},
          {"resourceNamespace", election.resource_namespace}};
}

}  // namespace

std::string WriteSchedulerConfig(const SchedulerConfig& config) {
  json out;
  out["apiVersion"] = kConfigApiVersion;
  out["kind"] = kConfigKind;
  out["parallelism"] = config.parallelism;
  out["percentageOfNodesToScore"] = config.percentage_of_nodes_to_score;
  out["podInitialBackoffSeconds"] = config.pod_initial_backoff_seconds;
  out["podMaxBackoffSeconds"] = config.pod_max_backoff_seconds;
  out["delayCacheUntilActive"] = config.delay_cache_until_active;
  out["enableProfiling"] = config.enable_profiling;
  out["enableContentionProfiling"] = config.enable_contention_profiling;
  out["clientConnection"] = ClientConnectionJson(config.client_connection);
  out["leaderElection"] = LeaderElectionJson(config.leader_election);
  for (const ProfileConfig& profile : config.profiles) {
    out["profiles"].push_back(ProfileJson(profile));
  }
  if (!config.extenders.empty()) out["extenders"] = WriteExtenders(config.extenders);
  return kube::WriteYaml(out);
}

}  // namespace heat_scheduler
