// Reads YAML files: manifests and configurations, of one document or many, JSON included.
//
// Scalars mean what they mean to kubectl (YAML 1.1 as sigs.k8s.io/yaml reads it): plain no, off, y
// are booleans, 010 is 8, 12:30:45 and 2001-01-01 are text, quoted is always text. Merge keys (<<)
// are followed; a key that is stated itself wins over a merged one. Refused, with file:line:column
// and the document's number: a key given twice, text that is no UTF-8, and what exceeds the limits
// below, so that a hostile file costs little. A surrogate pair escaped as in JSON is not read.
// Source: go.yaml.in/yaml/v2 resolve.go.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace heat_scheduler::kube {

// Of one document, unless the caller sets another limit.
inline constexpr std::size_t kMaxYamlBytes = 3 << 20;
// Of one document.
inline constexpr int kMaxYamlDepth = 100;
inline constexpr int kMaxYamlAliases = 1000;
// How many times its written nodes a document may have once its aliases are written out; up to
// kFreeYamlNodes in all are always allowed.
inline constexpr std::size_t kMaxYamlExpansion = 10;
inline constexpr std::size_t kFreeYamlNodes = 10'000;

// Returns the documents that are not empty, each an object. `source` names the text in errors,
// which are InvalidArgument: "pods.yaml:3:5: document 2: key \"a\" is given twice".
absl::StatusOr<std::vector<nlohmann::json>> ParseYaml(std::string_view text,
                                                      std::string_view source);

// Returns the elements of a text whose only document is a list, or of an empty one none.
absl::StatusOr<std::vector<nlohmann::json>> ParseYamlList(std::string_view text,
                                                          std::string_view source);

// Returns the API objects of manifests: as ParseYaml, with the items of `kind: List` (and PodList
// and so on) in place of the list, and each with an apiVersion and a kind. A dump of a cluster is
// one document, so the caller says how large one may be.
absl::StatusOr<std::vector<nlohmann::json>> ParseManifests(
    std::string_view text, std::string_view source, std::size_t max_document_bytes = kMaxYamlBytes);

}  // namespace heat_scheduler::kube
