#include "tunnel/tls_context.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <string_view>

namespace relay::tunnel {

namespace {

base::Error file_error(base::FixedText what, const std::string& file) {
  ERR_clear_error();
  return base::Error(base::ErrorKind::configuration, what).about(file);
}

// Without it OpenSSL asks for a key's passphrase on the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

std::shared_ptr<SSL_CTX> make_context(const SSL_METHOD* method) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), SSL_CTX_free);
  if (!context) return context;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  // Sessions are resumed by tickets, which only this context opens: nothing is kept here, and what was let in before
  // the files were read again has to show its certificate again. Nor does a revoked certificate last longer than this.
  constexpr long kSessionSeconds = 300;
  constexpr std::string_view kSessions = "binlog-relay";
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>(kSessions.data()),
                                 static_cast<unsigned>(kSessions.size()));
  SSL_CTX_set_timeout(context.get(), kSessionSeconds);
  SSL_CTX_set_num_tickets(context.get(), 1);
  SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
  return context;
}

}  // namespace

base::Result<void> TlsContext::load(const TlsFiles& files) {
  SSL_CTX* context = context_.get();
  if (!files.certificate.empty()) {
    if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
      return base::fail(
          file_error("the certificate cannot be read", files.certificate).remedy("it must be a PEM file"));
    }
    if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
      return base::fail(file_error("the key cannot be read", files.key)
                            .remedy("it must be a PEM file without passphrase that fits the certificate"));
    }
    if (SSL_CTX_check_private_key(context) != 1) {
      return base::fail(file_error("the key does not belong to the certificate", files.key));
    }
    unsigned size = 0;
    X509_digest(SSL_CTX_get0_certificate(context), EVP_sha256(), certificate_digest_.data(), &size);
  }
  if (!files.ca.empty()) {
    if (SSL_CTX_load_verify_locations(context, files.ca.c_str(), nullptr) != 1) {
      return base::fail(file_error("the CA's certificate cannot be read", files.ca).remedy("it must be a PEM file"));
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  if (!files.crl.empty()) RELAY_TRY(load_revoked(files.crl));
  return {};
}

base::Result<void> TlsContext::load_revoked(const std::string& file) {
  X509_STORE* const store = SSL_CTX_get_cert_store(context_.get());
  X509_LOOKUP* const lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
  if (lookup == nullptr || X509_load_crl_file(lookup, file.c_str(), X509_FILETYPE_PEM) < 1) {
    return base::fail(
        file_error("the list of revoked certificates cannot be read", file).remedy("it must be a PEM file"));
  }
  // Of every authority of the chain: one between may be revoked, too.
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  return {};
}

base::Result<std::shared_ptr<const TlsContext>> TlsContext::server(const TlsFiles& files) {
  std::shared_ptr<TlsContext> made(new TlsContext);
  made->context_ = make_context(TLS_server_method());
  if (!made->context_) return base::fail(base::ErrorKind::io, "cannot set up TLS");
  if (files.certificate.empty())
    return base::fail(base::ErrorKind::configuration, "a TLS server needs a certificate and a key");
  if (!files.ca.empty()) {
    // Tells clients which CA their certificate has to be of.
    SSL_CTX_set_client_CA_list(made->context_.get(), SSL_load_client_CA_file(files.ca.c_str()));
  }
  RELAY_TRY(made->load(files));
  return std::shared_ptr<const TlsContext>(std::move(made));
}

base::Result<std::shared_ptr<const TlsContext>> TlsContext::client(const TlsFiles& files) {
  std::shared_ptr<TlsContext> made(new TlsContext);
  made->context_ = make_context(TLS_client_method());
  if (!made->context_) return base::fail(base::ErrorKind::io, "cannot set up TLS");
  RELAY_TRY(made->load(files));
  return std::shared_ptr<const TlsContext>(std::move(made));
}

base::Result<std::shared_ptr<RenewableTls>> RenewableTls::make(TlsFiles files) {
  RELAY_ASSIGN(auto context, TlsContext::server(files));
  return std::shared_ptr<RenewableTls>(new RenewableTls(std::move(files), std::move(context)));
}

std::shared_ptr<const TlsContext> RenewableTls::current() const {
  const base::MutexLock lock(mutex_);
  return context_;
}

base::Result<void> RenewableTls::renew() {
  RELAY_ASSIGN(auto context, TlsContext::server(files_));
  const base::MutexLock lock(mutex_);
  context_ = std::move(context);
  return {};
}

}  // namespace relay::tunnel
