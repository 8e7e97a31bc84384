// Makes text that came from outside safe to repeat in a message.
#pragma once

#include <string>
#include <string_view>

namespace heat_scheduler {

// Returns the text in double quotes, ASCII only: control characters and bytes above 127 escaped as
// in C, and cut with "..." after 64 bytes, so that it neither forges nor floods a log.
std::string Quoted(std::string_view text);

// Returns the text as a terminal may show it: ASCII only, each control character and each byte
// above 127 as "\x1b", so that it neither moves the cursor nor passes for a line of ours.
std::string Printable(std::string_view text);

}  // namespace heat_scheduler
