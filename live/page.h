// What the secure port serves below one path, and the answers that pages give.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/http.h"
#include "net/http_handler.h"
#include "net/url.h"

namespace heat_scheduler {

// Answers a GET of its path, at once, on the loop's thread. Who asks may read it.
using Page = std::function<net::HttpResponse(const net::Target& target)>;

// The same for what is sent piece by piece, or later.
using StreamPage =
    std::function<void(const net::Target& target, std::shared_ptr<net::ResponseSink> sink)>;

// The content type of Prometheus' text.
inline constexpr std::string_view kExposition = "text/plain; version=0.0.4; charset=utf-8";

// Returns an answer with the headers that every answer of the port has.
net::HttpResponse PageAnswer(int status, std::string_view content_type, std::string body);

// The same, with a line of text or a JSON document.
net::HttpResponse TextAnswer(int status, std::string body);
net::HttpResponse JsonAnswer(int status, std::string body);

// Returns a metav1.Status "Failure" as Kubernetes' own handlers give it: 404 is NotFound, and so
// on. `message` is for people.
net::HttpResponse FailureAnswer(int status, const std::string& reason, const std::string& message);

}  // namespace heat_scheduler
