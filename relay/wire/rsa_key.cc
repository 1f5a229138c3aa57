#include "relay/wire/rsa_key.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace relay::wire {

const RsaKey::Pair& RsaKey::pair() const {
  std::call_once(made_, [this] { pair_ = make(); });
  return pair_;
}

RsaKey::Pair RsaKey::make() {
  Pair made;
  made.key = std::shared_ptr<EVP_PKEY>(EVP_RSA_gen(2048), EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  if (!made.key || !memory || PEM_write_bio_PUBKEY(memory.get(), made.key.get()) != 1) {
    ERR_clear_error();
    return {};
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  made.public_key.assign(text, static_cast<std::size_t>(size));
  return made;
}

base::Secret RsaKey::decrypt(base::ByteView cipher) const {
  const Pair& own = pair();
  if (!own.key) return base::Secret();
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(EVP_PKEY_CTX_new(own.key.get(), nullptr),
                                                                            EVP_PKEY_CTX_free);
  std::string clear(static_cast<std::size_t>(EVP_PKEY_get_size(own.key.get())), '\0');
  std::size_t size = clear.size();
  const bool opened = context && EVP_PKEY_decrypt_init(context.get()) == 1 &&
                      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
                      EVP_PKEY_decrypt(context.get(), reinterpret_cast<unsigned char*>(clear.data()), &size,
                                       cipher.data(), cipher.size()) == 1;
  ERR_clear_error();
  if (!opened) size = 0;
  base::wipe_memory(clear.data() + size, clear.size() - size);
  clear.resize(size);
  return base::Secret(std::move(clear));
}

}  // namespace relay::wire
