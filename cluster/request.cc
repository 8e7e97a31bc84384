#include "cluster/request.h"

#include <map>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/numbers.h"
#include "base/status.h"
#include "base/strings.h"

namespace heat_scheduler::cluster {
namespace {

// Fills in the object of a path behind its group and version: [namespaces/<ns>/]<resource>
// [/<name>[/<subresource>]].
void ReadResourcePath(std::string_view group, std::string_view version,
                      const std::vector<std::string>& segments, std::size_t at,
                      ApiRequest& request) {
  const std::size_t left = segments.size() - at;
  std::string namespace_;
  // "namespaces/x" and "namespaces/x/status" are about the namespace itself.
  if (left >= 3 && segments[at] == "namespaces" && segments[at + 2] != "status" &&
      segments[at + 2] != "finalize") {
    namespace_ = segments[at + 1];
    at += 2;
  }
  if (at >= segments.size() || segments.size() - at > 3) return;
  const ResourceInfo* resource = FindResource(group, version, segments[at]);
  // "bindings" is no resource of its own, but a way to write the binding of a pod.
  const bool bindings = group.empty() && version == "v1" && segments[at] == "bindings";
  if (bindings) {
    request.subresource = "bindings";
    resource = &PodResource();
  }
  if (resource == nullptr || (!resource->namespaced && !namespace_.empty())) return;
  request.object.resource = resource;
  request.object.namespace_ = std::move(namespace_);
  if (segments.size() > at + 1) request.object.name = segments[at + 1];
  if (segments.size() > at + 2) request.subresource = segments[at + 2];
}

Outcome<Selection> ReadSelection(const ApiRequest& request) {
  Selection selection;
  selection.namespace_ = request.object.namespace_;
  auto labels = ParseLabelSelector(request.Query("labelSelector"));
  if (!labels.ok()) return BadRequest(ToStd(labels.status().message()));
  selection.labels = *std::move(labels);
  auto fields = ParseFieldSelector(*request.object.resource, request.Query("fieldSelector"));
  if (!fields.ok()) return BadRequest(ToStd(fields.status().message()));
  selection.fields = *std::move(fields);
  return selection;
}

Outcome<std::int64_t> ReadCount(const ApiRequest& request, const std::string& key) {
  const std::string_view text = request.Query(key);
  if (text.empty()) return std::int64_t{0};
  const std::optional<std::int64_t> count = ParseInt64(text);
  if (!count.has_value() || *count < 0) {
    return BadRequest(absl::StrCat("the query parameter ", key, " must be a number, 0 or more: \"",
                                   ToAbsl(text), "\""));
  }
  return *count;
}

}  // namespace

std::string_view ApiRequest::Query(const std::string& key) const {
  const auto found = target.query.find(key);
  return found == target.query.end() ? std::string_view() : std::string_view(found->second);
}

bool ApiRequest::Flag(const std::string& key) const {
  const std::string_view value = Query(key);
  return value == "true" || value == "1";
}

WriteContext ApiRequest::Writer(std::string_view operation) const {
  WriteContext context;
  context.user_agent = net::FindHeader(http->headers, "User-Agent");
  context.operation = operation;
  context.dry_run = Query("dryRun") == "All";
  return context;
}

Outcome<ApiRequest> ParseApiRequest(const net::HttpRequest& http) {
  auto target = net::ParseTarget(http.target);
  if (!target.ok()) return BadRequest(ToStd(target.status().message()));
  ApiRequest request;
  request.http = &http;
  request.target = *std::move(target);
  const std::vector<std::string>& segments = request.target.segments;
  if (segments.size() >= 3 && segments[0] == "api") {
    ReadResourcePath("", segments[1], segments, 2, request);
  } else if (segments.size() >= 4 && segments[0] == "apis") {
    ReadResourcePath(segments[1], segments[2], segments, 3, request);
  }
  return request;
}

Outcome<ListOptions> ReadListOptions(const ApiRequest& request) {
  ListOptions options;
  ASSIGN_OR_RETURN(options.selection, ReadSelection(request));
  ASSIGN_OR_RETURN(options.limit, ReadCount(request, "limit"));
  options.resource_version = request.Query("resourceVersion");
  options.resource_version_match = request.Query("resourceVersionMatch");
  options.continue_token = request.Query("continue");
  return options;
}

Outcome<WatchOptions> ReadWatchOptions(const ApiRequest& request) {
  WatchOptions options;
  ASSIGN_OR_RETURN(options.selection, ReadSelection(request));
  ASSIGN_OR_RETURN(const std::int64_t timeout, ReadCount(request, "timeoutSeconds"));
  if (timeout > 0) options.timeout = absl::Seconds(timeout);
  options.resource_version = request.Query("resourceVersion");
  options.bookmarks = request.Flag("allowWatchBookmarks");
  options.send_initial_events = request.Flag("sendInitialEvents");
  const std::string_view match = request.Query("resourceVersionMatch");
  if (options.send_initial_events && match != "NotOlderThan") {
    return BadRequest("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  }
  if (!options.send_initial_events && !match.empty()) {
    return BadRequest(
        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is "
        "provided");
  }
  // A name in the path restricts a watch to that object.
  if (!request.object.name.empty()) {
    options.selection.fields.push_back(
        {"metadata.name", {"metadata", "name"}, request.object.name, false});
  }
  return options;
}

Outcome<View> ReadView(const ApiRequest& request, const Clock& clock) {
  View view;
  view.resource = request.object.resource;
  view.clock = &clock;
  const std::string_view include = request.Query("includeObject");
  if (include == "None") view.row_object = View::RowObject::kNone;
  if (include == "Object") view.row_object = View::RowObject::kWhole;
  const std::string_view accept = net::FindHeader(request.http->headers, "Accept");
  if (accept.empty()) return view;
  for (const absl::string_view clause : absl::StrSplit(ToAbsl(accept), ',')) {
    const std::vector<std::string> parts = absl::StrSplit(clause, ';');
    const absl::string_view type = absl::StripAsciiWhitespace(parts[0]);
    if (type != "application/json" && type != "application/*" && type != "*/*") continue;
    std::map<std::string, std::string> parameters;
    for (std::size_t i = 1; i < parts.size(); ++i) {
      parameters.insert(
          absl::StrSplit(absl::StripAsciiWhitespace(parts[i]), absl::MaxSplits('=', 1)));
    }
    if (parameters.count("as") == 0) return view;
    if (parameters["as"] != "Table" || parameters["v"] != "v1") continue;
    view.form = View::Form::kTable;
    return view;
  }
  return NotAcceptable("application/json");
}

Outcome<Json> ReadBody(const ApiRequest& request) {
  const std::string_view header = net::FindHeader(request.http->headers, "Content-Type");
  const std::string_view type = header.substr(0, header.find(';'));
  const bool patch = request.http->method == "PATCH";
  if (!patch && !type.empty() && type != "application/json" && type != "*/*") {
    return UnsupportedMediaType("application/json");
  }
  if (request.http->body.empty()) return Json();
  absl::StatusOr<Json> body = ParseJson(request.http->body);
  if (!body.ok()) {
    return BadRequest(
        absl::StrCat("the body of the request is malformed JSON: ", body.status().message()));
  }
  return *std::move(body);
}

}  // namespace heat_scheduler::cluster
