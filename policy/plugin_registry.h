// The one list of plugins: name and factory. Adding a plugin is a line in plugin_registry.cc.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

// Builds a plugin from its arguments: an object as in pluginConfig[].args, or null for the
// defaults. Returns InvalidArgument naming the field.
using PluginFactory = absl::StatusOr<std::unique_ptr<Plugin>> (*)(const nlohmann::json& args);

struct PluginRegistration {
  std::string_view name;
  PluginFactory create;
};

// Returns every plugin there is, each once: kube-scheduler's in the order of its default profile,
// then ours.
const std::vector<PluginRegistration>& PluginRegistry();

// Builds the plugin of that name. Returns NotFound, with the names there are, if there is none.
absl::StatusOr<std::unique_ptr<Plugin>> CreatePlugin(std::string_view name,
                                                     const nlohmann::json& args);

}  // namespace heat_scheduler
