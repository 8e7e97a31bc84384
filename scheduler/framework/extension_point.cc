#include "scheduler/framework/extension_point.h"

namespace heat_scheduler {
namespace {

template <typename Interface>
bool Has(const Plugin& plugin) {
  return dynamic_cast<const Interface*>(&plugin) != nullptr;
}

struct Row {
  std::string_view key;
  bool (*implements)(const Plugin&);
};

// In the order of the enum.
constexpr std::array<Row, kExtensionPoints.size()> kRows = {{
    {"preEnqueue", &Has<PreEnqueuePlugin>},
    {"queueSort", &Has<QueueSortPlugin>},
    {"preFilter", &Has<PreFilterPlugin>},
    {"filter", &Has<FilterPlugin>},
    {"setFilter", &Has<SetFilterPlugin>},
    {"postFilter", &Has<PostFilterPlugin>},
    {"preScore", &Has<PreScorePlugin>},
    {"score", &Has<ScorePlugin>},
    {"reserve", &Has<ReservePlugin>},
    {"permit", &Has<PermitPlugin>},
    {"preBind", &Has<PreBindPlugin>},
    {"bind", &Has<BindPlugin>},
    {"postBind", &Has<PostBindPlugin>},
}};

}  // namespace

std::string_view KeyOf(ExtensionPoint point) { return kRows[IndexOf(point)].key; }

bool Implements(const Plugin& plugin, ExtensionPoint point) {
  return kRows[IndexOf(point)].implements(plugin);
}

}  // namespace heat_scheduler
