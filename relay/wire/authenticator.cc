#include "relay/wire/authenticator.h"

#include <openssl/rand.h>

#include "relay/wire/password_proof.h"

namespace relay::wire {

namespace {

// caching_sha2_password's own bytes (sql/auth/sha2_password.cc).
constexpr std::uint8_t kMoreData = 0x01;
constexpr std::uint8_t kFastAccepted = 0x03;
constexpr std::uint8_t kFullNeeded = 0x04;
constexpr std::uint8_t kKeyRequest = 0x02;
constexpr std::uint8_t kAuthSwitchRequest = 0xfe;

base::Secret password_of_nobody() {
  std::string random(32, '\0');
  // A failure leaves zeros: still refused, since `known_` stays false.
  RAND_bytes(reinterpret_cast<unsigned char*>(random.data()), static_cast<int>(random.size()));
  return base::Secret(std::move(random));
}

bool is_supported(std::string_view plugin) { return plugin == kNativePassword || plugin == kCachingSha2Password; }

}  // namespace

Authenticator::Authenticator(const base::Secret* password, const RsaKey& rsa_key, std::string offered_plugin,
                             const Scramble& scramble, bool inside_tls)
    : rsa_key_(rsa_key),
      nobody_(password_of_nobody()),
      password_(password != nullptr ? password : &nobody_),
      known_(password != nullptr),
      plugin_(std::move(offered_plugin)),
      scramble_(scramble),
      inside_tls_(inside_tls) {}

Authenticator::Step Authenticator::start(const HandshakeResponse& response) {
  const std::string wanted = response.plugin.empty() ? kNativePassword : response.plugin;
  if (wanted == plugin_) return verify(base::ByteView::of(response.auth_data));
  if ((response.capabilities & kClientPluginAuth) == 0) {
    // It cannot be told to switch: all it knows is the native proof.
    plugin_ = kNativePassword;
    return verify(base::ByteView::of(response.auth_data));
  }
  if (is_supported(wanted)) plugin_ = wanted;
  return ask_switch();
}

Authenticator::Step Authenticator::ask_switch() {
  scramble_ = make_scramble();
  waiting_ = Waiting::switched_proof;
  Step step;
  step.next = Next::send_and_read;
  step.packet.append_u8(kAuthSwitchRequest);
  step.packet.append(plugin_);
  step.packet.append_u8(0);
  step.packet.append(view_of(scramble_));
  step.packet.append_u8(0);
  return step;
}

Authenticator::Step Authenticator::verify(base::ByteView proof) {
  waiting_ = Waiting::nothing;
  Step step;
  if (plugin_ == kNativePassword) {
    if (native_proof_fits(proof, password_->reveal(), scramble_) && known_) step.next = Next::accepted;
    return step;
  }
  step.packet.append_u8(kMoreData);
  if (sha2_proof_fits(proof, password_->reveal(), scramble_) && known_) {
    step.packet.append_u8(kFastAccepted);
    step.next = Next::accepted;
    return step;
  }
  proof_failed_ = true;
  step.packet.append_u8(kFullNeeded);
  step.next = Next::send_and_read;
  waiting_ = inside_tls_ ? Waiting::clear_password : Waiting::key_request;
  return step;
}

Authenticator::Step Authenticator::step(base::ByteView packet) {
  switch (waiting_) {
    case Waiting::switched_proof:
      return verify(packet);
    case Waiting::clear_password:
      return check_password(packet);
    case Waiting::key_request:
      // A client that has our public key already sends the password at once.
      if (packet.size() == 1 && packet[0] == kKeyRequest) return send_public_key();
      return check_encrypted(packet);
    case Waiting::encrypted_password:
      return check_encrypted(packet);
    case Waiting::nothing:
      break;
  }
  return {};
}

Authenticator::Step Authenticator::send_public_key() {
  if (rsa_key_.public_key().empty()) return {};
  waiting_ = Waiting::encrypted_password;
  Step step;
  step.next = Next::send_and_read;
  step.packet.append_u8(kMoreData);
  step.packet.append(rsa_key_.public_key());
  return step;
}

// The clear text ends with a NUL.
Authenticator::Step Authenticator::check_password(base::ByteView password) const {
  std::string_view text = password.text();
  if (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  Step step;
  if (same_password(text, password_->reveal()) && known_) step.next = Next::accepted;
  return step;
}

// The password and its NUL, each byte exclusive-ored with the scramble's, again and again, then encrypted.
Authenticator::Step Authenticator::check_encrypted(base::ByteView cipher) const {
  const base::Secret opened = rsa_key_.decrypt(cipher);
  std::string clear = opened.reveal();
  for (std::size_t i = 0; i < clear.size(); ++i) {
    clear[i] = static_cast<char>(static_cast<std::uint8_t>(clear[i]) ^ scramble_[i % scramble_.size()]);
  }
  const base::Secret password(std::move(clear));
  return check_password(base::ByteView::of(password.reveal()));
}

}  // namespace relay::wire
