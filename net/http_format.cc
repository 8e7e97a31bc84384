#include "net/http_format.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/strings.h"

namespace heat_scheduler::net {

namespace {

constexpr std::array<std::pair<int, std::string_view>, 34> kReasons = {{
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

bool IsFraming(std::string_view name) {
  return absl::EqualsIgnoreCase(ToAbsl(name), "Content-Length") ||
         absl::EqualsIgnoreCase(ToAbsl(name), "Transfer-Encoding") ||
         absl::EqualsIgnoreCase(ToAbsl(name), "Connection");
}

// RFC 9110 section 5.6.2.
bool IsToken(std::string_view text) {
  static constexpr std::string_view kOther = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOther.find(c) != std::string_view::npos;
  });
}

bool IsFieldSafe(const Header& header) {
  const auto breaks = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  return IsToken(header.name) && std::none_of(header.value.begin(), header.value.end(), breaks);
}

}  // namespace

bool IsBodyless(int status) { return status / 100 == 1 || status == 204 || status == 304; }

std::string_view ReasonPhrase(int status) {
  for (const auto& [code, reason] : kReasons) {
    if (code == status) return reason;
  }
  return "Unknown";
}

std::string FormatResponseHead(int status, const Headers& headers, Framing framing,
                               std::size_t length, bool keep_alive, absl::Time now) {
  std::string head =
      absl::StrCat("HTTP/1.1 ", status, " ", ToAbsl(ReasonPhrase(status)), "\r\nDate: ",
                   absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", now, absl::UTCTimeZone()), "\r\n");
  for (const Header& header : headers) {
    if (IsFraming(header.name) || !IsFieldSafe(header)) continue;
    absl::StrAppend(&head, header.name, ": ", header.value, "\r\n");
  }
  if (framing == Framing::kLength) absl::StrAppend(&head, "Content-Length: ", length, "\r\n");
  if (framing == Framing::kChunked) absl::StrAppend(&head, "Transfer-Encoding: chunked\r\n");
  if (!keep_alive) absl::StrAppend(&head, "Connection: close\r\n");
  absl::StrAppend(&head, "\r\n");
  return head;
}

std::string FormatRequestHead(const HttpRequest& request, std::string_view host,
                              std::optional<std::size_t> length) {
  std::string head = absl::StrCat(request.method, " ", request.target,
                                  " HTTP/1.1\r\nHost: ", ToAbsl(host), "\r\n");
  for (const Header& header : request.headers) {
    if (IsFraming(header.name) || absl::EqualsIgnoreCase(header.name, "Host")) continue;
    absl::StrAppend(&head, header.name, ": ", header.value, "\r\n");
  }
  if (length) absl::StrAppend(&head, "Content-Length: ", *length, "\r\n");
  absl::StrAppend(&head, "\r\n");
  return head;
}

absl::Status CheckRequest(const HttpRequest& request) {
  if (!IsToken(request.method)) {
    return absl::InvalidArgumentError("the request's method is not a word");
  }
  const auto ends_it = [](char c) { return c <= ' ' || c == 0x7f; };
  if (request.target.empty() || request.target.front() != '/' ||
      std::any_of(request.target.begin(), request.target.end(), ends_it)) {
    return absl::InvalidArgumentError(
        "the request's target does not start with '/', or has a blank or control character in it; "
        "percent-encode it");
  }
  for (const Header& header : request.headers) {
    if (!IsFieldSafe(header)) {
      // The value stays out of the message: it may be a secret.
      return absl::InvalidArgumentError(
          absl::StrCat("the request's header field \"", header.name,
                       "\" has a malformed name, or a line break in its value"));
    }
  }
  return absl::OkStatus();
}

std::string ChunkHead(std::size_t length) { return absl::StrFormat("%x\r\n", length); }

}  // namespace heat_scheduler::net
