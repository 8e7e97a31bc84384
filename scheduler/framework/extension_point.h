// The extension points by name, for those who handle them as a list: profiles and configuration.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

enum class ExtensionPoint {
  kPreEnqueue,
  kQueueSort,
  kPreFilter,
  kFilter,
  kSetFilter,
  kPostFilter,
  kPreScore,
  kScore,
  kReserve,
  kPermit,
  kPreBind,
  kBind,
  kPostBind,
};

// All of them, in the order of the enum, which is the order in which a pod meets them.
inline constexpr std::array kExtensionPoints = {
    ExtensionPoint::kPreEnqueue, ExtensionPoint::kQueueSort, ExtensionPoint::kPreFilter,
    ExtensionPoint::kFilter,     ExtensionPoint::kSetFilter, ExtensionPoint::kPostFilter,
    ExtensionPoint::kPreScore,   ExtensionPoint::kScore,     ExtensionPoint::kReserve,
    ExtensionPoint::kPermit,     ExtensionPoint::kPreBind,   ExtensionPoint::kBind,
    ExtensionPoint::kPostBind,
};

inline constexpr std::size_t IndexOf(ExtensionPoint point) {
  return static_cast<std::size_t>(point);
}

// Returns the name in configuration: "preEnqueue".
std::string_view KeyOf(ExtensionPoint point);

// Returns true if the plugin has the interface of that point.
bool Implements(const Plugin& plugin, ExtensionPoint point);

}  // namespace heat_scheduler
