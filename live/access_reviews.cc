#include "live/access_reviews.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "net/client_certificate.h"

namespace heat_scheduler {
namespace {

using nlohmann::json;

// kube-scheduler's WebhookRetryBackoff waits longer in all; a scraper does not.
constexpr kube::CallOptions kCall = {
    .timeout = absl::Seconds(10), .max_retries = 1, .max_body_bytes = 1024 * 1024};

kube::ApiRequest CreateRequest(std::string_view group, std::string_view resource,
                               const json& document) {
  return {.verb = "create",
          .group = group,
          .resource = resource,
          .object = "",
          .http = {.method = "POST",
                   .target = absl::StrCat("/apis/", ToAbsl(group), "/v1/", ToAbsl(resource)),
                   .headers = {{"Content-Type", "application/json"}},
                   .body = document.dump(-1, ' ', false, json::error_handler_t::replace)}};
}

// Returns the text of `object[key]`, empty if there is none.
std::string TextOf(const json& object, const char* key) {
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

const json& MemberOf(const json& object, const char* key) {
  static const json* const kNone = new json(nullptr);
  if (!object.is_object()) return *kNone;
  const auto found = object.find(key);
  return found != object.end() ? *found : *kNone;
}

std::vector<std::string> TextsOf(const json& array) {
  std::vector<std::string> texts;
  if (!array.is_array()) return texts;
  for (const json& item : array) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

bool IsTrue(const json& value) { return value.is_boolean() && value.get<bool>(); }

// Returns the list that the ConfigMap holds as JSON text; absent is empty.
absl::StatusOr<std::vector<std::string>> ListOf(const json& data, const char* key) {
  const std::string text = TextOf(data, key);
  if (text.empty()) return std::vector<std::string>();
  const json list = json::parse(text, nullptr, false);
  if (!list.is_array()) return absl::InvalidArgumentError(absl::StrCat(key, " is no JSON list"));
  return TextsOf(list);
}

absl::StatusOr<std::optional<UserInfo>> DecodeTokenReview(const std::string& body) {
  const json review = json::parse(body, nullptr, false);
  const json& status = MemberOf(review, "status");
  if (!status.is_object()) return absl::InternalError("the TokenReview has no status");
  if (!IsTrue(MemberOf(status, "authenticated"))) return std::optional<UserInfo>();
  const json& user = MemberOf(status, "user");
  UserInfo info{.name = TextOf(user, "username"),
                .uid = TextOf(user, "uid"),
                .groups = TextsOf(MemberOf(user, "groups"))};
  if (const json& extra = MemberOf(user, "extra"); extra.is_object()) {
    for (const auto& [key, values] : extra.items()) info.extra[key] = TextsOf(values);
  }
  return std::optional<UserInfo>(std::move(info));
}

absl::StatusOr<AccessAnswer> DecodeAccessReview(const std::string& body) {
  const json review = json::parse(body, nullptr, false);
  const json& status = MemberOf(review, "status");
  if (!status.is_object()) return absl::InternalError("the SubjectAccessReview has no status");
  return AccessAnswer{
      .allowed = IsTrue(MemberOf(status, "allowed")) && !IsTrue(MemberOf(status, "denied")),
      .reason = TextOf(status, "reason")};
}

absl::StatusOr<CertificateAuthentication> DecodeConfigMap(const std::string& body) {
  const json document = json::parse(body, nullptr, false);
  const json& data = MemberOf(document, "data");
  CertificateAuthentication result;
  result.client_ca_pem = TextOf(data, "client-ca-file");
  result.request_header_ca_pem = TextOf(data, "requestheader-client-ca-file");
  for (const std::string& pem : {result.client_ca_pem, result.request_header_ca_pem}) {
    if (!pem.empty()) RETURN_IF_ERROR(net::CheckAuthorities(pem));
  }
  ASSIGN_OR_RETURN(result.allowed_names, ListOf(data, "requestheader-allowed-names"));
  ASSIGN_OR_RETURN(result.username_headers, ListOf(data, "requestheader-username-headers"));
  ASSIGN_OR_RETURN(result.uid_headers, ListOf(data, "requestheader-uid-headers"));
  ASSIGN_OR_RETURN(result.group_headers, ListOf(data, "requestheader-group-headers"));
  ASSIGN_OR_RETURN(result.extra_prefixes, ListOf(data, "requestheader-extra-headers-prefix"));
  return result;
}

// Returns a callback for the requester that hands on what `decode` makes of the body.
template <typename T>
kube::Requester::Done Decoding(absl::StatusOr<T> (*decode)(const std::string&),
                               std::string_view what, std::function<void(absl::StatusOr<T>)> done) {
  return
      [decode, what, done = std::move(done)](const kube::ApiResult<net::HttpResponse>& response) {
        if (!response.ok()) return done(response.failure().status);
        absl::StatusOr<T> value = decode(response->body);
        if (!value.ok()) return done(Annotate(value.status(), what));
        done(std::move(value));
      };
}

}  // namespace

void ReviewToken(kube::Requester& requester, const std::string& token,
                 std::function<void(absl::StatusOr<std::optional<UserInfo>>)> done) {
  const json review = {{"kind", "TokenReview"},
                       {"apiVersion", "authentication.k8s.io/v1"},
                       {"spec", {{"token", token}}}};
  requester.Send(CreateRequest("authentication.k8s.io", "tokenreviews", review), kCall,
                 Decoding(&DecodeTokenReview, "the answer to a TokenReview", std::move(done)));
}

void ReviewAccess(kube::Requester& requester, const UserInfo& user, const std::string& verb,
                  const std::string& path, std::function<void(absl::StatusOr<AccessAnswer>)> done) {
  json spec = {{"user", user.name},
               {"groups", user.groups},
               {"nonResourceAttributes", {{"verb", verb}, {"path", path}}}};
  if (!user.uid.empty()) spec["uid"] = user.uid;
  if (!user.extra.empty()) spec["extra"] = user.extra;
  const json review = {{"kind", "SubjectAccessReview"},
                       {"apiVersion", "authorization.k8s.io/v1"},
                       {"spec", std::move(spec)}};
  requester.Send(
      CreateRequest("authorization.k8s.io", "subjectaccessreviews", review), kCall,
      Decoding(&DecodeAccessReview, "the answer to a SubjectAccessReview", std::move(done)));
}

void ReadCertificateAuthentication(
    kube::Requester& requester,
    std::function<void(absl::StatusOr<CertificateAuthentication>)> done) {
  constexpr std::string_view kObject = "kube-system/extension-apiserver-authentication";
  requester.Send(
      {.verb = "get",
       .group = "",
       .resource = "configmaps",
       .object = std::string(kObject),
       .http = {.target = "/api/v1/namespaces/kube-system/configmaps/"
                          "extension-apiserver-authentication"}},
      kCall,
      Decoding(&DecodeConfigMap, "configmap kube-system/extension-apiserver-authentication",
               std::move(done)));
}

}  // namespace heat_scheduler
