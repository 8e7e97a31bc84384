// Decides what an extender answers: from messages to messages, by the plugins of a profile.
//
// Requests that carry their nodes are decided in a cluster of those nodes and nothing else;
// requests that name them, in the live cluster, if there is one. A request with both forms or
// neither, with no node, or with two nodes of one name is an error: a sentence for who has
// configured the caller. A node that is not known, or cannot be read, fails alone.
// Thread-compatible.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "extender/arguments.h"
#include "extender/evaluator.h"
#include "extender/profiles.h"
#include "extender/received_nodes.h"
#include "extender/report.h"
#include "kube/codec.h"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

// What a heat-scheduler that watches the API server knows.
struct WatchedCluster {
  const ClusterState* cluster = nullptr;  // Null: there is none.
  std::function<bool()> synced = {};      // Whether every kind was listed.
};

class Decider {
 public:
  // `decoder` and the cluster outlive this.
  Decider(kube::Decoder& decoder, WatchedCluster live)
      : decoder_(decoder), live_(std::move(live)), received_(decoder) {}

  // Each returns the body of the answer, and notes in the report what it was about.
  absl::StatusOr<std::string> Filter(const ExtenderArguments& arguments,
                                     const ExtenderProfile& profile, Instant now,
                                     ExtenderReport& report);
  absl::StatusOr<std::string> Prioritize(const ExtenderArguments& arguments,
                                         const ExtenderProfile& profile, Instant now,
                                         ExtenderReport& report);

  // Of nodes with their victims, keeps those on which all the victims are, and on which the profile
  // lets the pod run once they are gone.
  absl::StatusOr<std::string> Preempt(const PreemptionArguments& arguments,
                                      const ExtenderProfile& profile, Instant now,
                                      ExtenderReport& report);

 private:
  struct Asked;

  // Reads pod and nodes.
  absl::StatusOr<Asked> Read(const ExtenderArguments& arguments, const ExtenderProfile& profile,
                             ExtenderReport& report);
  absl::StatusOr<kube::Ref<kube::Pod>> ReadPod(std::string_view document, ExtenderReport& report);
  absl::Status TakeNodes(const std::vector<std::string_view>& documents,
                         const ExtenderProfile& profile, Asked& asked);
  absl::Status TakeNames(const std::vector<std::string_view>& names, Asked& asked);
  // Returns why there is no live cluster to decide in; OK if there is.
  absl::Status CheckLive() const;

  kube::Decoder& decoder_;
  const WatchedCluster live_;
  ReceivedNodes received_;
  Evaluator evaluator_;
  std::uint64_t guests_ = 0;         // So far.
  std::vector<std::uint8_t> named_;  // By row: whether a request names it.
};

}  // namespace heat_scheduler
