// What other people's extenders are asked and what they answer, in its wire form.
//
// Requests are written as kube-scheduler writes them: Go field names, null for what is not given,
// pod and nodes as the API has them. Answers are read as Go reads them: keys whatever their case,
// unknown keys ignored, null the same as absent, of a key given twice the last one. Pure functions.
// Source: k8s.io/kube-scheduler/extender/v1/types.go, v0.36.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kube/objects.h"
#include "scheduler/framework/effects.h"

namespace heat_scheduler {

using PodObjectRef = std::shared_ptr<const kube::Pod>;
using NodeRef = std::shared_ptr<const kube::Node>;

// Returns an ExtenderArgs. `names`: nodes by name, instead of in full. FailedPrecondition if the
// document of the pod or a node is not at hand (kube/documents.h).
absl::StatusOr<std::string> WriteArguments(const PodObjectRef& pod, absl::Span<const NodeRef> nodes,
                                           bool names);

// Returns an ExtenderBindingArgs.
std::string WriteBindingArguments(const PodRef& pod, std::string_view node);

// ExtenderFilterResult.
struct FilterReply {
  std::optional<std::vector<std::string>> nodes;  // Names of Nodes.items.
  std::optional<std::vector<std::string>> node_names;
  std::map<std::string, std::string> failed;  // By node: why.
  std::map<std::string, std::string> unresolvable;
  std::string error;
};

// Each returns InvalidArgument, saying what is wrong where.
absl::StatusOr<FilterReply> ReadFilterReply(std::string_view body);
// HostPriorityList: hosts and their scores.
absl::StatusOr<std::vector<std::pair<std::string, std::int64_t>>> ReadPrioritizeReply(
    std::string_view body);
// ExtenderBindingResult: its error, or empty.
absl::StatusOr<std::string> ReadBindingReply(std::string_view body);

}  // namespace heat_scheduler
