// What became of each node, for a pod that fits nowhere, as known of its class: by what the row was
// refused for, and by the verdict on the node's group if it was not.
//
// Made for one decision at a time, in time that follows the number of kinds and groups.
// Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "scheduler/core/node_groups.h"
#include "scheduler/core/node_order.h"
#include "scheduler/core/profile_plan.h"
#include "scheduler/core/refused_rows.h"
#include "scheduler/framework/diagnosis.h"

namespace heat_scheduler {

class ClassRejections final : public KeptRejections {
 public:
  // All outlive this.
  ClassRejections(const ProfilePlan& plan, const NodeOrder& order, CycleState& keepsake)
      : plan_(plan), order_(order), keepsake_(keepsake) {}

  // Starts anew. Both hold until the next start.
  void Start(const RefusedRows& refused, const NodeGroups& groups);

  // What the rows of a kind failed on in the end: on what they are refused for, unless a filter
  // that asks by groups comes before; that filter is then given by its place.
  void SetKind(RefusedRows::Number kind, std::size_t filter, const Verdict& verdict);
  // What the nodes of a group failed on.
  void SetGroup(std::size_t group, std::size_t filter, const Verdict& verdict);
  // What one node failed on, whatever holds for its kind. To be said last.
  void SetNode(const NodeRejection& rejection);
  // What is found out about a node holds for others of the class: see KeptRejections::keepsake.
  void OfferKeepsake() { offers_keepsake_ = true; }

  // Writes who rejected what, once everything is set.
  void Describe(const Cycle& cycle, Diagnosis& diagnosis) const;

  std::vector<RejectionCount> Counts() const override;
  std::optional<NodeRejection> Find(NodeId node) const override;
  std::vector<NodeId> Nodes() const override;
  std::vector<NodeId> NodesWith(Code code) const override;
  CycleState* keepsake() const override { return offers_keepsake_ ? &keepsake_ : nullptr; }

 private:
  static constexpr std::uint32_t kNothing = ~std::uint32_t{0};

  std::uint32_t PlaceOf(std::size_t filter, const Verdict& verdict);
  // Returns the place among said_ of what was said of the node, or kNothing.
  std::uint32_t SaidOf(NodeId node) const;
  void DescribeRivals(const Cycle& cycle, Diagnosis& diagnosis) const;
  void AddFilter(std::size_t filter, Diagnosis& diagnosis) const;

  struct Said {
    std::size_t filter;  // Its place.
    Verdict verdict;
    std::size_t nodes = 0;
    const std::vector<std::string>* reasons = nullptr;
  };

  const ProfilePlan& plan_;
  const NodeOrder& order_;
  CycleState& keepsake_;
  const RefusedRows* refused_ = nullptr;
  const NodeGroups* groups_ = nullptr;
  std::vector<Said> said_;
  std::vector<std::uint32_t> of_kind_;   // Places among said_.
  std::vector<std::uint32_t> of_group_;  // Likewise.
  std::optional<NodeRejection> apart_;
  bool offers_keepsake_ = false;
};

}  // namespace heat_scheduler
