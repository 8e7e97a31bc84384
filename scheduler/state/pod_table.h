// The pods that the cluster state knows, by key and by name.
//
// Records are found by what they hold themselves, so that keys and names, of which there are as
// many as pods, are kept once. Addresses of records are stable. Thread-compatible.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "scheduler/state/pod_record.h"

namespace heat_scheduler {

class PodTable {
 public:
  // Returns the record of that PodKey, or null.
  PodRecord* Find(std::string_view key) const;

  // Returns the record that was last added of those with that name, or null.
  PodRecord* FindNamed(std::string_view namespace_, std::string_view name) const;

  // Adds a pod of a key that is not there; the rest of its record is as it is made.
  PodRecord& Add(PodFacts facts);

  // Replaces a record's facts by others of the same key. They are changed in no other way.
  void SetFacts(PodRecord& record, PodFacts facts);

  // Removes a record that is there, and ends it.
  void Remove(PodRecord& record);

  std::size_t size() const { return by_key_.size(); }

  // Calls visit(record) for each, in no particular order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const std::unique_ptr<PodRecord>& record : by_key_) visit(*record);
  }

 private:
  void LinkName(PodRecord& record);
  void UnlinkName(PodRecord& record);

  using Name = std::pair<std::string_view, std::string_view>;  // Namespace, name.

  static Name NameOf(const PodRecord& record) {
    return {record.facts.namespace_, record.facts.name};
  }

  struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const;
    std::size_t operator()(const std::unique_ptr<PodRecord>& record) const;
  };
  struct KeyEqual {
    using is_transparent = void;
    bool operator()(const std::unique_ptr<PodRecord>& record, std::string_view key) const;
    bool operator()(const std::unique_ptr<PodRecord>& a, const std::unique_ptr<PodRecord>& b) const;
  };
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(const Name& name) const;
    std::size_t operator()(const PodRecord* record) const { return (*this)(NameOf(*record)); }
  };
  struct NameEqual {
    using is_transparent = void;
    bool operator()(const PodRecord* record, const Name& name) const {
      return NameOf(*record) == name;
    }
    bool operator()(const PodRecord* a, const PodRecord* b) const {
      return NameOf(*a) == NameOf(*b);
    }
  };

  absl::flat_hash_set<std::unique_ptr<PodRecord>, KeyHash, KeyEqual> by_key_;
  absl::flat_hash_set<PodRecord*, NameHash, NameEqual> by_name_;
};

}  // namespace heat_scheduler
