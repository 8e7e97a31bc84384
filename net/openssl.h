// OpenSSL's objects: owning pointers, reading PEM text, contexts for both sides. Inside of net/.
//
// Errors are InvalidArgument and say what is wrong with which text. Thread-safe.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "net/tls.h"

namespace heat_scheduler::net {

struct OpenSslDeleter {
  void operator()(ASN1_OCTET_STRING* object) const { ASN1_OCTET_STRING_free(object); }
  void operator()(BIGNUM* object) const { BN_free(object); }
  void operator()(BIO* object) const { BIO_free_all(object); }
  void operator()(EVP_PKEY* object) const { EVP_PKEY_free(object); }
  void operator()(SSL_CTX* object) const { SSL_CTX_free(object); }
  void operator()(X509* object) const { X509_free(object); }
  void operator()(X509_EXTENSION* object) const { X509_EXTENSION_free(object); }
};

using EvpKeyPtr = std::unique_ptr<EVP_PKEY, OpenSslDeleter>;
using SslContextPtr = std::unique_ptr<SSL_CTX, OpenSslDeleter>;
using X509Ptr = std::unique_ptr<X509, OpenSslDeleter>;

// Returns the oldest error of OpenSSL's queue as text, and empties the queue.
std::string OpenSslError();

// Reads all certificates of PEM text, at least one; `what` names the text in errors.
absl::StatusOr<std::vector<X509Ptr>> ParseCertificates(const std::string& pem,
                                                       std::string_view what);

// Reads a private key that no password protects.
absl::StatusOr<EvpKeyPtr> ParseKey(const std::string& pem);

absl::StatusOr<SslContextPtr> MakeServerContext(const ServerTls& tls);
absl::StatusOr<SslContextPtr> MakeClientContext(const ClientTls& tls);

// Has a connection ask for, and insist on, a certificate for `name`, a host name or an IP address.
absl::Status ExpectName(SSL* ssl, const std::string& name, bool verify);

// Returns the certificates that the client of a server's connection has shown, its own first, as
// PEM text; empty for none.
std::string PeerChainPem(const SSL* ssl);

}  // namespace heat_scheduler::net
