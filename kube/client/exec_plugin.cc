#include "kube/client/exec_plugin.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "kube/client/token_source.h"

namespace heat_scheduler::kube {
namespace {

using nlohmann::json;

constexpr char kV1[] = "client.authentication.k8s.io/v1";
constexpr char kV1Beta1[] = "client.authentication.k8s.io/v1beta1";

// Returns the text of `key`, empty if it is missing or null.
absl::StatusOr<std::string> Text(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return std::string();
  if (found->is_string()) return found->get<std::string>();
  return absl::InvalidArgumentError(absl::StrCat(key, " is not text; put it in quotes"));
}

absl::Status ReadWords(const json& exec, Program& program) {
  if (const auto args = exec.find("args"); args != exec.end() && !args->is_null()) {
    if (!args->is_array()) return absl::InvalidArgumentError("args is no list");
    for (const json& arg : *args) {
      if (!arg.is_string()) {
        return absl::InvalidArgumentError(
            "args holds something that is not text; put it in quotes");
      }
      program.args.push_back(arg.get<std::string>());
    }
  }
  const auto env = exec.find("env");
  if (env == exec.end() || env->is_null()) return absl::OkStatus();
  if (!env->is_array()) return absl::InvalidArgumentError("env is no list");
  for (const json& variable : *env) {
    if (!variable.is_object()) {
      return absl::InvalidArgumentError("env holds something other than {name, value}");
    }
    absl::StatusOr<std::string> name = Text(variable, "name");
    absl::StatusOr<std::string> value = Text(variable, "value");
    RETURN_IF_ERROR(Annotate(name.status(), "env"));
    RETURN_IF_ERROR(Annotate(value.status(), "env"));
    if (name->empty() || absl::StrContains(*name, "=")) {
      return absl::InvalidArgumentError("env: name is missing, or holds a \"=\"");
    }
    program.env.emplace_back(*std::move(name), *std::move(value));
  }
  return absl::OkStatus();
}

absl::Status CheckInteractiveMode(const std::string& mode, const std::string& api_version) {
  if (mode == "Never" || mode == "IfAvailable" || (mode.empty() && api_version == kV1Beta1)) {
    return absl::OkStatus();
  }
  if (mode == "Always") {
    return absl::InvalidArgumentError(
        "interactiveMode is Always, but there is nobody to ask; use a program that can do without");
  }
  return absl::InvalidArgumentError(mode.empty()
                                        ? "interactiveMode is missing; write Never or IfAvailable"
                                        : absl::StrCat("interactiveMode ", Quoted(mode),
                                                       " is unknown; write Never or IfAvailable"));
}

}  // namespace

absl::StatusOr<ExecPlugin> ReadExecPlugin(const json& exec, std::string_view file,
                                          const json& cluster) {
  if (!exec.is_object()) return absl::InvalidArgumentError("it is no mapping");
  ExecPlugin plugin;
  ASSIGN_OR_RETURN(std::string command, Text(exec, "command"));
  ASSIGN_OR_RETURN(plugin.api_version, Text(exec, "apiVersion"));
  ASSIGN_OR_RETURN(plugin.install_hint, Text(exec, "installHint"));
  ASSIGN_OR_RETURN(const std::string mode, Text(exec, "interactiveMode"));
  if (command.empty()) {
    return absl::InvalidArgumentError("command is missing; name the program that prints the token");
  }
  if (plugin.api_version != kV1 && plugin.api_version != kV1Beta1) {
    return absl::InvalidArgumentError(absl::StrCat("apiVersion ", Quoted(plugin.api_version),
                                                   " is not understood; write ", kV1, " or ",
                                                   kV1Beta1));
  }
  RETURN_IF_ERROR(CheckInteractiveMode(mode, plugin.api_version));
  if (command.front() != '/' && absl::StrContains(command, "/")) {
    command.insert(0, file.substr(0, file.rfind('/') + 1));
  }
  plugin.program.command = std::move(command);
  RETURN_IF_ERROR(ReadWords(exec, plugin.program));

  json info = {{"kind", "ExecCredential"},
               {"apiVersion", plugin.api_version},
               {"spec", {{"interactive", false}}}};
  const auto wants_cluster = exec.find("provideClusterInfo");
  if (wants_cluster != exec.end() && !wants_cluster->is_null()) {
    if (!wants_cluster->is_boolean()) {
      return absl::InvalidArgumentError("provideClusterInfo is neither true nor false");
    }
    if (wants_cluster->get<bool>()) info["spec"]["cluster"] = cluster;
  }
  plugin.program.env.emplace_back("KUBERNETES_EXEC_INFO", info.dump());
  return plugin;
}

absl::StatusOr<ExecCredential> ReadExecCredential(const ExecPlugin& plugin, std::string_view output,
                                                  absl::Time now) {
  const std::string name = Quoted(plugin.program.command);
  const auto fail = [&](const std::string& problem) {
    return absl::InvalidArgumentError(absl::StrCat(name, " printed ", problem));
  };
  const json said = json::parse(output, nullptr, false);
  if (!said.is_object()) return fail("no JSON object; an ExecCredential is expected");
  const absl::StatusOr<std::string> kind = Text(said, "kind");
  const absl::StatusOr<std::string> version = Text(said, "apiVersion");
  if (!kind.ok() || *kind != "ExecCredential") {
    return fail("something else than an ExecCredential");
  }
  if (!version.ok() || *version != plugin.api_version) {
    return fail(absl::StrCat("an ExecCredential of another version than ", plugin.api_version,
                             ", as the kubeconfig says"));
  }
  const auto status = said.find("status");
  if (status == said.end() || !status->is_object()) {
    return fail("an ExecCredential without a status");
  }
  ExecCredential credential;
  for (const auto& [key, text] : {std::pair{"token", &credential.token},
                                  {"clientCertificateData", &credential.key_pair.certificate_pem},
                                  {"clientKeyData", &credential.key_pair.key_pem}}) {
    absl::StatusOr<std::string> found = Text(*status, key);
    if (!found.ok()) return fail(absl::StrCat("a ", key, " that is not text"));
    *text = *std::move(found);
  }
  const net::KeyPair& pair = credential.key_pair;
  if (pair.certificate_pem.empty() != pair.key_pem.empty()) {
    return fail("a client certificate or a key, but not both");
  }
  if (credential.token.empty() && pair.key_pem.empty()) {
    return fail("neither a token nor a client certificate");
  }
  if (!FitsHeader(credential.token)) return fail("a token with a control character in it");
  const absl::StatusOr<std::string> end = Text(*status, "expirationTimestamp");
  if (!end.ok() || !end->empty()) {
    const std::optional<absl::Time> time = end.ok() ? ParseRfc3339(*end) : std::nullopt;
    if (!time.has_value()) {
      return fail("an expirationTimestamp that is no time as in 2026-11-21T10:09:00Z");
    }
    credential.expires = *time;
  }
  if (!pair.key_pem.empty()) {
    RETURN_IF_ERROR(Annotate(net::CheckKeyPair(pair, now), absl::StrCat("certificate of ", name)));
    ASSIGN_OR_RETURN(const absl::Time end_of_certificate, net::ExpirationOf(pair.certificate_pem));
    credential.expires = std::min(credential.expires, end_of_certificate);
  }
  return credential;
}

absl::StatusOr<ExecCredential> RunExecPlugin(const ExecPlugin& plugin, const Clock& clock,
                                             const std::stop_token& stop) {
  absl::StatusOr<std::string> output = RunProgram(plugin.program, kExecTimeout, stop);
  if (absl::IsNotFound(output.status()) && !plugin.install_hint.empty()) {
    return absl::NotFoundError(
        absl::StrCat(output.status().message(), "\n", Printable(plugin.install_hint)));
  }
  RETURN_IF_ERROR(output.status());
  return ReadExecCredential(plugin, *output, clock.Now().wall);
}

}  // namespace heat_scheduler::kube
