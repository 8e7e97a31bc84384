// Checks the guarantees that hold whatever fails: no overcommit because of our bind (G1), no double
// or wrong bind (G2), no lost pod (G3), the same across restarts (G5), an end state that a run
// without faults allows (G7), and nobody evicted who need not be (G11). docs/fault-simulation.md
// states them in full.
//
// Fed step by step with what happened, as plain data; keeps what it found wrong. A decision is
// judged by what its instance had been told (View) and by what that instance had decided before,
// never by what it could not know: a foreign pod bound a moment ago is no fault of ours. Whether a
// pod with claims should have found a node is left to storage_invariants.h.
// Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "tests/faults/history.h"

namespace heat_scheduler {

struct CheckerOptions {
  std::string scheduler_name = "heat-scheduler";
  // A pod that fits somewhere is tried again within: the longest back-off and one second.
  absl::Duration retry_within = absl::Seconds(11);
};

// One broken guarantee.
struct Violation {
  std::string guarantee;  // "G1", ...
  absl::Duration time;
  std::string what;
};

// Where the scheduler keeps a pod that waits.
enum class QueuePlace { kActive, kBackoff, kUnschedulable, kGated, kInFlight };

// UID and place; a pod in two places is there twice.
using QueuePlaces = std::vector<std::pair<std::string, QueuePlace>>;

// The queues of an instance at one moment.
struct QueueDump {
  absl::Duration time;
  int instance = 1;
  View view;  // What it had been told by then.
  QueuePlaces places;
  Nominations nominations = {};
};

// The scheduler once nothing has happened for long: everything delivered, nothing under way.
struct SettledDump {
  absl::Duration time;
  int instance = 1;
  QueuePlaces places;
  // UIDs of the pods that it counts on each living node.
  std::map<std::string, std::set<std::string>> counted;
  Nominations nominations = {};
};

class InvariantChecker {
 public:
  explicit InvariantChecker(CheckerOptions options = {}) : options_(std::move(options)) {}

  // Takes a write that the API accepted.
  void OnWrite(const WriteEntry& write);

  // Takes an attempt; returns its number, from 1, for WriteEntry::decision.
  std::size_t OnDecision(Decision decision);

  // Takes the start of an instance that has been told everything once: from here on it answers for
  // each pod. Instance 1 needs none.
  void OnStart(int instance, absl::Duration time);

  // Looks at the queues, and at whether pods that fit are tried again.
  void OnQueues(const QueueDump& dump);

  // Looks at the end of a run.
  void OnSettled(const SettledDump& dump);

  const std::vector<Violation>& violations() const { return violations_; }
  const RunHistory& history() const { return history_; }

 private:
  // A bind of ours that the API accepted.
  struct Placement {
    std::string node;
    std::size_t decision = 0;
  };
  // What is known of a pod that waits, in the current instance.
  struct Waiting {
    absl::Duration last_attempt = -absl::InfiniteDuration();
    std::size_t last_decision = 0;
    absl::Duration fits_since = absl::InfiniteDuration();
  };

  void CheckBind(const WriteEntry& write);
  void CheckRoom(const kube::Pod& pod, const Placement& placement, const WriteEntry& write);
  void CheckChoice(const Decision& decision);
  void CheckRefusal(const Decision& decision);

  // ---- preemption_checks.cc: G11 ----
  // That nothing was taken which is kept for somebody.
  void CheckKeptRoom(const Decision& decision, const kube::Pod& pod, const kube::Node& node);
  // That making room was allowed, helps, and asks no more of others than it must.
  void CheckPreemption(const Decision& decision);
  std::string WhyNotEligible(const Decision& decision, const kube::Pod& pod) const;
  std::string WhyNoVictim(const Decision& decision, const kube::Pod& pod,
                          const std::string& victim) const;
  std::string WhyNeedless(const Decision& decision, const kube::Pod& pod) const;
  std::string WhyUnprotected(const Decision& decision, const kube::Pod& pod) const;
  // That what we deleted was a victim, and marked as one.
  void CheckEviction(const WriteEntry& write);

  void CheckPlaces(const QueuePlaces& places, std::int64_t pods_version, absl::Duration time);
  void CheckRetries(const QueueDump& dump);
  // Returns the pods, but for one, that hold room on the node, and with `at_most` those, too, that
  // could as far as the view goes: that came there unknown to the instance, that it has sent there
  // and has not heard of, or that it keeps room for before that pod.
  PodRefs OthersOn(const std::string& node, const kube::Pod& pod, const View& view,
                   const Nominations& nominations, bool at_most) const;
  // Returns the name of a node that takes the pod even if all that could hold room there does;
  // empty: none.
  std::string FitsSomewhere(const kube::Pod& pod, const View& view,
                            const Nominations& nominations) const;
  // G3, or G5 for a pod that an instance found when it started after another.
  std::string LostOr(std::string_view uid) const;
  void Report(std::string guarantee, absl::Duration time, std::string what);

  const CheckerOptions options_;
  RunHistory history_;
  std::vector<Violation> violations_;
  std::map<std::string, Placement, std::less<>> placements_;  // By UID of pod.
  std::map<std::string, Waiting, std::less<>> waiting_;       // By UID of pod.
  int instance_ = 1;
  absl::Duration started_ = absl::ZeroDuration();
  std::int64_t newest_ = 0;
  std::int64_t newest_at_start_ = 0;
};

}  // namespace heat_scheduler
