// Reads kubeconfig files and merges them as kubectl does: of entries with the same name, and of
// current-context, the first file's holds, whole. Source: k8s.io/client-go tools/clientcmd
// (loader.go) and the Kubernetes documentation, "Organizing Cluster Access Using kubeconfig Files".
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/file_reader.h"

namespace heat_scheduler::kube {

// Which files to read, first one first.
struct KubeconfigPaths {
  std::vector<std::string> paths;
  // A file that does not exist is an error: somebody named it. Otherwise it is passed over, as long
  // as one of them exists.
  bool must_exist = false;
};

// Returns the files that kubectl would read: `flag` (--kubeconfig) alone if it is set, else those
// of `env` (KUBECONFIG, separated by ':', empty ones dropped), else .kube/config below `home`.
KubeconfigPaths FindKubeconfig(std::string_view flag, std::string_view env, std::string_view home);

// One cluster, user or context, and the file that it is from: relative paths start there.
struct KubeconfigEntry {
  nlohmann::json value;  // An object.
  std::string file;
};

struct MergedKubeconfig {
  using Entries = std::map<std::string, KubeconfigEntry, std::less<>>;
  Entries clusters;
  Entries users;
  Entries contexts;
  std::string current_context;
  std::string files;  // Those that were read, for messages: "/a, /b".
};

// Errors name the file, the entry and what to do.
absl::StatusOr<MergedKubeconfig> MergeKubeconfigs(const KubeconfigPaths& paths,
                                                  const FileReader& reader);

}  // namespace heat_scheduler::kube
