#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file_reader.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "net/openssl.h"

namespace heat_scheduler::net {

namespace {

constexpr absl::Duration kSelfSignedLife = absl::Hours(24 * 365);
// For peers whose clock is a little behind.
constexpr absl::Duration kSelfSignedHeadStart = absl::Hours(1);

absl::StatusOr<std::string> BioText(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);  // NOLINT: OpenSSL's type.
  if (size <= 0) return absl::InternalError(absl::StrCat("OpenSSL: ", OpenSslError()));
  return std::string(data, static_cast<std::size_t>(size));
}

absl::StatusOr<absl::Time> ToTime(const ASN1_TIME* time) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    return absl::InvalidArgumentError("the certificate's dates cannot be read");
  }
  return absl::FromTM(parts, absl::UTCTimeZone());
}

bool AddExtension(X509* certificate, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, OpenSslDeleter> extension(
      X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool IsAddress(const std::string& name) {
  const std::unique_ptr<ASN1_OCTET_STRING, OpenSslDeleter> address(a2i_IPADDRESS(name.c_str()));
  ERR_clear_error();
  return address != nullptr;
}

bool FillSelfSigned(X509* certificate, EVP_PKEY* key, const std::vector<std::string>& names,
                    absl::Time now) {
  std::string alternative_names;
  for (const std::string& name : names) {
    absl::StrAppend(&alternative_names, alternative_names.empty() ? "" : ",",
                    IsAddress(name) ? "IP:" : "DNS:", name);
  }
  const std::unique_ptr<BIGNUM, OpenSslDeleter> serial(BN_new());
  X509_NAME* subject = X509_get_subject_name(certificate);
  return serial != nullptr &&
         BN_rand(serial.get(), 126, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr &&
         X509_set_version(certificate, X509_VERSION_3) == 1 &&
         X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(names.front().c_str()),
                                    -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1 &&
         ASN1_TIME_set(X509_getm_notBefore(certificate),
                       absl::ToTimeT(now - kSelfSignedHeadStart)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(now + kSelfSignedLife)) !=
             nullptr &&
         X509_set_pubkey(certificate, key) == 1 &&
         // An authority of itself, so that it can be handed to clients as the CA to trust.
         AddExtension(certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
         AddExtension(certificate, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
         AddExtension(certificate, NID_ext_key_usage, "serverAuth,clientAuth") &&
         AddExtension(certificate, NID_subject_alt_name, alternative_names) &&
         X509_sign(certificate, key, EVP_sha256()) != 0;
}

}  // namespace

absl::StatusOr<KeyPair> MakeSelfSigned(const std::vector<std::string>& names, absl::Time now) {
  if (names.empty()) return absl::InvalidArgumentError("a certificate needs at least one name");
  for (const std::string& name : names) {
    if (name.empty() || name.find_first_of(", \n") != std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", name, "\" is no host name and no IP address"));
    }
  }
  ERR_clear_error();
  const std::unique_ptr<EVP_PKEY, OpenSslDeleter> key(EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, OpenSslDeleter> certificate(X509_new());
  if (key == nullptr || certificate == nullptr ||
      !FillSelfSigned(certificate.get(), key.get(), names, now)) {
    return absl::InternalError(absl::StrCat("making a certificate failed: ", OpenSslError()));
  }
  const std::unique_ptr<BIO, OpenSslDeleter> certificate_out(BIO_new(BIO_s_mem()));
  const std::unique_ptr<BIO, OpenSslDeleter> key_out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(certificate_out.get(), certificate.get());
  PEM_write_bio_PKCS8PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  KeyPair pair;
  ASSIGN_OR_RETURN(pair.certificate_pem, BioText(certificate_out.get()));
  ASSIGN_OR_RETURN(pair.key_pem, BioText(key_out.get()));
  return pair;
}

absl::StatusOr<KeyPair> LoadKeyPair(const std::string& certificate_file,
                                    const std::string& key_file, absl::Time now) {
  KeyPair pair;
  ASSIGN_OR_RETURN(pair.certificate_pem, ReadFile(certificate_file));
  ASSIGN_OR_RETURN(pair.key_pem, ReadFile(key_file));
  if (absl::Status status = CheckKeyPair(pair, now); !status.ok()) {
    return Annotate(
        status, absl::StrCat("certificate file ", certificate_file, " with key file ", key_file));
  }
  return pair;
}

absl::StatusOr<absl::Time> ExpirationOf(const std::string& certificate_pem) {
  ASSIGN_OR_RETURN(const std::vector<X509Ptr> chain,
                   ParseCertificates(certificate_pem, "the certificate"));
  return ToTime(X509_get0_notAfter(chain.front().get()));
}

absl::Status CheckKeyPair(const KeyPair& key_pair, absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<X509Ptr> chain,
                   ParseCertificates(key_pair.certificate_pem, "the certificate"));
  ASSIGN_OR_RETURN(const EvpKeyPtr key, ParseKey(key_pair.key_pem));
  X509* certificate = chain.front().get();
  if (X509_check_private_key(certificate, key.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError("the private key does not belong to the certificate");
  }
  ASSIGN_OR_RETURN(const absl::Time start, ToTime(X509_get0_notBefore(certificate)));
  ASSIGN_OR_RETURN(const absl::Time end, ToTime(X509_get0_notAfter(certificate)));
  if (now < start) {
    return absl::InvalidArgumentError(
        absl::StrCat("the certificate is valid only from ", FormatRfc3339(start), " on"));
  }
  if (now > end) {
    return absl::InvalidArgumentError(
        absl::StrCat("the certificate has expired at ", FormatRfc3339(end)));
  }
  return absl::OkStatus();
}

}  // namespace heat_scheduler::net
