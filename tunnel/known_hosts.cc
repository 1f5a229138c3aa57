#include "tunnel/known_hosts.h"

#include <fmt/format.h>
#include <libssh2.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "relay/base/ascii.h"
#include "tunnel/base64.h"
#include "tunnel/host_key.h"
#include "tunnel/ssh_library.h"

namespace relay::tunnel {

namespace {

using base::ErrorKind;
using base::Result;

constexpr std::size_t kLargestKnownHosts = std::size_t{1} << 20;
constexpr std::size_t kLongestLine = std::size_t{16} << 10;
constexpr std::size_t kHashSize = 20;
constexpr std::size_t kLongestName = 255;  // the buffer that libssh2 1.10 compares names in
constexpr base::FixedText kPin(
    "compare the fingerprint with the host's own by another way (there: ssh-keygen -lf on its key file), then put what "
    "ssh-keyscan prints into the file");

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Takes the next word off the front of `line`; empty at its end.
std::string_view next_word(std::string_view& line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  std::size_t end = 0;
  while (end < line.size() && !is_blank(line[end])) ++end;
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// One name, plain or hashed, in libssh2's hands: it knows how names are hashed and compared.
class HostName {
 public:
  // `session` must outlive this object.
  explicit HostName(LIBSSH2_SESSION* session) : hosts_(libssh2_knownhost_init(session), libssh2_knownhost_free) {}

  // False when the name has no form that libssh2 takes.
  bool set(std::string_view name) {
    if (!hosts_) return false;
    constexpr std::string_view kHashed = "|1|";
    int type = LIBSSH2_KNOWNHOST_TYPE_PLAIN;
    std::string text(name);
    std::string salt;
    if (name.starts_with(kHashed)) {
      name.remove_prefix(kHashed.size());
      const std::size_t border = name.find('|');
      if (border == std::string_view::npos) return false;
      salt = name.substr(0, border);
      text = name.substr(border + 1);
      // sshd(8): both are as long as a SHA-1. libssh2 1.10 loses memory over other lengths.
      for (const std::string& part : {salt, text}) {
        if (decode_base64(part).value_or(std::vector<std::uint8_t>()).size() != kHashSize) return false;
      }
      type = LIBSSH2_KNOWNHOST_TYPE_SHA1;
    } else {
      text = lower_case(text);
    }
    return libssh2_knownhost_addc(hosts_.get(), text.c_str(), salt.c_str(), kAnyKey.data(), kAnyKey.size(), nullptr, 0,
                                  type | kForm, nullptr) == 0;
  }

  [[nodiscard]] bool is(const std::string& host) const {
    return libssh2_knownhost_check(hosts_.get(), host.c_str(), kAnyKey.data(), kAnyKey.size(),
                                   LIBSSH2_KNOWNHOST_TYPE_PLAIN | kForm, nullptr) == LIBSSH2_KNOWNHOST_CHECK_MATCH;
  }

 private:
  // libssh2 compares name and key at once; with one key for all, the names decide.
  static constexpr std::string_view kAnyKey = "key";
  static constexpr int kForm = LIBSSH2_KNOWNHOST_KEYENC_RAW | LIBSSH2_KNOWNHOST_KEY_ED25519;
  std::unique_ptr<LIBSSH2_KNOWNHOSTS, void (*)(LIBSSH2_KNOWNHOSTS*)> hosts_;
};

base::Error malformed(base::FixedText what) {
  return base::Error(ErrorKind::malformed, what)
      .remedy("a line is: host names, key type, key, as ssh-keyscan prints it; or a comment (#)");
}

}  // namespace

// What is found while the file is read.
struct KnownHosts::Naming {
  std::unique_ptr<LIBSSH2_SESSION, int (*)(LIBSSH2_SESSION*)> session{libssh2_session_init(), libssh2_session_free};
  std::vector<Key> by_port;  // of lines that name the host with its port
  std::vector<Key> by_name;  // of lines that name the host alone
};

KnownHosts::KnownHosts(std::string file, const std::string& host, std::uint16_t port)
    : file_(std::move(file)), host_(lower_case(host)), port_(port) {}

Result<KnownHosts> KnownHosts::read(base::FileSystem& files, const std::string& file, const std::string& host,
                                    std::uint16_t port) {
  RELAY_ASSIGN(const std::string text, base::read_file(files, file, kLargestKnownHosts));
  return parse(text, file, host, port);
}

Result<KnownHosts> KnownHosts::parse(std::string_view text, const std::string& file, const std::string& host,
                                     std::uint16_t port) {
  RELAY_TRY(prepare_ssh_library());
  KnownHosts hosts(file, host, port);
  Naming naming;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (auto added = hosts.add_line(line, naming); !added)
      return base::fail(std::move(added.error().about(fmt::format("{}, line {}", file, number))));
  }
  hosts.pinned_ = std::move(naming.by_port.empty() ? naming.by_name : naming.by_port);
  return hosts;
}

Result<void> KnownHosts::add_line(std::string_view line, Naming& naming) {
  if (line.size() > kLongestLine) return base::fail(malformed("a line of the file of known hosts is too long"));
  const auto is_control = [](char c) { return base::is_control(c) && c != '\t'; };
  if (std::any_of(line.begin(), line.end(), is_control))
    return base::fail(malformed("a line of the file of known hosts has control characters"));
  std::string_view names = next_word(line);
  if (names.empty() || names.front() == '#') return {};
  const bool is_marked = names.front() == '@';
  if (is_marked) {
    if (names == "@cert-authority") return {};  // no certificates here: such a line pins nothing
    if (names != "@revoked") return base::fail(malformed("a line of the file of known hosts has an unknown marker"));
    names = next_word(line);
  }
  const std::string_view type = next_word(line);
  std::optional<Key> key = decode_base64(next_word(line));
  if (names.empty() || !key || key_type({key->data(), key->size()}) != type)
    return base::fail(malformed("a line of the file of known hosts is none"));
  if (!is_marked) return add_names(names, *key, naming);
  // Whatever hosts it names: a key that was revoked anywhere is not trusted here.
  revoked_.push_back(std::move(*key));
  return {};
}

Result<void> KnownHosts::add_names(std::string_view names, const Key& key, Naming& naming) const {
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(','), names.size());
    const std::string_view name = names.substr(0, end);
    names.remove_prefix(std::min(end + 1, names.size()));
    HostName known(naming.session.get());
    if (name.empty() || name.size() > kLongestName || !known.set(name))
      return base::fail(malformed("a line of the file of known hosts has a name that is none"));
    if (known.is(fmt::format("[{}]:{}", host_, port_))) naming.by_port.push_back(key);
    if (known.is(host_)) naming.by_name.push_back(key);
  }
  return {};
}

base::Error KnownHosts::key_error(base::FixedText what, base::ByteView key) const {
  return base::Error(ErrorKind::configuration, what)
      .about(fmt::format("{} {} of {} port {}, by {}; ssh-keyscan -p {} {}", key_type(key), key_fingerprint(key), host_,
                         port_, file_, port_, host_));
}

Result<void> KnownHosts::check(base::ByteView key) const {
  const auto is_it = [key](const Key& other) { return base::ByteView(other.data(), other.size()) == key; };
  if (std::any_of(revoked_.begin(), revoked_.end(), is_it)) {
    return base::fail(key_error("the host shows a key that is revoked", key)
                          .remedy("somebody may have the host's old key: give the host a new one, and pin that"));
  }
  if (std::any_of(pinned_.begin(), pinned_.end(), is_it)) return {};
  if (pinned_.empty()) return base::fail(key_error("the host's key is not known", key).remedy(kPin));
  return base::fail(
      key_error("the host's key is not the pinned one: another machine may be answering in its place", key)
          .remedy(kPin));
}

Result<std::string> KnownHosts::algorithms() const {
  std::string first;
  std::string others;
  for (const std::string_view algorithm : kKeyAlgorithms) {
    const bool pinned = std::any_of(pinned_.begin(), pinned_.end(), [algorithm](const Key& key) {
      return key_type({key.data(), key.size()}) == algorithm;
    });
    (pinned ? first : others) += fmt::format("{},", algorithm);
  }
  if (first.empty() && !pinned_.empty()) {
    return base::fail(base::Error(ErrorKind::configuration, "no pinned key of the host is of a type that tunnels use")
                          .about(fmt::format("{} port {}, by {}; ssh-keyscan -t ed25519,ecdsa -p {} {}", host_, port_,
                                             file_, port_, host_))
                          .remedy("pin its Ed25519 or ECDSA key, too"));
  }
  // All others behind them: a host that shows another key than the pinned one is then told with its fingerprint.
  std::string all = first + others;
  all.pop_back();
  return all;
}

}  // namespace relay::tunnel
