#include "tests/support/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace relay::testing {

namespace {

using File = std::unique_ptr<FILE, decltype(&std::fclose)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
constexpr long kLongAgo = 7200;  // seconds

File opened(const std::string& file, const char* mode) {
  File handle(std::fopen(file.c_str(), mode), std::fclose);
  if (!handle) throw std::runtime_error("cannot open " + file);
  return handle;
}

void require(bool done) {
  if (!done) throw std::runtime_error("cannot make a certificate");
}

Key read_key(const CertificateFiles& files) {
  const File file = opened(files.key, "r");
  return {PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
}

Certificate read_certificate(const CertificateFiles& files) {
  const File file = opened(files.certificate, "r");
  return {PEM_read_X509(file.get(), nullptr, nullptr, nullptr), X509_free};
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

}  // namespace

void write_certificate(const CertificateFiles& into, const CertificateOptions& options) {
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate made(X509_new(), X509_free);
  X509* const certificate = made.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), options.serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kLongAgo);
  X509_gmtime_adj(X509_getm_notAfter(certificate), options.valid_seconds);
  X509_set_pubkey(certificate, key.get());
  X509_NAME* const name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(options.common_name.c_str()), -1, -1, 0);
  if (options.authority) {
    add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, NID_key_usage, "keyCertSign,cRLSign");
  }
  std::string names;
  for (const std::string& dns : options.dns_names) names += (names.empty() ? "DNS:" : ",DNS:") + dns;
  if (!names.empty()) add_extension(certificate, NID_subject_alt_name, names);
  if (options.issuer != nullptr) {
    const Certificate issuer = read_certificate(*options.issuer);
    const Key issuer_key = read_key(*options.issuer);
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer.get()));
    require(X509_sign(certificate, issuer_key.get(), EVP_sha256()) != 0);
  } else {
    X509_set_issuer_name(certificate, name);
    require(X509_sign(certificate, key.get(), EVP_sha256()) != 0);
  }
  const File certificate_out = opened(into.certificate, "w"), key_out = opened(into.key, "w");
  require(PEM_write_X509(certificate_out.get(), certificate) == 1);
  require(PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
}

void write_revoked(const std::string& into, const CertificateFiles& issuer, const std::vector<long>& serials) {
  const Certificate authority = read_certificate(issuer);
  const Key key = read_key(issuer);
  const std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> made(X509_CRL_new(), X509_CRL_free);
  X509_CRL* const list = made.get();
  X509_CRL_set_version(list, X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list, X509_get_subject_name(authority.get()));
  ASN1_TIME* const time = ASN1_TIME_new();
  X509_CRL_set1_lastUpdate(list, X509_gmtime_adj(time, -kLongAgo));
  X509_CRL_set1_nextUpdate(list, X509_gmtime_adj(time, kLongAgo));
  for (const long serial : serials) {
    X509_REVOKED* const revoked = X509_REVOKED_new();
    ASN1_INTEGER* const number = ASN1_INTEGER_new();
    ASN1_INTEGER_set(number, serial);
    X509_REVOKED_set_serialNumber(revoked, number);
    X509_REVOKED_set_revocationDate(revoked, X509_gmtime_adj(time, -kLongAgo));
    require(X509_CRL_add0_revoked(list, revoked) == 1);
    ASN1_INTEGER_free(number);
  }
  ASN1_TIME_free(time);
  require(X509_CRL_sign(list, key.get(), EVP_sha256()) != 0);
  const File out = opened(into, "w");
  require(PEM_write_X509_CRL(out.get(), list) == 1);
}

}  // namespace relay::testing
