#include "kube/client/object_tracker.h"

#include <algorithm>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/numbers.h"

namespace heat_scheduler::kube {
namespace {

// How many deleted objects are remembered.
constexpr std::size_t kMaxEnded = 4096;

std::string KeyOfBad(const ListPage::BadItem& item) {
  return item.namespace_.empty() ? item.name : absl::StrCat(item.namespace_, "/", item.name);
}

// Two UIDs differ; an absent one differs from none.
bool DifferentUid(std::string_view a, std::string_view b) {
  return !a.empty() && !b.empty() && a != b;
}

}  // namespace

bool OlderResourceVersion(std::string_view a, std::string_view b) {
  const std::optional<std::int64_t> left = ParseInt64(a);
  const std::optional<std::int64_t> right = ParseInt64(b);
  return left.has_value() && right.has_value() && *left < *right;
}

void ObjectTracker::Replace(const std::vector<Object>& items,
                            const std::vector<ListPage::BadItem>& bad,
                            std::string_view resource_version) {
  absl::flat_hash_set<std::string> listed;
  for (const Object& item : items) listed.insert(KeyOf(MetadataOf(item)));
  for (const ListPage::BadItem& item : bad) listed.insert(KeyOfBad(item));

  std::vector<std::string> missing;
  for (const auto& [key, entry] : known_) {
    if (!listed.contains(key)) missing.push_back(key);
  }
  std::sort(missing.begin(), missing.end());
  for (const std::string& key : missing) Erase(known_.find(key), resource_version);

  for (const ListPage::BadItem& item : bad) Bad(item, resource_version);
  for (const Object& item : items) {
    const ObjectMeta& meta = MetadataOf(item);
    const auto found = known_.find(KeyOf(meta));
    // A list is the newest state there is, so what it says holds even if its number is smaller: the
    // store was restored from a backup.
    if (found != known_.end()) {
      Entry& entry = found->second;
      if (entry.uid == meta.uid && entry.resource_version == meta.resource_version) continue;
      if (DifferentUid(entry.uid, meta.uid)) Erase(found, resource_version);
    }
    known_.insert_or_assign(KeyOf(meta), Entry{meta.uid, meta.resource_version, item});
    handler_.OnUpsert(item);
  }
}

void ObjectTracker::Apply(const WatchEvent& event) {
  const bool deleted = event.type == WatchEventType::kDeleted;
  if (!event.object_error.ok()) {
    if (deleted) {
      Delete(KeyOfBad(event.bad_item), event.bad_item.uid, event.resource_version);
    } else {
      Bad(event.bad_item, event.resource_version);
    }
    return;
  }
  if (!deleted) {
    Upsert(event.object);
    return;
  }
  const ObjectMeta& meta = MetadataOf(event.object);
  Delete(KeyOf(meta), meta.uid, event.resource_version);
}

void ObjectTracker::Upsert(const Object& object) {
  const ObjectMeta& meta = MetadataOf(object);
  if (WasDeletedBy(meta.uid, meta.resource_version)) return;
  std::string key = KeyOf(meta);
  const auto found = known_.find(key);
  if (found != known_.end()) {
    const Entry& entry = found->second;
    if (OlderResourceVersion(meta.resource_version, entry.resource_version)) return;
    if (entry.uid == meta.uid && entry.resource_version == meta.resource_version) return;
    if (DifferentUid(entry.uid, meta.uid)) Erase(found, meta.resource_version);
  }
  known_.insert_or_assign(std::move(key), Entry{meta.uid, meta.resource_version, object});
  handler_.OnUpsert(object);
}

void ObjectTracker::Delete(std::string_view key, std::string_view uid,
                           std::string_view resource_version) {
  const auto found = known_.find(key);
  // The delete of a former object of the same name says nothing of the present one.
  const bool of_former = found != known_.end() && DifferentUid(found->second.uid, uid) &&
                         OlderResourceVersion(resource_version, found->second.resource_version);
  if (found == known_.end() || of_former) {
    Remember(std::string(uid), resource_version);
    return;
  }
  Erase(found, resource_version);
}

void ObjectTracker::Bad(const ListPage::BadItem& item, std::string_view resource_version) {
  std::string key = KeyOfBad(item);
  const auto found = known_.find(key);
  if (found != known_.end()) {
    if (OlderResourceVersion(resource_version, found->second.resource_version)) return;
    // The name is another object's now; what it is cannot be read, but the former one is gone.
    if (DifferentUid(found->second.uid, item.uid)) Erase(found, resource_version);
  }
  handler_.OnBadObject(kind_, key, item.error);
}

void ObjectTracker::Erase(Map::iterator entry, std::string_view resource_version) {
  const Entry gone = std::move(entry->second);
  known_.erase(entry);
  Remember(gone.uid, resource_version);
  handler_.OnDelete(gone.object);
}

void ObjectTracker::Remember(const std::string& uid, std::string_view resource_version) {
  if (uid.empty()) return;
  if (ended_.insert_or_assign(uid, std::string(resource_version)).second) {
    ended_order_.push_back(uid);
  }
  if (ended_order_.size() > kMaxEnded) {
    ended_.erase(ended_order_.front());
    ended_order_.pop_front();
  }
}

bool ObjectTracker::WasDeletedBy(const std::string& uid, std::string_view resource_version) const {
  const auto found = ended_.find(uid);
  // An object that merely left the watch's selection ends too, and may come back with a newer one.
  return found != ended_.end() && !OlderResourceVersion(found->second, resource_version);
}

}  // namespace heat_scheduler::kube
