// A user's `exec` in a kubeconfig: a program that prints who we are, for a while.
//
// The program is told what is asked in KUBERNETES_EXEC_INFO and prints an ExecCredential: a bearer
// token, a client certificate with its key, or both, and when they end. Never interactive: a
// scheduler has nobody to ask. Source: k8s.io/client-go plugin/pkg/client/auth/exec (exec.go),
// tools/clientcmd (validation.go), client.authentication.k8s.io/v1 and v1beta1.
#pragma once

#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/run_program.h"
#include "net/tls.h"

namespace heat_scheduler::kube {

// How long a program may take. client-go waits for ever.
inline constexpr absl::Duration kExecTimeout = absl::Seconds(30);

struct ExecPlugin {
  Program program;  // KUBERNETES_EXEC_INFO among its variables.
  std::string api_version;
  std::string install_hint;  // For people who lack the program.

  friend bool operator==(const ExecPlugin&, const ExecPlugin&) = default;
};

// What the program said.
struct ExecCredential {
  std::string token;      // Fits a header; may be empty ...
  net::KeyPair key_pair;  // ... or this, not both. Key and certificate belong to each other.
  absl::Time expires = absl::InfiniteFuture();  // Of a certificate, its own end at the latest.
};

// Reads the `exec` of a user. `file` is the kubeconfig's path: a command with a '/' in it starts
// there. `cluster` is `spec.cluster` for a program that asks for it (provideClusterInfo). Errors
// name the field.
absl::StatusOr<ExecPlugin> ReadExecPlugin(const nlohmann::json& exec, std::string_view file,
                                          const nlohmann::json& cluster);

// Reads what the program printed. Errors name the command, never what it printed.
absl::StatusOr<ExecCredential> ReadExecCredential(const ExecPlugin& plugin, std::string_view output,
                                                  absl::Time now);

// Runs the program and reads what it prints by that time. Blocks up to kExecTimeout; thread-safe.
absl::StatusOr<ExecCredential> RunExecPlugin(const ExecPlugin& plugin, const Clock& clock,
                                             const std::stop_token& stop);

}  // namespace heat_scheduler::kube
