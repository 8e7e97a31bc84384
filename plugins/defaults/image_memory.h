// What ImageLocality keeps of the cluster for pods of one class: which nodes have which of their
// images, and what each is worth.
//
// A node's features are, image by image, whether it has it. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "scheduler/framework/grouping.h"

namespace heat_scheduler {

class ImageMemory final : public GroupMemory {
 public:
  explicit ImageMemory(const PodClass& pod_class);

  bool Update(const ClusterState& cluster, NodeSpan rows) override;
  std::size_t feature_count() const override { return images_.size(); }
  void Features(NodeId node, absl::Span<std::uint64_t> features) const override;
  Inputs feature_inputs() const override { return {Input::kNodeImages}; }
  bool Score(const ClusterState& cluster, absl::Span<const NodeGroup> groups,
             absl::Span<std::int64_t> scores) const override;
  std::size_t bytes() const override { return sizeof(*this) + has_.capacity(); }

 private:
  std::vector<std::string> images_;  // With tags; as often as the pod has them.
  const std::size_t containers_;
  std::vector<std::uint8_t> has_;  // By row, then image.
  std::uint64_t seen_ = 0;         // The images' version that it is of.
  // By image; as of these images and so many nodes.
  mutable std::vector<std::int64_t> worth_;
  mutable std::uint64_t images_version_ = 0;
  mutable std::size_t node_count_ = 0;
};

}  // namespace heat_scheduler
