#include "net/openssl.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"

namespace heat_scheduler::net {

namespace {

// Refuses to ask for a password: there is nobody to answer on the terminal.
int NoPassword(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

absl::Status ContextError(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("TLS: ", ToAbsl(what), ": ", OpenSslError()));
}

absl::StatusOr<SslContextPtr> NewContext(const SSL_METHOD* method) {
  ERR_clear_error();
  SslContextPtr context(SSL_CTX_new(method));
  if (context == nullptr) return ContextError("no context");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // Asio moves its buffers between attempts to write.
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  return context;
}

absl::Status UseKeyPair(SSL_CTX* context, const KeyPair& pair) {
  ASSIGN_OR_RETURN(const std::vector<X509Ptr> chain,
                   ParseCertificates(pair.certificate_pem, "the certificate"));
  ASSIGN_OR_RETURN(const EvpKeyPtr key, ParseKey(pair.key_pem));
  if (SSL_CTX_use_certificate(context, chain.front().get()) != 1) {
    return ContextError("the certificate cannot be used");
  }
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) {
      return ContextError("the certificate's chain cannot be used");
    }
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return ContextError("the private key does not belong to the certificate");
  }
  return absl::OkStatus();
}

absl::Status TrustAuthorities(SSL_CTX* context, const std::string& pem, std::string_view what) {
  ASSIGN_OR_RETURN(const std::vector<X509Ptr> authorities, ParseCertificates(pem, what));
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const X509Ptr& authority : authorities) {
    if (X509_STORE_add_cert(store, authority.get()) != 1) {
      return ContextError("a certificate authority cannot be used");
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string OpenSslError() {
  const unsigned long code = ERR_get_error();  // NOLINT: OpenSSL's type.
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown error";
}

absl::StatusOr<std::vector<X509Ptr>> ParseCertificates(const std::string& pem,
                                                       std::string_view what) {
  ERR_clear_error();
  const std::unique_ptr<BIO, OpenSslDeleter> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<X509Ptr> certificates;
  while (X509Ptr certificate{PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr)}) {
    certificates.push_back(std::move(certificate));
  }
  // The end of the text is an error too, of its own kind.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string error = OpenSslError();
  if (certificates.empty() && at_end) {
    return absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(what), " is not PEM: it has no line \"-----BEGIN CERTIFICATE-----\""));
  }
  if (!at_end) {
    return absl::InvalidArgumentError(absl::StrCat(ToAbsl(what), " is damaged: ", error));
  }
  return certificates;
}

absl::StatusOr<EvpKeyPtr> ParseKey(const std::string& pem) {
  ERR_clear_error();
  const std::unique_ptr<BIO, OpenSslDeleter> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  bool asked_for_password = false;
  EvpKeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, &asked_for_password));
  if (key != nullptr) return key;
  const std::string error = OpenSslError();
  if (asked_for_password) {
    return absl::InvalidArgumentError(
        "the private key is protected by a password; store it without one");
  }
  return absl::InvalidArgumentError(absl::StrCat("the private key is not PEM or damaged: ", error));
}

absl::StatusOr<SslContextPtr> MakeServerContext(const ServerTls& tls) {
  ASSIGN_OR_RETURN(SslContextPtr context, NewContext(TLS_server_method()));
  RETURN_IF_ERROR(UseKeyPair(context.get(), tls.key_pair));
  if (!tls.client_ca_pem.empty()) {
    RETURN_IF_ERROR(
        TrustAuthorities(context.get(), tls.client_ca_pem, "the client certificate authority"));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    const unsigned char session_id[] = {'h', 's'};
    SSL_CTX_set_session_id_context(context.get(), session_id, sizeof session_id);
  } else if (tls.ask_client_certificate) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
    // A resumed session shows no chain.
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context.get(), 0);
  }
  return context;
}

absl::StatusOr<SslContextPtr> MakeClientContext(const ClientTls& tls) {
  ASSIGN_OR_RETURN(SslContextPtr context, NewContext(TLS_client_method()));
  if (!tls.ca_pem.empty()) {
    RETURN_IF_ERROR(TrustAuthorities(context.get(), tls.ca_pem, "the certificate authority"));
  } else if (!tls.ca_file.empty()) {
    if (SSL_CTX_load_verify_file(context.get(), tls.ca_file.c_str()) != 1) {
      return ContextError(absl::StrCat("certificate authority file ", tls.ca_file));
    }
  } else {
    SSL_CTX_set_default_verify_paths(context.get());
  }
  if (!tls.key_pair.certificate_pem.empty() || !tls.key_pair.key_pem.empty()) {
    if (absl::Status status = UseKeyPair(context.get(), tls.key_pair); !status.ok()) {
      return Annotate(status, "client certificate");
    }
  }
  SSL_CTX_set_verify(context.get(), tls.insecure_skip_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                     nullptr);
  return context;
}

absl::Status ExpectName(SSL* ssl, const std::string& name, bool verify) {
  const std::unique_ptr<ASN1_OCTET_STRING, OpenSslDeleter> address(a2i_IPADDRESS(name.c_str()));
  ERR_clear_error();
  // RFC 6066: SNI carries no addresses.
  if (address == nullptr && SSL_set_tlsext_host_name(ssl, name.c_str()) != 1) {
    return ContextError(absl::StrCat("server name \"", name, "\""));
  }
  if (!verify) return absl::OkStatus();
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(
      parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const int set = address != nullptr
                      ? X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str())
                      : X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size());
  if (set != 1) return ContextError(absl::StrCat("server name \"", name, "\""));
  return absl::OkStatus();
}

std::string PeerChainPem(const SSL* ssl) {
  X509* const own = SSL_get0_peer_certificate(ssl);
  if (own == nullptr) return "";
  const std::unique_ptr<BIO, OpenSslDeleter> out(BIO_new(BIO_s_mem()));
  if (out == nullptr) return "";
  PEM_write_bio_X509(out.get(), own);
  // On the server's side the chain is without the peer's own.
  STACK_OF(X509)* const chain = SSL_get_peer_cert_chain(ssl);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    PEM_write_bio_X509(out.get(), sk_X509_value(chain, i));
  }
  ERR_clear_error();
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);  // NOLINT: OpenSSL's type.
  return size <= 0 ? "" : std::string(data, static_cast<std::size_t>(size));
}

}  // namespace heat_scheduler::net
