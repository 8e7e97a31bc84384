// Loads manifests, YAML or JSON, into the registry: what `kubectl create` would do with them, and
// their status too.
//
// The status of a document is written after the object is made, since creating resets it: so a dump
// of a cluster can be loaded again. What only a server sets (uid, resourceVersion, ...) is dropped.
// Such a dump is one list, of megabytes; that is why the limit of kube/yaml.h does not hold here.
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "cluster/registry.h"

namespace heat_scheduler::cluster {

// Of one text, and of each document in it: a dump of a large cluster.
inline constexpr std::size_t kMaxManifestBytes = 64 << 20;

// Creates the objects of all documents, in their order; namespaced ones that name no namespace go
// into "default". Stops at the first that is refused: InvalidArgument that names `source`, the
// object and the reason.
absl::Status LoadManifests(Registry& registry, std::string_view text, std::string_view source);

}  // namespace heat_scheduler::cluster
