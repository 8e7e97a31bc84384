#include "policy/extender_config.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
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

// PEM text in base64, as Go writes bytes.
void ReadData(ArgsReader& tls, const char* key, std::string& data) {
  std::string text;
  tls.Read(key, text);
  if (!absl::Base64Unescape(text, &data)) tls.Reject(key, "want base64 of PEM text");
}

void ReadTls(ArgsReader& extender, ExtenderTls& read) {
  extender.ReadObject("tlsConfig", [&](ArgsReader& tls) {
    tls.Read("insecure", read.insecure);
    tls.Read("serverName", read.server_name);
    tls.Read("certFile", read.cert_file);
    tls.Read("keyFile", read.key_file);
    tls.Read("caFile", read.ca_file);
    ReadData(tls, "certData", read.cert_data);
    ReadData(tls, "keyData", read.key_data);
    ReadData(tls, "caData", read.ca_data);
    const bool has_ca = !read.ca_file.empty() || !read.ca_data.empty();
    if (read.insecure && has_ca) {
      tls.Reject("insecure", "there is nothing to check the server against caFile or caData for");
    }
    const bool has_cert = !read.cert_file.empty() || !read.cert_data.empty();
    const bool has_key = !read.key_file.empty() || !read.key_data.empty();
    if (has_cert != has_key) {
      tls.Reject(has_cert ? "keyFile" : "certFile", "certificate and key are given together");
    }
  });
}

void ReadResources(ArgsReader& extender, std::vector<ManagedResource>& read,
                   std::set<std::string>& resources) {
  extender.ReadObjects("managedResources", [&](ArgsReader& resource) {
    auto& [name, ignored_by_scheduler] = read.emplace_back();
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

ExtenderConfig ReadExtender(ArgsReader& reader, std::set<std::string>& resources) {
  ExtenderConfig extender;
  reader.Read("urlPrefix", extender.url_prefix);
  if (!absl::StartsWith(extender.url_prefix, "http://") &&
      !absl::StartsWith(extender.url_prefix, "https://")) {
    reader.Reject("urlPrefix", absl::StrCat("want http://HOST:PORT/PATH or https://, got ",
                                            Quoted(extender.url_prefix)));
  }
  reader.Read("filterVerb", extender.filter_verb);
  reader.Read("preemptVerb", extender.preempt_verb);
  if (!extender.preempt_verb.empty()) {
    reader.Reject("preemptVerb",
                  "extenders are asked about no preemptions here; remove it, or leave these pods "
                  "to kube-scheduler");
  }
  reader.Read("prioritizeVerb", extender.prioritize_verb);
  reader.Read("bindVerb", extender.bind_verb);
  reader.Read("weight", extender.weight);
  reader.Read("enableHTTPS", extender.enable_https);
  reader.Read("nodeCacheCapable", extender.node_cache_capable);
  reader.Read("ignorable", extender.ignorable);
  absl::Duration timeout;
  reader.Read("httpTimeout", timeout);
  if (timeout < absl::ZeroDuration()) reader.Reject("httpTimeout", "must not be negative");
  if (timeout > absl::ZeroDuration()) extender.timeout = timeout;
  if (!extender.prioritize_verb.empty() && extender.weight <= 0) {
    reader.Reject("weight", absl::StrCat("must be greater than 0 with a prioritizeVerb, got ",
                                         extender.weight));
  }
  ReadTls(reader, extender.tls);
  ReadResources(reader, extender.managed_resources, resources);
  return extender;
}

template <typename T>
void Put(const char* key, const T& value, nlohmann::json& into) {
  if (value != T{}) into[key] = value;
}

nlohmann::json WriteTls(const ExtenderTls& tls) {
  nlohmann::json out = nlohmann::json::object();
  Put("insecure", tls.insecure, out);
  Put("serverName", tls.server_name, out);
  Put("certFile", tls.cert_file, out);
  Put("keyFile", tls.key_file, out);
  Put("caFile", tls.ca_file, out);
  Put("certData", absl::Base64Escape(tls.cert_data), out);
  Put("keyData", absl::Base64Escape(tls.key_data), out);
  Put("caData", absl::Base64Escape(tls.ca_data), out);
  return out;
}

nlohmann::json WriteExtender(const ExtenderConfig& extender) {
  nlohmann::json out = {{"urlPrefix", extender.url_prefix},
                        {"httpTimeout", absl::FormatDuration(extender.timeout)}};
  Put("filterVerb", extender.filter_verb, out);
  Put("preemptVerb", extender.preempt_verb, out);
  Put("prioritizeVerb", extender.prioritize_verb, out);
  Put("bindVerb", extender.bind_verb, out);
  Put("weight", extender.weight, out);
  Put("enableHTTPS", extender.enable_https, out);
  Put("nodeCacheCapable", extender.node_cache_capable, out);
  Put("ignorable", extender.ignorable, out);
  if (nlohmann::json tls = WriteTls(extender.tls); !tls.empty()) out["tlsConfig"] = std::move(tls);
  for (const ManagedResource& resource : extender.managed_resources) {
    nlohmann::json item = {{"name", resource.name}};
    Put("ignoredByScheduler", resource.ignored_by_scheduler, item);
    out["managedResources"].push_back(std::move(item));
  }
  return out;
}

}  // namespace

std::vector<ExtenderConfig> ReadExtenders(ArgsReader& configuration) {
  std::set<std::string> resources;
  std::vector<ExtenderConfig> extenders;
  int binders = 0;
  configuration.ReadObjects("extenders", [&](ArgsReader& reader) {
    extenders.push_back(ReadExtender(reader, resources));
    if (!extenders.back().bind_verb.empty()) ++binders;
  });
  if (binders > 1) {
    configuration.Reject("extenders", absl::StrCat(binders, " have a bindVerb; at most one may"));
  }
  return extenders;
}

nlohmann::json WriteExtenders(const std::vector<ExtenderConfig>& extenders) {
  nlohmann::json out;
  for (const ExtenderConfig& extender : extenders) out.push_back(WriteExtender(extender));
  return out;
}

}  // namespace heat_scheduler
