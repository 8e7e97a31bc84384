#include "cluster/api_error.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "cluster/kinds.h"

namespace heat_scheduler::cluster {
namespace {

ApiError Make(int code, std::string_view reason, std::string message) {
  ApiError error;
  error.code = code;
  error.reason = reason;
  error.message = std::move(message);
  return error;
}

ApiError About(const ResourceInfo& resource, std::string_view name, int code,
               std::string_view reason, std::string_view words) {
  ApiError error =
      Make(code, reason,
           absl::StrCat(QualifiedName(resource), " \"", ToAbsl(name), "\" ", ToAbsl(words)));
  error.name = name;
  error.group = resource.group;
  error.kind = resource.plural;
  return error;
}

}  // namespace

ApiError NotFound(const ResourceInfo& resource, std::string_view name) {
  return About(resource, name, 404, "NotFound", "not found");
}

ApiError AlreadyExists(const ResourceInfo& resource, std::string_view name) {
  return About(resource, name, 409, "AlreadyExists", "already exists");
}

ApiError Conflict(std::string_view qualified, std::string_view name, std::string_view why) {
  ApiError error = Make(409, "Conflict",
                        absl::StrCat("Operation cannot be fulfilled on ", ToAbsl(qualified), " \"",
                                     ToAbsl(name), "\": ", ToAbsl(why)));
  error.name = name;
  const std::size_t dot = qualified.find('.');
  error.kind = qualified.substr(0, dot);
  if (dot != std::string_view::npos) error.group = qualified.substr(dot + 1);
  return error;
}

ApiError ModifiedMeanwhile(const ResourceInfo& resource, std::string_view name) {
  return Conflict(QualifiedName(resource), name,
                  "the object has been modified; please apply your changes to the latest version "
                  "and try again");
}

ApiError Invalid(const ResourceInfo& resource, std::string_view name,
                 std::vector<ErrorCause> causes) {
  std::string words;
  for (const ErrorCause& cause : causes) {
    absl::StrAppend(&words, words.empty() ? "" : ", ", cause.field, ": ", cause.message);
  }
  if (causes.size() > 1) words = absl::StrCat("[", words, "]");
  const std::string kind = resource.group.empty()
                               ? std::string(resource.kind)
                               : absl::StrCat(ToAbsl(resource.kind), ".", ToAbsl(resource.group));
  ApiError error =
      Make(422, "Invalid", absl::StrCat(kind, " \"", ToAbsl(name), "\" is invalid: ", words));
  error.name = name;
  error.group = resource.group;
  error.kind = resource.kind;
  error.causes = std::move(causes);
  return error;
}

ApiError Forbidden(const ResourceInfo& resource, std::string_view name, std::string_view why) {
  return About(resource, name, 403, "Forbidden", absl::StrCat("is forbidden: ", ToAbsl(why)));
}

ApiError BadRequest(std::string_view message) {
  return Make(400, "BadRequest", std::string(message));
}

ApiError MethodNotSupported() {
  return Make(405, "MethodNotAllowed",
              "the server does not allow this method on the requested resource");
}

ApiError UnknownPath() {
  return Make(404, "NotFound", "the server could not find the requested resource");
}

ApiError Expired(std::string_view message) { return Make(410, "Expired", std::string(message)); }

ApiError TooLargeResourceVersion(std::int64_t wanted, std::int64_t current) {
  ApiError error =
      Make(504, "Timeout",
           absl::StrCat("Timeout: Too large resource version: ", wanted, ", current: ", current));
  error.causes.push_back({"ResourceVersionTooLarge", "Too large resource version", ""});
  error.retry_after_seconds = 1;
  return error;
}

ApiError RequestTooLarge(std::size_t limit) {
  return Make(413, "RequestEntityTooLarge",
              absl::StrCat("Request entity too large: limit is ", limit));
}

ApiError UnsupportedMediaType(std::string_view accepted) {
  return Make(415, "UnsupportedMediaType",
              absl::StrCat("the body of the request was in an unknown format - accepted media "
                           "types include: ",
                           ToAbsl(accepted)));
}

ApiError NotAcceptable(std::string_view served) {
  return Make(406, "NotAcceptable",
              absl::StrCat("only the following media types are accepted: ", ToAbsl(served)));
}

ApiError TooManyRequests(std::string_view message, int retry_after_seconds) {
  ApiError error = Make(429, "TooManyRequests", std::string(message));
  error.retry_after_seconds = retry_after_seconds;
  return error;
}

ApiError InternalError(std::string_view message) {
  return Make(500, "InternalError", absl::StrCat("Internal error occurred: ", ToAbsl(message)));
}

ErrorCause Required(std::string_view field, std::string_view detail) {
  return {"FieldValueRequired",
          absl::StrCat("Required value", detail.empty() ? "" : ": ", ToAbsl(detail)),
          std::string(field)};
}

ErrorCause InvalidValue(std::string_view field, std::string_view value, std::string_view detail) {
  return {"FieldValueInvalid",
          absl::StrCat("Invalid value: \"", ToAbsl(value), "\": ", ToAbsl(detail)),
          std::string(field)};
}

ErrorCause ForbiddenField(std::string_view field, std::string_view detail) {
  return {"FieldValueForbidden", absl::StrCat("Forbidden: ", ToAbsl(detail)), std::string(field)};
}

Json ToStatus(const ApiError& error) {
  Json details = Json::object();
  if (!error.name.empty()) details["name"] = error.name;
  if (!error.group.empty()) details["group"] = error.group;
  if (!error.kind.empty()) details["kind"] = error.kind;
  for (const ErrorCause& cause : error.causes) {
    Json entry = {{"reason", cause.reason}, {"message", cause.message}};
    if (!cause.field.empty()) entry["field"] = cause.field;
    details["causes"].push_back(std::move(entry));
  }
  if (error.retry_after_seconds > 0) details["retryAfterSeconds"] = error.retry_after_seconds;
  Json status = {{"kind", "Status"},    {"apiVersion", "v1"},       {"metadata", Json::object()},
                 {"status", "Failure"}, {"message", error.message}, {"reason", error.reason},
                 {"code", error.code}};
  if (!details.empty()) status["details"] = std::move(details);
  return status;
}

}  // namespace heat_scheduler::cluster
