// Judges a history that was recorded from outside, by the end-to-end tests, with the checker of the
// simulation.
//
// One line of JSON for each accepted write to a pod or a node, in the order of their
// resourceVersions: a watch event ({"type", "object"}) with "kind" (Pod, Node) and "time", Unix
// microseconds, beside it. What the scheduler had been told at each of its decisions is not known
// from outside. So a bind counts as decided in the moment in which it was accepted, in full
// knowledge: right where no one else binds pods that compete for the same room. Only a node may
// have gone up to kMaxLag before. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "kube/codec.h"
#include "tests/faults/invariants.h"

namespace heat_scheduler {

class RecordedHistory {
 public:
  // From the deletion of a node to the last bind that may still name it.
  static constexpr absl::Duration kMaxLag = absl::Seconds(10);

  explicit RecordedHistory(std::string scheduler_name);

  // Takes the next line; InvalidArgument if it cannot be read or its version does not rise.
  absl::Status Add(std::string_view line);

  // Takes the end: no pod of ours waits that fits somewhere. Returns all that was found wrong.
  const std::vector<Violation>& Finish();

  std::size_t writes() const { return writes_; }
  // Binds of ours.
  std::size_t binds() const { return checker_.history().decision_count(); }

 private:
  struct Gone {
    std::int64_t version = 0;
    absl::Duration time;
  };

  void AddPod(WriteEntry write, kube::Ref<kube::Pod> pod, bool deleted);
  void AddNode(WriteEntry write, kube::Ref<kube::Node> node, bool deleted);

  const std::string scheduler_name_;
  const std::unique_ptr<kube::Decoder> decoder_;
  InvariantChecker checker_;
  std::size_t writes_ = 0;
  std::int64_t newest_ = 0;
  absl::Duration time_ = absl::ZeroDuration();
  std::map<std::string, kube::Ref<kube::Pod>> pods_;    // By UID.
  std::map<std::string, kube::Ref<kube::Node>> nodes_;  // By name.
  std::map<std::string, Gone> gone_;                    // By name of node.
};

}  // namespace heat_scheduler
