// A map of bounded size that forgets what was used least recently. Thread-compatible.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <string>
#include <utility>

namespace heat_scheduler {

template <typename Value>
class LruMap {
 public:
  // `capacity` is at least 1.
  explicit LruMap(std::size_t capacity) : capacity_(capacity) {}

  // Returns the key's value, made with `Value()` if it is not there, as the most recently used one.
  Value& operator[](const std::string& key) {
    const auto found = index_.find(key);
    if (found != index_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return found->second->second;
    }
    if (entries_.size() >= capacity_) {
      index_.erase(entries_.back().first);
      entries_.pop_back();
    }
    entries_.emplace_front(key, Value());
    index_[key] = entries_.begin();
    return entries_.front().second;
  }

  // Returns the key's value or null, and does not count as use.
  Value* Find(const std::string& key) {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &found->second->second;
  }

  std::size_t size() const { return entries_.size(); }

 private:
  using Entries = std::list<std::pair<std::string, Value>>;
  const std::size_t capacity_;
  Entries entries_;  // Most recently used first.
  std::map<std::string, typename Entries::iterator> index_;
};

}  // namespace heat_scheduler
