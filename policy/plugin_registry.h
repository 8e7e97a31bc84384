// The one list of plugins: name, factory and arguments. Adding a plugin is a line in
// plugin_registry.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

// Builds a plugin from its arguments: an object as in pluginConfig[].args, or null for the
// defaults. Returns InvalidArgument naming the fields, as ArgsReader does.
using PluginFactory = absl::StatusOr<std::unique_ptr<Plugin>> (*)(const nlohmann::json& args);

// Adds the defaults of what arguments that the factory takes leave out: `args` is an object without
// nulls, kind and apiVersion.
using ArgsDefaulter = void (*)(nlohmann::json& args);

struct PluginRegistration {
  std::string_view name;
  PluginFactory create;
  ArgsDefaulter fill_defaults = nullptr;  // Null: it takes no arguments.
};

// Returns every plugin there is, each once: kube-scheduler's in the order of its default profile,
// then ours.
const std::vector<PluginRegistration>& PluginRegistry();

// Returns the plugin of that name, or null.
const PluginRegistration* FindPlugin(std::string_view name);

// Returns what is to be said of a name that FindPlugin does not know: what became of a plugin that
// kube-scheduler has or had, or the nearest name.
std::string NoSuchPlugin(std::string_view name);

// Builds the plugin of that name. Returns NotFound, with NoSuchPlugin, if there is none.
absl::StatusOr<std::unique_ptr<Plugin>> CreatePlugin(std::string_view name,
                                                     const nlohmann::json& args);

}  // namespace heat_scheduler
