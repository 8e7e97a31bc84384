// Gives the scalars of YAML 1.1 their meaning, as kubectl sees them. For kube/yaml.cc.
//
// Source: go.yaml.in/yaml/v2 resolve.go, and the conversion to JSON of sigs.k8s.io/yaml.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "absl/status/statusor.h"

namespace heat_scheduler::kube {

// Returns the value of a scalar with this tag: "?" for a plain one, "!" for a quoted one, else the
// tag in full. A whole number written as a float is an integer. Returns InvalidArgument where the
// text is not of the tag's type, or is infinite or no number, which JSON cannot say.
absl::StatusOr<nlohmann::json> ResolveYamlScalar(std::string_view tag, std::string_view text);

// Returns the key that a scalar stands for in JSON ("1" for 1), or InvalidArgument for null.
absl::StatusOr<std::string> YamlKey(const nlohmann::json& scalar);

}  // namespace heat_scheduler::kube
