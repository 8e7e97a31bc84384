#include "scheduler/state/pod_table.h"

#include <utility>

#include "absl/hash/hash.h"
#include "base/check.h"

namespace heat_scheduler {
namespace {

bool HasKey(const PodRecord& record, std::string_view key) {
  return record.facts.uid.empty() ? PodKey(record.facts) == key : record.facts.uid == key;
}

}  // namespace

std::size_t PodTable::KeyHash::operator()(std::string_view key) const { return absl::HashOf(key); }

std::size_t PodTable::KeyHash::operator()(const std::unique_ptr<PodRecord>& record) const {
  const PodFacts& facts = record->facts;
  return facts.uid.empty() ? (*this)(PodKey(facts)) : (*this)(facts.uid);
}

bool PodTable::KeyEqual::operator()(const std::unique_ptr<PodRecord>& record,
                                    std::string_view key) const {
  return HasKey(*record, key);
}

bool PodTable::KeyEqual::operator()(const std::unique_ptr<PodRecord>& a,
                                    const std::unique_ptr<PodRecord>& b) const {
  return HasKey(*a, PodKey(b->facts));
}

std::size_t PodTable::NameHash::operator()(const Name& name) const { return absl::HashOf(name); }

PodRecord* PodTable::Find(std::string_view key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->get();
}

PodRecord* PodTable::FindNamed(std::string_view namespace_, std::string_view name) const {
  const auto found = by_name_.find(Name(namespace_, name));
  return found == by_name_.end() ? nullptr : *found;
}

PodRecord& PodTable::Add(PodFacts facts) {
  auto record = std::make_unique<PodRecord>();
  record->facts = std::move(facts);
  const auto [added, is_new] = by_key_.insert(std::move(record));
  HS_CHECK(is_new, "a pod was added twice");
  LinkName(**added);
  return **added;
}

void PodTable::SetFacts(PodRecord& record, PodFacts facts) {
  if (NameOf(record) == Name(facts.namespace_, facts.name)) {
    record.facts = std::move(facts);
    return;
  }
  UnlinkName(record);
  record.facts = std::move(facts);
  LinkName(record);
}

void PodTable::Remove(PodRecord& record) {
  UnlinkName(record);
  const auto found = by_key_.find(PodKey(record.facts));
  HS_CHECK(found != by_key_.end(), "a pod was removed that is not there");
  by_key_.erase(found);
}

void PodTable::LinkName(PodRecord& record) {
  // The one that had the name before has missed its end.
  by_name_.erase(&record);
  by_name_.insert(&record);
}

void PodTable::UnlinkName(PodRecord& record) {
  const auto named = by_name_.find(&record);
  if (named != by_name_.end() && *named == &record) by_name_.erase(named);
}

}  // namespace heat_scheduler
