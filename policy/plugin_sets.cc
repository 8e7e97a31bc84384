#include "policy/plugin_sets.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace heat_scheduler {
namespace {

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Returns where the plugin stands, the last place if it stands at several.
std::ptrdiff_t FindLast(const std::vector<EnabledPlugin>& plugins, const std::string& name) {
  const auto found = std::find_if(plugins.rbegin(), plugins.rend(),
                                  [&](const EnabledPlugin& plugin) { return plugin.name == name; });
  return found == plugins.rend() ? -1 : std::distance(found, plugins.rend()) - 1;
}

PluginSet Merge(const PluginSet& defaults, const PluginSet& custom) {
  PluginSet merged;
  merged.disabled = custom.disabled;
  merged.disabled.insert(merged.disabled.end(), defaults.disabled.begin(), defaults.disabled.end());
  std::vector<bool> placed(custom.enabled.size(), false);
  if (!Contains(merged.disabled, kAllPlugins)) {
    for (const EnabledPlugin& plugin : defaults.enabled) {
      if (Contains(merged.disabled, plugin.name)) continue;
      const std::ptrdiff_t index = FindLast(custom.enabled, plugin.name);
      if (index < 0) {
        merged.enabled.push_back(plugin);
      } else {
        merged.enabled.push_back(custom.enabled[static_cast<std::size_t>(index)]);
        placed[static_cast<std::size_t>(index)] = true;
      }
    }
  }
  for (std::size_t i = 0; i < custom.enabled.size(); ++i) {
    if (!placed[i]) merged.enabled.push_back(custom.enabled[i]);
  }
  return merged;
}

}  // namespace

PluginSets MergePluginSets(const PluginSets& defaults, const PluginSets& custom) {
  PluginSets merged;
  merged.multi_point = Merge(defaults.multi_point, custom.multi_point);
  for (std::size_t i = 0; i < merged.points.size(); ++i) {
    merged.points[i] = Merge(defaults.points[i], custom.points[i]);
  }
  return merged;
}

std::vector<EnabledPlugin> ExpandPluginSets(
    const PluginSets& sets, ExtensionPoint point,
    const std::function<bool(const std::string& name)>& has_point) {
  const PluginSet& own = sets.points[IndexOf(point)];
  std::vector<EnabledPlugin> overriding;  // Of both; as the extension point has them.
  std::vector<EnabledPlugin> expanded;    // Of multiPoint alone.
  std::vector<EnabledPlugin> added;       // Of the extension point alone.
  const bool all_disabled = Contains(own.disabled, kAllPlugins);
  for (const EnabledPlugin& plugin : own.enabled) {
    const bool again = !all_disabled && !Contains(own.disabled, plugin.name) &&
                       FindLast(sets.multi_point.enabled, plugin.name) >= 0;
    (again ? overriding : added).push_back(plugin);
  }
  if (!all_disabled) {
    for (const EnabledPlugin& plugin : sets.multi_point.enabled) {
      if (Contains(own.disabled, plugin.name) || FindLast(own.enabled, plugin.name) >= 0) continue;
      if (has_point(plugin.name)) expanded.push_back(plugin);
    }
  }
  std::vector<EnabledPlugin> result = std::move(overriding);
  result.insert(result.end(), expanded.begin(), expanded.end());
  result.insert(result.end(), added.begin(), added.end());
  for (EnabledPlugin& plugin : result) plugin.weight = std::max(plugin.weight, 1);
  return result;
}

}  // namespace heat_scheduler
