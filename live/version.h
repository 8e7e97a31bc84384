// What was built. The version is the CMake project's.
#pragma once

#include <string_view>

namespace heat_scheduler {

extern const std::string_view kVersion;   // "0.1.0"
extern const std::string_view kCompiler;  // "12.2.0"

}  // namespace heat_scheduler
