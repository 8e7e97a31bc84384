// Which proxy, if any, leads to a server.
//
// Source of the rules: golang.org/x/net/http/httpproxy, which Kubernetes' clients use. Pure but for
// ProxyFromEnvironment.
#pragma once

#include <string>
#include <string_view>

#include "net/url.h"

namespace heat_scheduler::net {

// Returns whether a list in the form of NO_PROXY names the server: comma-separated host names
// (which also stand for all names below them; with a leading dot for those alone), IP addresses,
// CIDR ranges, each with an optional ":port", or "*". Loopback servers are never proxied.
bool BypassesProxy(const Url& server, std::string_view no_proxy);

// Returns the value of HTTPS_PROXY or https_proxy if the server is https and NO_PROXY or no_proxy
// does not name it, else nothing.
std::string ProxyFromEnvironment(const Url& server);

}  // namespace heat_scheduler::net
