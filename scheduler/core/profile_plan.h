// What of a profile's answers can be kept from one decision to the next, by what its plugins
// declare (framework/plugin.h, framework/grouping.h).
//
// Made once a profile. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "scheduler/framework/grouping.h"
#include "scheduler/framework/profile.h"

namespace heat_scheduler {

// How long an answer of a plugin holds.
enum class Holds {
  kForRow,   // For the class, until the node's row changes.
  kInGroup,  // The plugin is a GroupingPlugin: it answers by groups.
  kOnce,     // For one decision.
};

struct ProfilePlan {
  // The place of what is not listed.
  static constexpr std::size_t kNowhere = ~std::size_t{0};

  struct PreFilter {
    const Profile::Entry<PreFilterPlugin>* entry;
    Inputs inputs;
    bool reserves;         // Its data is for its own Reserve, too.
    bool claims;           // It reads the pod's claims.
    std::size_t grouping;  // Its place among `grouping`: its memory answers instead. Or kNowhere.
  };
  struct Filter {
    const Profile::Entry<FilterPlugin>* entry;
    Holds holds;
    bool restless;  // It reads any of kRestless.
    bool claims;    // Its plugin reads the pod's claims.
  };
  struct Score {
    const Profile::ScoreEntry* entry;
    const Profile::Entry<PreScorePlugin>* pre_score;  // Null: it has none.
    Holds holds;
    bool restless;         // It reads any of kRestless.
    std::size_t grouping;  // With kInGroup: the place among `grouping`.
  };
  struct Grouping {
    const Plugin* plugin;
    const GroupingPlugin* point;
    std::size_t filter;  // Its place among `filters`, or kNowhere.
  };

  // False: nothing can be kept, every decision is made in full.
  bool possible = false;
  const Profile* profile = nullptr;
  std::vector<PreFilter> pre_filters;
  std::vector<Filter> filters;                      // All of the profile's.
  const RankingSetFilterPlugin* ranking = nullptr;  // The only set filter, if there is one.
  const Plugin* ranking_plugin = nullptr;
  bool ranking_restless = false;
  std::vector<Score> scores;
  std::vector<Grouping> grouping;  // In the order of their filters; then those that have none.
  // Of kObjectsRead, what plugins read whose answers are kept by row: a change makes all of them
  // useless. The memories of grouping plugins see to theirs.
  Inputs objects_read;
};

// What is read beside nodes and pods by plugins whose answers are kept.
inline constexpr Inputs kObjectsRead = {Input::kNamespaceLabels, Input::kSelectingOwners};

// What changes of a row again and again: its pods, and the readings in its annotations.
inline constexpr Inputs kRestless = {Input::kNodePods, Input::kNodeAnnotations};

// What is the same for all pods of one class and traits.
inline constexpr Inputs kOfPod = Inputs{Input::kPodFacts} | kObjectsRead;

// Returns true if all of the inputs are among those others.
constexpr bool Within(Inputs inputs, Inputs bounds) { return (inputs | bounds) == bounds; }

// Returns the plan of a profile, which outlives it.
ProfilePlan PlanOf(const Profile& profile);

}  // namespace heat_scheduler
