#include "net/http.h"

#include "absl/strings/match.h"
#include "base/strings.h"

namespace heat_scheduler::net {

std::string_view FindHeader(const Headers& headers, std::string_view name) {
  for (const Header& header : headers) {
    if (absl::EqualsIgnoreCase(ToAbsl(header.name), ToAbsl(name))) return header.value;
  }
  return {};
}

}  // namespace heat_scheduler::net
