// What a reflector has handed on, so that a list or an event becomes the changes since.
//
// Objects are known by namespace and name, and are the same only with the same UID. What is
// duplicated, replayed or older than what is known changes nothing; resourceVersions are compared
// as numbers where both are (Kubernetes promises that since 1.35; before, it was so). Deleted
// objects are remembered for a while, so that a replayed event does not bring one back.
// Thread-compatible.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/strings.h"
#include "kube/client/reflector_handler.h"
#include "kube/codec.h"

namespace heat_scheduler::kube {

// Returns true if both are decimal numbers and `a` is the smaller one.
bool OlderResourceVersion(std::string_view a, std::string_view b);

class ObjectTracker {
 public:
  // Borrows `handler`, which is told of every change.
  ObjectTracker(Kind kind, ReflectorHandler& handler) : kind_(kind), handler_(handler) {}

  // Takes a complete list, taken at `resource_version`, as what exists: what is missing was
  // deleted, unless it is among `bad`. Deletions are told first, in the order of their names, then
  // what is new or changed, in the order of the list.
  void Replace(const std::vector<Object>& items, const std::vector<ListPage::BadItem>& bad,
               std::string_view resource_version);

  // Takes one event of type ADDED, MODIFIED or DELETED, which may carry a bad object.
  void Apply(const WatchEvent& event);

  // Returns how many objects are known.
  std::size_t size() const { return known_.size(); }

 private:
  struct Entry {
    std::string uid;
    std::string resource_version;
    Object object;
  };
  using Map = absl::flat_hash_map<std::string, Entry, StringHash, StringEqual>;

  void Upsert(const Object& object);
  void Delete(std::string_view key, std::string_view uid, std::string_view resource_version);
  void Bad(const ListPage::BadItem& item, std::string_view resource_version);
  // Forgets the entry and tells the handler; the object ended at `resource_version`.
  void Erase(Map::iterator entry, std::string_view resource_version);
  void Remember(const std::string& uid, std::string_view resource_version);
  bool WasDeletedBy(const std::string& uid, std::string_view resource_version) const;

  const Kind kind_;
  ReflectorHandler& handler_;
  Map known_;
  // UID to the resourceVersion at which the object ended, oldest first in the queue.
  absl::flat_hash_map<std::string, std::string, StringHash, StringEqual> ended_;
  std::deque<std::string> ended_order_;
};

}  // namespace heat_scheduler::kube
