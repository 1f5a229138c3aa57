#include "relay/app/replica_url.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "relay/app/configuration.h"

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;
using base::Result;
using source::TlsMode;

constexpr std::string_view kScheme = "mysql://";
constexpr std::size_t kLongestPassword = 4096;
constexpr const char* kPasswordVariable = "BINLOG_RELAY_REPLICA_PASSWORD";

tl::unexpected<Error> refuse(FixedText what, FixedText remedy, std::string_view about = {}) {
  Error error(ErrorKind::configuration, what);
  if (!about.empty()) error.about(about);
  return base::fail(error.remedy(remedy));
}

std::optional<unsigned char> hexadecimal_byte(std::string_view digits) {
  unsigned value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (failure != std::errc() || digits.size() != 2 || end != digits.data() + 2) return {};
  return static_cast<unsigned char>(value);
}

Result<std::string> decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const auto byte = hexadecimal_byte(text.substr(i + 1, 2));
    if (!byte || *byte == 0)
      return refuse("the URL has a % without two hexadecimal digits behind it", "write %25 for %");
    decoded += static_cast<char>(*byte);
    i += 2;
  }
  return decoded;
}

std::pair<std::string_view, std::string_view> cut(std::string_view text, char at) {
  const std::size_t place = text.find(at);
  if (place == std::string_view::npos) return {text, {}};
  return {text.substr(0, place), text.substr(place + 1)};
}

Result<void> read_address(std::string_view text, source::SourceSettings& connection) {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return refuse("the URL's address has no closing bracket", "write [::1]");
    connection.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && port.front() != ':') return refuse("the URL's address is none", "write [::1]:3306");
    if (!port.empty()) port.remove_prefix(1);
  } else {
    const auto [host, behind] = cut(text, ':');
    RELAY_ASSIGN(connection.host, decode(host));
    port = behind;
  }
  if (connection.host.empty()) return refuse("the URL names no host", "write mysql://USER@HOST:PORT/");
  if (port.empty()) return {};
  const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), connection.port);
  if (failure != std::errc() || end != port.data() + port.size() || connection.port == 0) {
    return refuse("the URL's port is none", "write a number from 1 to 65535");
  }
  return {};
}

std::optional<TlsMode> tls_mode(std::string_view word) {
  const std::vector<std::pair<std::string_view, TlsMode>> words = {{"off", TlsMode::off},
                                                                   {"preferred", TlsMode::preferred},
                                                                   {"required", TlsMode::required},
                                                                   {"verify_ca", TlsMode::verify_ca},
                                                                   {"verify_identity", TlsMode::verify_identity}};
  const auto found = std::ranges::find(words, word, [](const auto& entry) { return entry.first; });
  if (found == words.end()) return {};
  return found->second;
}

// What the URL's keys said.
struct Keys {
  std::optional<TlsMode> tls;
  std::optional<std::string> password_file, password_env;
};

Result<void> read_key(std::string_view name, std::string value, ReplicaUrl& url, Keys& keys) {
  source::SourceSettings& connection = url.connection;
  if (name == "tls") {
    keys.tls = tls_mode(value);
    if (!keys.tls) {
      return refuse("the URL's tls is no word that is known",
                    "write off, preferred, required, verify_ca or verify_identity");
    }
    return {};
  }
  const std::vector<std::pair<std::string_view, std::string*>> texts = {
      {"socket", &connection.socket},   {"tls_ca", &connection.tls_ca}, {"tls_cert", &connection.tls_cert},
      {"tls_key", &connection.tls_key}, {"tunnel", &url.tunnel},
  };
  const auto text = std::ranges::find(texts, name, [](const auto& entry) { return entry.first; });
  // An unknown one may be anything, a password too.
  if (text == texts.end() && name != "password_file" && name != "password_env") {
    return refuse("the URL has a key that is not known",
                  "socket, tls, tls_ca, tls_cert, tls_key, password_file, password_env and tunnel are");
  }
  if (value.empty()) return refuse("a key of the URL has no value", "write KEY=VALUE, or leave it away", name);
  if (text != texts.end()) {
    *text->second = std::move(value);
  } else {
    (name == "password_file" ? keys.password_file : keys.password_env) = std::move(value);
  }
  return {};
}

Result<base::Secret> read_password(base::FileSystem& files, const Keys& keys) {
  if (keys.password_file && keys.password_env) {
    return refuse("the URL has password_file and password_env", "keep one of the two");
  }
  if (keys.password_file) {
    RELAY_ASSIGN(std::string text, base::read_file(files, *keys.password_file, kLongestPassword));
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return base::Secret(std::move(text));
  }
  const char* const variable = keys.password_env ? keys.password_env->c_str() : kPasswordVariable;
  const char* const value = std::getenv(variable);
  if (value == nullptr && keys.password_env) {
    return refuse("the variable that the URL's password_env names is not set", "export it, or use password_file");
  }
  return base::Secret(value == nullptr ? "" : value);
}

}  // namespace

Result<ReplicaUrl> read_replica_url(base::FileSystem& files, std::string_view text) {
  if (!text.starts_with(kScheme)) return refuse("the replica's URL is none", "write mysql://USER@HOST:PORT/");
  text.remove_prefix(kScheme.size());
  if (text.find('#') != std::string_view::npos) return refuse("the URL has a #", "write %23 for it");
  const auto [place, query] = cut(text, '?');
  const auto [authority, path] = cut(place, '/');
  if (!path.empty()) return refuse("the URL names a database", "leave it away: all that leave are meant");
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos || at == 0) return refuse("the URL names no user", "write mysql://USER@HOST:PORT/");
  const std::string_view user = authority.substr(0, at);
  if (user.find(':') != std::string_view::npos) {
    return refuse("the URL has a password in it, which other accounts of this machine can see",
                  "change that password, and give the new one by ?password_file=PATH");
  }
  ReplicaUrl url;
  RELAY_ASSIGN(url.connection.user, decode(user));
  RELAY_TRY(read_address(authority.substr(at + 1), url.connection));
  Keys keys;
  for (std::string_view left = query; !left.empty();) {
    const auto [key, behind] = cut(left, '&');
    const auto [name, value] = cut(key, '=');
    RELAY_ASSIGN(std::string decoded, decode(value));
    RELAY_TRY(read_key(name, std::move(decoded), url, keys));
    left = behind;
  }
  if (!url.tunnel.empty() && !url.connection.socket.empty()) {
    return refuse("the URL has tunnel and socket", "keep one of the two");
  }
  RELAY_ASSIGN(url.connection.password, read_password(files, keys));
  const bool is_protected =
      !url.connection.socket.empty() || Endpoint{url.connection.host, url.connection.port}.is_loopback();
  const TlsMode strictest = url.tunnel.empty() ? TlsMode::verify_identity : TlsMode::required;
  url.connection.tls = keys.tls.value_or(is_protected ? TlsMode::preferred : strictest);
  if (!is_protected && (url.connection.tls == TlsMode::off || url.connection.tls == TlsMode::preferred)) {
    return refuse("the URL lets passwords and rows cross a network unencrypted",
                  "use a tunnel to the server's own machine, or tls=verify_identity with tls_ca=");
  }
  const bool is_checked = url.connection.tls == TlsMode::verify_ca || url.connection.tls == TlsMode::verify_identity;
  if (is_checked && url.connection.tls_ca.empty()) {
    return refuse("the replica's certificate is to be checked, and the URL has no tls_ca",
                  "add ?tls_ca=FILE, or go through a tunnel with ?tunnel=HOST");
  }
  return url;
}

}  // namespace relay::app
