// The client of a running scheduler's secure port, for the subcommands that show one of its pages:
// flags in kubectl's manner, one GET, and messages that say what to do.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace CLI {
class App;
}  // namespace CLI

namespace heat_scheduler {

struct PortClientFlags {
  std::string server = "https://127.0.0.1:10259";
  std::string kubeconfig = {};  // Of the user; empty: as kubectl finds it.
  std::string context = {};
  std::string token = {};                  // In place of the user's.
  std::string certificate_authority = {};  // PEM file.
  bool insecure_skip_tls_verify = false;
  std::string namespace_ = {};  // As given; empty: the command's own default.
  std::string output = {};      // As given.
};

// Adds --server, --kubeconfig, --context, --token, --certificate-authority,
// --insecure-skip-tls-verify, -n/--namespace and -o/--output, which set `flags`. `outputs` are the
// values that -o takes, separated by '|', the first one the default.
void AddPortClientFlags(CLI::App& app, PortClientFlags& flags, const std::string& outputs);

// Asks the scheduler for `target` ("/pending?limit=500") as the user of the flags and returns the
// body of its answer. An answer other than 200 is an error with what it says: Unauthenticated for
// 401, PermissionDenied for 403, NotFound for 404. With neither a kubeconfig nor a token it asks as
// nobody. Errors say what to do.
absl::StatusOr<std::string> FetchPage(const PortClientFlags& flags, const std::string& target);

// Returns the namespace of the flags, else that of the kubeconfig's context, else "default".
absl::StatusOr<std::string> NamespaceOf(const PortClientFlags& flags);

}  // namespace heat_scheduler
