// Writes the heads of HTTP/1.1 messages. Inside of net/. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "net/http.h"

namespace heat_scheduler::net {

// How a response's end is found.
enum class Framing {
  kLength,   // Content-Length.
  kChunked,  // Chunks.
  kNone,     // No body and no length: 1xx, 204, 304. Or the end of the connection, to HTTP/1.0.
};

// Returns whether a response of that status has no body, whatever its owner says.
bool IsBodyless(int status);

// Returns the standard reason phrase, or "Unknown".
std::string_view ReasonPhrase(int status);

// Returns the head of a response, its empty line included. Framing and Connection fields among
// `headers`, and fields with a line break in them, are left out: the former are written here, the
// latter would be a second response in the eyes of the peer.
std::string FormatResponseHead(int status, const Headers& headers, Framing framing,
                               std::size_t length, bool keep_alive, absl::Time now);

// Returns the head of a request, its empty line included; `length` is written unless it is nothing.
// Host and framing fields among `headers` are left out.
std::string FormatRequestHead(const HttpRequest& request, std::string_view host,
                              std::optional<std::size_t> length);

// Returns InvalidArgument if the method, the target or a header field of `request` has bytes in it
// that would end it early on the wire.
absl::Status CheckRequest(const HttpRequest& request);

// Returns the line before a chunk's data; "\r\n" follows the data.
std::string ChunkHead(std::size_t length);

}  // namespace heat_scheduler::net
