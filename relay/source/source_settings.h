#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "relay/base/secret.h"

namespace relay::source {

enum class TlsMode : std::uint8_t {
  off,
  preferred,        // encrypted where the source offers it
  required,         // refused without encryption; the certificate is not checked
  verify_ca,        // and the certificate comes from `tls_ca`
  verify_identity,  // and it names the host
};

// How the source is reached. Move-only, because of the password.
struct SourceSettings {
  std::string host = "127.0.0.1";
  std::uint16_t port = 3306;
  std::string socket;                // a Unix socket's path; wins over host and port
  bool socket_is_forwarded = false;  // the server is on another machine, where a tunnel ends
  std::string user;
  base::Secret password;
  TlsMode tls = TlsMode::preferred;
  std::string tls_ca, tls_cert, tls_key;  // paths of PEM files; empty: none
  std::string plugin_directory;  // where the client library finds authentication plugins; empty: its own default
  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds query_timeout{120};  // how long an answer to a question may take
  std::chrono::milliseconds heartbeat{
      5'000};  // a silent source sends a heartbeat this often; after three without one it is given up
};

}  // namespace relay::source
