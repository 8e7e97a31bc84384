// Seeded random numbers that are the same on every machine.
//
// The generator is std::mt19937_64, whose sequence the standard fixes; the standard's distributions
// are not fixed, so the few that are needed are here. Thread-compatible.
#pragma once

#include <cstdint>
#include <random>

namespace heat_scheduler {

// Returns 64 well mixed bits of two numbers, the same everywhere: XXH3 of their 16 little-endian
// bytes.
std::uint64_t Mix(std::uint64_t a, std::uint64_t b);

class Random {
 public:
  explicit Random(std::uint64_t seed) : generator_(seed) {}

  // Returns 64 uniform bits.
  std::uint64_t Bits() { return generator_(); }

  // Returns a uniform integer in [0, bound). `bound` is at least 1.
  std::uint64_t Below(std::uint64_t bound);

  // Returns a uniform number in [0, 1), with 53 bits.
  double Unit() { return static_cast<double>(Bits() >> 11) * 0x1.0p-53; }

  // Returns true with the given probability, in [0, 1].
  bool Chance(double probability) { return Unit() < probability; }

 private:
  std::mt19937_64 generator_;
};

}  // namespace heat_scheduler
