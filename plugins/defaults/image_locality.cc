#include "plugins/defaults/image_locality.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "scheduler/state/image_index.h"

namespace heat_scheduler {
namespace {

constexpr std::int64_t kMiB = 1024 * 1024;
constexpr std::int64_t kLeast = 23 * kMiB;
constexpr std::int64_t kMostPerContainer = 1000 * kMiB;

// Returns the name with its tag. A colon before the last slash is a registry's port.
std::string WithTag(const std::string& image) {
  const std::size_t colon = image.rfind(':');
  const std::size_t slash = image.rfind('/');
  const bool tagged = colon != image.npos && (slash == image.npos || colon > slash);
  return tagged ? image : image + ":latest";
}

std::int64_t SizeOf(const ImageIndex::Holders& holders, const std::vector<std::string>& names) {
  const std::int64_t size = holders.front().second;
  const bool alike = std::all_of(holders.begin(), holders.end(),
                                 [&](const auto& holder) { return holder.second == size; });
  if (alike) return size;
  return std::min_element(
             holders.begin(), holders.end(),
             [&](const auto& a, const auto& b) { return names[a.first] < names[b.first]; })
      ->second;
}

// Adds what the image is worth to the sums of the nodes that have it.
void AddImage(const ClusterState& cluster, const std::string& image,
              std::vector<std::int64_t>& sums) {
  const ImageIndex::Holders* holders = cluster.images().Find(WithTag(image));
  if (holders == nullptr) return;
  const double spread =
      static_cast<double>(holders->size()) / static_cast<double>(cluster.nodes().size());
  const auto worth = static_cast<std::int64_t>(
      static_cast<double>(SizeOf(*holders, cluster.columns().name)) * spread);
  for (const auto& [row, size] : *holders) sums[row] += worth;
}

std::int64_t Scaled(std::int64_t sum, std::size_t containers) {
  const std::int64_t most = kMostPerContainer * static_cast<std::int64_t>(containers);
  return kMaxNodeScore * (std::clamp(sum, kLeast, most) - kLeast) / (most - kLeast);
}

}  // namespace

void ImageLocality::Score(const Cycle& cycle, NodeSpan nodes,
                          absl::Span<std::int64_t> scores) const {
  const PodClass& pod_class = cycle.pod_class();
  // By row.
  std::vector<std::int64_t> sums(cycle.cluster.columns().name.size(), 0);
  for (const std::string& image : pod_class.images) AddImage(cycle.cluster, image, sums);
  for (const std::string& image : pod_class.volume_images) AddImage(cycle.cluster, image, sums);
  const std::size_t containers = std::max<std::size_t>(pod_class.images.size(), 1);
  for (std::size_t i = 0; i < nodes.size(); ++i) scores[i] = Scaled(sums[nodes[i]], containers);
}

}  // namespace heat_scheduler
