#include "cmd/listen_address.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/quote.h"

namespace heat_scheduler {

absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& text) {
  ListenAddress address;
  const std::size_t colon = text.rfind(':');
  std::string port = text;
  if (colon != std::string::npos) {
    address.host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  std::uint32_t number = 0;
  if (address.host.empty() || !absl::SimpleAtoi(port, &number) || number > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected HOST:PORT, such as 127.0.0.1:6443, got ", Quoted(text)));
  }
  address.port = static_cast<std::uint16_t>(number);
  return address;
}

std::string UrlOf(bool tls, const ListenAddress& address) {
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return absl::StrCat(tls ? "https://" : "http://", ipv6 ? "[" : "", address.host, ipv6 ? "]" : "",
                      ":", address.port);
}

}  // namespace heat_scheduler
