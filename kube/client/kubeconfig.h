// Turns kubeconfig files into a client's configuration: the server and the credentials of one
// context.
//
// Understood: of clusters server, certificate-authority and -data, insecure-skip-tls-verify,
// tls-server-name, proxy-url; of users client-certificate and -data, client-key and -data, token,
// tokenFile (which goes before token), username and password, exec; of contexts cluster, user,
// namespace. Refused with a message, since leaving them out would make us somebody else:
// auth-provider and impersonation. Anything else is ignored, as kubectl does. Relative paths start
// at their file. Source: k8s.io/client-go tools/clientcmd (client_config.go, validation.go).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/file_reader.h"
#include "kube/client/client_config.h"
#include "kube/client/kubeconfig_files.h"

namespace heat_scheduler::kube {

// Loads the files and returns the configuration of `context` or, if that is empty, of the
// current-context. `clock`, borrowed, decides whether a client certificate has expired. The program
// of an `exec` is run and waited for, unless a client of the process has its credentials already.
// Errors name file, entry and what to do; no secret is in them.
absl::StatusOr<ClientConfig> LoadKubeconfig(const KubeconfigPaths& paths, std::string_view context,
                                            const Clock& clock,
                                            const FileReader& reader = ReadFile);

}  // namespace heat_scheduler::kube
