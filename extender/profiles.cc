#include "extender/profiles.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "nlohmann/json.hpp"
#include "policy/profile_config.h"
#include "scheduler/core/profile_plan.h"
#include "scheduler/state/inputs.h"

namespace heat_scheduler {
namespace {

// What a request that carries its nodes says: those nodes, and the pod.
constexpr Inputs kOfRequest = {Input::kNodeResources,   Input::kNodeLabels,
                               Input::kNodeTaints,      Input::kNodeImages,
                               Input::kNodeAnnotations, Input::kNodeDeclaredFeatures,
                               Input::kFeasibleCount,   Input::kPodFacts,
                               Input::kPodIdentity,     Input::kTime};

struct InWords {
  Inputs inputs;
  std::string_view words;
};

constexpr InWords kBeyond[] = {
    {{Input::kNodePods, Input::kTopologyCounts}, "the pods on nodes"},
    {{Input::kVolumes}, "claims and volumes"},
    {{Input::kNamespaceLabels, Input::kSelectingOwners}, "namespaces, Services and workloads"},
};

// Returns what of the inputs such a request does not say.
std::string_view WordsFor(Inputs inputs) {
  for (const auto& [those, words] : kBeyond) {
    if (inputs.Intersects(those)) return words;
  }
  return "the cluster as a whole";
}

// Returns the sentence of ExtenderProfile::beyond_nodes.
std::string BeyondNodes(const Profile& profile) {
  std::string found;
  const auto look = [&](const Plugin* plugin, Inputs inputs) {
    if (!found.empty() || Within(inputs, kOfRequest)) return;
    found = absl::StrCat("plugin ", ToAbsl(plugin->name()), " of profile ",
                         Quoted(profile.scheduler_name()), " reads ", ToAbsl(WordsFor(inputs)),
                         ", which a request that carries its nodes does not say");
  };
  for (const auto& entry : profile.pre_filter()) {
    look(entry.plugin, entry.point->pre_filter_inputs());
  }
  for (const auto& entry : profile.filter()) look(entry.plugin, entry.point->filter_inputs());
  for (const auto& entry : profile.set_filter()) {
    look(entry.plugin, entry.point->set_filter_inputs());
  }
  for (const auto& entry : profile.score()) look(entry.plugin, entry.point->score_inputs());
  return found;
}

// Returns a profile of Heat alone, in that mode, and of what every profile has to have.
absl::StatusOr<Profile> HeatAlone(std::string_view name, std::string_view mode) {
  nlohmann::json profile;
  profile["schedulerName"] = name;
  nlohmann::json& everywhere = profile["plugins"]["multiPoint"];
  everywhere["disabled"][0]["name"] = "*";
  for (const char* plugin : {"PrioritySort", "Heat", "DefaultBinder"}) {
    everywhere["enabled"].push_back({{"name", plugin}});
  }
  profile["pluginConfig"][0] = {{"name", "Heat"}, {"args", {{"mode", mode}}}};
  return ProfileFromJson(profile);
}

}  // namespace

absl::StatusOr<ExtenderProfiles> ExtenderProfiles::Create() {
  ASSIGN_OR_RETURN(Profile ancestor, HeatAlone("coolest", "Coolest"));
  ASSIGN_OR_RETURN(Profile heat, HeatAlone(kHeatProfile, "Score"));
  ExtenderProfiles profiles(ExtenderProfile{std::move(ancestor), ""});
  profiles.Add(std::move(heat));
  return profiles;
}

absl::StatusOr<ExtenderProfiles> ExtenderProfiles::Create(const SchedulerConfig& config) {
  ASSIGN_OR_RETURN(ExtenderProfiles profiles, Create());
  for (const ProfileConfig& one : config.profiles) {
    ASSIGN_OR_RETURN(Profile profile, MakeProfile(config, one.scheduler_name));
    profiles.Add(std::move(profile));
  }
  return profiles;
}

void ExtenderProfiles::Add(Profile profile) {
  std::string name = profile.scheduler_name();
  std::string beyond_nodes = BeyondNodes(profile);
  profiles_.insert_or_assign(std::move(name),
                             ExtenderProfile{std::move(profile), std::move(beyond_nodes)});
}

const ExtenderProfile* ExtenderProfiles::Find(std::string_view name) const {
  const auto found = profiles_.find(name);
  return found == profiles_.end() ? nullptr : &found->second;
}

absl::Status ExtenderProfiles::CheckAllAnswerFromNodes() const {
  std::vector<std::string> mistakes;
  for (const auto& [name, one] : profiles_) {
    if (!one.beyond_nodes.empty()) mistakes.push_back(one.beyond_nodes);
  }
  if (mistakes.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      absl::StrJoin(mistakes, "\n"),
      "\nswitch these plugins off in the profile (plugins.multiPoint.disabled), or have a "
      "heat-scheduler that watches the API server answer (--extender-listen)"));
}

std::vector<std::string> ExtenderProfiles::names() const {
  std::vector<std::string> names;
  for (const auto& [name, one] : profiles_) names.push_back(name);
  return names;
}

}  // namespace heat_scheduler
