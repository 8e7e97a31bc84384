// The documents of the cluster: every object of every kind, each write numbered by one global
// resourceVersion, with the rules that hold whatever the kind.
//
// Those are optimistic concurrency, identity (UID, creationTimestamp), generation, finalizers and
// graceful deletion. What a kind demands beyond that is the registry's (cluster/registry.h). UIDs
// come from the seed, so equal runs give equal documents. Belongs to one thread, the loop's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "cluster/api_error.h"
#include "cluster/document.h"
#include "cluster/history.h"
#include "cluster/kinds.h"

namespace heat_scheduler::cluster {

struct StoreOptions {
  std::uint64_t seed = 1;
  HistoryLimits history;
};

// Who writes, and why; for the record.
struct WriteContext {
  std::string user_agent;
  std::string operation;
  bool dry_run = false;  // Everything but the write itself.
};

struct DeleteOptions {
  std::optional<std::int64_t> grace_seconds;  // Pods only; absent: what the pod says.
  std::string uid;                            // Precondition; empty: none.
  std::string resource_version;               // Precondition; empty: none.
};

// What became of a delete.
struct Deleted {
  DocumentRef document;  // The object as it was last, or as it now waits for its end.
  bool gone = false;     // False: deletionTimestamp is set, and it is still there.
};

class Store {
 public:
  // `clock` dates the writes and must outlive the store.
  Store(const Clock& clock, StoreOptions options);

  // Adds an object, whose metadata has its name and namespace. Sets uid, resourceVersion,
  // creationTimestamp and generation. AlreadyExists if there is one of that name.
  Outcome<DocumentRef> Create(const ResourceInfo& resource, Json object,
                              const WriteContext& context);

  // Replaces an object. Conflict if `object` carries another resourceVersion or UID than the stored
  // one. Keeps what only the server sets. Returns the stored version and writes nothing if nothing
  // changes. Removes the object if it was only waiting for its finalizers.
  Outcome<DocumentRef> Update(const ResourceInfo& resource, Json object,
                              const WriteContext& context);

  // Deletes an object, or marks it for deletion if it has finalizers or is a pod that a kubelet has
  // yet to stop. Conflict if a precondition does not hold.
  Outcome<Deleted> Delete(const ResourceInfo& resource, std::string_view namespace_,
                          std::string_view name, const DeleteOptions& options,
                          const WriteContext& context);

  // Returns the object, or null.
  DocumentRef Get(const ResourceInfo& resource, std::string_view namespace_,
                  std::string_view name) const;

  // Objects of one resource by "namespace/name" (the name alone for cluster-scoped ones).
  using Objects = std::map<std::string, DocumentRef, std::less<>>;
  const Objects& All(const ResourceInfo& resource) const;

  // Returns the objects as they were at `resource_version`, or Expired if the history does not
  // reach back.
  Outcome<Objects> AsOf(const ResourceInfo& resource, std::int64_t resource_version) const;

  // The newest write's number to this resource; 0: none yet.
  std::int64_t LastWrite(const ResourceInfo& resource) const {
    return last_writes_[resource.storage];
  }

  // The newest write's number.
  std::int64_t resource_version() const { return resource_version_; }
  const History& history() const { return history_; }

  // Forgets the history up to now: whoever comes with an older resourceVersion gets 410.
  void Compact() { history_.Compact(resource_version_); }

  // `observer` is told of every write from now on; it must outlive the store or be removed.
  void AddObserver(WriteObserver* observer) { observers_.push_back(observer); }
  void RemoveObserver(WriteObserver* observer);

  Instant Now() const { return clock_.Now(); }
  // The source of everything random here: UIDs and generated names.
  Random& random() { return random_; }

 private:
  DocumentRef Commit(const ResourceInfo& resource, WriteVerb verb, Json object, DocumentRef before,
                     const WriteContext& context);
  Outcome<Deleted> MarkDeleted(const ResourceInfo& resource, const DocumentRef& current,
                               std::int64_t grace_seconds, const WriteContext& context);
  std::string NewUid();

  const Clock& clock_;
  Random random_;
  History history_;
  std::vector<Objects> objects_;           // By ResourceInfo::storage.
  std::vector<std::int64_t> last_writes_;  // By ResourceInfo::storage.
  std::vector<WriteObserver*> observers_;
  std::int64_t resource_version_ = 0;
};

// Returns "namespace/name", or the name alone if `namespace_` is empty.
std::string ObjectKey(std::string_view namespace_, std::string_view name);

}  // namespace heat_scheduler::cluster
