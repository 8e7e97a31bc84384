// Bridges std::string_view and Abseil, whose packaged build has a string_view of its own.
//
// Debian's Abseil does not take std::string_view where it says absl::string_view. Views borrow:
// they are valid as long as what they look at.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace heat_scheduler {

// Returns the same bytes as Abseil's view.
inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

// Returns the same bytes as the standard view.
inline std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

// Hash of text for absl maps with std::string keys, so that a std::string_view finds them without a
// copy: absl::flat_hash_map<std::string, T, StringHash, StringEqual>.
struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

// Equality of text, to go with StringHash.
struct StringEqual {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const { return a == b; }
};

}  // namespace heat_scheduler
