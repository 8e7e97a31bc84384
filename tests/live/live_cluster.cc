#include "tests/live/live_cluster.h"

#include <utility>

#include "base/check.h"
#include "cluster/json.h"
#include "cluster/registry.h"
#include "gtest/gtest.h"
#include "policy/default_profile.h"

namespace heat_scheduler {
namespace {

using nlohmann::json;

const cluster::WriteContext kTest = {"test", "test"};

// Where events are kept.
const cluster::ResourceInfo& Events() { return cluster::EventResource(); }

}  // namespace

bool IsBind(const net::HttpRequest& request) {
  return request.method == "POST" && request.target.ends_with("/binding");
}

std::unique_ptr<Scheduler> MakeMachine() {
  absl::StatusOr<Profile> profile = DefaultProfile();
  HS_CHECK(profile.ok(), profile.status().ToString());
  std::vector<Profile> profiles;
  profiles.push_back(*std::move(profile));
  auto machine = Scheduler::Create(std::move(profiles), {});
  HS_CHECK(machine.ok(), machine.status().ToString());
  return *std::move(machine);
}

LiveCluster::LiveCluster() : server_(loop_, {}), transport_(loop_, this) {
  transport_.SetPolicy(this);
}

LiveCluster::~LiveCluster() { KillScheduler(); }

void LiveCluster::AddNode(const std::string& name, const std::string& celsius) {
  json node = {{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", {{"name", name}}}};
  if (!celsius.empty()) node["metadata"]["annotations"] = {{"nerdalize/temp", celsius}};
  const auto made = server_.registry().Create(cluster::NodeResource(), "", node, kTest);
  ASSERT_TRUE(made.ok()) << made.error().message;
  const json resources = {{"cpu", "4"}, {"memory", "8Gi"}, {"pods", "110"}};
  const json status = {{"status", {{"allocatable", resources}, {"capacity", resources}}}};
  const auto changed =
      server_.registry().Patch({&cluster::NodeResource(), "", name}, cluster::Part::kStatus,
                               cluster::PatchType::kMerge, status, kTest);
  ASSERT_TRUE(changed.ok()) << changed.error().message;
}

void LiveCluster::SetTemperature(const std::string& node, const std::string& celsius) {
  const json patch = {{"metadata", {{"annotations", {{"nerdalize/temp", celsius}}}}}};
  const auto changed =
      server_.registry().Patch({&cluster::NodeResource(), "", node}, cluster::Part::kMain,
                               cluster::PatchType::kMerge, patch, kTest);
  ASSERT_TRUE(changed.ok()) << changed.error().message;
}

void LiveCluster::DeleteNode(const std::string& name) {
  ASSERT_TRUE(server_.registry().Delete({&cluster::NodeResource(), "", name}, {}, kTest).ok());
}

void LiveCluster::AddPriorityClass(const std::string& name, std::int32_t value) {
  const json made_of = {{"apiVersion", "scheduling.k8s.io/v1"},
                        {"kind", "PriorityClass"},
                        {"metadata", {{"name", name}}},
                        {"value", value}};
  const auto made = server_.registry().Create(cluster::PriorityClassResource(), "", made_of, kTest);
  ASSERT_TRUE(made.ok()) << made.error().message;
}

void LiveCluster::AddPod(const std::string& name, const std::string& cpu,
                         const std::string& scheduler_name, const std::string& priority_class) {
  const json container = {
      {"name", "c"}, {"image", "busybox"}, {"resources", {{"requests", {{"cpu", cpu}}}}}};
  json pod = {
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata", {{"name", name}}},
      {"spec", {{"schedulerName", scheduler_name}, {"containers", json::array({container})}}}};
  if (!priority_class.empty()) pod["spec"]["priorityClassName"] = priority_class;
  const auto made = server_.registry().Create(cluster::PodResource(), "default", pod, kTest);
  ASSERT_TRUE(made.ok()) << made.error().message;
}

void LiveCluster::DeletePod(const std::string& name) {
  cluster::DeleteOptions now;
  now.grace_seconds = 0;
  ASSERT_TRUE(
      server_.registry().Delete({&cluster::PodResource(), "default", name}, now, kTest).ok());
}

json LiveCluster::Pod(const std::string& name) {
  const auto& all = server_.store().All(cluster::PodResource());
  const auto found = all.find("default/" + name);
  return found == all.end() ? json(nullptr) : found->second->json();
}

std::string LiveCluster::NodeOf(const std::string& pod) {
  return std::string(cluster::TextAt(Pod(pod), {"spec", "nodeName"}));
}

std::vector<json> LiveCluster::EventsOf(const std::string& pod) {
  std::vector<json> events;
  const auto& all = server_.store().All(Events());
  for (const auto& [key, document] : all) {
    if (document->name().starts_with(pod + ".")) events.push_back(document->json());
  }
  return events;
}

std::size_t LiveCluster::BoundPods() {
  std::size_t bound = 0;
  const auto& all = server_.store().All(cluster::PodResource());
  for (const auto& [key, document] : all) {
    bound += cluster::TextAt(document->json(), {"spec", "nodeName"}).empty() ? 0 : 1;
  }
  return bound;
}

std::size_t LiveCluster::Writes(const std::string& operation) {
  std::size_t count = 0;
  for (const cluster::WriteRef& write : server_.store().history().writes()) {
    count += write->operation == operation ? 1 : 0;
  }
  return count;
}

void LiveCluster::StartScheduler() {
  KillScheduler();
  scheduler_ = std::make_unique<Instance>();
  Instance& instance = *scheduler_;
  instance.decoder = kube::MakeDocumentKeepingDecoder(documents);
  instance.api = std::make_unique<kube::ApiClient>(
      transport_, loop_, *instance.decoder,
      kube::RequesterOptions{.user_agent = "heat-scheduler", .token = token});
  instance.machine = make_machine ? make_machine() : MakeMachine();
  instance.driver = std::make_unique<LiveDriver>(loop_, *instance.api, *instance.machine,
                                                 instance.metrics, options);
  instance.driver->Start();
}

void LiveCluster::KillScheduler() {
  if (scheduler_ == nullptr) return;
  scheduler_->driver.reset();
  scheduler_.reset();
}

std::size_t LiveCluster::Requests(const std::string& method, const std::string& suffix) const {
  std::size_t count = 0;
  for (const auto& [made_method, path] : requests_) {
    count += made_method == method && path.ends_with(suffix) ? 1 : 0;
  }
  return count;
}

void LiveCluster::Handle(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) {
  requests_.emplace_back(request.method, request.target.substr(0, request.target.find('?')));
  if (tap_ && tap_(request, sink)) return;
  server_.Handle(request, std::move(sink));
}

FaultPlan LiveCluster::OnRequest(const net::HttpRequest& request) {
  return faults_ ? faults_(request) : FaultPlan{};
}

}  // namespace heat_scheduler
