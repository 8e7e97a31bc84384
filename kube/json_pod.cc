#include <algorithm>

#include "kube/json_fields.h"

namespace heat_scheduler::kube {
namespace {

using Value = JsonReader::Value;

bool DecodePort(JsonReader& in, Value value, ContainerPort& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "containerPort") return in.Int32(field, out.container_port);
    if (key == "hostPort") return in.Int32(field, out.host_port);
    if (key == "protocol") return in.StringOr(field, "TCP", out.protocol);
    if (key == "hostIP") return in.String(field, out.host_ip);
    return true;
  });
}

bool DecodeResources(JsonReader& in, Value value, ResourceList& requests, ResourceList& limits) {
  requests.clear();
  limits.clear();
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "requests") return in.Amounts(field, requests);
    if (key == "limits") return in.Amounts(field, limits);
    return true;
  });
}

bool DecodeRestartRules(JsonReader& in, Value value, bool& restarts_all) {
  restarts_all = false;
  return in.Items(value, [&](Value rule) {
    return in.Fields(rule, [&](std::string_view key, Value field) {
      std::string_view action;
      if (key != "action") return true;
      if (!in.Text(field, action)) return false;
      restarts_all |= action == "RestartAllContainers";
      return true;
    });
  });
}

bool DecodeContainer(JsonReader& in, Value value, Container& out) {
  const bool ok = in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "name") return in.String(field, out.name);
    if (key == "image") return in.String(field, out.image);
    if (key == "resources") return DecodeResources(in, field, out.requests, out.limits);
    if (key == "ports") return in.List(field, out.ports, DecodePort);
    if (key == "restartPolicyRules") {
      return DecodeRestartRules(in, field, out.restarts_all_containers);
    }
    return true;
  });
  // As the API server defaults it: what is limited and not requested is requested at its limit.
  if (ok) out.requests.insert(out.limits.begin(), out.limits.end());
  return ok;
}

bool DecodeInitContainer(JsonReader& in, Value value, Container& out) {
  if (!DecodeContainer(in, value, out)) return false;
  return in.Fields(value, [&](std::string_view key, Value field) {
    std::string_view policy;
    if (key != "restartPolicy") return true;
    if (!in.Text(field, policy)) return false;
    out.restartable = policy == "Always";
    return true;
  });
}

bool DecodeToleration(JsonReader& in, Value value, Toleration& out) {
  bool known_operator = true;
  bool known_effect = true;
  const bool ok = in.Fields(value, [&](std::string_view key, Value field) {
    std::string_view text;
    if (key == "key") return in.String(field, out.key);
    if (key == "value") return in.String(field, out.value);
    if (key == "tolerationSeconds") return in.Int64(field, out.toleration_seconds);
    if (key == "operator") {
      if (!in.Text(field, text)) return false;
      out.exists = text == "Exists";
      known_operator = out.exists || text == "Equal" || text.empty();
    }
    if (key == "effect") {
      if (!in.Text(field, text)) return false;
      out.effect = TaintEffectOf(text, known_effect);
    }
    return true;
  });
  out.unsupported_operator = !known_operator || !known_effect;
  return ok;
}

// Reads the `name`s of an array of objects.
bool DecodeNames(JsonReader& in, Value value, std::vector<std::string>& out) {
  return in.List(value, out, [](JsonReader& reader, Value item, std::string& name) {
    return reader.Fields(item, [&](std::string_view key, Value field) {
      return key != "name" || reader.String(field, name);
    });
  });
}

bool DecodeGroup(JsonReader& in, Value value, std::string& out) {
  out.clear();
  return in.Fields(value, [&](std::string_view key, Value field) {
    return key != "podGroupName" || in.String(field, out);
  });
}

bool DecodePreemption(JsonReader& in, Value value, bool& preempts) {
  std::string_view policy;
  if (!in.Text(value, policy)) return false;
  preempts = policy != "Never";
  return true;
}

// Leaves out volumes of which scheduling reads nothing, such as those with tokens, which are called
// something else in each pod.
bool DecodeVolumes(JsonReader& in, Value value, std::vector<Volume>& out) {
  if (!in.List(value, out)) return false;
  std::erase_if(out, [](const Volume& volume) {
    return volume.claim_name.empty() && !volume.ephemeral && volume.image.empty() &&
           !volume.in_tree_disk && !volume.iscsi && !volume.rbd;
  });
  return true;
}

// Fields of the spec that are lists or objects. Sets `known` if the key is one of them.
bool DecodeSpecPart(JsonReader& in, std::string_view key, Value field, PodSpec& out, bool& known) {
  known = true;
  if (key == "containers") return in.List(field, out.containers, DecodeContainer);
  if (key == "initContainers") return in.List(field, out.init_containers, DecodeInitContainer);
  if (key == "tolerations") return in.List(field, out.tolerations, DecodeToleration);
  if (key == "volumes") return DecodeVolumes(in, field, out.volumes);
  if (key == "nodeSelector") return in.Strings(field, out.node_selector);
  if (key == "affinity") return Decode(in, field, out.affinity);
  if (key == "topologySpreadConstraints") {
    return in.List(field, out.topology_spread_constraints);
  }
  if (key == "schedulingGates") return DecodeNames(in, field, out.scheduling_gates);
  if (key == "resourceClaims") return DecodeNames(in, field, out.resource_claims);
  if (key == "schedulingGroup") return DecodeGroup(in, field, out.pod_group);
  if (key == "resources") return DecodeResources(in, field, out.pod_requests, out.pod_limits);
  if (key == "overhead") return in.Amounts(field, out.overhead);
  known = false;
  return true;
}

bool DecodeSpec(JsonReader& in, Value value, Pod& pod) {
  pod.node_name.clear();
  PodSpec& out = *pod.spec;
  out = {};
  return in.Fields(value, [&](std::string_view key, Value field) {
    bool known = false;
    if (!DecodeSpecPart(in, key, field, out, known)) return false;
    if (known) return true;
    if (key == "nodeName") return in.String(field, pod.node_name);
    if (key == "schedulerName") {
      return in.StringOr(field, "default-scheduler", out.scheduler_name);
    }
    if (key == "priority") return in.Int32(field, out.priority);
    if (key == "priorityClassName") return in.String(field, out.priority_class_name);
    if (key == "preemptionPolicy") return DecodePreemption(in, field, out.preempts);
    if (key == "hostNetwork") return in.Bool(field, out.host_network);
    if (key == "hostUsers") return in.Bool(field, out.host_users);
    return true;
  });
}

bool RequestedByAContainer(const PodSpec& spec, const std::string& resource) {
  const auto requests = [&](const Container& container) {
    return container.requests.count(resource) > 0;
  };
  return std::any_of(spec.containers.begin(), spec.containers.end(), requests) ||
         std::any_of(spec.init_containers.begin(), spec.init_containers.end(), requests);
}

// What the API server fills in where several fields decide together.
void ApplyDefaults(PodSpec& spec) {
  for (const auto& [resource, limit] : spec.pod_limits) {
    if (!RequestedByAContainer(spec, resource)) spec.pod_requests.emplace(resource, limit);
  }
  if (!spec.host_network) return;
  for (std::vector<Container>* containers : {&spec.containers, &spec.init_containers}) {
    for (Container& container : *containers) {
      for (ContainerPort& port : container.ports) {
        if (port.host_port == 0) port.host_port = port.container_port;
      }
    }
  }
}

}  // namespace

bool Decode(JsonReader& in, Value value, Pod& out) {
  const bool ok = in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "metadata") return Decode(in, field, out.metadata);
    if (key == "spec") return DecodeSpec(in, field, out);
    if (key == "status") return Decode(in, field, out.status);
    return true;
  });
  if (ok) ApplyDefaults(*out.spec);
  return ok;
}

}  // namespace heat_scheduler::kube
