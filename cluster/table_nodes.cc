// The columns of nodes, namespaces and deployments (cluster/table.h).
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "cluster/table.h"

namespace heat_scheduler::cluster {
namespace {

constexpr std::string_view kRolePrefix = "node-role.kubernetes.io/";

std::string Joined(const std::vector<std::string>& words, std::string_view otherwise) {
  return words.empty() ? std::string(otherwise) : absl::StrJoin(words, ",");
}

std::string Text(const Json& object, Path path, std::string_view otherwise) {
  const std::string_view text = TextAt(object, path);
  return std::string(text.empty() ? otherwise : text);
}

std::string NodeStatus(const Json& node, absl::Time) {
  std::vector<std::string> words;
  for (const Json& condition : ArrayAt(node, {"status", "conditions"})) {
    if (TextAt(condition, {"type"}) != "Ready") continue;
    words.push_back(TextAt(condition, {"status"}) == "True" ? "Ready" : "NotReady");
  }
  if (words.empty()) words.push_back("Unknown");
  if (TrueAt(node, {"spec", "unschedulable"})) words.push_back("SchedulingDisabled");
  return Joined(words, "");
}

std::string NodeRoles(const Json& node, absl::Time) {
  std::vector<std::string> roles;
  for (const auto& [key, value] : ObjectAt(node, {"metadata", "labels"}).items()) {
    const std::string_view label = key;
    if (label.substr(0, kRolePrefix.size()) == kRolePrefix && label.size() > kRolePrefix.size()) {
      roles.emplace_back(label.substr(kRolePrefix.size()));
    }
  }
  return Joined(roles, "<none>");
}

std::string NodeAddress(const Json& node, std::string_view type) {
  for (const Json& address : ArrayAt(node, {"status", "addresses"})) {
    if (TextAt(address, {"type"}) == type) return Text(address, {"address"}, "<none>");
  }
  return "<none>";
}

std::string InternalIp(const Json& node, absl::Time) { return NodeAddress(node, "InternalIP"); }

std::string ExternalIp(const Json& node, absl::Time) { return NodeAddress(node, "ExternalIP"); }

std::string KubeletVersion(const Json& node, absl::Time) {
  return Text(node, {"status", "nodeInfo", "kubeletVersion"}, "");
}

std::string OsImage(const Json& node, absl::Time) {
  return Text(node, {"status", "nodeInfo", "osImage"}, "<unknown>");
}

std::string Kernel(const Json& node, absl::Time) {
  return Text(node, {"status", "nodeInfo", "kernelVersion"}, "<unknown>");
}

std::string Runtime(const Json& node, absl::Time) {
  return Text(node, {"status", "nodeInfo", "containerRuntimeVersion"}, "<unknown>");
}

std::string Phase(const Json& namespace_, absl::Time) {
  if (Find(namespace_, {"metadata", "deletionTimestamp"}) != nullptr) return "Terminating";
  return Text(namespace_, {"status", "phase"}, "");
}

std::string Count(const Json& object, Path path, std::int64_t otherwise) {
  return absl::StrCat(IntegerAt(object, path).value_or(otherwise));
}

std::string DeploymentReady(const Json& deployment, absl::Time) {
  return absl::StrCat(Count(deployment, {"status", "readyReplicas"}, 0), "/",
                      Count(deployment, {"spec", "replicas"}, 1));
}

std::string UpToDate(const Json& deployment, absl::Time) {
  return Count(deployment, {"status", "updatedReplicas"}, 0);
}

std::string Available(const Json& deployment, absl::Time) {
  return Count(deployment, {"status", "availableReplicas"}, 0);
}

std::string OfContainers(const Json& deployment, std::string_view member) {
  std::vector<std::string> words;
  for (const Json& container : ArrayAt(deployment, {"spec", "template", "spec", "containers"})) {
    words.push_back(Text(container, {member}, ""));
  }
  return Joined(words, "<none>");
}

std::string Containers(const Json& deployment, absl::Time) {
  return OfContainers(deployment, "name");
}

std::string Images(const Json& deployment, absl::Time) { return OfContainers(deployment, "image"); }

std::string Selector(const Json& deployment, absl::Time) {
  std::vector<std::string> words;
  for (const auto& [key, value] :
       ObjectAt(deployment, {"spec", "selector", "matchLabels"}).items()) {
    words.push_back(absl::StrCat(key, "=", value.is_string() ? value.get<std::string>() : ""));
  }
  return Joined(words, "<none>");
}

}  // namespace

std::vector<Column> NodeColumns() {
  return {{"Name", false, NameCell},          {"Status", false, NodeStatus},
          {"Roles", false, NodeRoles},        {"Age", false, AgeCell},
          {"Version", false, KubeletVersion}, {"Internal-IP", true, InternalIp},
          {"External-IP", true, ExternalIp},  {"OS-Image", true, OsImage},
          {"Kernel-Version", true, Kernel},   {"Container-Runtime", true, Runtime}};
}

std::vector<Column> NamespaceColumns() {
  return {{"Name", false, NameCell}, {"Status", false, Phase}, {"Age", false, AgeCell}};
}

std::vector<Column> DeploymentColumns() {
  return {{"Name", false, NameCell},       {"Ready", false, DeploymentReady},
          {"Up-to-date", false, UpToDate}, {"Available", false, Available},
          {"Age", false, AgeCell},         {"Containers", true, Containers},
          {"Images", true, Images},        {"Selector", true, Selector}};
}

}  // namespace heat_scheduler::cluster
