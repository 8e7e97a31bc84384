// Which nodes have which container images, by the names that their status lists.
//
// Kept as nodes come, change and go, so that a decision need not look through the lists of all
// nodes. Thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/strings.h"
#include "kube/objects.h"

namespace heat_scheduler {

class ImageIndex {
 public:
  // The nodes that list an image, by row in ascending order, each once, and the size in bytes that
  // each states first.
  using Holders = std::vector<std::pair<std::uint32_t, std::int64_t>>;

  // Adds what the node of that row lists, or takes it out again; the images must be those that were
  // added.
  void Add(std::uint32_t row, const std::vector<kube::ContainerImage>& images);
  void Remove(std::uint32_t row, const std::vector<kube::ContainerImage>& images);

  // Returns the holders of an image, or null if no node lists it. Valid until the next change.
  const Holders* Find(std::string_view name) const;

  // Rises with every change.
  std::uint64_t version() const { return version_; }

  // Returns the number of names that nodes list.
  std::size_t size() const { return holders_.size(); }

 private:
  absl::flat_hash_map<std::string, Holders, StringHash, StringEqual> holders_;
  std::uint64_t version_ = 0;
};

}  // namespace heat_scheduler
