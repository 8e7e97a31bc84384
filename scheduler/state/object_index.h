// Objects of one kind by something that they say, for plugins that would else walk all of them on
// every decision.
//
// Kept beside a map of the objects, whose owner tells of every change. Within one key objects are
// in the order of their names, so that walking them is deterministic. Thread-compatible.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "kube/codec.h"

namespace heat_scheduler {

template <typename T>
class ObjectIndex {
 public:
  using Objects = std::map<std::string, kube::Ref<T>, std::less<>>;

  // Returns the objects of that key, by name.
  const Objects& Of(std::string_view key) const {
    static const Objects& none = *new Objects();
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? none : found->second;
  }

  void Add(const std::string& key, const kube::Ref<T>& object) {
    by_key_[key][object->metadata.name] = object;
  }

  void Remove(const std::string& key, const T& object) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    found->second.erase(object.metadata.name);
    if (found->second.empty()) by_key_.erase(found);
  }

 private:
  std::map<std::string, Objects, std::less<>> by_key_;
};

}  // namespace heat_scheduler
