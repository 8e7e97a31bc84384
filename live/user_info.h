// Who sent a request, as Kubernetes' authenticators say it.
// Source: k8s.io/api authentication/v1 (UserInfo), v0.36.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace heat_scheduler {

struct UserInfo {
  std::string name = {};
  std::string uid = {};
  std::vector<std::string> groups = {};
  std::map<std::string, std::vector<std::string>> extra = {};
};

inline constexpr char kAnonymousUser[] = "system:anonymous";
inline constexpr char kUnauthenticatedGroup[] = "system:unauthenticated";
inline constexpr char kAuthenticatedGroup[] = "system:authenticated";
inline constexpr char kMastersGroup[] = "system:masters";

}  // namespace heat_scheduler
