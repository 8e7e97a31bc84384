// Who may read what of the secure port.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "net/http.h"

namespace heat_scheduler {

// One thread: the loop's.
class RequestGuard {
 public:
  // Nothing if the request is to be answered, else the answer that refuses it.
  using Done = std::function<void(std::optional<net::HttpResponse> refusal)>;

  virtual ~RequestGuard() = default;

  // Calls `done` once, at once or later from the loop. `path` is that of the request's target,
  // decoded; `request` need not outlive the call.
  virtual void Check(const net::HttpRequest& request, const std::string& path, Done done) = 0;
};

}  // namespace heat_scheduler
