// Addresses of HTTP servers, and the parts of a request's target.
//
// Source of the forms: RFC 3986 (URI), RFC 9112 section 3.2 (request target).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace heat_scheduler::net {

struct Url {
  bool tls = false;         // "https".
  std::string host;         // Lower case; an IPv6 address without its brackets.
  std::uint16_t port = 80;  // 443 for https, unless it is written out.
  std::string path;         // As written, without a slash at the end; empty for the root.

  // Returns "host:port" as a Host header and CONNECT spell it, the scheme's own port left out when
  // `port_always` is false.
  std::string Authority(bool port_always) const;
};

// Returns true for "localhost" and every name below it: the loopback addresses, by RFC 6761 section
// 6.3, whatever a name server says.
bool IsLocalhost(std::string_view host);

// Returns true if nobody beyond this machine reaches the host, or is the peer: for those names and
// the addresses 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/104, without brackets.
bool IsLoopback(std::string_view host);

// Parses "http://host", "https://host:port/path" and "https://[::1]:6443". InvalidArgument for any
// other scheme, user names, a query, a fragment, a port outside 1 to 65535 and bytes that no URL
// has.
absl::StatusOr<Url> ParseUrl(std::string_view text);

// A request's target, taken apart and decoded.
struct Target {
  std::string path;  // Decoded; starts with a slash.
  std::vector<std::string>
      segments;  // Of the path: "/api/v1/pods" has three. Empty ones are dropped.
  std::map<std::string, std::string> query;  // The first value of each key, '+' read as a blank.
};

// Parses "/api/v1/pods?limit=500". InvalidArgument unless it starts with a slash, for a '%' without
// two hexadecimal digits, and for a decoded NUL. Segments are split before they are decoded, so
// that "%2F" is part of a name.
absl::StatusOr<Target> ParseTarget(std::string_view text);

// Returns `text` with each byte but letters, digits, '-', '.', '_', '~' written as "%XX": fit for a
// path segment, a query's key or its value.
std::string PercentEncode(std::string_view text);

}  // namespace heat_scheduler::net
