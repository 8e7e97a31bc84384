#include "kube/client/kubeconfig.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "kube/client/exec_credentials.h"
#include "kube/client/exec_plugin.h"
#include "net/url.h"

namespace heat_scheduler::kube {
namespace {

using nlohmann::json;

// Reads the fields of one entry. The first problem is kept; the fields after it are empty.
class Fields {
 public:
  Fields(const KubeconfigEntry& entry, const FileReader& reader) : entry_(entry), reader_(reader) {}

  const absl::Status& status() const { return status_; }

  bool Has(std::string_view key) const {
    const auto found = entry_.value.find(key);
    return found != entry_.value.end() && !found->is_null();
  }

  std::string Text(std::string_view key) {
    if (!Has(key)) return "";
    const json& value = *entry_.value.find(key);
    if (value.is_string()) return value.get<std::string>();
    Fail(key, "is not text; put it in quotes");
    return "";
  }

  bool Flag(std::string_view key) {
    if (!Has(key)) return false;
    const json& value = *entry_.value.find(key);
    if (value.is_boolean()) return value.get<bool>();
    Fail(key, "is neither true nor false");
    return false;
  }

  // Returns the path of `key`, relative ones starting at the entry's file.
  std::string Path(std::string_view key) {
    std::string path = Text(key);
    if (path.empty() || path.front() == '/') return path;
    const std::size_t slash = entry_.file.rfind('/');
    return slash == std::string::npos ? path : entry_.file.substr(0, slash + 1) + path;
  }

  // Returns PEM text, from "<key>-data" (base64) or from the file of `key`. Both is an error.
  std::string Pem(std::string_view key, std::string_view label) {
    const std::string data_key = absl::StrCat(ToAbsl(key), "-data");
    const std::string data = Text(data_key);
    const std::string path = Path(key);
    if (data.empty() && path.empty()) return "";
    if (!data.empty() && !path.empty()) {
      Fail(key, absl::StrCat("and ", data_key, " are both given; keep one"));
      return "";
    }
    std::string pem;
    if (!data.empty()) {
      // Go's decoder passes over line ends, which editors and scripts put in.
      const std::string joined = absl::StrReplaceAll(data, {{"\n", ""}, {"\r", ""}});
      if (!absl::Base64Unescape(joined, &pem)) {
        Fail(data_key, "is not base64; encode the PEM file with base64 -w0");
        return "";
      }
    } else {
      absl::StatusOr<std::string> content = reader_(path);
      if (!content.ok()) {
        Keep(Annotate(content.status(), key));
        return "";
      }
      pem = *std::move(content);
    }
    if (!absl::StrContains(pem, "-----BEGIN ") || !absl::StrContains(pem, ToAbsl(label))) {
      Fail(data.empty() ? key : std::string_view(data_key),
           absl::StrCat("holds no PEM block with a ", ToAbsl(label)));
      return "";
    }
    return pem;
  }

  void Fail(std::string_view key, std::string_view problem) {
    Keep(absl::InvalidArgumentError(absl::StrCat(ToAbsl(key), " ", ToAbsl(problem))));
  }

  // Refuses a key that we would have to understand.
  void Refuse(std::string_view key, std::string_view problem) {
    if (Has(key)) Fail(key, problem);
  }

 private:
  void Keep(absl::Status status) { status_.Update(std::move(status)); }

  const KubeconfigEntry& entry_;
  const FileReader& reader_;
  absl::Status status_;
};

absl::Status CheckUrl(std::string_view key, std::string_view url) {
  if (!absl::StrContains(ToAbsl(url), "://")) {
    return absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(key), " ", Quoted(url), " has no scheme; put https:// before it"));
  }
  return Annotate(net::ParseUrl(url).status(), key);
}

absl::Status ReadCluster(const KubeconfigEntry& entry, const FileReader& reader,
                         ClientConfig& config) {
  Fields fields(entry, reader);
  config.server = fields.Text("server");
  config.proxy_url = fields.Text("proxy-url");
  config.tls.server_name = fields.Text("tls-server-name");
  config.tls.insecure_skip_verify = fields.Flag("insecure-skip-tls-verify");
  config.tls.ca_pem = fields.Pem("certificate-authority", "CERTIFICATE");
  if (config.tls.insecure_skip_verify && !config.tls.ca_pem.empty()) {
    fields.Fail("insecure-skip-tls-verify",
                "is true although a certificate-authority is given; remove one of the two");
  }
  RETURN_IF_ERROR(fields.status());
  if (config.server.empty()) {
    return absl::InvalidArgumentError("server is missing; write server: https://<host>:<port>");
  }
  RETURN_IF_ERROR(CheckUrl("server", config.server));
  if (config.proxy_url.empty()) return absl::OkStatus();
  return CheckUrl("proxy-url", config.proxy_url);
}

// What a program is told of the cluster if it asks (client.authentication.k8s.io, Cluster).
json ClusterInfo(const KubeconfigEntry& cluster, const ClientConfig& config) {
  json info = {{"server", config.server}};
  if (!config.tls.server_name.empty()) info["tls-server-name"] = config.tls.server_name;
  if (config.tls.insecure_skip_verify) info["insecure-skip-tls-verify"] = true;
  if (!config.tls.ca_pem.empty()) {
    info["certificate-authority-data"] = absl::Base64Escape(config.tls.ca_pem);
  }
  if (!config.proxy_url.empty()) info["proxy-url"] = config.proxy_url;
  const auto extensions = cluster.value.find("extensions");
  if (extensions == cluster.value.end() || !extensions->is_array()) return info;
  for (const json& extension : *extensions) {
    if (!extension.is_object() || !extension.contains("extension")) continue;
    if (extension.value("name", json()) == "client.authentication.k8s.io/exec") {
      info["config"] = extension["extension"];
    }
  }
  return info;
}

// Has the user's program say who we are.
absl::Status AskProgram(const KubeconfigEntry& user, const KubeconfigEntry& cluster,
                        const Clock& clock, ClientConfig& config) {
  if (!config.tls.key_pair.certificate_pem.empty()) {
    return absl::InvalidArgumentError("there is a client-certificate, too; keep one");
  }
  ASSIGN_OR_RETURN(const ExecPlugin plugin,
                   ReadExecPlugin(user.value.at("exec"), user.file, ClusterInfo(cluster, config)));
  ASSIGN_OR_RETURN(auto credentials, ExecCredentials::Of(plugin, clock));
  ASSIGN_OR_RETURN(ExecCredential credential, credentials->Current());
  config.tls.key_pair = std::move(credential.key_pair);
  config.token = TokenSource::Exec(std::move(credentials));
  return absl::OkStatus();
}

absl::Status ReadUser(const KubeconfigEntry& entry, const KubeconfigEntry& cluster,
                      const Clock& clock, const FileReader& reader, ClientConfig& config) {
  Fields fields(entry, reader);
  fields.Refuse("auth-provider",
                "is not supported; use a client certificate, a token or a tokenFile instead");
  for (const std::string_view key : {"as", "as-uid", "as-groups", "as-user-extra"}) {
    fields.Refuse(key, "(impersonation) is not supported; use that user's own credentials");
  }
  config.tls.key_pair.certificate_pem = fields.Pem("client-certificate", "CERTIFICATE");
  config.tls.key_pair.key_pem = fields.Pem("client-key", "PRIVATE KEY");
  const std::string token = fields.Text("token");
  const std::string token_file = fields.Path("tokenFile");
  const std::string username = fields.Text("username");
  const std::string password = fields.Text("password");
  if (!FitsHeader(token)) {
    fields.Fail("token", "holds a line end or another control character; write the token alone");
  }
  if (!username.empty() && !(token.empty() && token_file.empty())) {
    fields.Fail("username", "and a token are both given; keep one");
  }
  const bool has_exec = fields.Has("exec");
  if (has_exec && !(token.empty() && token_file.empty() && username.empty())) {
    fields.Fail("exec", "and a token or username are both given; keep one");
  }
  RETURN_IF_ERROR(fields.status());

  const net::KeyPair& pair = config.tls.key_pair;
  if (pair.certificate_pem.empty() != pair.key_pem.empty()) {
    return absl::InvalidArgumentError(
        pair.key_pem.empty() ? "client-certificate is given without its client-key; add it"
                             : "client-key is given without its client-certificate; add it");
  }
  if (!pair.key_pem.empty()) {
    RETURN_IF_ERROR(Annotate(net::CheckKeyPair(pair, clock.Now().wall), "client-certificate"));
  }
  if (has_exec) return Annotate(AskProgram(entry, cluster, clock, config), "exec");
  if (!token_file.empty()) {
    config.token = TokenSource::BearerFile(token_file, reader);
    // Read once now, so that a wrong path is found at start, by name.
    return Annotate(config.token.Authorization(absl::ZeroDuration()).status(), "tokenFile");
  }
  if (!token.empty()) config.token = TokenSource::Bearer(token);
  if (!username.empty()) config.token = TokenSource::Basic(username, password);
  return absl::OkStatus();
}

// Returns the entry, or an error that lists those there are.
absl::StatusOr<const KubeconfigEntry*> Find(const MergedKubeconfig::Entries& entries,
                                            std::string_view what, const std::string& name) {
  const auto found = entries.find(name);
  if (found != entries.end()) return &found->second;
  std::vector<std::string> names;
  for (const auto& [known, entry] : entries) names.push_back(Quoted(known));
  return absl::NotFoundError(
      absl::StrCat(ToAbsl(what), " ", Quoted(name), " is not defined; there ",
                   names.empty() ? "is none" : absl::StrCat("are: ", absl::StrJoin(names, ", "))));
}

// Returns `kubeconfig /a: context "dev"`.
std::string Where(const KubeconfigEntry& entry, std::string_view what, const std::string& name) {
  return absl::StrCat("kubeconfig ", entry.file, ": ", ToAbsl(what), " ", Quoted(name));
}

}  // namespace

absl::StatusOr<ClientConfig> LoadKubeconfig(const KubeconfigPaths& paths, std::string_view context,
                                            const Clock& clock, const FileReader& reader) {
  ASSIGN_OR_RETURN(const MergedKubeconfig merged, MergeKubeconfigs(paths, reader));
  const std::string origin = absl::StrCat("kubeconfig ", merged.files);
  const std::string context_name = context.empty() ? merged.current_context : std::string(context);
  if (context_name.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        origin, ": no context is chosen; set current-context or give one with --context"));
  }
  const auto chosen = Find(merged.contexts, "context", context_name);
  if (!chosen.ok()) return Annotate(chosen.status(), origin);
  const std::string where = Where(**chosen, "context", context_name);

  Fields fields(**chosen, reader);
  const std::string cluster_name = fields.Text("cluster");
  const std::string user_name = fields.Text("user");
  const std::string namespace_ = fields.Text("namespace");
  if (cluster_name.empty()) fields.Fail("cluster", "is missing; name one of the clusters");
  RETURN_IF_ERROR(Annotate(fields.status(), where));

  ClientConfig config;
  config.origin = where;
  if (!namespace_.empty()) config.namespace_ = namespace_;
  const auto cluster = Find(merged.clusters, "cluster", cluster_name);
  if (!cluster.ok()) return Annotate(cluster.status(), where);
  RETURN_IF_ERROR(
      Annotate(ReadCluster(**cluster, reader, config), Where(**cluster, "cluster", cluster_name)));
  if (user_name.empty()) return config;
  const auto user = Find(merged.users, "user", user_name);
  if (!user.ok()) return Annotate(user.status(), where);
  RETURN_IF_ERROR(Annotate(ReadUser(**user, **cluster, clock, reader, config),
                           Where(**user, "user", user_name)));
  return config;
}

}  // namespace heat_scheduler::kube
