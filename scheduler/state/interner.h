// Gives each distinct text a small number, so that the hot path compares integers.
//
// Numbers are dense from 0 in the order of first use and are never reused. Thread-compatible.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "base/strings.h"

namespace heat_scheduler {

using TextId = std::uint32_t;

class Interner {
 public:
  // Returns the number of the text, giving it one if it has none.
  TextId Intern(std::string_view text);

  // Returns the number of the text, or nothing if it was never interned.
  std::optional<TextId> Find(std::string_view text) const;

  // Returns the text of a number that Intern returned; valid as long as the interner.
  const std::string& Text(TextId id) const { return texts_[id]; }

 private:
  std::deque<std::string> texts_;
  absl::flat_hash_map<std::string_view, TextId, StringHash, StringEqual> ids_;
};

}  // namespace heat_scheduler
