// What an extender answers, in its wire form.
//
// Keys are written as the Go structs have them ("FailedNodes"), which schedulers of all versions
// read; the messages are for people. Pure functions. Source:
// k8s.io/kube-scheduler/extender/v1/types.go, v0.36.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "extender/arguments.h"

namespace heat_scheduler {

// How the caller named the nodes, and so wants them named.
enum class NodeForm {
  kNodes,  // In full.
  kNames,
};

// Builds an ExtenderFilterResult.
class FilterAnswer {
 public:
  // `expected_bytes`: of the nodes that will pass, about.
  FilterAnswer(NodeForm form, std::size_t expected_bytes);

  // Adds a node that passed: its JSON document or its name, as the form says.
  void AddPassed(std::string_view node);

  // Adds a node that failed. `resolvable`: removing pods from it might help.
  void AddFailed(std::string_view name, std::string_view reason, bool resolvable);

  // Returns the message. Nothing may follow.
  std::string Finish();

 private:
  const NodeForm form_;
  bool any_passed_ = false;
  std::string answer_;
  std::string failed_;
  std::string unresolvable_;
};

// Returns an ExtenderFilterResult that says why there is none.
std::string FilterError(std::string_view error);

// Returns a HostPriorityList of nodes and their scores, which are as many.
std::string PrioritizeAnswer(absl::Span<const std::string_view> names,
                             absl::Span<const std::int64_t> scores);

// Builds an ExtenderPreemptionResult, which is of the meta form whatever was sent.
class PreemptionAnswer {
 public:
  // Adds a node that stays, with its victims.
  void Add(const NodeVictims& victims);

  // Returns the message. Nothing may follow.
  std::string Finish();

 private:
  std::string nodes_;
};

// Returns an ExtenderBindingResult; an empty error: the pod is bound.
std::string BindingAnswer(std::string_view error);

}  // namespace heat_scheduler
