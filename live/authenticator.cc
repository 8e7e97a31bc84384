#include "live/authenticator.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "net/client_certificate.h"
#include "net/url.h"

namespace heat_scheduler {
namespace {

constexpr std::size_t kTokensKept = 256;

void AddGroup(UserInfo& user, const std::string& group) {
  if (std::find(user.groups.begin(), user.groups.end(), group) == user.groups.end()) {
    user.groups.push_back(group);
  }
}

// Returns the value of the first of those headers that is there and not empty.
std::string FirstHeader(const net::Headers& headers, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const std::string_view value = net::FindHeader(headers, name);
    if (!value.empty()) return std::string(value);
  }
  return "";
}

// Returns the key of an extra value: what follows the prefix, in small letters, with "%XX" decoded
// if that is possible.
std::string ExtraKey(std::string_view rest) {
  std::string key = absl::AsciiStrToLower(ToAbsl(rest));
  const auto decoded = net::ParseTarget("/" + key);
  return decoded.ok() && decoded->query.empty() ? decoded->path.substr(1) : key;
}

// Returns who the headers of a trusted proxy name.
std::optional<UserInfo> UserOfHeaders(const net::Headers& headers,
                                      const CertificateAuthentication& authentication) {
  UserInfo user{.name = FirstHeader(headers, authentication.username_headers),
                .uid = FirstHeader(headers, authentication.uid_headers)};
  if (user.name.empty()) return std::nullopt;
  const auto is = [](const std::string& name) {
    return [&name](const std::string& other) { return absl::EqualsIgnoreCase(name, other); };
  };
  for (const net::Header& header : headers) {
    const auto& groups = authentication.group_headers;
    if (std::any_of(groups.begin(), groups.end(), is(header.name))) {
      user.groups.push_back(header.value);
    }
    for (const std::string& prefix : authentication.extra_prefixes) {
      if (!absl::StartsWithIgnoreCase(header.name, prefix)) continue;
      user.extra[ExtraKey(std::string_view(header.name).substr(prefix.size()))].push_back(
          header.value);
    }
  }
  AddGroup(user, kAuthenticatedGroup);
  return user;
}

bool MayBeProxy(const std::string& name, const CertificateAuthentication& authentication) {
  const std::vector<std::string>& allowed = authentication.allowed_names;
  return allowed.empty() || std::find(allowed.begin(), allowed.end(), name) != allowed.end();
}

// Returns the token of "Authorization: Bearer <token>", or an empty view.
std::string_view BearerToken(const net::Headers& headers) {
  const std::string_view value = net::FindHeader(headers, "Authorization");
  const std::size_t blank = value.find(' ');
  if (blank == std::string_view::npos) return "";
  if (!absl::EqualsIgnoreCase(ToAbsl(value.substr(0, blank)), "bearer")) return "";
  const std::string_view rest = value.substr(blank + 1);
  const std::size_t start = std::min(rest.find_first_not_of(' '), rest.size());
  return rest.substr(start, rest.find(' ', start) - start);
}

}  // namespace

absl::StatusOr<std::optional<UserInfo>> UserByCertificate(
    const net::HttpRequest& request, const CertificateAuthentication& authentication,
    absl::Time now) {
  if (request.peer_chain_pem.empty()) return std::optional<UserInfo>();
  if (!authentication.request_header_ca_pem.empty()) {
    const auto proxy = net::VerifyClientCertificate(request.peer_chain_pem,
                                                    authentication.request_header_ca_pem, now);
    if (proxy.ok() && MayBeProxy(proxy->common_name, authentication)) {
      std::optional<UserInfo> user = UserOfHeaders(request.headers, authentication);
      if (user.has_value()) return user;
    }
  }
  if (authentication.client_ca_pem.empty()) {
    return absl::UnauthenticatedError("client certificates count for nothing here");
  }
  const auto subject =
      net::VerifyClientCertificate(request.peer_chain_pem, authentication.client_ca_pem, now);
  if (!subject.ok()) return subject.status();
  if (subject->common_name.empty()) {
    return absl::UnauthenticatedError("the client certificate names nobody: it has no CN");
  }
  UserInfo user{.name = subject->common_name, .groups = subject->organizations};
  AddGroup(user, kAuthenticatedGroup);
  return std::optional<UserInfo>(std::move(user));
}

Authenticator::Authenticator(net::EventLoop& loop, kube::Requester& requester,
                             const CertificateAuthorities& authorities, absl::Duration token_ttl)
    : loop_(loop),
      requester_(requester),
      authorities_(authorities),
      tokens_(loop, kTokensKept,
              [token_ttl](const std::optional<UserInfo>&) { return token_ttl; }) {}

void Authenticator::Authenticate(const net::HttpRequest& request, Done done) {
  const absl::StatusOr<std::optional<UserInfo>> by_certificate =
      UserByCertificate(request, authorities_.current(), loop_.Now().wall);
  if (by_certificate.ok() && by_certificate->has_value()) return done(**by_certificate);
  const std::string token(BearerToken(request.headers));
  if (token.empty()) {
    if (!by_certificate.ok()) return done(by_certificate.status());
    return done(UserInfo{.name = kAnonymousUser, .groups = {kUnauthenticatedGroup}});
  }
  tokens_.Get(
      token,
      [this, &token](AnswerCache<std::optional<UserInfo>>::Done answered) {
        ReviewToken(requester_, token, std::move(answered));
      },
      [done = std::move(done)](const absl::StatusOr<std::optional<UserInfo>>& answer) {
        if (!answer.ok()) return done(answer.status());
        if (!answer->has_value()) {
          return done(absl::UnauthenticatedError("the bearer token is nobody's"));
        }
        UserInfo user = **answer;
        AddGroup(user, kAuthenticatedGroup);
        done(std::move(user));
      });
}

}  // namespace heat_scheduler
