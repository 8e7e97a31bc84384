// Keys and certificates: what a TLS server or client is configured with, loading it, and making a
// self-signed one.
//
// All of it is PEM text; nothing here needs a socket. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace heat_scheduler::net {

// A certificate (the end entity's first, then its chain) and its private key, as PEM text.
struct KeyPair {
  std::string certificate_pem;
  std::string key_pem;
  friend bool operator==(const KeyPair&, const KeyPair&) = default;
};

// How a server presents itself. TLS 1.2 at least.
struct ServerTls {
  KeyPair key_pair;
  // Not empty: clients must show a certificate that one of these authorities signed.
  std::string client_ca_pem{};
  // Clients are asked for a certificate, and any or none is taken: HttpRequest::peer_chain_pem has
  // it, unverified (net/client_certificate.h). No session is resumed then.
  bool ask_client_certificate = false;
  friend bool operator==(const ServerTls&, const ServerTls&) = default;
};

// How a client checks a server and presents itself. TLS 1.2 at least.
struct ClientTls {
  // The authorities that the server's certificate must lead to: this text, else this file, else the
  // system's.
  std::string ca_pem{};
  std::string ca_file{};
  // Shown to servers that ask for one; empty for none.
  KeyPair key_pair{};
  // The name that the certificate must be for, and that SNI asks for, in place of the URL's host.
  std::string server_name{};
  // Accepts any certificate: whoever is in between reads and changes everything.
  bool insecure_skip_verify = false;
  friend bool operator==(const ClientTls&, const ClientTls&) = default;
};

// Makes an ECDSA P-256 key and a certificate for it that it signs itself, from an hour before `now`
// to a year after. `names` are host names and IP addresses; the first is the common name.
absl::StatusOr<KeyPair> MakeSelfSigned(const std::vector<std::string>& names, absl::Time now);

// Reads both files and checks them with CheckKeyPair. Errors name the file.
absl::StatusOr<KeyPair> LoadKeyPair(const std::string& certificate_file,
                                    const std::string& key_file, absl::Time now);

// Returns the time at which the first certificate of the text ends; InvalidArgument if it has none.
absl::StatusOr<absl::Time> ExpirationOf(const std::string& certificate_pem);

// Returns InvalidArgument, saying which and why, unless both are PEM, the key is not protected by a
// password, belongs to the certificate, and the certificate is valid at `now`.
absl::Status CheckKeyPair(const KeyPair& key_pair, absl::Time now);

}  // namespace heat_scheduler::net
