// The nodes that requests carry, as a cluster to decide in.
//
// A scheduler sends the same nodes again and again. So a node is read once for each version of it:
// what is known is found by its bytes, which are compared one by one, so that it makes no
// difference to any answer. Documents of nodes that no request has sent for a while go once all of
// them are larger than `budget_bytes`. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "kube/codec.h"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

class ReceivedNodes {
 public:
  // A node that could not be read.
  struct BadNode {
    std::size_t index = 0;  // Among the documents.
    std::string name;
    std::string problem;
  };

  // `decoder` outlives this.
  explicit ReceivedNodes(kube::Decoder& decoder, std::size_t budget_bytes = kBudgetBytes)
      : decoder_(decoder), budget_bytes_(budget_bytes) {}
  ReceivedNodes(const ReceivedNodes&) = delete;
  ReceivedNodes& operator=(const ReceivedNodes&) = delete;

  // Makes the cluster of these nodes and no others. One that cannot be read is left out, and the
  // others are unharmed. InvalidArgument for two nodes of one name and for one that cannot be read
  // and says no name: there is no telling then what an answer would be about.
  absl::Status Take(const std::vector<std::string_view>& documents);

  // What the last Take was given: the cluster, the row of each document (kNoNode: it is bad), and
  // the bad ones, in the order of the documents.
  ClusterState& cluster() { return cluster_; }
  const std::vector<NodeId>& rows() const { return rows_; }
  const std::vector<BadNode>& bad() const { return bad_; }

 private:
  static constexpr std::size_t kBudgetBytes = std::size_t{128} << 20;

  struct Known {
    std::string document;
    kube::Ref<kube::Node> node;
    NodeId row = kNoNode;        // Where the node is or was.
    std::uint64_t last_use = 0;  // The number of the Take.
  };

  // Returns what is known of the document, reading it if it is new; null if it is bad.
  Known* Find(std::string_view document, std::size_t index, absl::Status& problem);
  absl::Status NoteBad(std::string_view document, std::size_t index, const absl::Status& why);
  NodeId RowOf(Known& known);
  void RemoveOthers();
  void ForgetUnused();

  kube::Decoder& decoder_;
  const std::size_t budget_bytes_;
  ClusterState cluster_;
  // By their documents, which the values own.
  absl::flat_hash_map<absl::string_view, std::unique_ptr<Known>> known_;
  std::size_t known_bytes_ = 0;
  std::uint64_t takes_ = 0;
  std::vector<std::uint64_t> taken_;  // By row: the number of the last Take that had it.
  std::vector<NodeId> rows_;
  std::vector<BadNode> bad_;
};

}  // namespace heat_scheduler
