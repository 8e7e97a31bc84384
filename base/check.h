// Aborts when an invariant of our own code is broken; on in release builds too.
//
// For mistakes that only a change of this program can mend. Outside input never reaches one: it
// gets an absl::Status. Prints file, line, the condition and a message to stderr, then aborts.
#pragma once

#include <string_view>

namespace heat_scheduler {

// Prints and aborts; what HS_CHECK calls. Never returns.
[[noreturn]] void CheckFailed(std::string_view file, int line, std::string_view condition,
                              std::string_view message);

}  // namespace heat_scheduler

#define HS_CHECK(condition, message)                                            \
  do {                                                                          \
    if (!(condition)) [[unlikely]] {                                            \
      ::heat_scheduler::CheckFailed(__FILE__, __LINE__, #condition, (message)); \
    }                                                                           \
  } while (false)
