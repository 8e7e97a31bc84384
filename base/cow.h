// A value that is copied when it is changed, not when it is handed on.
//
// Copying a Cow copies a pointer: the copies share one value until one of them is changed, which
// then gets a value of its own. Through a const Cow nothing is ever copied; access through one that
// is not const counts as a change, whatever is done with it. A default T takes no memory.
// Thread-compatible, where those that share a value count as one object.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace heat_scheduler {

template <typename T>
class Cow {
 public:
  // A default T.
  Cow() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a value is as good as a Cow of it.
  Cow(T value) : value_(std::make_shared<T>(std::move(value))) {}

  const T& operator*() const { return value_ != nullptr ? *value_ : Default(); }
  const T* operator->() const { return &**this; }
  T& operator*() {
    if (value_ == nullptr) {
      value_ = std::make_shared<T>();
    } else if (value_.use_count() > 1) {
      value_ = std::make_shared<T>(std::as_const(*value_));
    }
    return *value_;
  }
  T* operator->() { return &**this; }

  // Returns true if both are the same value in memory, and not only equal.
  bool SharesWith(const Cow& other) const { return value_ == other.value_; }

  // Returns how many share the value, this one among them; 0 for one that takes no memory.
  std::size_t holders() const { return static_cast<std::size_t>(value_.use_count()); }

  friend bool operator==(const Cow& a, const Cow& b) { return a.SharesWith(b) || *a == *b; }

  template <typename H>
  friend H AbslHashValue(H h, const Cow& cow) {
    return H::combine(std::move(h), *cow);
  }

 private:
  static const T& Default() {
    static const T value{};
    return value;
  }

  std::shared_ptr<T> value_;
};

}  // namespace heat_scheduler
