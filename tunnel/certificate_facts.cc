#include "tunnel/certificate_facts.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

namespace relay::tunnel {

namespace {

using File = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

base::Error unreadable(base::FixedText what, const std::string& file) {
  ERR_clear_error();
  return base::Error(base::ErrorKind::configuration, what).about(file).remedy("it must be a PEM file");
}

std::string text_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

// As `openssl x509 -noout -subject -nameopt RFC2253,-esc_msb` prints it.
std::string subject_of(const X509& certificate) {
  const File memory(BIO_new(BIO_s_mem()), BIO_free);
  X509_NAME_print_ex(memory.get(), X509_get_subject_name(&certificate), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(std::max(size, 0L))};
}

std::vector<std::string> names_of(const X509& certificate) {
  std::vector<std::string> names;
  auto* const all = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    int type = 0;
    const void* const value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all, i), &type);
    if (type == GEN_DNS || type == GEN_EMAIL) {
      names.push_back(text_of(static_cast<const ASN1_STRING*>(value)));
    } else if (type == GEN_IPADD) {
      const std::string bytes = text_of(static_cast<const ASN1_STRING*>(value));
      std::array<char, INET6_ADDRSTRLEN> text{};
      const int family = bytes.size() == 4 ? AF_INET : bytes.size() == 16 ? AF_INET6 : AF_UNSPEC;
      if (::inet_ntop(family, bytes.data(), text.data(), text.size()) != nullptr) names.emplace_back(text.data());
    }
  }
  GENERAL_NAMES_free(all);
  return names;
}

// From now until `time`.
std::int64_t seconds_until(const ASN1_TIME* time) {
  constexpr std::int64_t kDay = 86400;
  int days = 0, seconds = 0;
  if (time == nullptr || ASN1_TIME_diff(&days, &seconds, nullptr, time) != 1) return -1;
  return days * kDay + seconds;
}

}  // namespace

PeerCertificate owner_of(const X509& certificate) { return {subject_of(certificate), names_of(certificate)}; }

base::Result<std::vector<CertificateFacts>> read_certificate_facts(const std::string& file) {
  const File in(BIO_new_file(file.c_str(), "r"), BIO_free);
  std::vector<CertificateFacts> all;
  Certificate last(nullptr, X509_free);
  while (X509* const next = in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr) {
    CertificateFacts& facts = all.emplace_back();
    facts.owner = owner_of(*next);
    facts.seconds_left = seconds_until(X509_get0_notAfter(next));
    facts.seconds_until = seconds_until(X509_get0_notBefore(next));
    facts.signs_last = !last || X509_verify(last.get(), X509_get0_pubkey(next)) == 1;
    last.reset(next);
  }
  if (all.empty()) return base::fail(unreadable("the certificate cannot be read", file));
  ERR_clear_error();
  return all;
}

base::Result<std::int64_t> read_revoked_seconds_left(const std::string& file) {
  const File in(BIO_new_file(file.c_str(), "r"), BIO_free);
  std::optional<std::int64_t> least;
  while (X509_CRL* const list = in ? PEM_read_bio_X509_CRL(in.get(), nullptr, nullptr, nullptr) : nullptr) {
    // A list that does not say when the next one comes has no end.
    const ASN1_TIME* const end = X509_CRL_get0_nextUpdate(list);
    const std::int64_t left = end != nullptr ? seconds_until(end) : std::numeric_limits<std::int64_t>::max();
    least = std::min(least.value_or(left), left);
    X509_CRL_free(list);
  }
  if (!least) return base::fail(unreadable("the list of revoked certificates cannot be read", file));
  ERR_clear_error();
  return *least;
}

}  // namespace relay::tunnel
