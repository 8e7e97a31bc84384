// A Kubernetes quantity: an exact decimal number with a suffix, such as "500m", "1.5Gi" or "12e6".
//
// Exact to a nano, as the API server keeps it: finer digits are rounded up, away from zero. Values
// beyond ±(2^63-1) are refused here; sums that leave the range saturate and say so. Value type.
// Source: k8s.io/apimachinery pkg/api/resource (quantity.go, suffix.go, scale_int.go).
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "kube/text_map.h"

namespace heat_scheduler::kube {

class Quantity {
 public:
  // Zero.
  constexpr Quantity() = default;

  // Returns a whole number of units.
  static Quantity FromValue(std::int64_t value);
  // Returns thousandths of a unit.
  static Quantity FromMilli(std::int64_t milli);

  // Returns InvalidArgument, naming the text, for anything that Kubernetes does not parse, and
  // OutOfRange beyond ±(2^63-1). As there, a text without digits before its suffix ("m") is zero.
  static absl::StatusOr<Quantity> Parse(std::string_view text);

  // Returns whole units, rounded up (away from zero), as Go's Quantity.Value; saturates at the ends
  // of int64.
  std::int64_t Value() const;
  // Returns thousandths, rounded up likewise, as Go's MilliValue; saturates at the ends of int64.
  std::int64_t MilliValue() const;
  // Returns true if the number is zero.
  bool is_zero() const { return nanos_ == 0; }
  // Returns -1, 0 or 1.
  int Sign() const;

  // Adds and subtracts exactly; saturates far beyond every quantity that Parse accepts.
  Quantity& operator+=(const Quantity& other);
  Quantity& operator-=(const Quantity& other);

  // Returns canonical decimal text that parses to the same number: the largest suffix that needs no
  // fraction, as in "1500m", "3", "2k", "250u".
  std::string ToString() const;

  friend constexpr auto operator<=>(const Quantity&, const Quantity&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Quantity& quantity) {
    return H::combine(std::move(h), static_cast<std::int64_t>(quantity.nanos_ >> 64),
                      static_cast<std::int64_t>(quantity.nanos_));
  }

 private:
  explicit constexpr Quantity(__int128 nanos) : nanos_(nanos) {}
  __int128 nanos_ = 0;
};

// Resource name ("cpu", "memory", "example.com/gpu") to amount.
using ResourceList = TextMap<Quantity>;

// Raises each amount of `maximum` to that of `amounts`; a negative amount counts once listed.
void Raise(const ResourceList& amounts, ResourceList& maximum);

}  // namespace heat_scheduler::kube
