// What plugins answer, in kube-scheduler's codes.
// Source: k8s.io/kube-scheduler framework/interface.go (Code, Status), v0.36.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heat_scheduler {

enum class Code : std::uint8_t {
  kSuccess = 0,
  kError = 1,                         // The plugin itself failed.
  kUnschedulable = 2,                 // Not now; removing pods might help.
  kUnschedulableAndUnresolvable = 3,  // Not now, and removing pods would not help.
  kWait = 4,                          // Permit, PreBind: ask again later.
  kSkip = 5,                          // PreFilter, PreScore: leave this plugin out of this cycle.
  kPending = 6,                       // Waits for something outside the cluster's objects.
};

// Returns true if it says that the pod cannot be placed.
constexpr bool IsRejection(Code code) {
  return code == Code::kUnschedulable || code == Code::kUnschedulableAndUnresolvable;
}

// Returns "Success", "Unschedulable", ...
std::string_view CodeName(Code code);

// What a filter says of one node. Costs no allocation: `detail` is the plugin's own (which of its
// reasons apply), and FilterPlugin::Reasons turns it into text when somebody reads it.
struct Verdict {
  Code code = Code::kSuccess;
  std::uint64_t detail = 0;

  bool ok() const { return code == Code::kSuccess; }
  bool rejected() const { return IsRejection(code); }
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

// What a plugin says of the pod as a whole. `plugin` is filled in by the framework.
struct Status {
  Code code = Code::kSuccess;
  std::vector<std::string> reasons;
  std::string plugin;

  // Returns the answer that leaves a plugin out of the cycle.
  static Status Skip() { return {Code::kSkip, {}, {}}; }

  bool ok() const { return code == Code::kSuccess; }
  bool rejected() const { return IsRejection(code); }
  // Returns the reasons joined by ", ".
  std::string Message() const;
};

}  // namespace heat_scheduler
