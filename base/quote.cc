#include "base/quote.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace heat_scheduler {

std::string Quoted(std::string_view text) {
  constexpr std::size_t kMaxBytes = 64;
  return absl::StrCat("\"", absl::CEscape(ToAbsl(text.substr(0, kMaxBytes))),
                      text.size() > kMaxBytes ? "...\"" : "\"");
}

}  // namespace heat_scheduler
