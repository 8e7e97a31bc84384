// Finds what somebody may have meant by a name that does not exist. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heat_scheduler {

// Returns the one of `known` that takes the fewest edits to reach, relative to the length of the
// longer name; of equally near ones the first. Returns empty text only if `known` is empty. Looks
// at the first 64 bytes of `name`.
std::string_view NearestName(std::string_view name, const std::vector<std::string>& known);

}  // namespace heat_scheduler
