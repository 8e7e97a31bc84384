// Why a pod fits where it fits, or nowhere: what the filters said, kept small enough for every
// cycle.
//
// Source of the message's form: pkg/scheduler/framework/types.go (FitError.Error), v1.36.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "scheduler/framework/plugin.h"
#include "scheduler/framework/profile.h"
#include "scheduler/framework/rejections.h"

namespace heat_scheduler {

struct Diagnosis {
  std::size_t node_count = 0;  // All living nodes.
  Status pre_filter;           // Not ok: the pod was refused whole; no node was looked at.
  // The only nodes that PreFilter left, by name, sorted; may name nodes that do not exist. Absent:
  // all.
  std::optional<std::vector<std::string>> narrowed_to;
  std::string narrowed_reason;  // "node(s) didn't satisfy plugin(s) [NodeAffinity]".
  Rejections rejections;        // Each node with the first filter that failed.
  // Plugins that rejected the pod or a node, each once, in the order in which they did.
  std::vector<const Plugin*> rejecting_plugins;
  // Declared inputs of those plugins, joined, and kFeasibleCount unless the pod was refused whole:
  // any new node may be the one that fits.
  Inputs wake_inputs;
  std::optional<absl::Time> valid_until;  // Earliest of what the rejecting filters said.
};

// Notes that the plugin had a part in the rejection, once, and what can end it.
void AddRejecting(const Plugin* plugin, Inputs inputs, Diagnosis& diagnosis);

// Returns the reasons of a filter's verdict; of one that throws that it does.
std::vector<std::string> ReasonsOf(const Profile::Entry<FilterPlugin>& filter, const Cycle& cycle,
                                   const Verdict& verdict);

// Returns "0/5 nodes are available: 2 Insufficient cpu, 3 node(s) were unschedulable.": the lines
// sorted as text, and nothing after the colon if there are no reasons.
std::string FitErrorMessage(std::size_t node_count,
                            const std::map<std::string, std::size_t>& nodes_by_reason);

// Returns kube-scheduler's message: "0/5 nodes are available: 2 Insufficient cpu, 3 node(s) were
// unschedulable.", then a blank and `post_filter_message` unless that is empty; without nodes "no
// nodes available to schedule pods". Asks the plugins for the text of their verdicts; of one that
// throws it says that instead.
std::string FitErrorMessage(const Cycle& cycle, const Diagnosis& diagnosis,
                            std::string_view post_filter_message);

}  // namespace heat_scheduler
