#include "cluster/history.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace heat_scheduler::cluster {

std::string_view FrameTypeName(Write::FrameKind kind) {
  switch (kind) {
    case Write::FrameKind::kAdded:
      return "ADDED";
    case Write::FrameKind::kModified:
      return "MODIFIED";
    case Write::FrameKind::kDeleted:
    case Write::FrameKind::kVanished:
      break;
  }
  return "DELETED";
}

DocumentRef Write::FrameObject(FrameKind kind) const {
  if (kind != FrameKind::kVanished) return after;
  if (vanished_ == nullptr) {
    Json object = before->json();
    object["metadata"]["resourceVersion"] = absl::StrCat(resource_version);
    vanished_ = std::make_shared<const Document>(std::move(object), resource_version);
  }
  return vanished_;
}

const std::shared_ptr<const std::string>& Write::Frame(FrameKind kind) const {
  std::shared_ptr<const std::string>& frame = frames_[static_cast<std::size_t>(kind)];
  if (frame == nullptr) {
    frame = std::make_shared<const std::string>(
        absl::StrCat("{\"type\":\"", ToAbsl(FrameTypeName(kind)),
                     "\",\"object\":", *FrameObject(kind)->text(), "}\n"));
  }
  return frame;
}

void History::Append(WriteRef write) {
  bytes_ += write->after->text()->size();
  writes_.push_back(std::move(write));
  while (writes_.size() > limits_.max_writes ||
         (bytes_ > limits_.max_bytes && writes_.size() > 1)) {
    DropOldest();
  }
}

void History::Compact(std::int64_t resource_version) {
  while (!writes_.empty() && writes_.front()->resource_version <= resource_version) DropOldest();
}

void History::DropOldest() {
  bytes_ -= writes_.front()->after->text()->size();
  compacted_ = writes_.front()->resource_version;
  writes_.pop_front();
}

}  // namespace heat_scheduler::cluster
