#include "scheduler/framework/profile.h"

#include <limits>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace heat_scheduler {
namespace {

template <typename Interface>
void AddIf(Plugin* plugin, std::vector<Profile::Entry<Interface>>& point) {
  if (auto* implemented = dynamic_cast<Interface*>(plugin)) point.push_back({plugin, implemented});
}

}  // namespace

absl::StatusOr<Profile> Profile::Create(std::string scheduler_name, std::vector<Enabled> plugins) {
  if (scheduler_name.empty()) {
    return absl::InvalidArgumentError("a profile needs a schedulerName that is not empty");
  }
  const auto fail = [&scheduler_name](const auto&... parts) {
    return absl::InvalidArgumentError(absl::StrCat("profile \"", scheduler_name, "\": ", parts...));
  };

  Profile profile;
  std::set<std::string, std::less<>> names;
  std::int64_t weight_left = std::numeric_limits<std::int64_t>::max() / kMaxNodeScore;
  for (Enabled& enabled : plugins) {
    Plugin* plugin = enabled.plugin.get();
    const std::string name(plugin->name());
    if (!names.insert(name).second) return fail("plugin \"", name, "\" is enabled twice");
    if (enabled.score_weight < 1) {
      return fail("plugin \"", name, "\": weight ", enabled.score_weight, " is below 1");
    }
    if (auto* sort = dynamic_cast<QueueSortPlugin*>(plugin)) {
      if (profile.queue_sort_ != nullptr) {
        return fail("plugin \"", name,
                    "\" is a second QueueSort plugin; exactly one can be enabled");
      }
      profile.queue_sort_ = sort;
    }
    AddIf(plugin, profile.pre_enqueue_);
    AddIf(plugin, profile.pre_filter_);
    AddIf(plugin, profile.filter_);
    AddIf(plugin, profile.set_filter_);
    AddIf(plugin, profile.post_filter_);
    AddIf(plugin, profile.pre_score_);
    if (auto* score = dynamic_cast<ScorePlugin*>(plugin)) {
      if (enabled.score_weight > weight_left) {
        return fail("plugin \"", name, "\": weight ", enabled.score_weight,
                    " makes the total score overflow");
      }
      weight_left -= enabled.score_weight;
      profile.score_.push_back({plugin, score, enabled.score_weight});
    }
    AddIf(plugin, profile.reserve_);
    AddIf(plugin, profile.permit_);
    AddIf(plugin, profile.pre_bind_);
    AddIf(plugin, profile.bind_);
    AddIf(plugin, profile.post_bind_);
    profile.plugins_.push_back(std::move(enabled.plugin));
  }
  if (profile.queue_sort_ == nullptr) return fail("no QueueSort plugin is enabled");
  if (profile.bind_.empty()) return fail("no Bind plugin is enabled");
  profile.scheduler_name_ = std::move(scheduler_name);
  return profile;
}

}  // namespace heat_scheduler
