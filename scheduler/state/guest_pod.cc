#include "scheduler/state/guest_pod.h"

#include <utility>

namespace heat_scheduler {
namespace {

// Above all numbers that a class of the state's own has.
constexpr std::uint64_t kFirstSerial = std::uint64_t{1} << 63;

PodClass ClassOfGuest(const ClusterState& state, const kube::Pod& pod, std::uint64_t number) {
  // The state is never a const object, and names of resources are only ever added.
  PodClassTable classes(const_cast<Interner&>(state.resource_names()));
  PodClass pod_class = classes.Acquire(pod);
  pod_class.serial = kFirstSerial + number;
  return pod_class;
}

}  // namespace

GuestPod::GuestPod(const ClusterState& state, kube::Ref<kube::Pod> pod, std::uint64_t number)
    : pod_class_(ClassOfGuest(state, *pod, number)) {
  record_.pod_class = &pod_class_;
  record_.facts = FactsOf(*pod);
  record_.pod = std::move(pod);
}

}  // namespace heat_scheduler
