#include "live/delegated_guard.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "live/page.h"

namespace heat_scheduler {
namespace {

// Returns the text in quotes, whole, as Go's %q does for what a name may hold.
std::string InQuotes(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

net::HttpResponse Unauthorized() { return FailureAnswer(401, "Unauthorized", "Unauthorized"); }

net::HttpResponse Forbidden(const UserInfo& user, const std::string& verb, const std::string& path,
                            const std::string& reason) {
  return FailureAnswer(403, "Forbidden",
                       absl::StrCat("forbidden: User ", InQuotes(user.name), " cannot ", verb,
                                    " path ", InQuotes(path), reason.empty() ? "" : ": ", reason));
}

net::HttpResponse InternalError(const std::string& path, const absl::Status& why) {
  return TextAnswer(
      500, absl::StrCat("Internal Server Error: ", InQuotes(path), ": ", why.message(), "\n"));
}

}  // namespace

DelegatedGuard::DelegatedGuard(net::EventLoop& loop, kube::Requester& authentication,
                               kube::Requester& authorization, AccessOptions options)
    : loop_(loop),
      authorities_(loop, authentication, std::move(options.certificates)),
      authenticator_(loop, authentication, authorities_, options.token_ttl),
      authorizer_(loop, authorization, std::move(options.authorization)) {}

void DelegatedGuard::Check(const net::HttpRequest& request, const std::string& path, Done done) {
  if (authorizer_.IsOpen(path)) return done(std::nullopt);
  const std::string verb = absl::AsciiStrToLower(request.method);
  authenticator_.Authenticate(
      request, [this, verb, path, done = std::move(done)](const absl::StatusOr<UserInfo>& user) {
        if (!user.ok()) {
          if (throttle_.Allow(loop_.Now().mono)) {
            LogWarning("Unable to authenticate the request",
                       {{"path", path}, {"err", std::string(user.status().message())}});
          }
          return done(Unauthorized());
        }
        authorizer_.Authorize(
            *user, verb, path,
            [user = *user, verb, path, done](const absl::StatusOr<AccessAnswer>& answer) {
              if (!answer.ok()) return done(InternalError(path, answer.status()));
              if (!answer->allowed) return done(Forbidden(user, verb, path, answer->reason));
              done(std::nullopt);
            });
      });
}

}  // namespace heat_scheduler
