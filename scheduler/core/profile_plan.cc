#include "scheduler/core/profile_plan.h"

#include <algorithm>

namespace heat_scheduler {
namespace {

constexpr Inputs kOfRow =
    kOfPod | Inputs{Input::kNodeResources, Input::kNodeLabels,      Input::kNodeTaints,
                    Input::kNodeImages,    Input::kNodeAnnotations, Input::kNodeDeclaredFeatures,
                    Input::kNodePods};

template <typename Entries>
bool Lists(const Entries& entries, const Plugin* plugin) {
  return std::any_of(entries.begin(), entries.end(),
                     [plugin](const auto& entry) { return entry.plugin == plugin; });
}

Holds HoldsFor(Inputs inputs, bool grouping) {
  if (grouping) return Holds::kInGroup;
  return Within(inputs, kOfRow) ? Holds::kForRow : Holds::kOnce;
}

// Returns the place of the plugin's entry, or kNowhere.
template <typename Entries>
std::size_t PlaceOf(const Entries& entries, const Plugin* plugin) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [plugin](const auto& entry) { return entry.plugin == plugin; });
  if (found == entries.end()) return ProfilePlan::kNowhere;
  return static_cast<std::size_t>(found - entries.begin());
}

// Adds the plugin if it is one that groups. Returns false if it lacks a point that it needs to be
// asked at all.
bool AddGrouping(const Profile& profile, const Plugin* plugin, ProfilePlan& plan) {
  const auto* point = dynamic_cast<const GroupingPlugin*>(plugin);
  if (point == nullptr) return true;
  const std::size_t filter = PlaceOf(profile.filter(), plugin);
  const bool needs_pre_filter = dynamic_cast<const PreFilterPlugin*>(plugin) != nullptr;
  const bool needs_pre_score = dynamic_cast<const PreScorePlugin*>(plugin) != nullptr;
  if (filter != ProfilePlan::kNowhere && needs_pre_filter && !Lists(profile.pre_filter(), plugin))
    return false;
  if (Lists(profile.score(), plugin) && needs_pre_score && !Lists(profile.pre_score(), plugin)) {
    return false;
  }
  plan.grouping.push_back({plugin, point, filter});
  return true;
}

bool IsGrouping(const ProfilePlan& plan, const Plugin* plugin) {
  return PlaceOf(plan.grouping, plugin) != ProfilePlan::kNowhere;
}

bool AddSetFilter(const Profile& profile, ProfilePlan& plan) {
  if (profile.set_filter().empty()) return true;
  if (profile.set_filter().size() > 1) return false;
  const auto& entry = profile.set_filter().front();
  plan.ranking = dynamic_cast<const RankingSetFilterPlugin*>(entry.point);
  plan.ranking_plugin = entry.plugin;
  plan.ranking_restless = entry.point->set_filter_inputs().Intersects(kRestless);
  return plan.ranking != nullptr && Within(entry.point->set_filter_inputs(), kOfRow);
}

// Returns true if the plugin reads a pod's claims.
bool ReadsClaims(const Profile& profile, const Plugin* plugin) {
  const auto reads = [plugin](const auto& entries, auto inputs) {
    return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
      return entry.plugin == plugin && inputs(*entry.point).Has(Input::kVolumes);
    });
  };
  return reads(profile.pre_filter(),
               [](const PreFilterPlugin& point) { return point.pre_filter_inputs(); }) ||
         reads(profile.filter(), [](const FilterPlugin& point) { return point.filter_inputs(); });
}

// Returns false if one declares nothing.
bool AddPreFilters(const Profile& profile, ProfilePlan& plan) {
  for (const auto& entry : profile.pre_filter()) {
    const Inputs inputs = entry.point->pre_filter_inputs();
    if (inputs.empty()) return false;
    plan.pre_filters.push_back({&entry, inputs, Lists(profile.reserve(), entry.plugin),
                                ReadsClaims(profile, entry.plugin),
                                PlaceOf(plan.grouping, entry.plugin)});
  }
  return true;
}

void AddScores(const Profile& profile, ProfilePlan& plan) {
  for (const Profile::ScoreEntry& entry : profile.score()) {
    const Profile::Entry<PreScorePlugin>* pre_score = nullptr;
    for (const auto& listed : profile.pre_score()) {
      if (listed.plugin == entry.plugin) pre_score = &listed;
    }
    plan.scores.push_back(
        {&entry, pre_score, HoldsFor(entry.point->score_inputs(), IsGrouping(plan, entry.plugin)),
         entry.point->score_inputs().Intersects(kRestless), PlaceOf(plan.grouping, entry.plugin)});
  }
}

// Returns what is read of kObjectsRead by plugins that do not group.
Inputs ObjectsReadByRow(const ProfilePlan& plan) {
  Inputs read;
  const auto add = [&read](Inputs inputs) {
    for (const Input input : {Input::kNamespaceLabels, Input::kSelectingOwners}) {
      if (inputs.Has(input)) read = read | Inputs{input};
    }
  };
  for (const ProfilePlan::PreFilter& pre_filter : plan.pre_filters) {
    if (pre_filter.grouping == ProfilePlan::kNowhere) add(pre_filter.inputs);
  }
  for (const ProfilePlan::Filter& filter : plan.filters) {
    if (filter.holds != Holds::kInGroup) add(filter.entry->point->filter_inputs());
  }
  for (const ProfilePlan::Score& score : plan.scores) {
    if (score.holds != Holds::kInGroup) add(score.entry->point->score_inputs());
  }
  if (!plan.profile->set_filter().empty()) {
    add(plan.profile->set_filter().front().point->set_filter_inputs());
  }
  return read;
}

}  // namespace

ProfilePlan PlanOf(const Profile& profile) {
  ProfilePlan plan;
  plan.profile = &profile;
  if (profile.percentage_of_nodes_to_score() != 0) return plan;
  for (const auto& plugin : profile.plugins()) {
    const bool asked = Lists(profile.filter(), plugin.get()) ||
                       Lists(profile.score(), plugin.get()) ||
                       Lists(profile.pre_filter(), plugin.get());
    if (asked && !AddGrouping(profile, plugin.get(), plan)) return plan;
  }
  std::stable_sort(plan.grouping.begin(), plan.grouping.end(),
                   [](const auto& a, const auto& b) { return a.filter < b.filter; });
  for (const auto& entry : profile.pre_score()) {
    if (!Lists(profile.score(), entry.plugin)) return plan;
  }
  if (!AddSetFilter(profile, plan)) return plan;
  if (!AddPreFilters(profile, plan)) return plan;
  for (const auto& entry : profile.filter()) {
    plan.filters.push_back(
        {&entry, HoldsFor(entry.point->filter_inputs(), IsGrouping(plan, entry.plugin)),
         entry.point->filter_inputs().Intersects(kRestless), ReadsClaims(profile, entry.plugin)});
  }
  if (plan.ranking == nullptr) AddScores(profile, plan);
  plan.objects_read = ObjectsReadByRow(plan);
  plan.possible = true;
  return plan;
}

}  // namespace heat_scheduler
