#include "net/proxy.h"

#include <arpa/inet.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "base/numbers.h"
#include "base/strings.h"

namespace heat_scheduler::net {

namespace {

// An address as bytes: 4 or 16 of them.
std::optional<std::vector<unsigned char>> ParseAddress(const std::string& text) {
  std::array<unsigned char, 16> bytes;
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
    return std::vector<unsigned char>(bytes.begin(), bytes.begin() + 4);
  }
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
    return std::vector<unsigned char>(bytes.begin(), bytes.end());
  }
  return std::nullopt;
}

bool SamePrefix(const std::vector<unsigned char>& a, const std::vector<unsigned char>& b,
                std::size_t bits) {
  if (a.size() != b.size() || bits > a.size() * 8) return false;
  for (std::size_t i = 0; i < bits; ++i) {
    const int shift = 7 - static_cast<int>(i % 8);
    if (((a[i / 8] ^ b[i / 8]) >> shift & 1) != 0) return false;
  }
  return true;
}

bool Matches(const Url& server, std::string entry) {
  if (entry == "*") return true;
  const auto address = ParseAddress(server.host);
  if (const std::size_t slash = entry.find('/'); slash != std::string::npos) {
    const auto range = ParseAddress(entry.substr(0, slash));
    const auto bits = ParseInt64(std::string_view(entry).substr(slash + 1));
    return address && range && bits && *bits >= 0 &&
           SamePrefix(*address, *range, static_cast<std::size_t>(*bits));
  }
  if (const auto plain = ParseAddress(entry)) return address == plain;
  if (const std::size_t colon = entry.rfind(':'); colon != std::string::npos) {
    if (ParseInt64(std::string_view(entry).substr(colon + 1)) != server.port) return false;
    entry.resize(colon);
    if (entry.size() > 2 && entry.front() == '[') entry = entry.substr(1, entry.size() - 2);
    if (const auto plain = ParseAddress(entry)) return address == plain;
  }
  if (absl::StartsWith(entry, "*.")) entry.erase(0, 1);
  if (entry.empty()) return false;
  if (entry.front() == '.') return absl::EndsWith(server.host, entry);
  return server.host == entry || absl::EndsWith(server.host, "." + entry);
}

std::string Environment(const char* upper, const char* lower) {
  for (const char* name : {upper, lower}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

}  // namespace

bool BypassesProxy(const Url& server, std::string_view no_proxy) {
  if (IsLoopback(server.host)) return true;
  for (const absl::string_view part : absl::StrSplit(ToAbsl(no_proxy), ',')) {
    const std::string entry = absl::AsciiStrToLower(absl::StripAsciiWhitespace(part));
    if (!entry.empty() && Matches(server, entry)) return true;
  }
  return false;
}

std::string ProxyFromEnvironment(const Url& server) {
  if (!server.tls || BypassesProxy(server, Environment("NO_PROXY", "no_proxy"))) return {};
  return Environment("HTTPS_PROXY", "https_proxy");
}

}  // namespace heat_scheduler::net
