// What a request asks for: the resource, object and subresource of its path, and its query.
//
// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/ ("Resource URIs").
#pragma once

#include <string>
#include <string_view>

#include "cluster/api_error.h"
#include "cluster/list.h"
#include "cluster/registry.h"
#include "cluster/view.h"
#include "cluster/watch_hub.h"
#include "net/http.h"
#include "net/url.h"

namespace heat_scheduler::cluster {

// A request that was taken apart. Borrows `http`.
struct ApiRequest {
  const net::HttpRequest* http = nullptr;
  net::Target target;

  // Of a resource's path; object.resource is null for any other path.
  ObjectName object;
  std::string subresource;

  // Returns a value of the query, or an empty view.
  std::string_view Query(const std::string& key) const;
  // Returns true for "true" and "1".
  bool Flag(const std::string& key) const;

  // Returns who writes, doing `operation`; dry run if the query says so.
  WriteContext Writer(std::string_view operation) const;
};

// Takes a request apart. BadRequest if the target is malformed. A path below /api or /apis that
// names no resource leaves object.resource null.
Outcome<ApiRequest> ParseApiRequest(const net::HttpRequest& http);

// Reads the parameters of a list or a watch; BadRequest for what cannot be read.
Outcome<ListOptions> ReadListOptions(const ApiRequest& request);
Outcome<WatchOptions> ReadWatchOptions(const ApiRequest& request);

// Returns how the answer to a read shall look, by the Accept header: the first form in it that is
// served. NotAcceptable if there is none.
Outcome<View> ReadView(const ApiRequest& request, const Clock& clock);

// Returns the body as JSON; BadRequest if it is malformed, UnsupportedMediaType if it says that it
// is something else. An empty body gives null.
Outcome<Json> ReadBody(const ApiRequest& request);

}  // namespace heat_scheduler::cluster
