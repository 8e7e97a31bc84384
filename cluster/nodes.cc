#include "cluster/nodes.h"

#include <string>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace heat_scheduler::cluster {

absl::Status AddSyntheticNodes(Registry& registry, std::int64_t count) {
  const WriteContext context{"heat-cluster/nodes", "create"};
  for (std::int64_t i = 0; i < count; ++i) {
    const auto made = registry.Create(NodeResource(), "", SyntheticNode(i), context);
    if (!made.ok()) return absl::InvalidArgumentError(made.error().message);
  }
  return absl::OkStatus();
}

Json SyntheticNode(std::int64_t index) {
  const std::string name = absl::StrFormat("node-%05d", index);
  const char* arch = index % 2 == 0 ? "amd64" : "arm64";
  const Json amounts = {
      {"cpu", "8"}, {"memory", "32Gi"}, {"ephemeral-storage", "100Gi"}, {"pods", "110"}};
  // 37 and 60 have no common divisor, so that neighbours differ and every degree occurs.
  const std::int64_t celsius = 20 + (index * 37) % 60;
  return {{"apiVersion", "v1"},
          {"kind", "Node"},
          {"metadata",
           {{"name", name},
            {"labels",
             {{"kubernetes.io/hostname", name},
              {"kubernetes.io/os", "linux"},
              {"kubernetes.io/arch", arch},
              {"topology.kubernetes.io/zone", absl::StrCat("zone-", index % 10)}}},
            {"annotations", {{"nerdalize/temp", absl::StrCat(celsius)}}}}},
          {"status",
           {{"capacity", amounts},
            {"allocatable", amounts},
            {"conditions", {{{"type", "Ready"}, {"status", "True"}}}},
            {"nodeInfo",
             {{"architecture", arch}, {"operatingSystem", "linux"}, {"kubeletVersion", ""}}}}}};
}

}  // namespace heat_scheduler::cluster
