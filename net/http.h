// HTTP messages, as the rest of the program sees them: no sockets, no library types.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heat_scheduler::net {

// One header field. Names compare without regard to case.
struct Header {
  std::string name;
  std::string value;
};

using Headers = std::vector<Header>;

// Returns the value of the first field of that name, or an empty view if there is none.
std::string_view FindHeader(const Headers& headers, std::string_view name);

// Every field has an initializer, so that `{.target = "/x"}` leaves nothing unsaid.
struct HttpRequest {
  std::string method = "GET";
  // Path and query as on the wire, percent-encoded: "/api/v1/pods?limit=500".
  std::string target = "/";
  // Without Host, Content-Length and Transfer-Encoding: the transport writes them.
  Headers headers = {};
  std::string body = {};
  std::string peer = {};  // Server side: the peer's address, or empty.
  // Server side: the certificates that the peer has shown, its own first, as PEM text; unverified.
  std::string peer_chain_pem = {};
};

struct HttpResponse {
  int status = 200;
  Headers headers = {};
  std::string body = {};
};

}  // namespace heat_scheduler::net
