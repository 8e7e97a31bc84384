#include "policy/scheduler_config.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "kube/yaml.h"
#include "nlohmann/json.hpp"
#include "policy/default_profile.h"
#include "policy/extender_config.h"

namespace heat_scheduler {
namespace {

// A file has to say what it is; arguments, which ArgsReader is for, need not.
void CheckEnvelope(const nlohmann::json& document, ArgsReader& reader) {
  if (!document.is_object()) return;
  for (std::string_view key : {"apiVersion", "kind"}) {
    const auto found = document.find(std::string(key));
    if (found != document.end() && !found->is_null()) continue;
    reader.Reject(key, absl::StrCat("is required: want ",
                                    ToAbsl(key == "kind" ? kConfigKind : kConfigApiVersion)));
  }
}

void ReadNumbers(ArgsReader& reader, SchedulerConfig& config) {
  reader.Read("parallelism", config.parallelism);
  if (config.parallelism <= 0) {
    reader.Reject("parallelism", absl::StrCat("must be greater than 0, got ", config.parallelism));
  }
  reader.Read("percentageOfNodesToScore", config.percentage_of_nodes_to_score);
  CheckPercentage(config.percentage_of_nodes_to_score, reader);
  reader.Read("podInitialBackoffSeconds", config.pod_initial_backoff_seconds);
  if (config.pod_initial_backoff_seconds <= 0) {
    reader.Reject("podInitialBackoffSeconds",
                  absl::StrCat("must be greater than 0, got ", config.pod_initial_backoff_seconds));
  }
  reader.Read("podMaxBackoffSeconds", config.pod_max_backoff_seconds);
  if (config.pod_max_backoff_seconds < config.pod_initial_backoff_seconds) {
    reader.Reject("podMaxBackoffSeconds",
                  absl::StrCat("must not be less than podInitialBackoffSeconds: ",
                               config.pod_max_backoff_seconds, " is below ",
                               config.pod_initial_backoff_seconds));
  }
  reader.Read("delayCacheUntilActive", config.delay_cache_until_active);
  reader.Read("enableProfiling", config.enable_profiling);
  config.enable_contention_profiling = config.enable_profiling;
  reader.Read("enableContentionProfiling", config.enable_contention_profiling);
}

void ReadClientConnection(ArgsReader& reader, ClientConnectionOptions& connection) {
  reader.ReadObject("clientConnection", [&](ArgsReader& nested) {
    nested.Read("kubeconfig", connection.kubeconfig);
    nested.Read("acceptContentTypes", connection.accept_content_types);
    nested.Read("contentType", connection.content_type);
    nested.Read("qps", connection.qps);
    if (connection.qps < 0) nested.Reject("qps", "must not be negative");
    nested.Read("burst", connection.burst);
    if (connection.burst < 0) nested.Reject("burst", "must not be negative");
  });
}

// As kube-scheduler, which takes 0 and empty text for what is not stated.
void ReadOr(ArgsReader& reader, std::string_view key, absl::Duration& target) {
  absl::Duration value;
  reader.Read(key, value);
  if (value != absl::ZeroDuration()) target = value;
}
void ReadOr(ArgsReader& reader, std::string_view key, std::string& target) {
  std::string value;
  reader.Read(key, value);
  if (!value.empty()) target = std::move(value);
}

void ReadLeaderElection(ArgsReader& reader, LeaderElectionOptions& election) {
  reader.ReadObject("leaderElection", [&](ArgsReader& nested) {
    nested.Read("leaderElect", election.leader_elect);
    ReadOr(nested, "leaseDuration", election.lease_duration);
    ReadOr(nested, "renewDeadline", election.renew_deadline);
    ReadOr(nested, "retryPeriod", election.retry_period);
    ReadOr(nested, "resourceLock", election.resource_lock);
    ReadOr(nested, "resourceName", election.resource_name);
    ReadOr(nested, "resourceNamespace", election.resource_namespace);
    for (const LeaderElectionMistake& mistake : FindMistakes(election)) {
      nested.Reject(mistake.option, mistake.message);
    }
  });
}

// Refuses two profiles of one name, and profiles that sort the one queue differently.
void CheckAmongProfiles(const std::vector<ProfileConfig>& profiles, ArgsReader& reader) {
  const std::size_t sort = IndexOf(ExtensionPoint::kQueueSort);
  for (std::size_t i = 1; i < profiles.size(); ++i) {
    const auto same = std::find_if(profiles.begin(), profiles.begin() + static_cast<int>(i),
                                   [&](const ProfileConfig& other) {
                                     return other.scheduler_name == profiles[i].scheduler_name;
                                   });
    const auto index = static_cast<std::size_t>(same - profiles.begin());
    if (index < i && !profiles[i].scheduler_name.empty()) {
      reader.Reject(absl::StrCat("profiles[", i, "].schedulerName"),
                    absl::StrCat(Quoted(profiles[i].scheduler_name), " is the name of profiles[",
                                 index, "] already"));
    }
    if (profiles[i].plugins.points[sort] != profiles[0].plugins.points[sort]) {
      reader.Reject(absl::StrCat("profiles[", i, "].plugins.queueSort"),
                    "must be the same as in profiles[0]: all profiles share one queue");
    }
  }
}

// NodeResourcesFit does not look at resources that an extender alone counts.
void LeaveToExtenders(const std::vector<ExtenderConfig>& extenders, ProfileConfig& profile) {
  nlohmann::json ignored;
  for (const ExtenderConfig& extender : extenders) {
    for (const ManagedResource& resource : extender.managed_resources) {
      if (resource.ignored_by_scheduler) ignored.push_back(resource.name);
    }
  }
  const auto args = profile.plugin_config.find("NodeResourcesFit");
  if (!ignored.empty() && args != profile.plugin_config.end()) {
    args->second["ignoredResources"] = std::move(ignored);
  }
}

void ReadProfiles(ArgsReader& reader, LoadedConfig& loaded) {
  const nlohmann::json* list = reader.Take("profiles");
  const std::size_t count = list != nullptr && list->is_array() ? list->size() : 0;
  // Only a single profile may go without a name.
  const std::string_view default_name = count <= 1 ? kKubeSchedulersName : std::string_view();
  const auto read = [&](ArgsReader& nested) {
    SchedulerConfig& config = loaded.config;
    ProfileConfig& profile =
        config.profiles.emplace_back(ReadProfileConfig(nested, DefaultPluginSets(), default_name));
    LeaveToExtenders(config.extenders, profile);
    // One that is out of range is a mistake of its own, not of each profile.
    const std::int32_t percentage = reader.HasMistakes() ? 0 : config.percentage_of_nodes_to_score;
    if (auto built = BuildProfile(profile, percentage, nested)) {
      loaded.profiles.push_back(*std::move(built));
    }
  };
  reader.ReadObjects("profiles", read);
  if (list != nullptr && count == 0 && !list->is_array()) return;
  if (count == 0) {
    const nlohmann::json nothing = nlohmann::json::object();
    ArgsReader unnamed(nothing, "profiles[0]");
    read(unnamed);
    reader.Adopt(unnamed.Finish());
  }
  CheckAmongProfiles(loaded.config.profiles, reader);
}

absl::StatusOr<LoadedConfig> ReadSchedulerConfig(const nlohmann::json& document) {
  LoadedConfig loaded;
  ArgsReader reader(document, kConfigKind);
  CheckEnvelope(document, reader);
  ReadNumbers(reader, loaded.config);
  ReadClientConnection(reader, loaded.config.client_connection);
  ReadLeaderElection(reader, loaded.config.leader_election);
  loaded.config.extenders = ReadExtenders(reader);
  ReadProfiles(reader, loaded);
  RETURN_IF_ERROR(MovePaths(reader.Finish(), kConfigKind, ""));
  return loaded;
}

}  // namespace

absl::Status AtSource(const absl::Status& status, std::string_view source) {
  const std::vector<std::string> lines = absl::StrSplit(status.message(), '\n');
  return {status.code(), absl::StrJoin(lines, "\n", [&](std::string* out, const std::string& line) {
            absl::StrAppend(out, ToAbsl(source), ": ", line);
          })};
}

absl::StatusOr<LoadedConfig> ParseSchedulerConfig(std::string_view text, std::string_view source) {
  ASSIGN_OR_RETURN(const std::vector<nlohmann::json> documents, kube::ParseYaml(text, source));
  if (documents.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(ToAbsl(source), ": want one document of kind ",
                                                   ToAbsl(kConfigKind), ", there are ",
                                                   documents.size()));
  }
  absl::StatusOr<LoadedConfig> loaded = ReadSchedulerConfig(documents.front());
  if (!loaded.ok()) return AtSource(loaded.status(), source);
  return loaded;
}

absl::StatusOr<LoadedConfig> DefaultSchedulerConfig(std::string_view scheduler_name) {
  nlohmann::json document;
  document["apiVersion"] = kConfigApiVersion;
  document["kind"] = kConfigKind;
  document["profiles"][0] = DefaultProfileJson();
  if (!scheduler_name.empty()) document["profiles"][0]["schedulerName"] = scheduler_name;
  return ReadSchedulerConfig(document);
}

absl::StatusOr<Profile> MakeProfile(const SchedulerConfig& config,
                                    std::string_view scheduler_name) {
  for (const ProfileConfig& profile : config.profiles) {
    if (profile.scheduler_name != scheduler_name) continue;
    const nlohmann::json read_already = nlohmann::json::object();
    ArgsReader reader(read_already, "profile");
    auto built = BuildProfile(profile, config.percentage_of_nodes_to_score, reader);
    RETURN_IF_ERROR(reader.Finish());
    return *std::move(built);
  }
  return absl::NotFoundError(
      absl::StrCat("there is no profile ", Quoted(scheduler_name), " in the configuration"));
}

}  // namespace heat_scheduler
