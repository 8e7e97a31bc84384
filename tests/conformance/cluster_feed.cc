#include "tests/conformance/cluster_feed.h"

#include <stdexcept>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "kube/client/resources.h"

namespace heat_scheduler {
namespace {

using nlohmann::json;

// Returns the kind for which `matches` returns true; throws if there is none: `what` is not known.
template <typename Matches>
kube::Kind FindKind(const std::string& what, Matches matches) {
  for (int i = 0; i <= static_cast<int>(kube::Kind::kEvent); ++i) {
    if (matches(static_cast<kube::Kind>(i))) return static_cast<kube::Kind>(i);
  }
  throw std::invalid_argument(what + " is not known");
}

kube::Kind KindOf(std::string_view name) {
  return FindKind(absl::StrCat("kind ", ToAbsl(name)),
                  [name](kube::Kind kind) { return kube::KindName(kind) == name; });
}

// Returns the kind of which a cluster lists objects under that name, such as
// "csiStorageCapacities".
kube::Kind KindOfList(std::string_view plural) {
  return FindKind(absl::StrCat("a list of ", ToAbsl(plural)), [plural](kube::Kind kind) {
    return absl::EqualsIgnoreCase(ToAbsl(kube::ResourceOf(kind).plural), ToAbsl(plural));
  });
}

}  // namespace

ClusterFeed::ClusterFeed(const json& cluster) {
  for (const auto& [plural, objects] : cluster.items()) {
    if (objects.empty()) continue;
    const kube::Kind kind = KindOfList(plural);
    for (const json& object : objects) Put(kind, object);
  }
}

kube::Object ClusterFeed::Decode(kube::Kind kind, const json& document) {
  absl::StatusOr<kube::Object> object = decoder_->DecodeObject(kind, document.dump());
  if (!object.ok()) throw std::invalid_argument(std::string(object.status().message()));
  return *std::move(object);
}

void ClusterFeed::Put(kube::Kind kind, const json& document) {
  kube::Object object = Decode(kind, document);
  if (const auto* pod = std::get_if<kube::Ref<kube::Pod>>(&object)) return PutPod(*pod);
  if (const auto* node = std::get_if<kube::Ref<kube::Node>>(&object)) {
    state_.UpsertNode(*node);
    return;
  }
  state_.UpsertObject(object);
  const std::string key = kube::KeyOf(kube::MetadataOf(object));
  others_[{kind, key}] = std::move(object);
}

void ClusterFeed::PutPod(const kube::Ref<kube::Pod>& pod) {
  const std::string key = PodKey(pod->metadata);
  std::string& known = pod_keys_[kube::KeyOf(pod->metadata)];
  // A bound pod is never seen unbound again; the corpus asks again about pods by name alone.
  if (!known.empty()) state_.RemovePod(known);
  known = key;
  state_.UpsertPod(pod);
}

void ClusterFeed::Delete(kube::Kind kind, const std::string& key) {
  if (kind == kube::Kind::kNode) {
    state_.RemoveNode(key);
  } else if (kind == kube::Kind::kPod) {
    state_.RemovePod(pod_keys_.at(key));
    pod_keys_.erase(key);
  } else {
    state_.RemoveObject(others_.at({kind, key}));
    others_.erase({kind, key});
  }
}

void ClusterFeed::Apply(const json& event) {
  const kube::Kind kind = KindOf(event.at("kind").get<std::string>());
  if (event.at("op") == "delete") return Delete(kind, event.at("key"));
  Put(kind, event.at("object"));
}

PodRecord ClusterFeed::AddPending(const json& document) {
  json pending = document;
  pending.at("spec").erase("nodeName");
  const auto pod = std::get<kube::Ref<kube::Pod>>(Decode(kube::Kind::kPod, pending));
  PutPod(pod);
  PodRecord record = *state_.FindPod(PodKey(pod->metadata));
  record.facts.node_name = document.at("spec").value("nodeName", "");
  return record;
}

void ClusterFeed::Bind(json pod, const std::string& node, const std::string& start_time) {
  pod.at("spec")["nodeName"] = node;
  pod["status"]["phase"] = "Running";
  pod["status"]["startTime"] = start_time;
  pod["status"].erase("nominatedNodeName");
  Put(kube::Kind::kPod, pod);
}

void ClusterFeed::Leave(const json& document) {
  const auto pod = std::get<kube::Ref<kube::Pod>>(Decode(kube::Kind::kPod, document));
  if (!pod->status.nominated_node_name.empty()) return;
  Delete(kube::Kind::kPod, kube::KeyOf(pod->metadata));
}

}  // namespace heat_scheduler
