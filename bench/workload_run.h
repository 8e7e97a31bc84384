// Runs a workload through the machine, as its driver and its API server at once, and takes times.
//
// Effects are carried out at once: a binding is confirmed and shown bound, a pod that is asked to
// leave is gone, a condition is shown. Time in the machine is virtual: a millisecond passes with
// each decision, and when nothing is active while pods are in back-off, the time until that is
// over.
//
// Times are taken of the measured pods only, in four parts that add up to all that the machine does
// for them: deciding (ScheduleOne and TakeEffects: the queue, the choice, what is assumed, the
// effects), arrivals (the pods and their claims come), confirming (replies, and what the API then
// shows), and churn (what else comes and goes). Each figure holds one reading of the clock, some
// 30 ns. Not among them is the making of objects, which a driver does when it decodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "bench/object_maker.h"
#include "bench/workload.h"
#include "kube/codec.h"
#include "scheduler/core/scheduler.h"

namespace heat_scheduler {

struct RunOptions {
  SelectorKind selector = SelectorKind::kIncremental;
  TieRule tie_rule = TieRule::kRotate;
  std::uint64_t seed = 0;
  bool keep_best = false;         // Attempt::best is filled in.
  std::size_t history_bytes = 0;  // SchedulerOptions::history_bytes
};

// Time that was taken by so many of something.
struct Part {
  double seconds = 0;
  std::int64_t count = 0;

  double per_second() const { return seconds > 0 ? static_cast<double>(count) / seconds : 0; }
};

struct RunResult {
  Outcome outcome;
  std::uint64_t checksum = 0;                // Of the nodes chosen, in the order of decisions.
  std::int64_t measured_decided = 0;         // Measured pods that were decided on.
  std::vector<std::int64_t> decision_nanos;  // Of each decision, in order.
  Part deciding, arrivals, confirming, churn;
  // What the machine holds at the end, the objects included: the bytes that are freed with it.
  std::size_t heap_bytes = 0;
  // Resident memory of the process at the end, whatever else it has done.
  std::size_t resident_bytes = 0;

  // Measured pods decided on in a second of deciding, decisions about others and repeated ones
  // included in the time.
  double decisions_per_second() const;
  // The same, of a second of everything.
  double pods_per_second() const;
};

class WorkloadRun {
 public:
  // Hears of each decision, and returns the node on which the pod is bound: that of the attempt, or
  // of another scheduler; empty: none. `measured`: it was made while the measured pods are decided
  // on. An error ends the run.
  using Placer = std::function<absl::StatusOr<std::string>(const Attempt& attempt, bool measured)>;
  // Returns the node on which a pod of an earlier operation is bound when it comes; empty: it is
  // decided on like others.
  using PlacedBefore = std::function<std::string(const kube::Pod& pod)>;

  // Returns an error for a configuration that is wrong.
  static absl::StatusOr<std::unique_ptr<WorkloadRun>> Create(const Workload& workload,
                                                             const RunOptions& options);
  ~WorkloadRun();

  // To be called before Prepare. Without them, all pods go where the machine says.
  void set_placer(Placer placer) { placer_ = std::move(placer); }
  void set_placed_before(PlacedBefore placed) { placed_before_ = std::move(placed); }

  // Does all operations but the measured one.
  absl::Status Prepare();

  // Does the measured one, and ends the machine.
  absl::StatusOr<RunResult> Measure();

 private:
  // What happens among the measured pods: before each of which the number is a multiple.
  struct Interlude {
    std::int64_t interval = 1;
    std::function<absl::Status()> happen;
  };

  WorkloadRun(const Workload& workload, std::unique_ptr<Scheduler> scheduler);

  absl::Status Do(const Operation& operation, std::size_t op);
  absl::Status DoCreateNodes(const CreateNodes& create, std::size_t op);
  absl::Status DoCreateNamespaces(const CreateNamespaces& create);
  absl::Status DoCreatePods(const CreatePods& create, std::size_t op,
                            const std::string& namespace_);
  absl::Status DoCreatePodSets(const CreatePodSets& create, std::size_t op);
  absl::Status DoCreateAny(const CreateAny& create, std::size_t op);
  absl::Status AddChurn(const Churn& churn, std::size_t op);
  absl::Status AddDeletePods(const DeletePods& deletion);
  absl::Status AddChangeNodes(const ChangeNodes& change);

  absl::Status EnsureNamespace(const std::string& name);
  void Show(kube::Object object) { Take(ObjectChanged{std::move(object)}); }
  void Take(const MachineInput& input) { scheduler_->Handle(input, now_); }
  // Hands the inputs in, and takes the time of it.
  void TakeTimed(const std::vector<MachineInput>& inputs, Part& part);
  // Lets the back-off of pods pass. Returns false if none is in back-off.
  bool Wait();
  absl::Status DecideAll();
  absl::Status DecideOne();
  // Answers effects until there are none. Pods are bound to `node`; absent: where their effects
  // say. Returns false if there was no effect.
  bool CarryOut(std::vector<Effect> effects, const std::optional<std::string>& node);
  // Appends what the API says to an effect.
  void Answer(const Effect& effect, const std::optional<std::string>& node,
              std::vector<MachineInput>& inputs);
  absl::Status HappenBefore(std::int64_t measured_pod);
  Part& confirming() { return measuring_ ? result_.confirming : unmeasured_; }
  // Returns a copy of the pod as it is now, or null.
  std::shared_ptr<kube::Pod> CopyOfPod(const std::string& uid) const;
  // Returns the object, if it is a pod as it is now.
  kube::Object AsItIs(const kube::Object& object) const;
  void NoteEnd();

  const Workload& workload_;
  std::unique_ptr<Scheduler> scheduler_;
  ObjectMaker maker_;
  Placer placer_;
  PlacedBefore placed_before_;
  Instant now_;
  absl::flat_hash_set<std::string> namespaces_;
  // UIDs of the pods of each namespace, as they came.
  std::map<std::string, std::deque<std::string>> pods_of_;
  std::vector<Interlude> interludes_;

  bool measuring_ = false;
  Part unmeasured_;  // Where times go before.
  absl::flat_hash_set<std::string> measured_uids_;
  std::int64_t happened_before_ = 0;  // The last measured pod that interludes were asked for.
  RunResult result_;
};

}  // namespace heat_scheduler
