// The ordered record of every write to the store, as far back as it is kept.
//
// Watches replay it, lists at an older resourceVersion are computed from it, and checkers read it
// through WriteObserver. Bounded by count and by bytes of text. Belongs to one thread, the loop's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "base/clock.h"
#include "cluster/document.h"
#include "cluster/kinds.h"

namespace heat_scheduler::cluster {

enum class WriteVerb { kCreate, kUpdate, kDelete };

// One committed write. Immutable but for the cached frames.
class Write {
 public:
  std::int64_t resource_version = 0;
  Instant time;
  WriteVerb verb = WriteVerb::kCreate;
  const ResourceInfo* resource = nullptr;  // The storage form.
  std::string namespace_, name;
  std::string user_agent;  // Of the request that wrote; "heat-cluster/<part>" for the server's own.
  // What was asked: "create", "update", "patch", "delete", "bind", "evict", "update status", ...
  std::string operation;
  DocumentRef before;  // Null for kCreate.
  // The object as it is from now on; for kDelete its last state with the delete's resourceVersion.
  DocumentRef after;

  // How a watcher sees a write: kVanished is a DELETED event for one whose selector matched only
  // the state before, and carries that state.
  enum class FrameKind { kAdded, kModified, kDeleted, kVanished };

  // Returns the line of a watch stream, made once for all watchers.
  const std::shared_ptr<const std::string>& Frame(FrameKind kind) const;

  // Returns the object that such a frame carries.
  DocumentRef FrameObject(FrameKind kind) const;

 private:
  mutable std::array<std::shared_ptr<const std::string>, 4> frames_;
  mutable DocumentRef vanished_;
};

using WriteRef = std::shared_ptr<const Write>;

// Returns "ADDED", "MODIFIED" or "DELETED".
std::string_view FrameTypeName(Write::FrameKind kind);

// Is told of every write in order, inside the call that writes. Must not write to the store from
// there: it posts to the loop instead.
class WriteObserver {
 public:
  virtual ~WriteObserver() = default;
  virtual void OnWrite(const WriteRef& write) = 0;
};

struct HistoryLimits {
  std::size_t max_writes = 20'000;
  std::size_t max_bytes = 64 * 1024 * 1024;  // Of the texts of the objects.
};

class History {
 public:
  explicit History(HistoryLimits limits) : limits_(limits) {}

  // Appends the newest write, and drops the oldest ones beyond the limits.
  void Append(WriteRef write);

  // Drops the writes up to and including `resource_version`.
  void Compact(std::int64_t resource_version);

  // Returns the newest dropped resourceVersion: what happened after it is known in full.
  std::int64_t compacted() const { return compacted_; }

  // Oldest first.
  const std::deque<WriteRef>& writes() const { return writes_; }

 private:
  void DropOldest();

  const HistoryLimits limits_;
  std::deque<WriteRef> writes_;
  std::size_t bytes_ = 0;
  std::int64_t compacted_ = 0;
};

}  // namespace heat_scheduler::cluster
