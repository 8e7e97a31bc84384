#include "live/certificate_authorities.h"

#include <utility>

#include "base/file_reader.h"
#include "net/client_certificate.h"

namespace heat_scheduler {
namespace {

constexpr absl::Duration kReadPeriod = absl::Minutes(1);
// Until the first success: the API server may just not be there yet.
constexpr absl::Duration kFirstReadPeriod = absl::Seconds(5);

}  // namespace

CertificateAuthorities::CertificateAuthorities(net::EventLoop& loop, kube::Requester& requester,
                                               Options options)
    : loop_(loop), requester_(requester), options_(std::move(options)) {}

void CertificateAuthorities::Start() { Read(); }

void CertificateAuthorities::Read() {
  timer_ = 0;
  ReadClientCaFile();
  if (options_.look_up) {
    ReadCertificateAuthentication(
        requester_,
        [this](const absl::StatusOr<CertificateAuthentication>& found) { OnRead(found); });
  } else if (!options_.client_ca_file.empty()) {
    timer_ = loop_.RunAfter(kReadPeriod, [this] { Read(); });
  }
}

void CertificateAuthorities::ReadClientCaFile() {
  if (options_.client_ca_file.empty()) return;
  absl::StatusOr<std::string> pem = ReadFile(options_.client_ca_file);
  absl::Status status = pem.status();
  if (status.ok()) status = net::CheckAuthorities(*pem);
  if (status.ok()) {
    current_.client_ca_pem = *std::move(pem);
  } else if (throttle_.Allow(loop_.Now().mono)) {
    LogWarning("The authorities of client certificates cannot be read, those before stay",
               {{"file", options_.client_ca_file}, {"err", std::string(status.message())}});
  }
}

void CertificateAuthorities::OnRead(const absl::StatusOr<CertificateAuthentication>& found) {
  if (found.ok()) {
    const std::string of_file = std::move(current_.client_ca_pem);
    current_ = *found;
    if (!options_.client_ca_file.empty()) current_.client_ca_pem = of_file;
  } else if (absl::IsNotFound(found.status())) {
    LogInfo(kLogDebug, "No client certificates are known: the cluster has no such ConfigMap",
            {{"configmap", "kube-system/extension-apiserver-authentication"}});
  } else if (throttle_.Allow(loop_.Now().mono)) {
    LogWarning("The authorities of client certificates cannot be looked up, trying again",
               {{"err", std::string(found.status().message())}});
  }
  looked_up_ = looked_up_ || found.ok() || absl::IsNotFound(found.status());
  timer_ = loop_.RunAfter(looked_up_ ? kReadPeriod : kFirstReadPeriod, [this] { Read(); });
  const auto on_failed_first = std::exchange(options_.on_failed_lookup, nullptr);
  if (!looked_up_ && on_failed_first) on_failed_first(found.status());
}

}  // namespace heat_scheduler
