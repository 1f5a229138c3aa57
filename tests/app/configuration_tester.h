#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "relay/app/configuration.h"

namespace relay::app::testing {

using base::Problem;
using base::Problems;

// The example of the project's documentation, without what this version does not have.
inline constexpr const char* kExample = R"([source]
host = "127.0.0.1"
port = 3306
user = "binlog_relay"
password_file = "source.password"
server_id = 9001
tls = "preferred"
start = "earliest"
semi_sync = false

[rules]
files = ["rules/*.toml"]

[spool]
directory = "spool"
sync = "transaction"
keep = "7d"

[replicas]
listen = "127.0.0.1:3307"
tls = "off"
[[replicas.accounts]]
user = "cloud_replica"
password_file = "replica.password"

[admin]
listen = "127.0.0.1:9144"
)";

// A folder with the files that the example names.
class Folder {
 public:
  Folder() {
    char path[] = "/tmp/relay-app-XXXXXX";
    REQUIRE(::mkdtemp(path) != nullptr);
    path_ = path;
    std::filesystem::create_directory(path_ + "/rules");
    write("rules/b.toml", "");
    write("rules/a.toml", "");
    write("source.password", "s3cret\n");
    write("replica.password", "r3plica\r\n");
    write("ca.pem", "x");
    write("cert.pem", "x");
    write("key.pem", "x");
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  void write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ + '/' + name) << content;
    ::chmod((path_ + '/' + name).c_str(), 0600);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + '/' + name; }
  [[nodiscard]] std::optional<Configuration> read(const std::string& text, Problems& problems) const {
    write("relay.toml", text);
    return read_configuration(base::posix_file_system(), path("relay.toml"), problems);
  }

 private:
  std::string path_;
};

inline std::string lines_of(const Problems& problems) {
  std::string lines;
  for (const Problem& problem : problems) lines += base::problem_line(problem) + '\n';
  return lines;
}

inline std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace relay::app::testing
