#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "relay/base/result.h"
#include "relay/base/secret.h"

namespace relay::scrub_rules {

// Where the bytes of a key come from, as [keys] of a rule file says.
struct KeySource {
  enum class Kind : std::uint8_t { file, environment, command };
  Kind kind = Kind::file;
  std::string place;  // path (relative to the rule file's directory), name of a variable, or command for /bin/sh
};

// Fetches the bytes of keys; tests have their own.
class KeyReader {
 public:
  virtual ~KeyReader() = default;
  // `directory` is the rule file's. Errors: configuration, with a remedy and no byte of the key.
  [[nodiscard]] virtual base::Result<base::Secret> read(const KeySource& source, const std::string& directory) = 0;
};

// From the file system, the environment and by running commands. A file that others may read is refused. Of a key of
// printable ASCII characters one line end behind it is no part; any other key is taken byte for byte.
class SystemKeys final : public KeyReader {
 public:
  // A command has this long; it is ended then.
  explicit SystemKeys(int command_milliseconds = 30000) : command_milliseconds_(command_milliseconds) {}
  [[nodiscard]] base::Result<base::Secret> read(const KeySource& source, const std::string& directory) override;

 private:
  int command_milliseconds_;
};

// Whether the words of a command have the key in them, or 16 bytes of it in a row; quotes and backslashes between them
// do not count.
[[nodiscard]] bool shows_key(std::string_view words, const base::Secret& key);

// The keys of a rule set by name. Copies share the bytes, which are wiped with the last of them.
class KeyRing {
 public:
  void declare(const std::string& name) { keys_.try_emplace(name); }
  void put(const std::string& name, base::Secret key);
  // For a key whose bytes are not there.
  void put_fingerprint(const std::string& name, const std::string& fingerprint) { fingerprints_[name] = fingerprint; }
  // PseudonymKey::fingerprint; empty where it is not known.
  [[nodiscard]] std::string fingerprint(const std::string& name) const {
    const auto found = fingerprints_.find(name);
    return found == fingerprints_.end() ? std::string() : found->second;
  }
  [[nodiscard]] const std::map<std::string, std::string>& fingerprints() const { return fingerprints_; }
  [[nodiscard]] bool declares(const std::string& name) const { return keys_.contains(name); }
  // Null where the key is not declared, or its bytes were not fetched.
  [[nodiscard]] const base::Secret* find(const std::string& name) const {
    const auto found = keys_.find(name);
    return found == keys_.end() ? nullptr : found->second.get();
  }

 private:
  std::map<std::string, std::shared_ptr<const base::Secret>> keys_;
  std::map<std::string, std::string> fingerprints_;
};

}  // namespace relay::scrub_rules
