// Writes JSON values as YAML, in the form that kubectl and kube-scheduler write: block style, keys
// in order, the items of a list no deeper than its key. Pure functions.
// Source of the form: sigs.k8s.io/yaml.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace heat_scheduler::kube {

// Returns one document, which ParseYaml reads as the same object. Text that could be taken for
// anything else than text stands in quotes. Numbers must be finite, text UTF-8.
std::string WriteYaml(const nlohmann::json& object);

}  // namespace heat_scheduler::kube
