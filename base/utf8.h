// Text of others, checked and made safe: cut where a character ends, and escaped so that it stays
// one quoted value on one line. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace heat_scheduler {

// Returns true if all of the text is well-formed UTF-8. Overlong forms, surrogates and codes past
// U+10FFFF are not. Source: RFC 3629.
bool IsUtf8(std::string_view text);

// Returns the longest prefix of at most `max_bytes` that does not end inside a UTF-8 character.
std::string_view Utf8Prefix(std::string_view text, std::size_t max_bytes);

// Appends the text as it stands between the quotes of a JSON string: quote, backslash and all
// control characters (DEL, C1, U+2028 and U+2029 too) escaped, each byte that is no UTF-8 as
// U+FFFD.
void AppendJsonEscaped(std::string& out, std::string_view text);

}  // namespace heat_scheduler
