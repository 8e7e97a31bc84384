// The profiles that an extender answers by, each with plugins of its own.
//
// There is always `heat`: Heat in mode Score and nothing else, since who calls an extender has run
// its own plugins already; a profile of a configuration that has this name takes its place. The
// profile of the ancestor, Heat in mode Coolest alone, has no name: it answers whoever names
// neither verb nor profile. Of a profile, PreFilter, Filter, SetFilter, PreScore and Score are
// used; what it says of sampling, queues and bindings is its scheduler's affair. Source:
// RyaxTech/heat-scheduler (the rule of the coolest).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "policy/scheduler_config.h"
#include "scheduler/framework/profile.h"

namespace heat_scheduler {

inline constexpr std::string_view kHeatProfile = "heat";

// One profile, and whether requests that carry their nodes can be answered by it.
struct ExtenderProfile {
  Profile profile;
  // Why not, in a sentence about the first plugin that reads more than nodes and the pod; empty if
  // they can.
  std::string beyond_nodes;
};

class ExtenderProfiles {
 public:
  // Returns the profiles of the configuration, and those that are always there. Fails only if the
  // configuration is not one that ParseSchedulerConfig has returned.
  static absl::StatusOr<ExtenderProfiles> Create(const SchedulerConfig& config);

  // Returns those that are always there, alone.
  static absl::StatusOr<ExtenderProfiles> Create();

  // Returns the profile of that name, or null.
  const ExtenderProfile* Find(std::string_view name) const;

  const ExtenderProfile& heat() const { return *Find(kHeatProfile); }
  const ExtenderProfile& ancestor() const { return ancestor_; }

  // Returns InvalidArgument, a line for each profile that cannot answer requests that carry their
  // nodes, for an extender that gets no others.
  absl::Status CheckAllAnswerFromNodes() const;

  // Returns the names, sorted.
  std::vector<std::string> names() const;

 private:
  explicit ExtenderProfiles(ExtenderProfile ancestor) : ancestor_(std::move(ancestor)) {}

  void Add(Profile profile);

  ExtenderProfile ancestor_;
  std::map<std::string, ExtenderProfile, std::less<>> profiles_;
};

}  // namespace heat_scheduler
