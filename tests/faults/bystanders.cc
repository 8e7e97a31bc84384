#include "tests/faults/bystanders.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "cluster/patch.h"
#include "tests/faults/workload.h"

namespace heat_scheduler {
namespace {

using cluster::Json;

constexpr absl::Duration kTick = absl::Milliseconds(400);
constexpr double kActChance = 0.5;

}  // namespace

Bystanders::Bystanders(net::EventLoop& loop, cluster::Registry& registry, kube::Decoder& decoder,
                       std::uint64_t seed)
    : loop_(loop),
      registry_(registry),
      decoder_(decoder),
      random_(seed),
      end_chance_(random_.Unit() * 0.05),
      stop_chance_(random_.Chance(0.5) ? kActChance : 0.05) {}

Bystanders::~Bystanders() { loop_.Cancel(timer_); }

void Bystanders::Start() {
  timer_ = loop_.RunAfter(kTick, [this] {
    Tick();
    Start();
  });
}

void Bystanders::Tick() {
  at_rest_ = true;
  const cluster::Store::Objects pods = registry_.store().All(cluster::PodResource());
  for (const auto& [key, document] : pods) {
    if (Act(*document)) at_rest_ = false;
  }
}

bool Bystanders::Act(const cluster::Document& document) {
  const Json& json = document.json();
  const std::string node_name(cluster::TextAt(json, {"spec", "nodeName"}));
  const std::string_view phase = cluster::TextAt(json, {"status", "phase"});
  const bool deleting = cluster::Find(json, {"metadata", "deletionTimestamp"}) != nullptr;
  if (node_name.empty()) {
    if (cluster::TextAt(json, {"spec", "schedulerName"}) != kOtherScheduler) return false;
    return PlacePod(*DecodePod(document));
  }
  const kube::Ref<kube::Node> node = FindNode(node_name);
  if (node == nullptr) {
    if (random_.Chance(0.1)) DeleteAtOnce(*DecodePod(document), "pod-garbage-collector");
    return true;
  }
  if (deleting) {
    if (random_.Chance(stop_chance_)) DeleteAtOnce(*DecodePod(document), "kubelet");
    return true;
  }
  if (phase == "Pending") return RunPod(*DecodePod(document), *node);
  if (phase == "Running" && !calm_ && random_.Chance(end_chance_)) {
    SetPhase(*DecodePod(document), random_.Chance(0.8) ? "Succeeded" : "Failed", "");
  }
  return false;
}

bool Bystanders::RunPod(const kube::Pod& pod, const kube::Node& node) {
  if (!random_.Chance(kActChance)) return true;
  const bool fits =
      WhyOvercommitted(pod, node, PodsOn(node.metadata.name, pod.metadata.uid)).empty();
  SetPhase(pod, fits ? "Running" : "Failed", fits ? "" : "OutOfcpu");
  return true;
}

bool Bystanders::PlacePod(const kube::Pod& pod) {
  std::vector<std::string> fitting;
  for (const auto& [name, document] : registry_.store().All(cluster::NodeResource())) {
    const kube::Ref<kube::Node> node = FindNode(name);
    if (WhyNot(pod, *node, PodsOn(name, pod.metadata.uid)).empty()) fitting.push_back(name);
  }
  if (fitting.empty() || !pod.spec->scheduling_gates.empty()) return false;
  if (!random_.Chance(kActChance)) return true;
  const Json binding = {{"metadata", {{"uid", pod.metadata.uid}}},
                        {"target", {{"name", fitting[random_.Below(fitting.size())]}}}};
  registry_.Bind(pod.metadata.namespace_, pod.metadata.name, binding, {kOtherScheduler, "bind"});
  return true;
}

void Bystanders::SetPhase(const kube::Pod& pod, const char* phase, const char* reason) {
  registry_.Patch({&cluster::PodResource(), pod.metadata.namespace_, pod.metadata.name},
                  cluster::Part::kStatus, cluster::PatchType::kMerge,
                  {{"status", {{"phase", phase}, {"reason", reason}}}},
                  {"kubelet", "patch status"});
}

void Bystanders::DeleteAtOnce(const kube::Pod& pod, const char* writer) {
  cluster::DeleteOptions options;
  options.grace_seconds = 0;
  options.uid = pod.metadata.uid;
  registry_.Delete({&cluster::PodResource(), pod.metadata.namespace_, pod.metadata.name}, options,
                   {writer, "delete"});
}

kube::Ref<kube::Node> Bystanders::FindNode(const std::string& name) {
  const cluster::DocumentRef document = registry_.store().Get(cluster::NodeResource(), "", name);
  if (document == nullptr) return nullptr;
  return std::get<kube::Ref<kube::Node>>(Decode(kube::Kind::kNode, *document));
}

PodRefs Bystanders::PodsOn(const std::string& node, const std::string& but_uid) {
  PodRefs pods;
  for (const auto& [key, document] : registry_.store().All(cluster::PodResource())) {
    if (cluster::TextAt(document->json(), {"spec", "nodeName"}) != node) continue;
    kube::Ref<kube::Pod> pod = DecodePod(*document);
    if (!pod->terminated() && pod->metadata.uid != but_uid) pods.push_back(std::move(pod));
  }
  return pods;
}

kube::Ref<kube::Pod> Bystanders::DecodePod(const cluster::Document& document) {
  return std::get<kube::Ref<kube::Pod>>(Decode(kube::Kind::kPod, document));
}

const kube::Object& Bystanders::Decode(kube::Kind kind, const cluster::Document& document) {
  const auto known = decoded_.find(document.resource_version());
  if (known != decoded_.end()) return known->second;
  auto object = decoder_.DecodeObject(kind, *document.text());
  HS_CHECK(object.ok(), object.status().ToString());
  return decoded_.emplace(document.resource_version(), *std::move(object)).first->second;
}

}  // namespace heat_scheduler
