#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "relay/app/toml_section.h"
#include "relay/base/file.h"
#include "relay/base/secret.h"

namespace relay::app {

// The files and secrets that a configuration names. Paths in it are relative to its own file.
class ConfigurationFiles {
 public:
  // `path` is the configuration's own.
  ConfigurationFiles(base::FileSystem& files, const std::string& path);

  // `path` as seen from the working directory.
  [[nodiscard]] std::string resolve(const std::string& path) const;
  // A key that names a file, resolved; a file that cannot be read is a problem. Empty when the key is missing.
  [[nodiscard]] std::string readable(TomlSection& section, std::string_view key) const;
  // The same for a file with a private key; one that other accounts can read is a warning.
  [[nodiscard]] std::string private_file(TomlSection& section, std::string_view key) const;
  // The files that the key's patterns match, sorted, each once; a pattern that matches nothing is a problem, unless
  // there `may_be_none`.
  [[nodiscard]] std::vector<std::string> matching(TomlSection& section, std::string_view key,
                                                  bool may_be_none = false) const;
  // `named`, what the key says, resolved; a directory that is there and that other accounts may write to is a warning.
  [[nodiscard]] std::string own_directory(TomlSection& section, std::string_view key, const std::string& named) const;
  // A secret from the file that the key names, without the line end behind it. `what` is what the file holds:
  // "password".
  [[nodiscard]] base::Secret secret(TomlSection& section, std::string_view key, std::string_view what) const;
  // From password_file or password_env; exactly one of them, or none when `optional`.
  [[nodiscard]] base::Secret password(TomlSection& section, bool optional) const;

 private:
  base::FileSystem& files_;
  std::string directory_;
};

}  // namespace relay::app
