#include "plugins/defaults/image_memory.h"

#include <algorithm>

#include "plugins/defaults/image_worth.h"

namespace heat_scheduler {

ImageMemory::ImageMemory(const PodClass& pod_class)
    : containers_(std::max<std::size_t>(pod_class.images.size(), 1)) {
  for (const std::string& image : pod_class.images) images_.push_back(WithTag(image));
  for (const std::string& image : pod_class.volume_images) images_.push_back(WithTag(image));
}

bool ImageMemory::Update(const ClusterState& cluster, NodeSpan rows) {
  has_.resize(cluster.columns().name.size() * images_.size());
  if (seen_ == cluster.images().version()) return true;
  seen_ = cluster.images().version();
  for (std::size_t i = 0; i < images_.size(); ++i) {
    const ImageIndex::Holders* holders = cluster.images().Find(images_[i]);
    for (const NodeId row : rows) {
      const bool has =
          holders != nullptr &&
          std::binary_search(holders->begin(), holders->end(), std::pair(row, std::int64_t{0}),
                             [](const auto& a, const auto& b) { return a.first < b.first; });
      has_[row * images_.size() + i] = has ? 1 : 0;
    }
  }
  return true;
}

void ImageMemory::Features(NodeId node, absl::Span<std::uint64_t> features) const {
  for (std::size_t i = 0; i < images_.size(); ++i) features[i] = has_[node * images_.size() + i];
}

bool ImageMemory::Score(const ClusterState& cluster, absl::Span<const NodeGroup> groups,
                        absl::Span<std::int64_t> scores) const {
  if (worth_.empty() || images_version_ != cluster.images().version() ||
      node_count_ != cluster.nodes().size()) {
    images_version_ = cluster.images().version();
    node_count_ = cluster.nodes().size();
    worth_.assign(images_.size(), 0);
    for (std::size_t i = 0; i < images_.size(); ++i) {
      const ImageIndex::Holders* holders = cluster.images().Find(images_[i]);
      if (holders != nullptr) worth_[i] = WorthOf(*holders, cluster);
    }
  }
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < images_.size(); ++i) {
      if (groups[g].features[i] != 0) sum += worth_[i];
    }
    scores[g] = ImagePoints(sum, containers_);
  }
  return true;
}

}  // namespace heat_scheduler
