#include "scheduler/state/image_index.h"

#include <algorithm>

namespace heat_scheduler {
namespace {

auto PlaceOf(ImageIndex::Holders& holders, std::uint32_t row) {
  return std::lower_bound(holders.begin(), holders.end(), row,
                          [](const auto& holder, std::uint32_t id) { return holder.first < id; });
}

}  // namespace

void ImageIndex::Add(std::uint32_t row, const std::vector<kube::ContainerImage>& images) {
  ++version_;
  for (const kube::ContainerImage& image : images) {
    for (const std::string& name : image.names) {
      Holders& holders = holders_[name];
      const auto at = PlaceOf(holders, row);
      if (at == holders.end() || at->first != row) holders.insert(at, {row, image.size_bytes});
    }
  }
}

void ImageIndex::Remove(std::uint32_t row, const std::vector<kube::ContainerImage>& images) {
  ++version_;
  for (const kube::ContainerImage& image : images) {
    for (const std::string& name : image.names) {
      const auto found = holders_.find(name);
      if (found == holders_.end()) continue;
      const auto at = PlaceOf(found->second, row);
      if (at != found->second.end() && at->first == row) found->second.erase(at);
      if (found->second.empty()) holders_.erase(found);
    }
  }
}

const ImageIndex::Holders* ImageIndex::Find(std::string_view name) const {
  const auto found = holders_.find(name);
  return found == holders_.end() ? nullptr : &found->second;
}

}  // namespace heat_scheduler
