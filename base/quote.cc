#include "base/quote.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/strings.h"

namespace heat_scheduler {

std::string Quoted(std::string_view text) {
  constexpr std::size_t kMaxBytes = 64;
  return absl::StrCat("\"", absl::CEscape(ToAbsl(text.substr(0, kMaxBytes))),
                      text.size() > kMaxBytes ? "...\"" : "\"");
}

std::string Printable(std::string_view text) {
  std::string printable;
  for (const char byte : text) {
    if (absl::ascii_isprint(static_cast<unsigned char>(byte))) {
      printable.push_back(byte);
    } else {
      absl::StrAppendFormat(&printable, "\\x%02x", static_cast<unsigned char>(byte));
    }
  }
  return printable;
}

}  // namespace heat_scheduler
