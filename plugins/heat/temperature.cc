#include "plugins/heat/temperature.h"

#include <charconv>
#include <cmath>
#include <cstddef>

#include "base/numbers.h"

namespace heat_scheduler {
namespace {

constexpr std::size_t kMaxTextBytes = 64;
constexpr std::int64_t kColdScore = 100;
constexpr std::int64_t kHotScore = 1;

}  // namespace

std::optional<double> ParseCelsius(std::string_view text) {
  if (text.size() > kMaxTextBytes) return std::nullopt;
  const std::optional<double> celsius = ParseDouble(text);
  if (!celsius || *celsius < kMinCelsius || *celsius > kMaxCelsius) return std::nullopt;
  return celsius;
}

std::string FormatCelsius(double celsius) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), celsius);
  return std::string(buffer, end) + " C";
}

std::int64_t ScoreOfCelsius(double celsius, double cold, double hot) {
  if (celsius <= cold) return kColdScore;
  if (celsius >= hot) return kHotScore;
  const double above_hot_score = (kColdScore - kHotScore) * (hot - celsius) / (hot - cold);
  return kHotScore + static_cast<std::int64_t>(std::floor(above_hot_score));
}

}  // namespace heat_scheduler
