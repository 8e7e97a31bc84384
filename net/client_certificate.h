// Who a client is by the certificate that it has shown to a server.
//
// A server that asks for certificates (ServerTls::ask_client_certificate) takes any; whether one is
// good is for its owner to decide, request by request, with the authorities that it trusts just
// then. Pure functions; thread-safe. Source: k8s.io/apiserver pkg/authentication/request/x509
// (DefaultVerifyOptions, CommonNameUserConversion), v0.36.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace heat_scheduler::net {

// The parts of a certificate's subject by which Kubernetes names a user.
struct CertificateSubject {
  std::string common_name = {};
  std::vector<std::string> organizations = {};
};

// Returns the subject of the first certificate of `chain_pem` if it leads to one of the authorities
// of `ca_pem`, through the others where need be, may be used by clients, and is valid at `now`.
// InvalidArgument for PEM that cannot be read, Unauthenticated for anything else, with the cause.
absl::StatusOr<CertificateSubject> VerifyClientCertificate(const std::string& chain_pem,
                                                           const std::string& ca_pem,
                                                           absl::Time now);

// Returns OK if the text holds at least one certificate, and nothing that cannot be read.
absl::Status CheckAuthorities(const std::string& ca_pem);

}  // namespace heat_scheduler::net
