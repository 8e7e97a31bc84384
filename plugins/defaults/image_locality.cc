#include "plugins/defaults/image_locality.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "plugins/defaults/image_memory.h"
#include "plugins/defaults/image_worth.h"
#include "scheduler/state/image_index.h"

namespace heat_scheduler {
namespace {

constexpr std::int64_t kMiB = 1024 * 1024;
constexpr std::int64_t kLeast = 23 * kMiB;
constexpr std::int64_t kMostPerContainer = 1000 * kMiB;

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

}  // namespace

std::string WithTag(const std::string& image) {
  const std::size_t colon = image.rfind(':');
  const std::size_t slash = image.rfind('/');
  const bool tagged = colon != image.npos && (slash == image.npos || colon > slash);
  return tagged ? image : image + ":latest";
}

std::int64_t WorthOf(const ImageIndex::Holders& holders, const ClusterState& cluster) {
  const double spread =
      static_cast<double>(holders.size()) / static_cast<double>(cluster.nodes().size());
  return static_cast<std::int64_t>(static_cast<double>(SizeOf(holders, cluster.columns().name)) *
                                   spread);
}

std::int64_t ImagePoints(std::int64_t sum, std::size_t containers) {
  const std::int64_t most = kMostPerContainer * static_cast<std::int64_t>(containers);
  return kMaxNodeScore * (std::clamp(sum, kLeast, most) - kLeast) / (most - kLeast);
}

void ImageLocality::Score(const Cycle& cycle, NodeSpan nodes,
                          absl::Span<std::int64_t> scores) const {
  const PodClass& pod_class = cycle.pod_class();
  // By row.
  std::vector<std::int64_t> sums(cycle.cluster.columns().name.size(), 0);
  const auto add = [&](const std::string& image) {
    const ImageIndex::Holders* holders = cycle.cluster.images().Find(WithTag(image));
    if (holders == nullptr) return;
    const std::int64_t worth = WorthOf(*holders, cycle.cluster);
    for (const auto& [row, size] : *holders) sums[row] += worth;
  };
  for (const std::string& image : pod_class.images) add(image);
  for (const std::string& image : pod_class.volume_images) add(image);
  const std::size_t containers = std::max<std::size_t>(pod_class.images.size(), 1);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    scores[i] = ImagePoints(sums[nodes[i]], containers);
  }
}

std::unique_ptr<GroupMemory> ImageLocality::Remember(const PodRecord& pod,
                                                     const ClusterState& /*cluster*/) const {
  return std::make_unique<ImageMemory>(*pod.pod_class);
}

}  // namespace heat_scheduler
