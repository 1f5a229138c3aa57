#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "relay/source/source_connection.h"

namespace relay::source::testing {

// Whether scripts/servers has prepared a server of that name ("mysql-9.7", "mariadb-10.11" ...), and, where the
// environment has a list BINLOG_RELAY_TEST_SERVERS, whether it names it: not every client library can log in
// everywhere.
[[nodiscard]] bool is_prepared(const std::string& name);

// One real server on a copy of its prepared data directory, started by the constructor, gone with the object. Answers
// on a Unix socket and on 127.0.0.1. `root` logs in over the socket without a password. Fails the test when the server
// does not come up.
class RealServer {
 public:
  explicit RealServer(const std::string& name, const std::vector<std::string>& options = {});
  RealServer(const RealServer&) = delete;
  RealServer& operator=(const RealServer&) = delete;
  ~RealServer();

  [[nodiscard]] bool is_mariadb() const { return name_.rfind("mariadb", 0) == 0; }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] SourceSettings socket_settings() const;                                                   // root's
  [[nodiscard]] SourceSettings tcp_settings(const std::string& user, const std::string& password) const;  // TLS off
  // Runs statements as root, each of which must succeed.
  void run(const std::vector<std::string>& statements);
  [[nodiscard]] SourceConnection& root() { return root_; }
  void suspend(bool suspended);  // the process stands still, its sockets stay
  void stop();
  // The binary log becomes a single empty file, binlog.000001, and no GTID was ever executed.
  void empty_binlog();
  // Ends the other connections, drops what was created since the start, and empties the binary log.
  void clean();
  [[nodiscard]] bool is_running();

 private:
  void start(const std::vector<std::string>& options);
  [[nodiscard]] std::vector<std::string> column(const std::string& query);
  void end_other_connections();

  std::string name_;
  std::string folder_;
  std::uint16_t port_ = 0;
  int process_ = -1;
  SourceConnection root_;
  std::vector<std::string> first_databases_;
  std::vector<std::string> first_accounts_;
};

// The server of that name with those options, as if it had just been started. Starting one takes seconds, so that it
// runs until the program ends, and each call cleans it: what an earlier call returned is of no use after the next. For
// every test that leaves the server running and its options as they are.
[[nodiscard]] RealServer& clean_server(const std::string& name, const std::vector<std::string>& options = {});

}  // namespace relay::source::testing
