#include "tests/faults/workload.h"

#include <iterator>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "cluster/patch.h"
#include "tests/faults/manifests.h"

namespace heat_scheduler {
namespace {

using cluster::DocumentRef;
using cluster::Json;

constexpr std::uint64_t kMaxPods = 40;
constexpr std::uint64_t kMaxNodes = 8;
constexpr std::uint64_t kMaxBudgets = 3;

cluster::WriteContext Writer(const char* operation) { return {"workload", operation}; }

DocumentRef AnyOf(Random& random, const cluster::Store::Objects& objects) {
  if (objects.empty()) return nullptr;
  return std::next(objects.begin(), static_cast<std::ptrdiff_t>(random.Below(objects.size())))
      ->second;
}

}  // namespace

Workload::Workload(net::EventLoop& loop, cluster::Registry& registry, std::uint64_t seed)
    : loop_(loop),
      registry_(registry),
      random_(seed),
      pace_(absl::Milliseconds(100 + random_.Below(500))) {}

Workload::~Workload() { Stop(); }

void Workload::Start() {
  for (const auto& [name, value, policy] : kPriorityClasses) {
    Create(cluster::PriorityClassResource(), "",
           {{"metadata", {{"name", name}}}, {"value", value}, {"preemptionPolicy", policy}});
  }
  for (std::uint64_t i = 0, count = 1 + random_.Below(5); i < count; ++i) CreateNode();
  for (std::uint64_t i = 0, count = random_.Below(10); i < count; ++i) CreatePod(kOurScheduler);
  Tick();
}

void Workload::Stop() { loop_.Cancel(std::exchange(timer_, 0)); }

void Workload::Tick() {
  timer_ = loop_.RunAfter(pace_ * (2 * random_.Unit()), [this] {
    Act();
    Tick();
  });
}

void Workload::Act() {
  using Action = void (*)(Workload&);
  static constexpr Action kActions[] = {
      [](Workload& w) {
        for (std::uint64_t i = 0, n = 1 + w.random_.Below(4); i < n; ++i) {
          w.CreatePod(kOurScheduler);
        }
      },
      [](Workload& w) { w.CreatePod(kOtherScheduler); },
      [](Workload& w) { w.CreateStaticPod(); },
      [](Workload& w) { w.DeletePod(); },
      [](Workload& w) { w.RecreatePod(); },
      [](Workload& w) { w.Ungate(); },
      [](Workload& w) { w.TouchPod(); },
      [](Workload& w) { w.TolerateMore(); },
      [](Workload& w) { w.CreateNode(); },
      [](Workload& w) { w.DeleteNode(); },
      [](Workload& w) { w.RecreateNode(); },
      [](Workload& w) {
        w.PatchNode({{"spec", {{"unschedulable", w.random_.Chance(0.5)}}}});
      },
      [](Workload& w) {
        w.PatchNode({{"spec", {{"taints", DrawTaints(w.random_)}}}});
      },
      [](Workload& w) {
        // A merge patch leaves what it does not name: resources never vanish, they go to zero.
        Json allocatable = DrawAllocatable(w.random_);
        w.PatchNode({{"status", {{"allocatable", allocatable}}}}, cluster::Part::kStatus);
      },
      [](Workload& w) {
        const char* disk = w.random_.Chance(0.5) ? "ssd" : "hdd";
        w.PatchNode({{"metadata", {{"labels", {{"disk", disk}}}}}});
      },
      [](Workload& w) { w.ChangeTemperature(); },
      [](Workload& w) { w.CreateBudget(); },
      [](Workload& w) { w.ChangeBudget(); },
      [](Workload& w) { w.DeleteBudget(); },
  };
  if (weights_.empty()) {
    // Each run favours some acts and leaves others out; pods of ours come in every run.
    for (std::size_t i = 0; i < std::size(kActions); ++i) {
      weights_.push_back(random_.Chance(0.7) ? 1 + random_.Below(4) : 0);
    }
    weights_[0] += 4;
  }
  std::uint64_t total = 0;
  for (const std::uint64_t weight : weights_) total += weight;
  std::uint64_t drawn = random_.Below(total);
  std::size_t act = 0;
  while (drawn >= weights_[act]) drawn -= weights_[act++];
  kActions[act](*this);
}

// ---- Pods ----

void Workload::CreatePod(const std::string& scheduler_name) {
  if (registry_.store().All(cluster::PodResource()).size() >= kMaxPods) return DeletePod();
  Create(cluster::PodResource(), "default",
         DrawPod(random_, absl::StrCat("p", next_pod_++), scheduler_name));
}

// A pod that comes with its node, as a kubelet's static pods do; it may be too much for the node.
void Workload::CreateStaticPod() {
  const DocumentRef node = AnyNode();
  if (node == nullptr) return;
  const char* scheduler_name = random_.Chance(0.5) ? kOurScheduler : kOtherScheduler;
  Json pod = DrawPod(random_, absl::StrCat("s", next_pod_++), scheduler_name);
  pod["spec"].erase("schedulingGates");
  pod["spec"]["nodeName"] = std::string(node->name());
  Create(cluster::PodResource(), "default", std::move(pod));
}

void Workload::DeletePod() {
  const DocumentRef pod = AnyPod();
  if (pod != nullptr) Delete(cluster::PodResource(), *pod, random_.Chance(0.3));
}

void Workload::RecreatePod() {
  const DocumentRef pod = AnyPod();
  if (pod == nullptr) return;
  Delete(cluster::PodResource(), *pod, true);
  Create(cluster::PodResource(), "default",
         DrawPod(random_, std::string(pod->name()), kOurScheduler));
}

void Workload::Ungate() {
  for (const auto& [key, pod] :
       cluster::Store::Objects(registry_.store().All(cluster::PodResource()))) {
    if (cluster::ArrayAt(pod->json(), {"spec", "schedulingGates"}).empty()) continue;
    return PatchPod(*pod, {{"spec", {{"schedulingGates", Json::array()}}}});
  }
}

void Workload::TouchPod() {
  const DocumentRef pod = AnyPod();
  if (pod == nullptr) return;
  PatchPod(*pod, {{"metadata",
                   {{"labels", {{"touched", absl::StrCat(random_.Below(3))}}},
                    {"annotations", {{"note", absl::StrCat(random_.Below(3))}}}}}});
}

void Workload::TolerateMore() {
  const DocumentRef pod = AnyPod();
  if (pod == nullptr) return;
  Json tolerations = cluster::ArrayAt(pod->json(), {"spec", "tolerations"});
  tolerations.push_back(DrawToleration(random_));
  PatchPod(*pod, {{"spec", {{"tolerations", tolerations}}}});
}

// ---- Nodes ----

void Workload::CreateNode() {
  if (registry_.store().All(cluster::NodeResource()).size() >= kMaxNodes) return;
  // Names come back, too: a node may be created anew long after one of its name went.
  const std::string name =
      absl::StrCat("n", random_.Chance(0.3) ? random_.Below(next_node_ + 1) : next_node_++);
  Create(cluster::NodeResource(), "", DrawNode(random_, name));
}

void Workload::DeleteNode() {
  const DocumentRef node = AnyNode();
  if (node != nullptr) Delete(cluster::NodeResource(), *node, true);
}

void Workload::RecreateNode() {
  const DocumentRef node = AnyNode();
  if (node == nullptr) return;
  Delete(cluster::NodeResource(), *node, true);
  Create(cluster::NodeResource(), "", DrawNode(random_, std::string(node->name())));
}

void Workload::ChangeTemperature() {
  Json value = nullptr;
  if (random_.Chance(0.8)) value = DrawTemperature(random_);
  PatchNode({{"metadata", {{"annotations", {{kTemperatureAnnotation, value}}}}}});
}

void Workload::PatchNode(const Json& patch, cluster::Part part) {
  const DocumentRef node = AnyNode();
  if (node == nullptr) return;
  registry_.Patch({&cluster::NodeResource(), "", std::string(node->name())}, part,
                  cluster::PatchType::kMerge, patch, Writer("patch"));
}

// ---- Disruption budgets ----

void Workload::CreateBudget() {
  if (registry_.store().All(cluster::PodDisruptionBudgetResource()).size() >= kMaxBudgets) return;
  Create(cluster::PodDisruptionBudgetResource(), "default",
         DrawBudget(random_, absl::StrCat("b", next_budget_++)));
  ChangeBudget();
}

// What the disruption controller does: nothing sets the status at creation.
void Workload::ChangeBudget() {
  const DocumentRef budget =
      AnyOf(random_, registry_.store().All(cluster::PodDisruptionBudgetResource()));
  if (budget == nullptr) return;
  registry_.Patch({&cluster::PodDisruptionBudgetResource(), "default", std::string(budget->name())},
                  cluster::Part::kStatus, cluster::PatchType::kMerge,
                  {{"status", {{"disruptionsAllowed", random_.Below(3)}}}}, Writer("patch status"));
}

void Workload::DeleteBudget() {
  const DocumentRef budget =
      AnyOf(random_, registry_.store().All(cluster::PodDisruptionBudgetResource()));
  if (budget != nullptr) Delete(cluster::PodDisruptionBudgetResource(), *budget, true);
}

// ---- The API ----

DocumentRef Workload::AnyPod() {
  return AnyOf(random_, registry_.store().All(cluster::PodResource()));
}

DocumentRef Workload::AnyNode() {
  return AnyOf(random_, registry_.store().All(cluster::NodeResource()));
}

// What the API refuses (a name that is taken, a change that is not allowed) is not done.
void Workload::Create(const cluster::ResourceInfo& resource, const std::string& namespace_,
                      Json document) {
  registry_.Create(resource, namespace_, std::move(document), Writer("create"));
}

void Workload::Delete(const cluster::ResourceInfo& resource, const cluster::Document& document,
                      bool at_once) {
  cluster::DeleteOptions options;
  if (at_once) options.grace_seconds = 0;
  registry_.Delete({&resource, std::string(document.namespace_()), std::string(document.name())},
                   options, Writer("delete"));
}

void Workload::PatchPod(const cluster::Document& pod, const Json& patch) {
  registry_.Patch({&cluster::PodResource(), std::string(pod.namespace_()), std::string(pod.name())},
                  cluster::Part::kMain, cluster::PatchType::kMerge, patch, Writer("patch"));
}

}  // namespace heat_scheduler
