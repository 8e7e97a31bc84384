// A machine with a cluster, and pods for it: what benchmarks of decisions share.
#pragma once

#include <memory>

#include "absl/time/time.h"
#include "base/clock.h"
#include "kube/codec.h"
#include "kube/objects.h"
#include "scheduler/core/scheduler.h"

namespace heat_scheduler {

// What the pods ask for, and by which profile they are placed: Heat's in its two modes, otherwise
// kube-scheduler's own plugins.
enum class Workload {
  kHeatCoolest,  // The default profile.
  kHeatScore,
  kBasic,             // Requests alone.
  kSpreadZones,       // A hard constraint over zones.
  kPreferSpread,      // A soft one.
  kZoneAffinity,      // Required affinity within the zone.
  kHostAntiAffinity,  // Required anti-affinity on the host.
  kPreferAffinity,    // Preferred affinity to the host.
  kNodeAffinity,      // Required node affinity.
};

// A moment for machines that need none.
inline const Instant kBenchNow{absl::FromUnixSeconds(1'800'000'000), absl::Seconds(1)};

// Returns a machine with so many nodes, in three zones, all with a temperature.
std::unique_ptr<Scheduler> MakeBenchMachine(Workload workload, SelectorKind selector, int nodes);

// Returns the node of that number; other versions have other temperatures.
kube::Ref<kube::Node> MakeBenchNode(int number, int version);

// Returns the pod of that number; pods of one `pod_class` are alike but for their names.
kube::Ref<kube::Pod> MakeBenchPod(Workload workload, int number, int pod_class = 0);

}  // namespace heat_scheduler
