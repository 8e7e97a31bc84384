#include "policy/profile_config.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "policy/default_profile.h"
#include "policy/foreign_plugins.h"
#include "policy/plugin_registry.h"

namespace heat_scheduler {
namespace {

// Makes the name of a plugin that does not exist a mistake of `item`. Returns true if it exists.
bool CheckPlugin(const std::string& name, ArgsReader& item) {
  if (name.empty()) {
    item.Reject("name", "is required and must not be empty");
  } else if (FindPlugin(name) == nullptr) {
    item.Reject("name", NoSuchPlugin(name));
  } else {
    return true;
  }
  return false;
}

void ReadEnabled(ArgsReader& reader, PluginSet& set) {
  reader.ReadObjects("enabled", [&](ArgsReader& item) {
    EnabledPlugin plugin;
    item.Read("name", plugin.name);
    item.Read("weight", plugin.weight);
    const bool again = std::any_of(set.enabled.begin(), set.enabled.end(),
                                   [&](const auto& other) { return other.name == plugin.name; });
    if (CheckPlugin(plugin.name, item) && again) {
      item.Reject("name", absl::StrCat("plugin ", plugin.name, " is enabled in this list already"));
    }
    if (plugin.weight < 0) {
      item.Reject("weight", absl::StrCat("must not be negative, got ", plugin.weight));
    }
    set.enabled.push_back(std::move(plugin));
  });
}

void ReadDisabled(ArgsReader& reader, PluginSet& set) {
  reader.ReadObjects("disabled", [&](ArgsReader& item) {
    std::string& name = set.disabled.emplace_back();
    item.Read("name", name);
    std::int32_t ignored_weight = 0;  // As kube-scheduler ignores it.
    item.Read("weight", ignored_weight);
    if (name != kAllPlugins && FateOfPlugin(name).empty()) CheckPlugin(name, item);
  });
}

PluginSet ReadPluginSet(ArgsReader& plugins, std::string_view key) {
  PluginSet set;
  plugins.ReadObject(key, [&](ArgsReader& reader) {
    ReadEnabled(reader, set);
    ReadDisabled(reader, set);
  });
  return set;
}

PluginSets ReadPluginSets(ArgsReader& profile) {
  PluginSets sets;
  profile.ReadObject("plugins", [&](ArgsReader& plugins) {
    for (ExtensionPoint point : kExtensionPoints) {
      // Not of kube-scheduler's configuration: where multiPoint has a plugin that has it.
      if (point == ExtensionPoint::kSetFilter) continue;
      sets.points[IndexOf(point)] = ReadPluginSet(plugins, KeyOf(point));
    }
    sets.multi_point = ReadPluginSet(plugins, "multiPoint");
    for (std::string_view key : {"placementGenerate", "placementScore"}) {
      if (ReadPluginSet(plugins, key).enabled.empty()) continue;
      plugins.Reject(key,
                     "this extension point is alpha in kube-scheduler v1.36, off by default, "
                     "and is not part of this scheduler");
    }
  });
  return sets;
}

// Returns the value without the fields that are null, which are the same as absent.
nlohmann::json WithoutNulls(const nlohmann::json& value) {
  if (!value.is_structured()) return value;
  nlohmann::json kept = value.is_array() ? nlohmann::json::array() : nlohmann::json::object();
  for (const auto& item : value.items()) {
    if (value.is_array()) {
      kept.push_back(WithoutNulls(item.value()));
    } else if (!item.value().is_null()) {
      kept[item.key()] = WithoutNulls(item.value());
    }
  }
  return kept;
}

// Returns arguments that the plugin takes with its defaults.
nlohmann::json WithDefaults(const PluginRegistration& plugin, const nlohmann::json& args) {
  nlohmann::json filled = args.is_null() ? nlohmann::json::object() : WithoutNulls(args);
  filled.erase("apiVersion");
  filled.erase("kind");
  if (plugin.fill_defaults != nullptr) plugin.fill_defaults(filled);
  return filled;
}

// Calls visit(name) for each enabled plugin, each once, in the order of the lists.
template <typename Visit>
void ForEachEnabled(const PluginSets& sets, Visit visit) {
  std::vector<std::string> seen;
  const auto visit_set = [&](const PluginSet& set) {
    for (const EnabledPlugin& plugin : set.enabled) {
      if (std::find(seen.begin(), seen.end(), plugin.name) != seen.end()) continue;
      seen.push_back(plugin.name);
      visit(plugin.name);
    }
  };
  visit_set(sets.multi_point);
  for (const PluginSet& set : sets.points) visit_set(set);
}

void ReadPluginConfig(ArgsReader& profile, ProfileConfig& config) {
  std::map<std::string, nlohmann::json> given;
  profile.ReadObjects("pluginConfig", [&](ArgsReader& item) {
    std::string name;
    item.Read("name", name);
    const nlohmann::json* value = item.Take("args");
    const nlohmann::json args = value == nullptr ? nlohmann::json() : *value;
    if (!CheckPlugin(name, item)) return;
    if (!given.emplace(name, args).second) {
      item.Reject("name", absl::StrCat("plugin ", name, " has its arguments already"));
    } else {
      const absl::Status status = CreatePlugin(name, args).status();
      item.Adopt(MovePaths(status, name + "Args", absl::StrCat(item.path(), ".args")));
      if (!status.ok()) given[name] = nullptr;  // So that the rest can be looked at.
    }
  });
  ForEachEnabled(config.plugins, [&](const std::string& name) {
    const PluginRegistration* plugin = FindPlugin(name);
    if (plugin == nullptr) return;
    nlohmann::json args = WithDefaults(*plugin, given[name]);
    if (!args.empty() || plugin->fill_defaults != nullptr) {
      config.plugin_config[name] = std::move(args);
    }
  });
}

void ReadPercentage(ArgsReader& reader, ProfileConfig& config) {
  if (reader.Take("percentageOfNodesToScore") == nullptr) return;
  std::int32_t& percentage = config.percentage_of_nodes_to_score.emplace(0);
  reader.Read("percentageOfNodesToScore", percentage);
  CheckPercentage(percentage, reader);
}

// The plugins of a profile under construction, by name.
class Instances {
 public:
  explicit Instances(const ProfileConfig& config) {
    ForEachEnabled(config.plugins, [&](const std::string& name) {
      const auto args = config.plugin_config.find(name);
      auto plugin =
          CreatePlugin(name, args == config.plugin_config.end() ? nlohmann::json() : args->second);
      if (!plugin.ok()) return;  // It is a mistake that was found when it was read.
      by_name_[name] = plugin->get();
      plugins_.push_back(*std::move(plugin));
    });
  }

  Plugin* Find(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }
  std::vector<std::unique_ptr<Plugin>> Release() { return std::move(plugins_); }

 private:
  std::map<std::string, Plugin*> by_name_;
  std::vector<std::unique_ptr<Plugin>> plugins_;
};

// Refuses plugins in the list of an extension point that they do not have.
bool CheckPoints(const ProfileConfig& config, const Instances& instances, ArgsReader& reader) {
  bool good = true;
  for (ExtensionPoint point : kExtensionPoints) {
    const std::vector<EnabledPlugin>& enabled = config.plugins.points[IndexOf(point)].enabled;
    for (std::size_t i = 0; i < enabled.size(); ++i) {
      const Plugin* plugin = instances.Find(enabled[i].name);
      if (plugin == nullptr || Implements(*plugin, point)) continue;
      good = false;
      reader.Reject(absl::StrCat("plugins.", ToAbsl(KeyOf(point)), ".enabled[", i, "].name"),
                    absl::StrCat("plugin ", enabled[i].name, " has no extension point ",
                                 ToAbsl(KeyOf(point))));
    }
  }
  return good;
}

// Refuses profiles that sort their queue by no or by two plugins, or bind by none.
bool CheckCounts(const Profile::Spec& spec, ArgsReader& reader) {
  const auto& sorts = spec.points[IndexOf(ExtensionPoint::kQueueSort)];
  if (sorts.size() != 1) {
    reader.Reject("plugins.queueSort",
                  absl::StrCat("exactly one plugin has to be enabled, there are ", sorts.size()));
  }
  const bool binds = !spec.points[IndexOf(ExtensionPoint::kBind)].empty();
  if (!binds) reader.Reject("plugins.bind", "at least one plugin has to be enabled, there is none");
  return sorts.size() == 1 && binds;
}

}  // namespace

void CheckPercentage(std::int32_t percentage, ArgsReader& reader) {
  if (percentage >= 0 && percentage <= 100) return;
  reader.Reject("percentageOfNodesToScore", absl::StrCat("want 0 to 100, got ", percentage));
}

ProfileConfig ReadProfileConfig(ArgsReader& reader, const PluginSets& default_plugins,
                                std::string_view default_name) {
  ProfileConfig config;
  config.scheduler_name = default_name;
  reader.Read("schedulerName", config.scheduler_name);
  if (config.scheduler_name.empty()) {
    reader.Reject("schedulerName", "is required and must not be empty");
  }
  ReadPercentage(reader, config);
  config.plugins = MergePluginSets(default_plugins, ReadPluginSets(reader));
  ReadPluginConfig(reader, config);
  return config;
}

std::optional<Profile> BuildProfile(const ProfileConfig& config,
                                    std::int32_t percentage_of_nodes_to_score, ArgsReader& reader) {
  Instances instances(config);
  if (!CheckPoints(config, instances, reader)) return std::nullopt;
  Profile::Spec spec;
  spec.scheduler_name = config.scheduler_name;
  spec.percentage_of_nodes_to_score =
      config.percentage_of_nodes_to_score.value_or(percentage_of_nodes_to_score);
  for (ExtensionPoint point : kExtensionPoints) {
    const auto has_point = [&](const std::string& name) {
      const Plugin* plugin = instances.Find(name);
      return plugin != nullptr && Implements(*plugin, point);
    };
    for (const EnabledPlugin& enabled : ExpandPluginSets(config.plugins, point, has_point)) {
      Plugin* plugin = instances.Find(enabled.name);
      if (plugin != nullptr) spec.points[IndexOf(point)].push_back({plugin, enabled.weight});
    }
  }
  if (!CheckCounts(spec, reader) || reader.HasMistakes()) return std::nullopt;
  spec.plugins = instances.Release();
  absl::StatusOr<Profile> profile = Profile::Create(std::move(spec));
  if (profile.ok()) return *std::move(profile);
  reader.Reject("", std::string(profile.status().message()));
  return std::nullopt;
}

absl::StatusOr<Profile> ProfileFromJson(const nlohmann::json& profile) {
  constexpr std::string_view kKind = "KubeSchedulerProfile";
  ArgsReader reader(profile, kKind);
  const ProfileConfig config = ReadProfileConfig(reader, DefaultPluginSets(), kKubeSchedulersName);
  std::optional<Profile> built = BuildProfile(config, 0, reader);
  RETURN_IF_ERROR(MovePaths(reader.Finish(), kKind, ""));
  return *std::move(built);
}

}  // namespace heat_scheduler
