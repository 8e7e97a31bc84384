#include "live/authorizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/quote.h"

namespace heat_scheduler {
namespace {

constexpr std::size_t kAnswersKept = 1024;

// Returns what tells this question from all others.
std::string KeyOf(const UserInfo& user, const std::string& verb, const std::string& path) {
  const nlohmann::json key = {user.name, user.uid, user.groups, user.extra, verb, path};
  return key.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string_view WithoutSlash(std::string_view path) {
  return path.starts_with('/') ? path.substr(1) : path;
}

}  // namespace

absl::Status CheckAllowedPath(std::string_view path) {
  const std::size_t star = path.find('*');
  if (star == std::string_view::npos || star + 1 == path.size()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(path), " has a * that is not at its end, which is the only place"));
}

Authorizer::Authorizer(net::EventLoop& loop, kube::Requester& requester,
                       AuthorizationOptions options)
    : requester_(requester),
      options_(std::move(options)),
      answers_(loop, kAnswersKept,
               [allowed = options_.allowed_ttl, denied = options_.denied_ttl](
                   const AccessAnswer& answer) { return answer.allowed ? allowed : denied; }) {}

bool Authorizer::IsOpen(std::string_view path) const {
  const auto& open = options_.always_allow_paths;
  return std::any_of(open.begin(), open.end(), [path](std::string_view pattern) {
    pattern = WithoutSlash(pattern);
    if (!pattern.ends_with('*')) return WithoutSlash(path) == pattern;
    return WithoutSlash(path).starts_with(pattern.substr(0, pattern.size() - 1));
  });
}

void Authorizer::Authorize(const UserInfo& user, const std::string& verb, const std::string& path,
                           Done done) {
  const auto& groups = user.groups;
  if (std::find(groups.begin(), groups.end(), kMastersGroup) != groups.end()) {
    return done(AccessAnswer{.allowed = true});
  }
  answers_.Get(
      KeyOf(user, verb, path),
      [&](Done answered) { ReviewAccess(requester_, user, verb, path, std::move(answered)); },
      std::move(done));
}

}  // namespace heat_scheduler
