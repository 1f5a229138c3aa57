#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"
#include "relay/base/secret.h"
#include "relay/wire/greeting.h"
#include "relay/wire/handshake_response.h"
#include "relay/wire/rsa_key.h"

namespace relay::wire {

// Proves that a client knows a password. Does no reading or writing: each step is given the client's last packet and
// says what to do. Who may not log in at all goes through the same steps as one with a wrong password, against a
// password nobody has.
//
//   response --(its plugin is the one the scramble was for)--> verify
//            --(another one)--> AuthSwitchRequest --> verify
//   verify, mysql_native_password:  the proof fits or not
//   verify, caching_sha2_password:  the proof fits: "fast" and accepted; else "full": the password in clear inside TLS,
//                                   or encrypted for our RSA key without
class Authenticator {
 public:
  enum class Next : std::uint8_t {
    send_and_read,  // send `packet`, read the client's next packet, call step()
    accepted,       // send `packet` first unless it is empty
    denied,
  };
  struct Step {
    Next next = Next::denied;
    base::Buffer packet{4096};
  };

  // `password`: that of the account; null where there is none that the client may use. References must outlive the
  // object. `offered_plugin` and `scramble` are the greeting's.
  Authenticator(const base::Secret* password, const RsaKey& rsa_key, std::string offered_plugin,
                const Scramble& scramble, bool inside_tls);

  [[nodiscard]] Step start(const HandshakeResponse& response);
  [[nodiscard]] Step step(base::ByteView packet);

  // The scramble that the last proof was made for, and the plugin of it.
  [[nodiscard]] const Scramble& scramble() const { return scramble_; }
  [[nodiscard]] const std::string& plugin() const { return plugin_; }
  // Whether a proof was wrong, which a client with the password never sends: caching_sha2_password goes on then, and
  // asks for the password itself.
  [[nodiscard]] bool proof_failed() const { return proof_failed_; }
  // The account's password after `accepted`.
  [[nodiscard]] const base::Secret& password() const { return *password_; }

 private:
  enum class Waiting : std::uint8_t { nothing, switched_proof, clear_password, key_request, encrypted_password };
  [[nodiscard]] Step verify(base::ByteView proof);
  [[nodiscard]] Step ask_switch();
  [[nodiscard]] Step check_password(base::ByteView password) const;
  [[nodiscard]] Step send_public_key();
  [[nodiscard]] Step check_encrypted(base::ByteView cipher) const;

  const RsaKey& rsa_key_;
  base::Secret nobody_;
  const base::Secret* password_;
  bool known_;
  bool proof_failed_ = false;
  std::string plugin_;
  Scramble scramble_;
  bool inside_tls_;
  Waiting waiting_ = Waiting::nothing;
};

}  // namespace relay::wire
