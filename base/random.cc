#include "base/random.h"

#include <array>
#include <bit>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/check.h"

namespace heat_scheduler {

std::uint64_t Mix(std::uint64_t a, std::uint64_t b) {
  // The bytes, and with them the result, are those of a little-endian machine everywhere.
  if constexpr (std::endian::native == std::endian::big) {
    a = __builtin_bswap64(a);
    b = __builtin_bswap64(b);
  }
  const std::array<std::uint64_t, 2> words = {a, b};
  return XXH3_64bits(words.data(), sizeof(words));
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
