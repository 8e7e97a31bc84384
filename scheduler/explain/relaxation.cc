#include "scheduler/explain/relaxation.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "kube/quantity.h"
#include "kube/selectors.h"

namespace heat_scheduler {
namespace {

using nlohmann::ordered_json;

// Sets of taints that are tried: those that keep the pod off the most nodes.
constexpr std::size_t kMostTaintSets = 8;

template <typename T>
void EraseAt(std::vector<T>& items, std::size_t index) {
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
}

std::string EffectText(kube::TaintEffect effect) {
  switch (effect) {
    case kube::TaintEffect::kNoSchedule:
      return "NoSchedule";
    case kube::TaintEffect::kPreferNoSchedule:
      return "PreferNoSchedule";
    case kube::TaintEffect::kNoExecute:
      return "NoExecute";
    case kube::TaintEffect::kNone:
      break;
  }
  return "";
}

// Returns the taint as kubectl writes it.
std::string TaintText(const kube::Taint& taint) {
  return absl::StrCat(taint.key, taint.value.empty() ? "" : "=", taint.value, ":",
                      EffectText(taint.effect));
}

void AddResources(const ClusterState& cluster, const PodRecord& pod,
                  std::vector<Relaxation>& relaxations) {
  const Resources& requests = pod.pod_class->requests;
  std::vector<RequestedResource> resources = {
      {"cpu", std::nullopt}, {"memory", std::nullopt}, {"ephemeral-storage", std::nullopt}};
  for (const auto& [id, amount] : requests.scalars) {
    resources.push_back({std::string(cluster.resource_names().Text(id)), id});
  }
  std::sort(resources.begin() + 3, resources.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (RequestedResource& resource : resources) {
    if (resource.In(requests) <= 0) continue;
    ordered_json change = {{"kind", "lessRequested"}, {"resource", resource.name}};
    relaxations.push_back({std::move(change), "", nullptr, std::move(resource)});
  }
}

// The taints of a node that keep the pod off, what stands for cordoning among them.
std::vector<kube::Taint> TaintsInTheWay(const kube::Node& node,
                                        const std::vector<kube::Toleration>& tolerations) {
  std::vector<kube::Taint> taints = node.taints;
  if (node.unschedulable) {
    kube::Taint cordoned{"node.kubernetes.io/unschedulable", "", kube::TaintEffect::kNoSchedule};
    const bool listed = std::any_of(taints.begin(), taints.end(), [&](const kube::Taint& taint) {
      return taint.key == cordoned.key && taint.effect == cordoned.effect;
    });
    if (!listed) taints.push_back(std::move(cordoned));
  }
  std::erase_if(taints, [&](const kube::Taint& t) { return !kube::KeepsOff(t, tolerations); });
  return taints;
}

void AddTolerations(const ClusterState& cluster, const PodRecord& pod,
                    std::vector<Relaxation>& relaxations) {
  struct Set {
    std::vector<kube::Taint> taints;
    std::size_t nodes = 0;
  };
  std::map<std::string, Set> sets;  // By text.
  for (const NodeId node : cluster.nodes()) {
    std::vector<kube::Taint> taints =
        TaintsInTheWay(*cluster.columns().node[node], pod.pod_class->tolerations);
    if (taints.empty()) continue;
    std::sort(taints.begin(), taints.end(), [](const kube::Taint& a, const kube::Taint& b) {
      return TaintText(a) < TaintText(b);
    });
    Set& set = sets[absl::StrJoin(taints, " and ", [](std::string* out, const kube::Taint& taint) {
      out->append(TaintText(taint));
    })];
    set.taints = std::move(taints);
    ++set.nodes;
  }
  std::vector<std::pair<std::string, Set>> by_count(sets.begin(), sets.end());
  std::stable_sort(by_count.begin(), by_count.end(),
                   [](const auto& a, const auto& b) { return a.second.nodes > b.second.nodes; });
  if (by_count.size() > kMostTaintSets) by_count.resize(kMostTaintSets);
  for (auto& [text, set] : by_count) {
    ordered_json change = {{"kind", "toleration"}, {"taints", ordered_json::array()}};
    for (const kube::Taint& taint : set.taints) change["taints"].push_back(TaintText(taint));
    relaxations.push_back(
        {std::move(change), "tolerating " + text, [taints = set.taints](RelaxedPod& relaxed) {
           for (const kube::Taint& taint : taints) {
             kube::Toleration toleration;
             toleration.key = taint.key;
             toleration.value = taint.value;
             toleration.effect = taint.effect;
             relaxed.pod_class().tolerations.push_back(std::move(toleration));
           }
         }});
  }
}

void AddNodeWishes(const PodRecord& pod, std::vector<Relaxation>& relaxations) {
  const PodClass& pod_class = *pod.pod_class;
  for (const auto& [key, value] : pod_class.node_selector) {
    const std::string text = absl::StrCat(key, "=", value);
    relaxations.push_back(
        {{{"kind", "nodeSelector"}, {"label", text}},
         absl::StrCat("removing the node selector ", text),
         [key = key](RelaxedPod& relaxed) { relaxed.pod_class().node_selector.erase(key); }});
  }
  if (!pod_class.has_required_node_affinity) return;
  relaxations.push_back(
      {{{"kind", "nodeAffinity"}}, "removing the required node affinity", [](RelaxedPod& relaxed) {
         relaxed.pod_class().has_required_node_affinity = false;
         relaxed.pod_class().node_affinity_terms.clear();
         relaxed.facts().node_affinity_fields.clear();
       }});
}

void AddPodTerms(const std::vector<kube::PodAffinityTerm>& terms,
                 std::vector<kube::PodAffinityTerm> PodClass::*list, const char* kind,
                 const std::string& name, std::vector<Relaxation>& relaxations) {
  for (std::size_t i = 0; i < terms.size(); ++i) {
    relaxations.push_back(
        {{{"kind", kind}, {"term", i}, {"topologyKey", terms[i].topology_key}},
         absl::StrCat("removing the ", name, " over ", terms[i].topology_key,
                      terms.size() > 1 ? absl::StrCat(" (term ", i + 1, ")") : ""),
         [list, i](RelaxedPod& relaxed) { EraseAt(relaxed.pod_class().*list, i); }});
  }
}

void AddNeighbours(const PodRecord& pod, std::vector<Relaxation>& relaxations) {
  const PodClass& pod_class = *pod.pod_class;
  AddPodTerms(pod_class.required_pod_affinity, &PodClass::required_pod_affinity, "podAffinity",
              "required pod affinity", relaxations);
  AddPodTerms(pod_class.required_pod_anti_affinity, &PodClass::required_pod_anti_affinity,
              "podAntiAffinity", "required pod anti-affinity", relaxations);
  const auto& constraints = pod_class.topology_spread_constraints;
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    if (constraints[i].schedule_anyway) continue;
    relaxations.push_back(
        {{{"kind", "topologySpread"},
          {"constraint", i},
          {"topologyKey", constraints[i].topology_key}},
         absl::StrCat("removing the topology spread constraint over ", constraints[i].topology_key,
                      " (maxSkew ", constraints[i].max_skew, ")"),
         [i](RelaxedPod& relaxed) {
           EraseAt(relaxed.pod_class().topology_spread_constraints, i);
         }});
  }
}

void AddPortsAndClaims(const PodRecord& pod, std::vector<Relaxation>& relaxations) {
  const auto& ports = pod.pod_class->host_ports;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const std::string text = absl::StrCat(ports[i].port, "/", ports[i].protocol);
    relaxations.push_back(
        {{{"kind", "hostPort"}, {"port", text}},
         absl::StrCat("not taking host port ", text),
         [i](RelaxedPod& relaxed) { EraseAt(relaxed.pod_class().host_ports, i); }});
  }
  for (std::size_t i = 0; i < pod.facts.claims.size(); ++i) {
    const PodClaim& claim = pod.facts.claims[i];
    relaxations.push_back(
        {{{"kind", "claim"}, {"claim", claim.claim_name}},
         absl::StrCat("doing without the persistentvolumeclaim ", claim.claim_name),
         [i, volume = claim.volume_name](RelaxedPod& relaxed) {
           EraseAt(relaxed.facts().claims, i);
           std::erase_if(relaxed.pod().spec->volumes,
                         [&](const kube::Volume& other) { return other.name == volume; });
         }});
  }
}

}  // namespace

RelaxedPod::RelaxedPod(const PodRecord& pod)
    : pod_(std::make_shared<kube::Pod>(*pod.pod)), class_(*pod.pod_class), record_(pod) {
  record_.pod = pod_;
  record_.pod_class = &class_;
  record_.nominated_node_name.clear();
  record_.nominated = kNoNode;
}

std::int64_t RequestedResource::In(const Resources& resources) const {
  if (scalar.has_value()) return AmountOf(resources.scalars, *scalar);
  if (name == "cpu") return resources.milli_cpu;
  return name == "memory" ? resources.memory : resources.ephemeral_storage;
}

void RequestedResource::Set(Resources& resources, std::int64_t amount) const {
  if (scalar.has_value()) {
    for (auto& [id, has] : resources.scalars) {
      if (id == *scalar) has = amount;
    }
    std::erase_if(resources.scalars, [](const auto& one) { return one.second == 0; });
  } else if (name == "cpu") {
    resources.milli_cpu = amount;
  } else {
    (name == "memory" ? resources.memory : resources.ephemeral_storage) = amount;
  }
}

std::string RequestedResource::Text(std::int64_t amount) const {
  if (name == "cpu") return kube::Quantity::FromMilli(amount).ToString();
  constexpr std::pair<std::int64_t, const char*> kUnits[] = {
      {std::int64_t{1} << 30, "Gi"}, {std::int64_t{1} << 20, "Mi"}, {std::int64_t{1} << 10, "Ki"}};
  for (const auto& [unit, suffix] : kUnits) {
    if (!scalar.has_value() && amount % unit == 0) return absl::StrCat(amount / unit, suffix);
  }
  return absl::StrCat(amount);
}

std::vector<Relaxation> RelaxationsOf(const ClusterState& cluster, const PodRecord& pod) {
  std::vector<Relaxation> relaxations;
  AddResources(cluster, pod, relaxations);
  AddTolerations(cluster, pod, relaxations);
  AddNodeWishes(pod, relaxations);
  AddNeighbours(pod, relaxations);
  AddPortsAndClaims(pod, relaxations);
  return relaxations;
}

}  // namespace heat_scheduler
