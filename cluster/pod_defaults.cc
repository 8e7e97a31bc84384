#include "cluster/pod_defaults.h"

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace heat_scheduler::cluster {
namespace {

// ":latest" and no tag at all are pulled each time.
std::string PullPolicy(std::string_view image) {
  if (image.find('@') != std::string_view::npos) return "IfNotPresent";
  const std::size_t slash = image.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? image : image.substr(slash + 1);
  const std::size_t colon = last.find(':');
  if (colon == std::string_view::npos || last.substr(colon + 1) == "latest") return "Always";
  return "IfNotPresent";
}

void DefaultRequests(Json& resources) {
  const Json limits = ObjectAt(resources, {"limits"});
  for (const auto& [name, value] : limits.items()) {
    SetDefault(EnsureObject(resources, "requests"), name, value);
  }
}

void DefaultContainer(Json& container, bool host_network) {
  SetDefault(container, "terminationMessagePath", "/dev/termination-log");
  SetDefault(container, "terminationMessagePolicy", "File");
  SetDefault(container, "imagePullPolicy", PullPolicy(TextAt(container, {"image"})));
  DefaultRequests(EnsureObject(container, "resources"));
  const auto ports = container.find("ports");
  if (ports == container.end() || !ports->is_array()) return;
  for (Json& port : *ports) {
    SetDefault(port, "protocol", "TCP");
    if (host_network && IntegerAt(port, {"hostPort"}).value_or(0) == 0) {
      port["hostPort"] = IntegerAt(port, {"containerPort"}).value_or(0);
    }
  }
}

}  // namespace

void SetPodDefaults(Json& pod) {
  Json& spec = EnsureObject(pod, "spec");
  SetDefault(spec, "restartPolicy", "Always");
  SetDefault(spec, "dnsPolicy", "ClusterFirst");
  SetDefault(spec, "terminationGracePeriodSeconds", 30);
  SetDefault(spec, "securityContext", Json::object());
  SetDefault(spec, "enableServiceLinks", true);
  if (TextAt(spec, {"schedulerName"}).empty()) spec["schedulerName"] = "default-scheduler";
  const bool host_network = TrueAt(spec, {"hostNetwork"});
  for (const char* list : {"initContainers", "containers"}) {
    const auto containers = spec.find(list);
    if (containers == spec.end() || !containers->is_array()) continue;
    for (Json& container : *containers) DefaultContainer(container, host_network);
  }
  if (const auto resources = spec.find("resources");
      resources != spec.end() && resources->is_object()) {
    DefaultRequests(*resources);
  }
}

void AddDefaultTolerations(Json& pod) {
  Json& spec = EnsureObject(pod, "spec");
  for (const char* key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
    bool said = false;
    for (const Json& toleration : ArrayAt(spec, {"tolerations"})) {
      const std::string_view own = TextAt(toleration, {"key"});
      const std::string_view effect = TextAt(toleration, {"effect"});
      said = said || ((own.empty() || own == key) && (effect.empty() || effect == "NoExecute"));
    }
    if (said) continue;
    EnsureArray(spec, "tolerations")
        .push_back({{"key", key},
                    {"operator", "Exists"},
                    {"effect", "NoExecute"},
                    {"tolerationSeconds", 300}});
  }
}

}  // namespace heat_scheduler::cluster
