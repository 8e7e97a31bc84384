#include "policy/extender_config.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "kube/selectors.h"

namespace heat_scheduler {
namespace {

// Returns true for the name of an extended resource. Source: pkg/apis/core/v1/helper/helpers.go
// (IsExtendedResourceName).
bool IsExtendedResource(const std::string& name) {
  const std::size_t slash = name.find('/');
  return slash != std::string::npos && kube::IsQualifiedName(name) &&
         !absl::StrContains(name, "kubernetes.io/") && !absl::StartsWith(name, "requests.") &&
         kube::IsQualifiedName("requests." + name);
}

void ReadTls(ArgsReader& extender) {
  extender.ReadObject("tlsConfig", [](ArgsReader& tls) {
    bool insecure = false;
    tls.Read("insecure", insecure);
    for (const char* key :
         {"serverName", "certFile", "keyFile", "caFile", "certData", "keyData", "caData"}) {
      std::string text;
      tls.Read(key, text);
    }
  });
}

void ReadResources(ArgsReader& extender, std::set<std::string>& resources) {
  extender.ReadObjects("managedResources", [&](ArgsReader& resource) {
    std::string name;
    bool ignored_by_scheduler = false;
    resource.Read("name", name);
    resource.Read("ignoredByScheduler", ignored_by_scheduler);
    if (!IsExtendedResource(name)) {
      resource.Reject("name", absl::StrCat("want the name of an extended resource such as "
                                           "example.com/gpu, got ",
                                           Quoted(name)));
    } else if (!resources.insert(name).second) {
      resource.Reject("name", absl::StrCat(Quoted(name), " is managed by an extender already"));
    }
  });
}

// Returns true if the extender binds.
bool ReadExtender(ArgsReader& extender, std::set<std::string>& resources) {
  std::string prioritize_verb, bind_verb;
  std::int64_t weight = 0;
  extender.Read("prioritizeVerb", prioritize_verb);
  extender.Read("bindVerb", bind_verb);
  extender.Read("weight", weight);
  for (const char* key : {"urlPrefix", "filterVerb", "preemptVerb"}) {
    std::string text;
    extender.Read(key, text);
  }
  for (const char* key : {"enableHTTPS", "nodeCacheCapable", "ignorable"}) {
    bool flag = false;
    extender.Read(key, flag);
  }
  absl::Duration timeout;
  extender.Read("httpTimeout", timeout);
  if (timeout < absl::ZeroDuration()) extender.Reject("httpTimeout", "must not be negative");
  if (!prioritize_verb.empty() && weight <= 0) {
    extender.Reject("weight",
                    absl::StrCat("must be greater than 0 with a prioritizeVerb, got ", weight));
  }
  ReadTls(extender);
  ReadResources(extender, resources);
  return !bind_verb.empty();
}

}  // namespace

void ReadExtenders(ArgsReader& configuration) {
  std::set<std::string> resources;
  int extenders = 0;
  int binders = 0;
  configuration.ReadObjects("extenders", [&](ArgsReader& extender) {
    ++extenders;
    if (ReadExtender(extender, resources)) ++binders;
  });
  if (binders > 1) {
    configuration.Reject("extenders", absl::StrCat(binders, " have a bindVerb; at most one may"));
  }
  if (extenders > 0) {
    configuration.Reject("extenders",
                         "this version calls no extenders; remove them, or leave these pods to "
                         "kube-scheduler");
  }
}

}  // namespace heat_scheduler
