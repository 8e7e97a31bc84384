#include "base/random.h"

#include <array>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/check.h"

namespace heat_scheduler {

std::uint64_t Mix(std::uint64_t a, std::uint64_t b) {
  std::array<unsigned char, 16> bytes;
  for (int i = 0; i < 8; ++i) {
    bytes[i] = static_cast<unsigned char>(a >> (8 * i));
    bytes[8 + i] = static_cast<unsigned char>(b >> (8 * i));
  }
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t Random::Below(std::uint64_t bound) {
  HS_CHECK(bound > 0, "a range needs at least one number");
  // Rejects the uneven rest of the 64-bit range, so that no number is likelier than another.
  const std::uint64_t threshold = (0 - bound) % bound;
  for (;;) {
    const std::uint64_t bits = Bits();
    if (bits >= threshold) return bits % bound;
  }
}

}  // namespace heat_scheduler
