#include "net/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/numbers.h"
#include "base/strings.h"

namespace heat_scheduler::net {

namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

absl::Status BadUrl(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("URL \"", ToAbsl(text), "\": ", ToAbsl(why),
                   "; write it as https://host:port or http://host:port"));
}

absl::StatusOr<std::string> PercentDecode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      decoded.push_back(' ');
    } else if (text[i] != '%') {
      decoded.push_back(text[i]);
    } else {
      const int high = i + 1 < text.size() ? HexValue(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexValue(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return absl::InvalidArgumentError("a '%' is not followed by two hexadecimal digits");
      }
      decoded.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
    if (decoded.back() == '\0') return absl::InvalidArgumentError("a NUL byte is not allowed");
  }
  return decoded;
}

// Calls `part` with each piece of `text` between separators, the empty ones too.
template <typename Part>
absl::Status ForEachPart(std::string_view text, char separator, Part part) {
  while (true) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (absl::Status status = part(text.substr(0, end)); !status.ok()) return status;
    if (end == text.size()) return absl::OkStatus();
    text.remove_prefix(end + 1);
  }
}

bool IsHostByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return absl::ascii_isalnum(byte) || c == '-' || c == '.' || c == '_';
}

}  // namespace

std::string Url::Authority(bool port_always) const {
  const std::string name =
      host.find(':') == std::string::npos ? host : absl::StrCat("[", host, "]");
  if (!port_always && port == (tls ? 443 : 80)) return name;
  return absl::StrCat(name, ":", port);
}

bool IsLocalhost(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost");
}

bool IsLoopback(std::string_view host) {
  if (IsLocalhost(host)) return true;
  const std::string text(host);
  in_addr v4;
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
  in6_addr v6;
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return false;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return v6.s6_addr[12] == IN_LOOPBACKNET;
  return IN6_IS_ADDR_LOOPBACK(&v6);
}

absl::StatusOr<Url> ParseUrl(std::string_view text) {
  Url url;
  std::string_view rest = text;
  const std::size_t scheme_end = rest.find("://");
  if (scheme_end == std::string_view::npos) return BadUrl(text, "it has no scheme");
  const std::string scheme = absl::AsciiStrToLower(ToAbsl(rest.substr(0, scheme_end)));
  if (scheme != "http" && scheme != "https") {
    return BadUrl(text, "its scheme is neither http nor https");
  }
  url.tls = scheme == "https";
  url.port = url.tls ? 443 : 80;
  rest.remove_prefix(scheme_end + 3);

  const std::size_t authority_end = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, authority_end);
  std::string_view path = rest.substr(authority_end);
  if (text.find_first_of("?#") != std::string_view::npos) {
    return BadUrl(text, "it has a query or a fragment");
  }
  if (authority.find('@') != std::string_view::npos) return BadUrl(text, "it names a user");

  std::string_view host;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return BadUrl(text, "a ']' is missing");
    host = authority.substr(1, close - 1);
    authority.remove_prefix(close + 1);
    const bool looks_right = host.find(':') != std::string_view::npos &&
                             std::all_of(host.begin(), host.end(), [](char c) {
                               return HexValue(c) >= 0 || c == ':' || c == '.';
                             });
    if (!looks_right) return BadUrl(text, "what is in brackets is no IPv6 address");
  } else {
    host = authority.substr(0, authority.find(':'));
    authority.remove_prefix(host.size());
    if (host.empty() || !std::all_of(host.begin(), host.end(), IsHostByte)) {
      return BadUrl(text, "its host is missing or malformed");
    }
  }
  if (!authority.empty()) {
    const std::string_view digits = authority.substr(1);
    const std::optional<std::int64_t> port = ParseInt64(digits);
    if (authority.front() != ':' || !port || *port < 1 || *port > 65535) {
      return BadUrl(text, "its port is not a number from 1 to 65535");
    }
    url.port = static_cast<std::uint16_t>(*port);
  }
  for (const char c : path) {
    if (c <= ' ' || c == 0x7f) return BadUrl(text, "its path has a blank or a control character");
  }
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  url.host = absl::AsciiStrToLower(ToAbsl(host));
  url.path = path;
  return url;
}

absl::StatusOr<Target> ParseTarget(std::string_view text) {
  if (text.empty() || text.front() != '/') {
    return absl::InvalidArgumentError("the request's target does not start with '/'");
  }
  const std::size_t path_end = std::min(text.find('?'), text.size());
  const std::string_view path = text.substr(0, path_end);
  Target target;
  absl::StatusOr<std::string> decoded_path = PercentDecode(path, false);
  if (!decoded_path.ok()) return decoded_path.status();
  target.path = *std::move(decoded_path);

  absl::Status status = ForEachPart(path, '/', [&target](std::string_view segment) {
    absl::StatusOr<std::string> decoded = PercentDecode(segment, false);
    if (decoded.ok() && !decoded->empty()) target.segments.push_back(*std::move(decoded));
    return decoded.status();
  });
  if (!status.ok()) return status;
  if (path_end == text.size()) return target;

  status = ForEachPart(text.substr(path_end + 1), '&', [&target](std::string_view pair) {
    if (pair.empty()) return absl::OkStatus();
    const std::size_t equals = std::min(pair.find('='), pair.size());
    absl::StatusOr<std::string> key = PercentDecode(pair.substr(0, equals), true);
    if (!key.ok()) return key.status();
    absl::StatusOr<std::string> value =
        PercentDecode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!value.ok()) return value.status();
    target.query.emplace(*std::move(key), *std::move(value));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return target;
}

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded.push_back(c);
    } else {
      encoded.push_back('%');
      encoded.push_back(kHexDigits[byte >> 4]);
      encoded.push_back(kHexDigits[byte & 15]);
    }
  }
  return encoded;
}

}  // namespace heat_scheduler::net
