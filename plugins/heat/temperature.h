// Temperatures as text and as scores. Pure functions.
//
// Source: docs/plugins/heat.md (form, range and curve); RyaxTech/heat-scheduler (the annotation).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace heat_scheduler {

// What a sensor of a computer can have measured; anything else is no reading.
inline constexpr double kMinCelsius = -50;
inline constexpr double kMaxCelsius = 150;

// Returns the temperature of decimal or exponent text ("31.5", "-4", "3.15e1"), or nothing if the
// text is longer than 64 bytes, is not a number as a whole, has a leading '+' or a blank, or lies
// outside kMinCelsius..kMaxCelsius.
std::optional<double> ParseCelsius(std::string_view text);

// Returns the shortest text that parses to the same number, and the unit: "31.5 C".
std::string FormatCelsius(double celsius);

// Returns 100 at `cold` and below, 1 at `hot` and above, and what the straight line between them
// has in between, rounded down. `cold` is below `hot`.
std::int64_t ScoreOfCelsius(double celsius, double cold, double hot);

}  // namespace heat_scheduler
