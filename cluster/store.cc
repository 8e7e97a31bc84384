#include "cluster/store.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/strings.h"
#include "base/time_text.h"

namespace heat_scheduler::cluster {
namespace {

// Members of metadata that the server alone sets.
constexpr std::string_view kServerSet[] = {
    "uid",        "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
    "generation", "generateName"};

bool HasFinalizers(const Json& object) {
  return !ArrayAt(object, {"metadata", "finalizers"}).empty();
}

// A delete that waits for nothing but the finalizers.
bool EndsWithoutFinalizers(const Json& object) {
  return Find(object, {"metadata", "deletionTimestamp"}) != nullptr &&
         IntegerAt(object, {"metadata", "deletionGracePeriodSeconds"}).value_or(0) == 0;
}

void KeepServerSet(const Json& current, Json& object) {
  Json& metadata = object["metadata"];
  const Json& old = current["metadata"];
  for (const std::string_view key : kServerSet) {
    const auto found = old.find(key);
    if (found != old.end()) {
      metadata[std::string(key)] = *found;
    } else {
      metadata.erase(std::string(key));
    }
  }
}

bool SpecDiffers(const Json& a, const Json& b) {
  const Json* left = Find(a, {"spec"});
  const Json* right = Find(b, {"spec"});
  if (left == nullptr || right == nullptr) return left != right;
  return *left != *right;
}

// How long the kubelet gets to stop the pod; 0: nobody has to stop anything.
std::int64_t GraceSeconds(const ResourceInfo& resource, const Json& object,
                          const DeleteOptions& options) {
  if (&StorageForm(resource) != &PodResource()) return 0;
  if (TextAt(object, {"spec", "nodeName"}).empty()) return 0;
  const std::string_view phase = TextAt(object, {"status", "phase"});
  if (phase == "Succeeded" || phase == "Failed") return 0;
  const std::int64_t asked = options.grace_seconds.value_or(
      IntegerAt(object, {"spec", "terminationGracePeriodSeconds"}).value_or(30));
  return std::max<std::int64_t>(asked, 0);
}

ApiError PreconditionFailed(const ResourceInfo& resource, const Document& current,
                            std::string_view what, std::string_view wanted,
                            std::string_view found) {
  const std::string why = absl::StrCat(
      "StorageError: invalid object, Code: 4, Key: /registry/", ToAbsl(resource.plural), "/",
      ObjectKey(current.namespace_(), current.name()),
      ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ", ToAbsl(what),
      " in precondition: ", ToAbsl(wanted), ", ", ToAbsl(what), " in object meta: ", ToAbsl(found));
  return Conflict(QualifiedName(resource), current.name(), why);
}

}  // namespace

std::string ObjectKey(std::string_view namespace_, std::string_view name) {
  if (namespace_.empty()) return std::string(name);
  return absl::StrCat(ToAbsl(namespace_), "/", ToAbsl(name));
}

Store::Store(const Clock& clock, StoreOptions options)
    : clock_(clock),
      random_(options.seed),
      history_(options.history),
      objects_(StorageCount()),
      last_writes_(StorageCount()) {}

DocumentRef Store::Get(const ResourceInfo& resource, std::string_view namespace_,
                       std::string_view name) const {
  const Objects& objects = objects_[resource.storage];
  const auto found = objects.find(ObjectKey(namespace_, name));
  return found == objects.end() ? nullptr : found->second;
}

const Store::Objects& Store::All(const ResourceInfo& resource) const {
  return objects_[resource.storage];
}

Outcome<Store::Objects> Store::AsOf(const ResourceInfo& resource,
                                    std::int64_t resource_version) const {
  if (resource_version < history_.compacted()) {
    return Expired(absl::StrCat("The resourceVersion for the provided list is too old: ",
                                resource_version, " (", history_.compacted(), ")."));
  }
  Objects objects = objects_[resource.storage];
  const std::deque<WriteRef>& writes = history_.writes();
  for (auto it = writes.rbegin(); it != writes.rend(); ++it) {
    const Write& write = **it;
    if (write.resource_version <= resource_version) break;
    if (write.resource->storage != resource.storage) continue;
    const std::string key = ObjectKey(write.namespace_, write.name);
    if (write.before == nullptr) {
      objects.erase(key);
    } else {
      objects[key] = write.before;
    }
  }
  return objects;
}

Outcome<DocumentRef> Store::Create(const ResourceInfo& resource, Json object,
                                   const WriteContext& context) {
  const std::string name(TextAt(object, {"metadata", "name"}));
  const std::string namespace_(TextAt(object, {"metadata", "namespace"}));
  if (Get(resource, namespace_, name) != nullptr) return AlreadyExists(resource, name);
  Json& metadata = object["metadata"];
  metadata["uid"] = NewUid();
  metadata["creationTimestamp"] = FormatRfc3339(clock_.Now().wall);
  metadata.erase("deletionTimestamp");
  metadata.erase("deletionGracePeriodSeconds");
  metadata.erase("generation");
  if (resource.has_generation) metadata["generation"] = 1;
  return Commit(resource, WriteVerb::kCreate, std::move(object), nullptr, context);
}

Outcome<DocumentRef> Store::Update(const ResourceInfo& resource, Json object,
                                   const WriteContext& context) {
  const std::string name(TextAt(object, {"metadata", "name"}));
  const DocumentRef current = Get(resource, TextAt(object, {"metadata", "namespace"}), name);
  if (current == nullptr) return NotFound(resource, name);
  const std::string_view uid = TextAt(object, {"metadata", "uid"});
  const std::string_view current_uid = TextAt(current->json(), {"metadata", "uid"});
  if (!uid.empty() && uid != current_uid) {
    return PreconditionFailed(resource, *current, "UID", uid, current_uid);
  }
  const std::string_view version = TextAt(object, {"metadata", "resourceVersion"});
  if (!version.empty() && version != absl::StrCat(current->resource_version())) {
    return ModifiedMeanwhile(resource, name);
  }
  KeepServerSet(current->json(), object);
  Json& metadata = object["metadata"];
  metadata["resourceVersion"] = absl::StrCat(current->resource_version());
  if (resource.has_generation && SpecDiffers(current->json(), object)) {
    metadata["generation"] = IntegerAt(current->json(), {"metadata", "generation"}).value_or(1) + 1;
  }
  if (EndsWithoutFinalizers(object) && !HasFinalizers(object)) {
    return Commit(resource, WriteVerb::kDelete, std::move(object), current, context);
  }
  if (object == current->json()) return current;
  return Commit(resource, WriteVerb::kUpdate, std::move(object), current, context);
}

Outcome<Deleted> Store::Delete(const ResourceInfo& resource, std::string_view namespace_,
                               std::string_view name, const DeleteOptions& options,
                               const WriteContext& context) {
  const DocumentRef current = Get(resource, namespace_, name);
  if (current == nullptr) return NotFound(resource, name);
  const std::string_view uid = TextAt(current->json(), {"metadata", "uid"});
  if (!options.uid.empty() && options.uid != uid) {
    return PreconditionFailed(resource, *current, "UID", options.uid, uid);
  }
  const std::string version = absl::StrCat(current->resource_version());
  if (!options.resource_version.empty() && options.resource_version != version) {
    return PreconditionFailed(resource, *current, "ResourceVersion", options.resource_version,
                              version);
  }
  const std::int64_t grace = GraceSeconds(resource, current->json(), options);
  if (grace > 0 || HasFinalizers(current->json())) {
    return MarkDeleted(resource, current, grace, context);
  }
  return Deleted{Commit(resource, WriteVerb::kDelete, current->json(), current, context), true};
}

Outcome<Deleted> Store::MarkDeleted(const ResourceInfo& resource, const DocumentRef& current,
                                    std::int64_t grace_seconds, const WriteContext& context) {
  // A later delete may only shorten the grace of an earlier one.
  if (Find(current->json(), {"metadata", "deletionTimestamp"}) != nullptr &&
      IntegerAt(current->json(), {"metadata", "deletionGracePeriodSeconds"}).value_or(0) <=
          grace_seconds) {
    return Deleted{current, false};
  }
  Json object = current->json();
  Json& metadata = object["metadata"];
  metadata["deletionTimestamp"] = FormatRfc3339(clock_.Now().wall + absl::Seconds(grace_seconds));
  metadata["deletionGracePeriodSeconds"] = grace_seconds;
  if (resource.has_generation) {
    metadata["generation"] = IntegerAt(object, {"metadata", "generation"}).value_or(1) + 1;
  }
  return Deleted{Commit(resource, WriteVerb::kUpdate, std::move(object), current, context), false};
}

DocumentRef Store::Commit(const ResourceInfo& resource, WriteVerb verb, Json object,
                          DocumentRef before, const WriteContext& context) {
  if (context.dry_run) {
    if (before == nullptr) object["metadata"].erase("resourceVersion");
    return std::make_shared<const Document>(std::move(object), resource_version_);
  }
  ++resource_version_;
  object["metadata"]["resourceVersion"] = absl::StrCat(resource_version_);
  auto write = std::make_shared<Write>();
  write->resource_version = resource_version_;
  write->time = clock_.Now();
  write->verb = verb;
  write->resource = &StorageForm(resource);
  write->user_agent = context.user_agent;
  write->operation = context.operation;
  write->before = std::move(before);
  write->after = std::make_shared<const Document>(std::move(object), resource_version_);
  write->namespace_ = write->after->namespace_();
  write->name = write->after->name();
  Objects& objects = objects_[resource.storage];
  const std::string key = ObjectKey(write->namespace_, write->name);
  if (verb == WriteVerb::kDelete) {
    objects.erase(key);
  } else {
    objects[key] = write->after;
  }
  last_writes_[resource.storage] = resource_version_;
  history_.Append(write);
  for (WriteObserver* observer : observers_) observer->OnWrite(write);
  return write->after;
}

void Store::RemoveObserver(WriteObserver* observer) {
  observers_.erase(std::remove(observers_.begin(), observers_.end(), observer), observers_.end());
}

std::string Store::NewUid() {
  const std::uint64_t high = random_.Bits();
  const std::uint64_t low = random_.Bits();
  // RFC 4122, version 4.
  return absl::StrFormat("%08x-%04x-4%03x-%04x-%012x", high >> 32, (high >> 16) & 0xffff,
                         high & 0xfff, 0x8000 | ((low >> 48) & 0x3fff), low & 0xffffffffffff);
}

}  // namespace heat_scheduler::cluster
