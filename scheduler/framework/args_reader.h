// Reads a plugin's arguments from JSON, so that every plugin says the same of the same mistake.
//
// A plugin names its arguments one by one; what is absent or null keeps its default. All mistakes
// are collected and reported at once, each with its path, unknown keys with the known key that is
// nearest: `HeatArgs.coldCelsius: want a number, got "20"; HeatArgs: unknown key "hotcelsius", did
// you mean hotCelsius?`. Thread-compatible.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/quote.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {

class ArgsReader {
 public:
  // Starts on `args`, an object or null, which outlives this. `kind` names it in messages
  // ("HeatArgs"); the object may say so itself with `kind` and `apiVersion`.
  ArgsReader(const nlohmann::json& args, std::string_view kind);

  // Sets `target` if the key is there. Each key is read once.
  void Read(std::string_view key, std::string& target);
  void Read(std::string_view key, double& target);  // Finite.
  void Read(std::string_view key, std::optional<double>& target);
  // Text such as "5m" or "1h30m".
  void Read(std::string_view key, std::optional<absl::Duration>& target);

  // Sets `target` to what the key's text stands for.
  template <typename Enum>
  void Read(std::string_view key, std::initializer_list<std::pair<std::string_view, Enum>> choices,
            Enum& target) {
    const std::optional<std::string> text = Text(key);
    if (!text) return;
    std::string wanted;
    for (const auto& [name, value] : choices) {
      if (name == *text) {
        target = value;
        return;
      }
      if (!wanted.empty()) wanted += " or ";
      wanted += name;
    }
    Reject(key, "want " + wanted + ", got " + Quoted(*text));
  }

  // Adds a mistake of the caller's own finding.
  void Reject(std::string_view key, std::string_view message);

  // Returns OK, or InvalidArgument with all mistakes. To be called after the last Read.
  absl::Status Finish();

 private:
  // Returns the value of a key, or null if it is absent or null.
  const nlohmann::json* Take(std::string_view key);
  std::optional<std::string> Text(std::string_view key);
  std::string Suggestion(std::string_view key) const;
  void RejectType(std::string_view key, std::string_view wanted, const nlohmann::json& value);

  const nlohmann::json& args_;
  const std::string kind_;
  std::vector<std::string> known_keys_;
  std::vector<std::string> mistakes_;
};

}  // namespace heat_scheduler
