// Which plugins a profile's configuration enables and disables, and what follows from it for each
// extension point.
//
// The rule, kube-scheduler's own: what is said of an extension point goes before what the user says
// of multiPoint, and that before the default multiPoint. A default plugin that is enabled again is
// re-configured in place; one that is disabled too moves to where it is enabled. Pure functions.
// Source: pkg/scheduler/apis/config/v1/default_plugins.go (mergePlugins),
// pkg/scheduler/framework/runtime/framework.go (expandMultiPointPlugins, getValidScoreWeights),
// v1.36.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/framework/extension_point.h"

namespace heat_scheduler {

inline constexpr std::string_view kAllPlugins = "*";

struct EnabledPlugin {
  std::string name;
  std::int32_t weight = 0;  // Of Score; 0: not stated.

  bool operator==(const EnabledPlugin&) const = default;
};

// `plugins.filter`, or any other.
struct PluginSet {
  std::vector<EnabledPlugin> enabled;
  std::vector<std::string> disabled;  // May hold kAllPlugins.

  bool operator==(const PluginSet&) const = default;
};

// `plugins` of a profile.
struct PluginSets {
  PluginSet multi_point;
  std::array<PluginSet, kExtensionPoints.size()> points;  // By IndexOf.

  bool operator==(const PluginSets&) const = default;
};

// Returns the defaults as the user's sets change them.
PluginSets MergePluginSets(const PluginSets& defaults, const PluginSets& custom);

// Returns the plugins of one extension point in the order in which they run, with their weights,
// which are at least 1. `has_point` tells whether the plugin of that name has that extension point;
// it is asked for plugins of multiPoint.
std::vector<EnabledPlugin> ExpandPluginSets(
    const PluginSets& sets, ExtensionPoint point,
    const std::function<bool(const std::string& name)>& has_point);

}  // namespace heat_scheduler
