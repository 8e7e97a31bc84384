#include "cluster/names.h"

#include "absl/strings/ascii.h"
#include "base/strings.h"

namespace heat_scheduler::cluster {
namespace {

constexpr std::string_view kSubdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    "for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr std::string_view kLabel =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kQualified =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr std::string_view kValue =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  "
    "or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

bool IsLowerOrDigit(char c) {
  return absl::ascii_islower(static_cast<unsigned char>(c)) ||
         absl::ascii_isdigit(static_cast<unsigned char>(c));
}

bool IsAlphanumeric(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

bool IsDnsLabel(std::string_view text) {
  if (text.empty() || !IsLowerOrDigit(text.front()) || !IsLowerOrDigit(text.back())) return false;
  for (const char c : text) {
    if (!IsLowerOrDigit(c) && c != '-') return false;
  }
  return true;
}

bool IsDnsSubdomain(std::string_view text) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!IsDnsLabel(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// Letters, digits, '-', '_', '.', with a letter or digit at both ends.
bool IsNamePart(std::string_view text) {
  if (text.empty() || !IsAlphanumeric(text.front()) || !IsAlphanumeric(text.back())) return false;
  for (const char c : text) {
    if (!IsAlphanumeric(c) && c != '-' && c != '_' && c != '.') return false;
  }
  return true;
}

// RBAC names may be any path segment: "system:node".
bool IsPathSegmentName(const ResourceInfo& resource) {
  return resource.group == "rbac.authorization.k8s.io";
}

}  // namespace

std::string NameError(const ResourceInfo& resource, std::string_view name) {
  if (IsPathSegmentName(resource)) {
    const bool fine = name != "." && name != ".." && name.find('/') == std::string_view::npos &&
                      name.find('%') == std::string_view::npos;
    return fine ? "" : "may not be '.', '..' or contain '/' or '%'";
  }
  if (resource.plural == "namespaces" || resource.plural == "services") {
    if (name.size() > 63) return "must be no more than 63 characters";
    return IsDnsLabel(name) ? "" : std::string(kLabel);
  }
  if (name.size() > 253) return "must be no more than 253 characters";
  return IsDnsSubdomain(name) ? "" : std::string(kSubdomain);
}

std::string QualifiedNameError(std::string_view key) {
  const std::size_t slash = key.find('/');
  std::string_view name = key;
  if (slash != std::string_view::npos) {
    const std::string_view prefix = key.substr(0, slash);
    name = key.substr(slash + 1);
    if (prefix.size() > 253) return "prefix part must be no more than 253 characters";
    if (!IsDnsSubdomain(prefix)) return "prefix part " + std::string(kSubdomain);
  }
  if (name.size() > 63) return "name part must be no more than 63 characters";
  return IsNamePart(name) ? "" : std::string(kQualified);
}

std::string LabelValueError(std::string_view value) {
  if (value.size() > 63) return "must be no more than 63 characters";
  return value.empty() || IsNamePart(value) ? "" : std::string(kValue);
}

std::string GenerateName(std::string_view base, Random& random) {
  constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  constexpr std::size_t kSuffix = 5;
  std::string name(base.substr(0, 63 - kSuffix));
  for (std::size_t i = 0; i < kSuffix; ++i) name += kAlphabet[random.Below(kAlphabet.size())];
  return name;
}

std::string AsciiLower(std::string_view text) { return absl::AsciiStrToLower(ToAbsl(text)); }

}  // namespace heat_scheduler::cluster
