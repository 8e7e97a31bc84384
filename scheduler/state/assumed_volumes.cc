#include "scheduler/state/assumed_volumes.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "kube/storage.h"

namespace heat_scheduler {
namespace {

std::string ClaimKey(const kube::ObjectReference& claim) {
  return absl::StrCat(claim.namespace_, "/", claim.name);
}

}  // namespace

bool RefersTo(const ClaimReference& reference, const kube::PersistentVolumeClaim& claim) {
  return !reference.name.empty() && reference.name == claim.metadata.name &&
         reference.namespace_ == claim.metadata.namespace_ &&
         (reference.uid.empty() || reference.uid == claim.metadata.uid);
}

std::string AssumedVolumes::KeyOf(const ClaimChoice& choice) {
  return choice.volume.empty() ? ClaimKey(choice.claim) : choice.volume;
}

ClaimReference AssumedVolumes::ClaimOf(const kube::PersistentVolume& volume) const {
  const auto found = volumes_.find(volume.metadata.name);
  if (found == volumes_.end()) {
    return {volume.claim_namespace, volume.claim_name, volume.claim_uid};
  }
  const kube::ObjectReference& claim = found->second.assumption.claim;
  return {claim.namespace_, claim.name, claim.uid};
}

const std::string* AssumedVolumes::SelectedNodeOf(const kube::PersistentVolumeClaim& claim) const {
  if (!claims_.empty()) {
    const auto found = claims_.find(kube::KeyOf(claim.metadata));
    if (found != claims_.end()) return &found->second.assumption.node;
  }
  const auto annotation = claim.metadata.annotations.find(kube::kSelectedNodeAnnotation);
  return annotation == claim.metadata.annotations.end() ? nullptr : &annotation->second;
}

const VolumePlan* AssumedVolumes::PlanOf(std::string_view pod) const {
  const auto found = ticket_of_.find(pod);
  return found == ticket_of_.end() ? nullptr : &plans_.at(found->second).plan;
}

bool AssumedVolumes::IsWanted(std::uint64_t ticket) const {
  const auto found = plans_.find(ticket);
  return found != plans_.end() && !found->second.pod.empty();
}

std::vector<std::string> AssumedVolumes::PodsThatWaitFor(
    const kube::PersistentVolumeClaim& claim) const {
  if (waiting_.empty()) return {};
  const auto found = waiting_.find(kube::KeyOf(claim.metadata));
  if (found == waiting_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<std::string> AssumedVolumes::PodsThatWaitFor(
    const kube::PersistentVolume& volume) const {
  if (waiting_.empty()) return {};
  std::set<std::string> pods;
  // One that is new may have been made for a claim of theirs.
  for (const std::string& key :
       {volume.metadata.name, absl::StrCat(volume.claim_namespace, "/", volume.claim_name)}) {
    const auto found = waiting_.find(key);
    if (found != waiting_.end()) pods.insert(found->second.begin(), found->second.end());
  }
  return {pods.begin(), pods.end()};
}

void AssumedVolumes::SetWaiting(const Entry& entry, bool waits) {
  const auto set = [&](const std::string& key) {
    if (waits) {
      waiting_[key].insert(entry.pod);
      return;
    }
    const auto found = waiting_.find(key);
    if (found == waiting_.end()) return;
    found->second.erase(entry.pod);
    if (found->second.empty()) waiting_.erase(found);
  };
  for (const ClaimChoice& choice : entry.plan.choices) {
    set(ClaimKey(choice.claim));
    if (!choice.volume.empty()) set(choice.volume);
  }
}

void AssumedVolumes::Assume(const std::string& pod, std::string node,
                            std::vector<ClaimChoice> choices) {
  const std::uint64_t ticket = ++last_ticket_;
  const bool added = ticket_of_.emplace(pod, ticket).second;
  HS_CHECK(added, "a pod has two plans for its volumes");
  Entry& entry = plans_[ticket];
  entry.pod = pod;
  entry.plan = {ticket, std::move(node), std::move(choices), VolumePlan::Stage::kDecided, ""};
  for (const ClaimChoice& choice : entry.plan.choices) {
    // What the API says need not be assumed.
    if (choice.written) continue;
    NoteBefore(TableOf(choice), KeyOf(choice));
    Held& held = TableOf(choice)[KeyOf(choice)];
    held.holders.insert(ticket);
    Assumption& assumption = held.assumption;
    assumption.claim = choice.claim;
    if (choice.volume.empty()) {
      assumption.node = entry.plan.node;
      assumption.resource_version = choice.claim.resource_version;
    } else {
      assumption.resource_version = choice.volume_version;
    }
  }
  SetWaiting(entry, true);
  ++version_;
}

void AssumedVolumes::NoteSent(std::uint64_t ticket) {
  const auto found = plans_.find(ticket);
  if (found != plans_.end()) found->second.plan.stage = VolumePlan::Stage::kSent;
}

bool AssumedVolumes::NoteWritten(std::uint64_t ticket, std::size_t written, std::string error,
                                 bool bound, std::string& pod) {
  using enum VolumePlan::Stage;
  const auto found = plans_.find(ticket);
  if (found == plans_.end() || found->second.plan.stage != kSent) return false;
  Entry& entry = found->second;
  VolumePlan& plan = entry.plan;
  const bool failed = !error.empty();
  plan.stage = failed ? kFailed : bound ? kBound : kWritten;
  plan.error = std::move(error);
  pod = entry.pod;
  bool released = false;
  for (const ClaimChoice& choice : plan.choices) {
    if (choice.written) continue;
    if (failed && written == 0) {
      released |= Release(ticket, choice);
    } else if (written > 0) {
      --written;
    }
  }
  if (entry.pod.empty()) plans_.erase(found);
  if (released) ++version_;
  return released;
}

bool AssumedVolumes::Release(std::uint64_t ticket, const ClaimChoice& choice) {
  Assumptions& table = TableOf(choice);
  const auto found = table.find(KeyOf(choice));
  if (found == table.end() || found->second.holders.erase(ticket) == 0) return false;
  if (!found->second.holders.empty()) return false;
  NoteBefore(table, found->first);
  table.erase(found);
  return true;
}

void AssumedVolumes::NoteBefore(const Assumptions& table, const std::string& key) const {
  if (!note_) return;
  const auto found = table.find(key);
  const bool known = found != table.end();
  note_({&table == &volumes_, key, known, known ? found->second.assumption : Assumption()});
}

std::vector<PastAssumption> AssumedVolumes::All() const {
  std::vector<PastAssumption> all;
  for (const Assumptions* table : {&volumes_, &claims_}) {
    for (const auto& [key, held] : *table) {
      all.push_back({table == &volumes_, key, true, held.assumption});
    }
  }
  return all;
}

void AssumedVolumes::Restore(const PastAssumption& past) {
  (past.of_volume ? volumes_ : claims_)[past.key].assumption = past.assumption;
  ++version_;
}

bool AssumedVolumes::Forget(std::string_view pod) {
  const auto known = ticket_of_.find(pod);
  if (known == ticket_of_.end()) return false;
  const auto found = plans_.find(known->second);
  ticket_of_.erase(known);
  Entry& entry = found->second;
  SetWaiting(entry, false);
  entry.pod.clear();
  // Of what was sent the writer tells yet.
  if (entry.plan.stage == VolumePlan::Stage::kSent) return false;
  bool released = false;
  if (entry.plan.stage == VolumePlan::Stage::kDecided) {
    for (const ClaimChoice& choice : entry.plan.choices) {
      released |= Release(entry.plan.ticket, choice);
    }
  }
  plans_.erase(found);
  if (released) ++version_;
  return released;
}

void AssumedVolumes::OnObject(const kube::Object& object, bool gone) {
  const auto expire = [this, gone](Assumptions& table, const kube::ObjectMeta& metadata) {
    if (table.empty()) return;
    const auto found = table.find(kube::KeyOf(metadata));
    if (found == table.end()) return;
    if (!gone && found->second.assumption.resource_version == metadata.resource_version) return;
    NoteBefore(table, found->first);
    table.erase(found);
  };
  if (const auto* volume = std::get_if<kube::Ref<kube::PersistentVolume>>(&object)) {
    expire(volumes_, (*volume)->metadata);
  } else if (const auto* claim = std::get_if<kube::Ref<kube::PersistentVolumeClaim>>(&object)) {
    expire(claims_, (*claim)->metadata);
  }
}

}  // namespace heat_scheduler
