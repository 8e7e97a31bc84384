// What a document must be to be read as a Pod at all (PodShapeError of cluster/pod_admission.h).
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "cluster/pod_admission.h"
#include "kube/quantity.h"

namespace heat_scheduler::cluster {
namespace {

using Check = std::string (*)(const Json& value, const std::string& at);

std::string Must(const std::string& at, std::string_view be) {
  return absl::StrCat(at, " must be ", ToAbsl(be));
}

std::string IsText(const Json& value, const std::string& at) {
  return value.is_string() ? "" : Must(at, "a string");
}

std::string IsInteger(const Json& value, const std::string& at) {
  return value.is_number_integer() ? "" : Must(at, "an integer");
}

std::string IsObject(const Json& value, const std::string& at) {
  return value.is_object() ? "" : Must(at, "an object");
}

std::string IsQuantity(const Json& value, const std::string& at) {
  if (!value.is_string() && !value.is_number()) return Must(at, "a quantity");
  const std::string text = value.is_string() ? value.get<std::string>() : Dump(value);
  if (kube::Quantity::Parse(text).ok()) return "";
  return absl::StrCat(at,
                      ": quantities must match the regular expression "
                      "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$': \"",
                      text, "\"");
}

// Applies `check` to each element of the list or map at `object[key]`, which may be absent.
template <typename EachCheck>
std::string EachOf(const Json& object, std::string_view key, bool list, const std::string& at,
                   const EachCheck& check) {
  const Json* container = Find(object, {key});
  if (container == nullptr) return "";
  const std::string here = absl::StrCat(at, ".", ToAbsl(key));
  if (list ? !container->is_array() : !container->is_object()) {
    return Must(here, list ? "a list" : "a map");
  }
  for (const auto& [name, value] : container->items()) {
    std::string why = check(value, absl::StrCat(here, "[", name, "]"));
    if (!why.empty()) return why;
  }
  return "";
}

// Applies `check` to `object[key]`, which may be absent.
std::string Member(const Json& object, std::string_view key, const std::string& at, Check check) {
  const Json* value = Find(object, {key});
  return value == nullptr ? "" : check(*value, absl::StrCat(at, ".", ToAbsl(key)));
}

std::string ResourcesError(const Json& owner, const std::string& at) {
  const Json* resources = Find(owner, {"resources"});
  if (resources == nullptr) return "";
  const std::string here = at + ".resources";
  if (std::string why = IsObject(*resources, here); !why.empty()) return why;
  for (const std::string_view key : {"requests", "limits"}) {
    if (std::string why = EachOf(*resources, key, false, here, IsQuantity); !why.empty()) {
      return why;
    }
  }
  return "";
}

std::string PortError(const Json& port, const std::string& at) {
  if (std::string why = IsObject(port, at); !why.empty()) return why;
  for (const std::string_view key : {"containerPort", "hostPort"}) {
    if (std::string why = Member(port, key, at, IsInteger); !why.empty()) return why;
  }
  for (const std::string_view key : {"protocol", "hostIP", "name"}) {
    if (std::string why = Member(port, key, at, IsText); !why.empty()) return why;
  }
  return "";
}

std::string ContainerError(const Json& container, const std::string& at) {
  if (std::string why = IsObject(container, at); !why.empty()) return why;
  for (const std::string_view key : {"name", "image", "restartPolicy"}) {
    if (std::string why = Member(container, key, at, IsText); !why.empty()) return why;
  }
  if (std::string why = ResourcesError(container, at); !why.empty()) return why;
  return EachOf(container, "ports", true, at, PortError);
}

std::string TolerationError(const Json& toleration, const std::string& at) {
  if (std::string why = IsObject(toleration, at); !why.empty()) return why;
  for (const std::string_view key : {"key", "operator", "value", "effect"}) {
    if (std::string why = Member(toleration, key, at, IsText); !why.empty()) return why;
  }
  return Member(toleration, "tolerationSeconds", at, IsInteger);
}

std::string GateError(const Json& gate, const std::string& at) {
  if (std::string why = IsObject(gate, at); !why.empty()) return why;
  return Member(gate, "name", at, IsText);
}

}  // namespace

std::string PodShapeError(const Json& pod) {
  const std::string at = "spec";
  const Json& spec = ObjectAt(pod, {"spec"});
  for (const std::string_view key :
       {"nodeName", "schedulerName", "priorityClassName", "preemptionPolicy", "restartPolicy"}) {
    if (std::string why = Member(spec, key, at, IsText); !why.empty()) return why;
  }
  for (const std::string_view key : {"priority", "terminationGracePeriodSeconds"}) {
    if (std::string why = Member(spec, key, at, IsInteger); !why.empty()) return why;
  }
  for (const std::string_view key : {"containers", "initContainers"}) {
    if (std::string why = EachOf(spec, key, true, at, ContainerError); !why.empty()) return why;
  }
  if (std::string why = ResourcesError(spec, at); !why.empty()) return why;
  if (std::string why = EachOf(spec, "overhead", false, at, IsQuantity); !why.empty()) return why;
  if (std::string why = EachOf(spec, "nodeSelector", false, at, IsText); !why.empty()) return why;
  if (std::string why = EachOf(spec, "tolerations", true, at, TolerationError); !why.empty()) {
    return why;
  }
  if (std::string why = EachOf(spec, "schedulingGates", true, at, GateError); !why.empty()) {
    return why;
  }
  if (std::string why = EachOf(spec, "volumes", true, at, IsObject); !why.empty()) return why;
  return Member(spec, "affinity", at, IsObject);
}

}  // namespace heat_scheduler::cluster
