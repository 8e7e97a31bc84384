// Reads arguments and configuration from JSON, strictly, so that everybody says the same of the
// same mistake.
//
// The caller names the keys one by one; what is absent or null keeps its default. All mistakes are
// collected and reported at once, one a line, each with its path, unknown keys with the known key
// that is nearest: `HeatArgs.coldCelsius: want a number, got "20"`, `HeatArgs: unknown key
// "hotcelsius", did you mean hotCelsius?`. Repeats values only in a form that is safe in a log.
// Thread-compatible.
#pragma once

#include <cstdint>
#include <functional>
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

// What arguments and configurations say of themselves.
inline constexpr std::string_view kConfigApiVersion = "kubescheduler.config.k8s.io/v1";

class ArgsReader {
 public:
  // Reads an object within the one at hand.
  using ReadNested = std::function<void(ArgsReader& nested)>;

  // Starts on `args`, an object or null, which outlives this. `kind` names it in messages
  // ("HeatArgs"); the object may say so itself with `kind` and `apiVersion`.
  ArgsReader(const nlohmann::json& args, std::string_view kind);

  // Sets `target` if the key is there. Each key is read once.
  void Read(std::string_view key, std::string& target);
  void Read(std::string_view key, bool& target);
  void Read(std::string_view key, std::int32_t& target);  // Whole numbers in range, no point.
  void Read(std::string_view key, std::int64_t& target);
  void Read(std::string_view key, double& target);  // Finite.
  void Read(std::string_view key, std::optional<double>& target);
  // Text such as "5m" or "1h30m".
  void Read(std::string_view key, absl::Duration& target);
  void Read(std::string_view key, std::optional<absl::Duration>& target);
  void Read(std::string_view key, std::vector<std::string>& target);

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

  // Calls `read` on the key's object, if it is there; unknown keys within are mistakes too.
  // Returns true if it is there.
  bool ReadObject(std::string_view key, const ReadNested& read);

  // Calls `read` on each object of the key's list, in order; a null is an empty object. Returns
  // true if the list is there.
  bool ReadObjects(std::string_view key, const ReadNested& read);

  // Returns the key's value as it is, or null if it is absent or null.
  const nlohmann::json* Take(std::string_view key);

  // Adds a mistake of the caller's own finding: of that key ("topologyKey", "values[2]"), or of the
  // whole object if the key is empty.
  void Reject(std::string_view key, std::string_view message);

  // Adds the mistakes of a status, which have their paths already: of a reader of what is within.
  void Adopt(const absl::Status& status);

  // Returns true if this object has a mistake so far.
  bool HasMistakes() const { return !mistakes_.empty(); }

  // Where this object stands: "HeatArgs", "NodeResourcesFitArgs.scoringStrategy.resources[1]".
  const std::string& path() const { return path_; }

  // Returns OK, or InvalidArgument with all mistakes, one a line. To be called after the last Read,
  // by whoever made the reader; nested ones are finished by it.
  absl::Status Finish();

 private:
  struct Nested {};
  ArgsReader(const nlohmann::json& args, std::string path, Nested);

  std::optional<std::string> Text(std::string_view key);
  void RejectType(std::string_view key, std::string_view wanted, const nlohmann::json& value);
  void RejectUnknownKeys();
  void ReadAt(const nlohmann::json& value, std::string path, const ReadNested& read);
  template <typename Int>
  void ReadInt(std::string_view key, Int& target);

  const nlohmann::json& args_;
  const std::string path_;
  bool envelope_ = false;  // `kind` and `apiVersion` have their meaning here.
  std::vector<std::string> known_keys_;
  std::vector<std::string> mistakes_;
};

// Returns a status of Finish() with `path` in place of `kind` wherever a mistake begins with it:
// "HeatArgs.mode: x" becomes "profiles[0].pluginConfig[1].args.mode: x". With an empty path the
// kind alone goes: "percentageOfNodesToScore: x".
absl::Status MovePaths(const absl::Status& status, std::string_view kind, std::string_view path);

}  // namespace heat_scheduler
