// Reads numbers from text: the whole text, in one locale-free form, finite.
//
// std::from_chars alone accepts a prefix ("45C"), "nan" and "inf"; these do not.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace heat_scheduler {

// Returns the value of decimal or exponent text ("-1.5", "2e3"), or nothing if any byte is left
// over, if there is a leading '+' or blank, or if it is not a finite double.
std::optional<double> ParseDouble(std::string_view text);

// Returns the value of decimal text with an optional '-', or nothing if it is malformed or
// overflows.
std::optional<std::int64_t> ParseInt64(std::string_view text);

}  // namespace heat_scheduler
