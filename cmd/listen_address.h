// Where a program listens: the value of a flag such as --listen.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace heat_scheduler {

struct ListenAddress {
  std::string host = "127.0.0.1";  // An IP address without brackets, or "localhost".
  std::uint16_t port = 0;          // 0: any free one.
};

// Splits "127.0.0.1:6443" or "[::1]:6443"; a bare number is a port of 127.0.0.1. InvalidArgument
// for anything else.
absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& text);

// Returns "https://[::1]:6443".
std::string UrlOf(bool tls, const ListenAddress& address);

}  // namespace heat_scheduler
