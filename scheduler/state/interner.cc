#include "scheduler/state/interner.h"

namespace heat_scheduler {

TextId Interner::Intern(std::string_view text) {
  if (auto found = ids_.find(text); found != ids_.end()) return found->second;
  const auto id = static_cast<TextId>(texts_.size());
  // The deque never moves its strings, so that the key may borrow the text.
  const std::string& kept = texts_.emplace_back(text);
  ids_.emplace(std::string_view(kept), id);
  return id;
}

std::optional<TextId> Interner::Find(std::string_view text) const {
  auto found = ids_.find(text);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

}  // namespace heat_scheduler
