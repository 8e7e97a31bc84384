#include "scheduler/framework/profile.h"

#include <limits>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"

namespace heat_scheduler {
namespace {

// Returns the plugins of a point's list by its interface, which Check has seen that they have.
template <typename Interface>
std::vector<Profile::Entry<Interface>> EntriesOf(const Profile::Spec& spec, ExtensionPoint point) {
  std::vector<Profile::Entry<Interface>> entries;
  for (const Profile::Place& place : spec.points[IndexOf(point)]) {
    entries.push_back({place.plugin, dynamic_cast<Interface*>(place.plugin)});
  }
  return entries;
}

absl::Status CheckNames(const Profile::Spec& spec) {
  std::set<std::string_view> names;
  for (const auto& plugin : spec.plugins) {
    if (!names.insert(plugin->name()).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("plugin \"", ToAbsl(plugin->name()), "\" is enabled twice"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPoint(const std::vector<Profile::Place>& places, ExtensionPoint point) {
  std::set<const Plugin*> seen;
  std::int64_t weight_left = std::numeric_limits<std::int64_t>::max() / kMaxNodeScore;
  for (const Profile::Place& place : places) {
    const auto fail = [&place](const auto&... parts) {
      return absl::InvalidArgumentError(
          absl::StrCat("plugin \"", ToAbsl(place.plugin->name()), "\"", parts...));
    };
    if (!Implements(*place.plugin, point)) {
      return fail(" has no extension point ", ToAbsl(KeyOf(point)));
    }
    if (!seen.insert(place.plugin).second) {
      return fail(" is enabled twice at ", ToAbsl(KeyOf(point)));
    }
    if (point == ExtensionPoint::kQueueSort && seen.size() > 1) {
      return fail(" is a second QueueSort plugin; exactly one can be enabled");
    }
    if (point != ExtensionPoint::kScore) continue;
    if (place.score_weight < 1) return fail(": weight ", place.score_weight, " is below 1");
    if (place.score_weight > weight_left) {
      return fail(": weight ", place.score_weight, " makes the total score overflow");
    }
    weight_left -= place.score_weight;
  }
  return absl::OkStatus();
}

absl::Status Check(const Profile::Spec& spec) {
  RETURN_IF_ERROR(CheckNames(spec));
  for (ExtensionPoint point : kExtensionPoints) {
    RETURN_IF_ERROR(CheckPoint(spec.points[IndexOf(point)], point));
  }
  if (spec.points[IndexOf(ExtensionPoint::kQueueSort)].empty()) {
    return absl::InvalidArgumentError("no QueueSort plugin is enabled");
  }
  if (spec.points[IndexOf(ExtensionPoint::kBind)].empty()) {
    return absl::InvalidArgumentError("no Bind plugin is enabled");
  }
  if (spec.percentage_of_nodes_to_score < 0 || spec.percentage_of_nodes_to_score > 100) {
    return absl::InvalidArgumentError(absl::StrCat("percentageOfNodesToScore ",
                                                   spec.percentage_of_nodes_to_score,
                                                   " is not in the range 0 to 100"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Profile> Profile::Create(Spec spec) {
  if (spec.scheduler_name.empty()) {
    return absl::InvalidArgumentError("a profile needs a schedulerName that is not empty");
  }
  RETURN_IF_ERROR(Annotate(Check(spec), absl::StrCat("profile \"", spec.scheduler_name, "\"")));

  Profile profile;
  profile.pre_enqueue_ = EntriesOf<PreEnqueuePlugin>(spec, ExtensionPoint::kPreEnqueue);
  profile.queue_sort_ = EntriesOf<QueueSortPlugin>(spec, ExtensionPoint::kQueueSort);
  profile.pre_filter_ = EntriesOf<PreFilterPlugin>(spec, ExtensionPoint::kPreFilter);
  profile.filter_ = EntriesOf<FilterPlugin>(spec, ExtensionPoint::kFilter);
  profile.set_filter_ = EntriesOf<SetFilterPlugin>(spec, ExtensionPoint::kSetFilter);
  profile.post_filter_ = EntriesOf<PostFilterPlugin>(spec, ExtensionPoint::kPostFilter);
  profile.pre_score_ = EntriesOf<PreScorePlugin>(spec, ExtensionPoint::kPreScore);
  for (const Place& place : spec.points[IndexOf(ExtensionPoint::kScore)]) {
    profile.score_.push_back(
        {place.plugin, dynamic_cast<ScorePlugin*>(place.plugin), place.score_weight});
  }
  profile.reserve_ = EntriesOf<ReservePlugin>(spec, ExtensionPoint::kReserve);
  profile.permit_ = EntriesOf<PermitPlugin>(spec, ExtensionPoint::kPermit);
  profile.pre_bind_ = EntriesOf<PreBindPlugin>(spec, ExtensionPoint::kPreBind);
  profile.bind_ = EntriesOf<BindPlugin>(spec, ExtensionPoint::kBind);
  profile.post_bind_ = EntriesOf<PostBindPlugin>(spec, ExtensionPoint::kPostBind);
  profile.scheduler_name_ = std::move(spec.scheduler_name);
  profile.plugins_ = std::move(spec.plugins);
  profile.percentage_of_nodes_to_score_ = spec.percentage_of_nodes_to_score;
  return profile;
}

absl::StatusOr<Profile> Profile::Create(std::string scheduler_name, std::vector<Enabled> plugins,
                                        std::int32_t percentage_of_nodes_to_score) {
  Spec spec;
  spec.percentage_of_nodes_to_score = percentage_of_nodes_to_score;
  spec.scheduler_name = std::move(scheduler_name);
  for (Enabled& enabled : plugins) {
    for (ExtensionPoint point : kExtensionPoints) {
      if (!Implements(*enabled.plugin, point)) continue;
      spec.points[IndexOf(point)].push_back({enabled.plugin.get(), enabled.score_weight});
    }
    spec.plugins.push_back(std::move(enabled.plugin));
  }
  return Create(std::move(spec));
}

}  // namespace heat_scheduler
