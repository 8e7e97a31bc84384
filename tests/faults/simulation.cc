#include "tests/faults/simulation.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "base/random.h"
#include "base/strings.h"
#include "cluster/api_server.h"
#include "cluster/volume_controller.h"
#include "kube/codec.h"
#include "tests/faults/bystanders.h"
#include "tests/faults/faulty_api.h"
#include "tests/faults/instance.h"
#include "tests/faults/storage_invariants.h"
#include "tests/faults/storage_workload.h"
#include "tests/faults/workload.h"
#include "tests/support/sim_loop.h"
#include "tests/support/sim_network.h"

namespace heat_scheduler {
namespace {

constexpr absl::Duration kLookAtQueues = absl::Milliseconds(500);
// Nothing must happen for so long before a run is at its end: longer than every back-off of a pod.
constexpr absl::Duration kQuiet = absl::Seconds(12);

// Streams of random numbers that must not be one another's.
enum SeedOf : std::uint64_t {
  kFaultSeed = 1,
  kStoreSeed,
  kWorkloadSeed,
  kBystanderSeed,
  kRunSeed,
  kNetworkSeed,
  kStorageSeed,
  kStorageWorkloadSeed,
  kInstanceSeed = 1000,
};

class Simulation final : public cluster::WriteObserver {
 public:
  explicit Simulation(const SimulationOptions& options);
  ~Simulation() override;

  SimulationResult Run();

  void OnWrite(const cluster::WriteRef& write) override;

 private:
  // One after the other, as time goes by.
  void RunFaults();
  void RunToTheEnd();
  // Runs one callback and looks at what came of it. Returns false once a guarantee was broken.
  bool Step();
  void LookAtQueues();
  bool IsSettled();
  // Returns true if the instance knows all claims and volumes as they are.
  bool KnowsStorage();
  bool Violated() const;

  void StartInstance();
  void Crash(const char* how);
  void OnDecision(const PodRecord& pod, Decision decision);
  void AnnounceStart();
  void ScheduleTrouble();
  void MakeTrouble();
  void RestartServer();
  void Trace(const std::string& line);

  const SimulationOptions options_;
  SimulationResult result_;
  SimLoop loop_;
  Faults faults_;
  Random random_;
  cluster::ApiServer server_;
  FaultyApi api_;
  std::unique_ptr<kube::Decoder> decoder_;
  InvariantChecker checker_;
  Workload workload_;
  Bystanders bystanders_;
  StorageChecker storage_checker_;
  Random storage_random_;
  std::unique_ptr<StorageWorkload> storage_workload_;
  std::unique_ptr<cluster::VolumeController> volume_controller_;

  // The network of each start; those of earlier ones carry what was left behind.
  std::vector<std::unique_ptr<SimTransport>> networks_;
  std::unique_ptr<Instance> instance_;
  bool server_up_ = true;
  bool crash_is_due_ = false;
  bool start_announced_ = false;
  const bool all_kinds_;
  absl::Duration next_look_ = absl::ZeroDuration();
  // Last write of a pod or node, last news of one to the instance, last decision, or last bind that
  // was sent or settled.
  absl::Duration last_event_ = absl::ZeroDuration();
  View newest_;                     // Versions of the last writes.
  View told_;                       // What the instance had been told after the last step.
  std::size_t binds_pending_ = 0;   // By then.
  std::uint64_t storage_told_ = 0;  // Changes of volumes and claims that it had been told by then.
  std::map<std::string, std::size_t> decision_by_uid_;
  std::map<std::string, std::size_t> decision_by_key_;
  std::map<std::string, std::size_t> decision_by_victim_;
};

Simulation::Simulation(const SimulationOptions& options)
    : options_(options),
      faults_(Mix(options.seed, kFaultSeed)),
      random_(Mix(options.seed, kRunSeed)),
      server_(loop_,
              {.store = {.seed = Mix(options.seed, kStoreSeed), .history = {}}, .watch = {}}),
      api_(loop_, server_, faults_, static_cast<int>(1 + random_.Below(6))),
      decoder_(kube::MakeJsonDecoder()),
      workload_(loop_, server_.registry(), Mix(options.seed, kWorkloadSeed)),
      bystanders_(loop_, server_.registry(), *decoder_, Mix(options.seed, kBystanderSeed)),
      storage_checker_(server_.store(), *decoder_),
      storage_random_(Mix(options.seed, kStorageSeed)),
      all_kinds_(random_.Chance(0.1) || options.storage) {
  result_.seed = options.seed;
  server_.store().AddObserver(this);
  if (!options.storage) return;
  storage_workload_ = std::make_unique<StorageWorkload>(loop_, server_.registry(),
                                                        Mix(options.seed, kStorageWorkloadSeed));
  volume_controller_ = std::make_unique<cluster::VolumeController>(
      loop_, server_.registry(),
      cluster::VolumeControllerOptions{
          .delay = absl::Milliseconds(50 + storage_random_.Below(3000)),
          .fails = [this] { return !faults_.stopped() && storage_random_.Chance(0.2); }});
}

Simulation::~Simulation() { server_.store().RemoveObserver(this); }

SimulationResult Simulation::Run() {
  workload_.Start();
  bystanders_.Start();
  if (storage_workload_ != nullptr) storage_workload_->Start();
  StartInstance();
  ScheduleTrouble();
  RunFaults();
  RunToTheEnd();
  instance_ = nullptr;
  result_.violations = checker_.violations();
  for (const Violation& violation : storage_checker_.violations()) {
    result_.violations.push_back(violation);
  }
  result_.claim_binds = storage_checker_.binds();
  result_.faults = faults_.counts();
  return std::move(result_);
}

void Simulation::RunFaults() {
  const absl::Duration end = absl::Seconds(15 + random_.Below(30));
  while (loop_.Now().mono < end) {
    if (!Step()) return;
  }
}

void Simulation::RunToTheEnd() {
  if (Violated()) return;
  Trace("faults and workload end");
  faults_.Stop();
  workload_.Stop();
  if (storage_workload_ != nullptr) storage_workload_->Stop();
  bystanders_.CalmDown();
  if (instance_ != nullptr) instance_->wire().CrashAfter(SIZE_MAX, nullptr);
  const absl::Duration limit = loop_.Now().mono + options_.settle_within;
  while (!IsSettled()) {
    if (!Step()) return;
    if (loop_.Now().mono > limit) break;
  }
  if (instance_ == nullptr) return;
  checker_.OnSettled(instance_->Settled(loop_.Now().mono));
  if (options_.storage) storage_checker_.OnSettled(loop_.Now().mono, kOurScheduler);
}

bool Simulation::Step() {
  HS_CHECK(loop_.Step(), "the simulation has nothing left to do");
  ++result_.steps;
  if (std::exchange(crash_is_due_, false)) {
    faults_.Count(Fault::kCrashBetweenWrites);
    Crash("crash between two requests");
  }
  if (instance_ != nullptr && !start_announced_ && instance_->driver().synced()) AnnounceStart();
  if (instance_ != nullptr) {
    const bool told = std::exchange(told_, instance_->view()) != instance_->view();
    const std::size_t binds = instance_->driver().binds_pending();
    const bool sent_or_settled = std::exchange(binds_pending_, binds) != binds;
    const ClusterObjects& objects = instance_->scheduler().cluster().objects();
    const std::uint64_t storage =
        objects.version<kube::PersistentVolume>() + objects.version<kube::PersistentVolumeClaim>();
    const bool told_of_storage = std::exchange(storage_told_, storage) != storage;
    if (told || sent_or_settled || told_of_storage) last_event_ = loop_.Now().mono;
  }
  if (loop_.Now().mono >= next_look_) LookAtQueues();
  return !Violated();
}

bool Simulation::Violated() const {
  return !checker_.violations().empty() || !storage_checker_.violations().empty();
}

void Simulation::LookAtQueues() {
  next_look_ = loop_.Now().mono + kLookAtQueues;
  if (instance_ != nullptr && start_announced_) {
    checker_.OnQueues(instance_->Queues(loop_.Now().mono));
  }
}

bool Simulation::IsSettled() {
  if (instance_ == nullptr || !start_announced_ || !bystanders_.at_rest()) return false;
  return loop_.Now().mono - last_event_ > kQuiet && told_.pods >= newest_.pods &&
         told_.nodes >= newest_.nodes && told_.budgets >= newest_.budgets && binds_pending_ == 0 &&
         KnowsStorage();
}

bool Simulation::KnowsStorage() {
  if (!options_.storage) return true;
  const ClusterObjects& known = instance_->scheduler().cluster().objects();
  const auto same = [&]<typename T>(const ClusterObjects::Map<T>& objects,
                                    const cluster::ResourceInfo& resource) {
    const cluster::Store::Objects& stored = server_.store().All(resource);
    return objects.size() == stored.size() &&
           std::all_of(stored.begin(), stored.end(), [&](const auto& entry) {
             const T* object = known.Find<T>(entry.first);
             return object != nullptr && object->metadata.resource_version ==
                                             absl::StrCat(entry.second->resource_version());
           });
  };
  return same(known.all<kube::PersistentVolume>(), cluster::PersistentVolumeResource()) &&
         same(known.all<kube::PersistentVolumeClaim>(), cluster::PersistentVolumeClaimResource());
}

// ---- What happens ----

void Simulation::Trace(const std::string& line) {
  result_.trace.push_back(
      absl::StrCat(absl::FormatDuration(loop_.Now().mono), " step ", result_.steps, ": ", line));
}

void Simulation::OnWrite(const cluster::WriteRef& write) {
  if (write->resource == &cluster::PersistentVolumeResource() ||
      write->resource == &cluster::PersistentVolumeClaimResource()) {
    last_event_ = loop_.Now().mono;
    Trace(absl::StrCat("rv ", write->resource_version, " ", write->user_agent, ": ",
                       write->operation, " ", ToAbsl(write->resource->singular), " ", write->name));
    storage_checker_.OnWrite(write, false);
  }
  const kube::Kind kind = write->resource == &cluster::PodResource() ? kube::Kind::kPod
                          : write->resource == &cluster::NodeResource()
                              ? kube::Kind::kNode
                              : kube::Kind::kPodDisruptionBudget;
  if (kind == kube::Kind::kPodDisruptionBudget &&
      write->resource != &cluster::PodDisruptionBudgetResource()) {
    return;
  }
  WriteEntry entry;
  entry.resource_version = write->resource_version;
  entry.time = write->time.mono;
  entry.operation = write->operation;
  const bool gone = write->verb == cluster::WriteVerb::kDelete;
  const auto decode = [&]<typename T>(kube::Ref<T>& before, kube::Ref<T>& after) {
    const auto one = [&](const cluster::DocumentRef& document) {
      auto object = decoder_->DecodeObject(kind, *document->text());
      HS_CHECK(object.ok(), object.status().ToString());
      return std::get<kube::Ref<T>>(*std::move(object));
    };
    if (write->before) before = one(write->before);
    if (!gone) after = one(write->after);
  };
  switch (kind) {
    case kube::Kind::kPod:
      newest_.pods = write->resource_version;
      decode(entry.pod_before, entry.pod_after);
      break;
    case kube::Kind::kNode:
      newest_.nodes = write->resource_version;
      decode(entry.node_before, entry.node_after);
      break;
    default:
      newest_.budgets = write->resource_version;
      decode(entry.budget_before, entry.budget_after);
      break;
  }
  if (absl::StartsWith(write->user_agent, kDecisionMark)) {
    entry.ours = true;
    HS_CHECK(absl::SimpleAtoi(write->user_agent.substr(sizeof(kDecisionMark) - 1), &entry.decision),
             write->user_agent);
    if (write->operation == "bind") ++result_.binds;
    if (write->operation == "delete") ++result_.evictions;
  }
  last_event_ = loop_.Now().mono;
  Trace(absl::StrCat("rv ", write->resource_version, " ", write->user_agent, ": ", write->operation,
                     " ", ToAbsl(write->resource->singular), " ", write->name,
                     entry.pod_after ? absl::StrCat(" on ", entry.pod_after->node_name) : ""));
  checker_.OnWrite(entry);
  if (options_.storage) storage_checker_.OnWrite(write, entry.ours);
}

void Simulation::OnDecision(const PodRecord& pod, Decision decision) {
  // A crashed instance may think a little longer; nobody will hear of it.
  if (crash_is_due_) return;
  if (!start_announced_) AnnounceStart();
  ++(decision.node.empty() ? result_.refusals : result_.decisions);
  if (!decision.victims.empty()) ++result_.preemptions;
  decision.time = last_event_ = loop_.Now().mono;
  decision.instance = instance_->number();
  decision.view = instance_->view();
  Trace(absl::StrCat(
      "decision: ", pod.facts.name, decision.node.empty() ? " fits nowhere" : " on ", decision.node,
      decision.victims.empty() ? ""
                               : absl::StrCat(", ", absl::StrJoin(decision.victims, " "),
                                              " must leave ", decision.preempts_on),
      ", told of pods ", decision.view.pods, ", nodes ", decision.view.nodes, ", budgets ",
      decision.view.budgets));
  const std::string node = decision.node;
  const std::vector<std::string> victims = decision.victims;
  const std::size_t number = checker_.OnDecision(std::move(decision));
  for (const std::string& victim : victims) decision_by_victim_[victim] = number;
  if (node.empty()) return;
  decision_by_uid_[pod.facts.uid] = number;
  decision_by_key_[absl::StrCat(pod.facts.namespace_, "/", pod.facts.name)] = number;
}

void Simulation::AnnounceStart() {
  start_announced_ = true;
  last_event_ = loop_.Now().mono;
  Trace(absl::StrCat("instance ", instance_->number(), " has listed everything"));
  checker_.OnStart(instance_->number(), loop_.Now().mono);
}

void Simulation::StartInstance() {
  const int number = result_.instances;
  networks_.push_back(std::make_unique<SimTransport>(
      loop_, server_up_ ? &api_ : nullptr,
      SimNetworkOptions{.seed = Mix(options_.seed, kNetworkSeed + 100 * networks_.size())}));
  networks_.back()->SetPolicy(&api_);
  start_announced_ = false;
  instance_ = std::make_unique<Instance>(
      loop_, *networks_.back(),
      InstanceOptions{
          .number = number,
          .seed = Mix(options_.seed, kInstanceSeed + static_cast<std::uint64_t>(number)),
          .all_kinds = all_kinds_},
      [this](const PodRecord& pod, Decision decision) { OnDecision(pod, std::move(decision)); },
      Wire::Decisions{.of_bind =
                          [this](const std::string& uid, const std::string& key) {
                            const auto by_uid = decision_by_uid_.find(uid);
                            if (by_uid != decision_by_uid_.end()) return by_uid->second;
                            const auto by_key = decision_by_key_.find(key);
                            return by_key == decision_by_key_.end() ? 0 : by_key->second;
                          },
                      .of_deletion =
                          [this](const std::string& uid) {
                            const auto found = decision_by_victim_.find(uid);
                            return found == decision_by_victim_.end() ? 0 : found->second;
                          }});
  Trace(absl::StrCat("instance ", number, " starts"));
  instance_->Start();
}

// ---- The larger faults ----

void Simulation::Crash(const char* how) {
  if (instance_ == nullptr) return;
  Trace(absl::StrCat(how, " of instance ", instance_->number()));
  instance_->wire().Crash();
  instance_ = nullptr;
  // Its connections are reset; what the server has read by then, it may still carry out.
  if (faults_.Strikes(Fault::kZombieRequest)) {
    Trace("its requests go on");
  } else {
    networks_.back()->CutAll();
  }
  ++result_.instances;
  loop_.RunAfter(faults_.Delay(absl::Seconds(5)), [this] { StartInstance(); });
}

void Simulation::ScheduleTrouble() {
  loop_.RunAfter(absl::Milliseconds(200 + random_.Below(1800)), [this] {
    if (faults_.stopped()) return;
    MakeTrouble();
    ScheduleTrouble();
  });
}

void Simulation::MakeTrouble() {
  if (faults_.Strikes(Fault::kCompacted)) {
    Trace("history is compacted");
    server_.store().Compact();
  }
  if (faults_.Strikes(Fault::kWatchesClosed)) server_.CloseWatches();
  if (server_up_ && faults_.Strikes(Fault::kServerRestart)) RestartServer();
  if (instance_ == nullptr) return;
  if (faults_.Strikes(Fault::kCrash)) {
    Crash("crash between two steps");
  } else if (faults_.Draw(Fault::kCrashBetweenWrites)) {
    instance_->wire().CrashAfter(faults_.random().Below(6), [this] { crash_is_due_ = true; });
  }
}

void Simulation::RestartServer() {
  Trace("the API server goes down");
  server_up_ = false;
  server_.CloseWatches();
  server_.store().Compact();
  for (const auto& network : networks_) {
    network->Connect(nullptr);
    network->CutAll();
  }
  loop_.RunAfter(absl::Milliseconds(300) + faults_.Delay(absl::Seconds(20)), [this] {
    Trace("the API server is back");
    server_up_ = true;
    for (const auto& network : networks_) network->Connect(&api_);
  });
}

}  // namespace

SimulationResult RunSimulation(const SimulationOptions& options) {
  return Simulation(options).Run();
}

std::string SimulationResult::Report() const {
  constexpr std::size_t kLines = 60;
  std::vector<std::string> lines;
  lines.push_back(
      absl::StrCat("seed ", seed, ", step ", steps, "; repeat it with HEAT_FAULT_SEED=", seed));
  for (const Violation& violation : violations) {
    lines.push_back(absl::StrCat(violation.guarantee, " at ", absl::FormatDuration(violation.time),
                                 ": ", violation.what));
  }
  const std::size_t first = trace.size() - std::min(trace.size(), kLines);
  lines.push_back(absl::StrCat("the last of ", trace.size(), " lines of its trace:"));
  lines.insert(lines.end(), trace.begin() + static_cast<std::ptrdiff_t>(first), trace.end());
  return absl::StrJoin(lines, "\n");
}

}  // namespace heat_scheduler
