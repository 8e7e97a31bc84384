// What was decided about claims and volumes for pods in flight and is not in the API yet.
//
// A volume is assumed to be bound to a claim, a claim to be provisioned on a node, from the moment
// that a pod is placed until the API shows the object otherwise or the pod gives up; so no volume
// is given twice, and pods that share a claim go to one node. What was written, or may yet be, is
// assumed beyond the pod's giving up, until the API shows it or the writer says that nothing came
// of it. Beside that, each pod in flight has a plan: what its claims get, and how far the writing
// is. Thread-compatible.
// Source: pkg/scheduler/framework/plugins/volumebinding/passive_assume_cache.go (v1.36).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kube/codec.h"
#include "kube/objects.h"

namespace heat_scheduler {

// Which claim a volume is bound to, or set aside for. An empty name: none.
struct ClaimReference {
  std::string_view namespace_, name, uid;
};

// Returns true if the volume is set aside for the claim: names are equal, and so are the UIDs,
// unless the reference has none.
bool RefersTo(const ClaimReference& reference, const kube::PersistentVolumeClaim& claim);

// What a claim without a volume gets on a pod's node.
struct ClaimChoice {
  // Name, namespace, UID and resourceVersion of the claim when it was decided.
  kube::ObjectReference claim;
  std::string volume;          // Empty: one is to be provisioned.
  std::string volume_version;  // The volume's resourceVersion when it was decided.
  // The user had set the volume aside for the claim, by its name.
  bool set_aside_by_user = false;
  // The API says all of it already.
  bool written = false;
};

// What the claims of one pod in flight get on its node.
struct VolumePlan {
  enum class Stage {
    kDecided,  // Nothing was asked of the API.
    kSent,     // The writes are under way.
    kWritten,  // All of them were done; the claims are not known to be bound.
    kBound,    // The claims count as bound, whatever the API shows.
    kFailed,   // A write was not done; `error` says which and why.
  };
  std::uint64_t ticket = 0;  // The plan's own number.
  std::string node;
  std::vector<ClaimChoice> choices;
  Stage stage = Stage::kDecided;
  std::string error;
};

// What is assumed of one volume or claim.
struct Assumption {
  std::string resource_version;  // The object's: it holds as long as the API shows that.
  kube::ObjectReference claim;   // The one that the volume goes to, or the claim itself.
  std::string node;              // Of a claim: where a volume is to be provisioned for it.
};

// What was assumed before a change; nothing if `known` is false.
struct PastAssumption {
  bool of_volume = false;
  std::string key;  // Name of the volume, or "namespace/name" of the claim.
  bool known = false;
  Assumption assumption;
};

class AssumedVolumes {
 public:
  // Rises with every change of what is assumed, but for what the API's own objects end.
  std::uint64_t version() const { return version_; }

  // Returns the claim that the volume has, or is assumed to have. Valid until the next change.
  ClaimReference ClaimOf(const kube::PersistentVolume& volume) const;

  // Returns the node on which a volume is to be provisioned for the claim, or is assumed to be;
  // null: none was chosen. Valid until the next change.
  const std::string* SelectedNodeOf(const kube::PersistentVolumeClaim& claim) const;

  // Returns the plan of the pod with that key, or null.
  const VolumePlan* PlanOf(std::string_view pod) const;

  // Returns true while a pod goes by the plan of that number.
  bool IsWanted(std::uint64_t ticket) const;

  // Returns the keys of the pods with a plan that has to do with that claim or volume.
  std::vector<std::string> PodsThatWaitFor(const kube::PersistentVolumeClaim& claim) const;
  std::vector<std::string> PodsThatWaitFor(const kube::PersistentVolume& volume) const;

  // Assumes it for a pod that has no plan.
  void Assume(const std::string& pod, std::string node, std::vector<ClaimChoice> choices);

  // Notes that the writes of the plan are under way.
  void NoteSent(std::uint64_t ticket);

  // Notes what became of the writes: the first `written` of the choices that were not written were
  // done, all if `error` is empty. `bound`: the claims count as bound. Returns true if something is
  // assumed no longer; the key of the pod that goes by the plan, if one does, gets into `pod`.
  bool NoteWritten(std::uint64_t ticket, std::size_t written, std::string error, bool bound,
                   std::string& pod);

  // Ends the pod's plan, if it has one: it gave up, or is bound. Returns true if something is
  // assumed no longer.
  bool Forget(std::string_view pod);

  // Tells `note` of what each change replaces, before it.
  void OnChange(std::function<void(PastAssumption)> note) { note_ = std::move(note); }
  // Returns all that is assumed, volumes first, by key.
  std::vector<PastAssumption> All() const;
  // Assumes what another state did, for nobody in particular.
  void Restore(const PastAssumption& past);

  // Takes an object as the API shows it now, or takes note that it is gone.
  void OnChanged(const kube::Object& object) { OnObject(object, false); }
  void OnGone(const kube::Object& object) { OnObject(object, true); }

 private:
  struct Held {
    Assumption assumption;
    std::set<std::uint64_t> holders;  // Tickets of the plans that assume it.
  };
  using Assumptions = std::map<std::string, Held, std::less<>>;
  struct Entry {
    std::string pod;  // Empty: the pod gave up.
    VolumePlan plan;
  };

  // Where the choice is assumed, and under which key.
  Assumptions& TableOf(const ClaimChoice& choice) {
    return choice.volume.empty() ? claims_ : volumes_;
  }
  static std::string KeyOf(const ClaimChoice& choice);
  // Returns true if nobody assumes it any more.
  bool Release(std::uint64_t ticket, const ClaimChoice& choice);
  void SetWaiting(const Entry& entry, bool waits);
  void NoteBefore(const Assumptions& table, const std::string& key) const;
  void OnObject(const kube::Object& object, bool gone);

  Assumptions volumes_;  // By name.
  Assumptions claims_;   // By "namespace/name".
  std::map<std::uint64_t, Entry> plans_;
  std::map<std::string, std::uint64_t, std::less<>> ticket_of_;  // By pod.
  // By claim ("namespace/name") and volume (name): the pods with a plan about it.
  std::map<std::string, std::set<std::string>, std::less<>> waiting_;
  std::uint64_t last_ticket_ = 0;
  std::uint64_t version_ = 0;
  std::function<void(PastAssumption)> note_;
};

}  // namespace heat_scheduler
