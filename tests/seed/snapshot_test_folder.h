#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <string>

#include "relay/base/file.h"

namespace relay::seed {

// A folder that is gone behind the test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "binlog-relay-snapshot-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string text(const std::string& name) const {
    auto read = base::read_file(base::posix_file_system(), path_ + '/' + name, std::size_t{1} << 30);
    REQUIRE(read.has_value());
    return *read;
  }
  [[nodiscard]] std::set<std::string> names() const {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) found.insert(entry.path().filename().string());
    return found;
  }

 private:
  std::string path_;
};

}  // namespace relay::seed
