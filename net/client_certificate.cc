#include "net/client_certificate.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "net/openssl.h"

namespace heat_scheduler::net {
namespace {

struct StoreDeleter {
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
  // Its certificates are the caller's.
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};

// Returns every value of that attribute, in order.
std::vector<std::string> Attributes(const X509_NAME* name, int nid) {
  std::vector<std::string> values;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(name, nid, at)) >= 0;) {
    unsigned char* text = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size < 0) continue;
    values.emplace_back(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
  }
  ERR_clear_error();
  return values;
}

}  // namespace

absl::StatusOr<CertificateSubject> VerifyClientCertificate(const std::string& chain_pem,
                                                           const std::string& ca_pem,
                                                           absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<X509Ptr> chain,
                   ParseCertificates(chain_pem, "the client certificate"));
  ASSIGN_OR_RETURN(const std::vector<X509Ptr> authorities,
                   ParseCertificates(ca_pem, "the client certificate authority"));
  const std::unique_ptr<X509_STORE, StoreDeleter> store(X509_STORE_new());
  const std::unique_ptr<STACK_OF(X509), StoreDeleter> others(sk_X509_new_null());
  const std::unique_ptr<X509_STORE_CTX, StoreDeleter> context(X509_STORE_CTX_new());
  bool ready = store != nullptr && others != nullptr && context != nullptr;
  for (const X509Ptr& authority : authorities) {
    ready = ready && X509_STORE_add_cert(store.get(), authority.get()) == 1;
  }
  for (std::size_t i = 1; i < chain.size(); ++i) {
    ready = ready && sk_X509_push(others.get(), chain[i].get()) > 0;
  }
  ready = ready &&
          X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(), others.get()) == 1;
  if (!ready) {
    return absl::InternalError(absl::StrCat("checking a client certificate: ", OpenSslError()));
  }
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_CLIENT);
  X509_VERIFY_PARAM_set_time(parameters, absl::ToTimeT(now));
  // An authority that is trusted need not be signed by itself.
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
  if (X509_verify_cert(context.get()) != 1) {
    ERR_clear_error();
    return absl::UnauthenticatedError(
        absl::StrCat("the client certificate: ",
                     X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))));
  }
  const X509_NAME* subject = X509_get_subject_name(chain.front().get());
  const std::vector<std::string> names = Attributes(subject, NID_commonName);
  // Of several the last one holds, as in Go.
  return CertificateSubject{.common_name = names.empty() ? "" : names.back(),
                            .organizations = Attributes(subject, NID_organizationName)};
}

absl::Status CheckAuthorities(const std::string& ca_pem) {
  return ParseCertificates(ca_pem, "the client certificate authority").status();
}

}  // namespace heat_scheduler::net
