// A map from texts, in their order: labels, annotations, amounts by resource.
//
// A sorted array instead of a tree, since such maps are small, many and seldom changed; copies
// share it until one of them is changed (base/cow.h). The interface is that of std::map, as far as
// it is needed, but entries are changed by their key alone: iterators only read, and any change
// ends them. Thread-compatible, as Cow is.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cow.h"

namespace heat_scheduler::kube {

template <typename Value>
class TextMap {
 public:
  using key_type = std::string;
  using mapped_type = Value;
  using value_type = std::pair<std::string, Value>;
  using size_type = std::size_t;
  using const_reference = const value_type&;
  using const_iterator = typename std::vector<value_type>::const_iterator;
  using iterator = const_iterator;

  TextMap() = default;
  // Of entries with one key the first holds.
  TextMap(std::initializer_list<value_type> entries) { insert(entries.begin(), entries.end()); }

  // Returns a map of entries in any order; of those with one key the last holds.
  static TextMap Of(std::vector<value_type> entries) {
    const auto before = [](const value_type& a, const value_type& b) { return a.first < b.first; };
    const auto same = [](const value_type& a, const value_type& b) { return a.first == b.first; };
    if (!std::is_sorted(entries.begin(), entries.end(), before)) {
      std::stable_sort(entries.begin(), entries.end(), before);
    }
    entries.erase(entries.begin(), std::unique(entries.rbegin(), entries.rend(), same).base());
    entries.shrink_to_fit();
    TextMap map;
    if (!entries.empty()) map.entries_ = std::move(entries);
    return map;
  }

  const_iterator begin() const { return entries().begin(); }
  const_iterator end() const { return entries().end(); }
  std::size_t size() const { return entries().size(); }
  bool empty() const { return entries().empty(); }

  const_iterator find(std::string_view key) const {
    const const_iterator at = PlaceOf(entries(), key);
    return at != end() && at->first == key ? at : end();
  }
  bool contains(std::string_view key) const { return find(key) != end(); }
  std::size_t count(std::string_view key) const { return contains(key) ? 1 : 0; }
  // Throws std::out_of_range if the key is not there.
  const Value& at(std::string_view key) const {
    const const_iterator found = find(key);
    if (found == end()) throw std::out_of_range("TextMap::at");
    return found->second;
  }

  // Returns the value of the key, a default one if it was not there.
  Value& operator[](std::string_view key) {
    std::vector<value_type>& entries = *entries_;
    auto at = PlaceOf(entries, key);
    if (at == entries.end() || at->first != key) {
      at = entries.insert(at, value_type(std::string(key), Value()));
    }
    return at->second;
  }

  // Adds an entry unless the key is there. Returns its place, and whether it was added.
  std::pair<const_iterator, bool> emplace(std::string_view key, Value value) {
    if (const const_iterator found = find(key); found != end()) return {found, false};
    (*this)[key] = std::move(value);
    return {find(key), true};
  }
  // The same for each entry.
  template <typename Iterator>
  void insert(Iterator first, Iterator last) {
    for (; first != last; ++first) emplace(first->first, first->second);
  }
  void insert_or_assign(std::string_view key, Value value) { (*this)[key] = std::move(value); }

  // Returns how many entries were removed.
  std::size_t erase(std::string_view key) {
    if (!contains(key)) return 0;
    std::vector<value_type>& entries = *entries_;
    entries.erase(PlaceOf(entries, key));
    return 1;
  }
  void clear() { entries_ = {}; }

  // As Cow has them.
  bool SharesWith(const TextMap& other) const { return entries_.SharesWith(other.entries_); }
  std::size_t holders() const { return entries_.holders(); }

  friend bool operator==(const TextMap&, const TextMap&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const TextMap& map) {
    return H::combine(std::move(h), map.entries_);
  }

 private:
  const std::vector<value_type>& entries() const { return *entries_; }

  // Returns the place of the first key that is not smaller.
  template <typename Entries>
  static auto PlaceOf(Entries& entries, std::string_view key) {
    return std::lower_bound(
        entries.begin(), entries.end(), key,
        [](const value_type& entry, std::string_view wanted) { return entry.first < wanted; });
  }

  Cow<std::vector<value_type>> entries_;
};

}  // namespace heat_scheduler::kube
