#include "extender/received_nodes.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"

namespace heat_scheduler {

absl::Status ReceivedNodes::Take(const std::vector<std::string_view>& documents) {
  ++takes_;
  rows_.clear();
  bad_.clear();
  for (std::size_t i = 0; i < documents.size(); ++i) {
    absl::Status problem;
    Known* known = Find(documents[i], i, problem);
    RETURN_IF_ERROR(problem);
    if (known == nullptr) {
      rows_.push_back(kNoNode);
      continue;
    }
    const NodeId row = RowOf(*known);
    if (row >= taken_.size()) taken_.resize(row + 1, 0);
    if (taken_[row] == takes_) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Nodes.items[", i, "]: node ", Quoted(known->node->metadata.name), " is there twice"));
    }
    taken_[row] = takes_;
    rows_.push_back(row);
  }
  RemoveOthers();
  if (known_bytes_ > budget_bytes_) ForgetUnused();
  return absl::OkStatus();
}

ReceivedNodes::Known* ReceivedNodes::Find(std::string_view document, std::size_t index,
                                          absl::Status& problem) {
  if (const auto found = known_.find(ToAbsl(document)); found != known_.end()) {
    found->second->last_use = takes_;
    return found->second.get();
  }
  absl::StatusOr<kube::Object> object = decoder_.DecodeObject(kube::Kind::kNode, document);
  if (!object.ok()) {
    problem = NoteBad(document, index, object.status());
    return nullptr;
  }
  auto known = std::make_unique<Known>();
  known->document = std::string(document);
  known->node = std::get<kube::Ref<kube::Node>>(*std::move(object));
  known->last_use = takes_;
  known_bytes_ += document.size();
  const absl::string_view key = known->document;
  return known_.emplace(key, std::move(known)).first->second.get();
}

absl::Status ReceivedNodes::NoteBad(std::string_view document, std::size_t index,
                                    const absl::Status& why) {
  // A list tells the name of an item that cannot be read.
  const absl::StatusOr<kube::ListPage> page =
      decoder_.DecodeList(kube::Kind::kNode, absl::StrCat("{\"items\":[", ToAbsl(document), "]}"));
  if (!page.ok() || page->errors.empty() || page->errors.front().name.empty()) {
    return Annotate(why, absl::StrCat("Nodes.items[", index, "]"));
  }
  bad_.push_back({index, page->errors.front().name, std::string(why.message())});
  return absl::OkStatus();
}

NodeId ReceivedNodes::RowOf(Known& known) {
  const auto& nodes = cluster_.columns().node;
  if (known.row < nodes.size() && nodes[known.row] == known.node) return known.row;
  cluster_.UpsertNode(known.node);
  known.row = cluster_.FindNode(known.node->metadata.name);
  return known.row;
}

void ReceivedNodes::RemoveOthers() {
  if (cluster_.nodes().size() + bad_.size() == rows_.size()) return;
  std::vector<std::string> gone;
  for (const NodeId row : cluster_.nodes()) {
    if (taken_[row] != takes_) gone.push_back(cluster_.columns().name[row]);
  }
  for (const std::string& name : gone) cluster_.RemoveNode(name);
}

void ReceivedNodes::ForgetUnused() {
  for (auto at = known_.begin(); at != known_.end();) {
    if (at->second->last_use == takes_) {
      ++at;
      continue;
    }
    known_bytes_ -= at->second->document.size();
    const std::unique_ptr<Known> gone = std::move(at->second);  // It owns the key.
    known_.erase(at++);
  }
}

}  // namespace heat_scheduler
