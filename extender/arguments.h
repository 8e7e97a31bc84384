// What a kube-scheduler sends to an extender, read from its wire form.
//
// Keys of the messages themselves are read whatever their case, since schedulers up to 1.16 wrote
// them in another one ("nodenames"); of a key given twice the last one holds, null is the same as
// absent, and unknown keys are ignored. Pods and nodes are handed on as the bytes that came, for
// kube::Decoder to read and for answers to repeat. Thread-compatible. Source:
// k8s.io/kube-scheduler/extender/v1/types.go, v0.36; pkg/scheduler/api/v1/types.go, v1.15 (older
// keys).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace heat_scheduler {

// ExtenderArgs: what filter and prioritize are asked with. One of `nodes` and `node_names` should
// be there, but what is sent is the sender's affair.
struct ExtenderArguments {
  std::string_view pod;  // A JSON document; empty: there is none.
  // A JSON value for each of Nodes.items; absent: no Nodes.
  std::optional<std::vector<std::string_view>> nodes;
  std::optional<std::vector<std::string_view>> node_names;
};

// ExtenderBindingArgs.
struct BindingArguments {
  std::string pod_name;
  std::string pod_namespace;
  std::string pod_uid;
  std::string node;
};

// A node, and the pods that would have to leave it.
struct NodeVictims {
  std::string node;
  std::vector<std::string> uids;
  std::int64_t pdb_violations = 0;
};

// ExtenderPreemptionArgs, of either form.
struct PreemptionArguments {
  std::string_view pod;            // As in ExtenderArguments.
  std::vector<NodeVictims> nodes;  // Each once, in the order of the request.
};

// Reads one request after the other, and keeps its buffers. Errors are InvalidArgument and say what
// is wrong where.
class ArgumentsReader {
 public:
  ArgumentsReader();
  ~ArgumentsReader();
  ArgumentsReader(const ArgumentsReader&) = delete;
  ArgumentsReader& operator=(const ArgumentsReader&) = delete;

  // The views are valid as long as the body, and until the next call.
  absl::StatusOr<ExtenderArguments> ReadArguments(const std::string& body);
  absl::StatusOr<BindingArguments> ReadBinding(const std::string& body);
  absl::StatusOr<PreemptionArguments> ReadPreemption(const std::string& body);

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace heat_scheduler
