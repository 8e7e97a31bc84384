#include "cluster/kubeconfig.h"

#include <cerrno>
#include <cstdio>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace heat_scheduler::cluster {
namespace {

absl::Status WriteAll(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return absl::ErrnoToStatus(errno, "write");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file) != 0) return absl::ErrnoToStatus(errno, "fsync");
  return absl::OkStatus();
}

}  // namespace

std::string KubeconfigText(std::string_view server, std::string_view ca_pem,
                           std::string_view token) {
  std::string authority;
  if (!ca_pem.empty()) {
    authority =
        absl::StrCat("    certificate-authority-data: ", absl::Base64Escape(ToAbsl(ca_pem)), "\n");
  }
  return absl::StrCat(
      "apiVersion: v1\n"
      "kind: Config\n"
      "clusters:\n"
      "- name: heat-cluster\n"
      "  cluster:\n"
      "    server: ",
      ToAbsl(server), "\n", authority,
      "contexts:\n"
      "- name: heat-cluster\n"
      "  context:\n"
      "    cluster: heat-cluster\n"
      "    user: heat-cluster\n"
      "current-context: heat-cluster\n"
      "users:\n"
      "- name: heat-cluster\n"
      "  user:\n"
      "    token: \"",
      ToAbsl(token), "\"\n");
}

absl::Status WritePrivateFile(const std::string& path, std::string_view content) {
  std::string pattern = path + ".XXXXXX";
  std::vector<char> name(pattern.begin(), pattern.end());
  name.push_back('\0');
  const int file = ::mkstemp(name.data());  // Mode 0600.
  if (file < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot create ", name.data()));
  absl::Status status = WriteAll(file, content);
  if (::close(file) != 0 && status.ok()) status = absl::ErrnoToStatus(errno, "close");
  if (status.ok() && std::rename(name.data(), path.c_str()) != 0) {
    status = absl::ErrnoToStatus(errno, "rename");
  }
  if (status.ok()) return status;
  ::unlink(name.data());
  return absl::Status(status.code(), absl::StrCat("cannot write ", path, ": ", status.message()));
}

}  // namespace heat_scheduler::cluster
