#include "base/nearest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace heat_scheduler {
namespace {

// Returns the number of characters to insert, delete or replace to make one text of the other.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view NearestName(std::string_view name, const std::vector<std::string>& known) {
  const std::string_view start = name.substr(0, 64);
  // Relative to the length, else "stale" is nearer to "mode" than to "staleAfter".
  const auto distance = [&](const std::string& other) {
    return static_cast<double>(EditDistance(start, other)) /
           static_cast<double>(std::max<std::size_t>({start.size(), other.size(), 1}));
  };
  const auto nearest = std::min_element(
      known.begin(), known.end(),
      [&](const std::string& a, const std::string& b) { return distance(a) < distance(b); });
  return nearest == known.end() ? std::string_view() : *nearest;
}

}  // namespace heat_scheduler
