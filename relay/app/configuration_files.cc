#include "relay/app/configuration_files.h"

#include <fmt/format.h>
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace relay::app {

namespace {

constexpr std::size_t kLongestSecret = 4096;

// Whether what stands at `path` gives one of the permissions `bits`.
bool permits(const std::string& path, mode_t bits) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && (status.st_mode & bits) != 0;
}

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// One line end, as editors leave it.
void trim_line_end(std::string& text) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.empty() && text.back() == '\r') text.pop_back();
}

std::vector<std::string> expand(const std::string& pattern) {
  std::vector<std::string> found;
  glob_t result{};
  if (::glob(pattern.c_str(), 0, nullptr, &result) == 0) {
    for (std::size_t i = 0; i < result.gl_pathc; ++i) {
      if (!is_directory(result.gl_pathv[i])) found.emplace_back(result.gl_pathv[i]);
    }
  }
  ::globfree(&result);
  return found;
}

}  // namespace

ConfigurationFiles::ConfigurationFiles(base::FileSystem& files, const std::string& path)
    : files_(files), directory_(std::filesystem::path(path).parent_path().string()) {}

std::string ConfigurationFiles::resolve(const std::string& path) const {
  if (directory_.empty() || path.front() == '/') return path;
  return directory_ + '/' + path;
}

std::string ConfigurationFiles::readable(TomlSection& section, std::string_view key) const {
  const std::optional<std::string> named = section.text(key);
  if (!named) return {};
  std::string path = resolve(*named);
  if (is_directory(path) || !files_.open(path, base::OpenMode::read)) {
    section.error(key, fmt::format("the file cannot be read: {}", base::Subject(path).text()),
                  "check its path and permissions");
  }
  return path;
}

std::string ConfigurationFiles::private_file(TomlSection& section, std::string_view key) const {
  std::string path = readable(section, key);
  if (!path.empty() && permits(path, S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)) {
    section.warning(key, "other accounts of this machine can read or change the private key",
                    fmt::format("chmod 600 {}", base::Subject(path).text()));
  }
  return path;
}

std::vector<std::string> ConfigurationFiles::matching(TomlSection& section, std::string_view key,
                                                      bool may_be_none) const {
  std::vector<std::string> all;
  for (const std::string& pattern : section.texts(key)) {
    const std::vector<std::string> found = expand(resolve(pattern));
    if (found.empty() && !may_be_none) {
      section.error(key, fmt::format("no file matches {}", base::Subject(resolve(pattern)).text()),
                    "correct the pattern, or remove it");
    }
    all.insert(all.end(), found.begin(), found.end());
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::string ConfigurationFiles::own_directory(TomlSection& section, std::string_view key,
                                              const std::string& named) const {
  std::string path = resolve(named);
  if (is_directory(path) && permits(path, S_IWGRP | S_IWOTH)) {
    section.warning(key, "other accounts of this machine can change what replicas get",
                    fmt::format("chmod 700 {}", base::Subject(path).text()));
  }
  return path;
}

base::Secret ConfigurationFiles::secret(TomlSection& section, std::string_view key, std::string_view what) const {
  const std::optional<std::string> named = section.text(key);
  if (!named) return {};
  const std::string path = resolve(*named);
  base::Result<std::string> content = base::read_file(files_, path, kLongestSecret);
  if (!content) {
    section.error(key, fmt::format("the file cannot be read: {}", base::Subject(path).text()),
                  fmt::format("check its path and permissions; it holds the {} and nothing else", what));
    return {};
  }
  if (permits(path, S_IROTH | S_IWOTH)) {
    section.warning(key, fmt::format("every account of this machine can read or change the {} file", what),
                    fmt::format("chmod 600 {}", base::Subject(path).text()));
  }
  trim_line_end(*content);
  if (content->empty())
    section.error(key, fmt::format("the file holds no {}", what),
                  fmt::format("write the {} into it, on one line", what));
  return base::Secret(std::move(*content));
}

base::Secret ConfigurationFiles::password(TomlSection& section, bool optional) const {
  if (section.has("password")) {
    section.error("password", "passwords do not stand in the configuration",
                  "write it into a file and name that: password_file");
  }
  const bool file = section.has("password_file");
  const std::optional<std::string> variable = section.text("password_env");
  if (file && variable) {
    section.error("password_env", "there is a password_file, too", "keep one of the two");
  } else if (file) {
    return secret(section, "password_file", "password");
  } else if (variable) {
    const char* value = std::getenv(variable->c_str());
    if (value != nullptr && *value != '\0') return base::Secret(value);
    section.error("password_env", "the environment has no such variable, or an empty one",
                  "set it where the relay is started");
  } else if (!optional && !section.has("password_env")) {
    section.missing("password_file", "name a file that holds the password, or give password_env");
  }
  return {};
}

}  // namespace relay::app
