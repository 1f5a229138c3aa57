#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "relay/base/stop_token.h"
#include "tunnel/byte_stream.h"
#include "tunnel/tls_context.h"

namespace relay::testing {

// The clients that a relay meets: what each sends, in its order and spelling.
enum class ClientSort : std::uint8_t { mysql56, mysql97, mariadb, mysqlbinlog, mariadb_binlog };

// What the server answered instead of what was asked for.
struct ServerError : std::runtime_error {
  ServerError(std::uint16_t code_given, const std::string& message) : std::runtime_error(message), code(code_given) {}
  std::uint16_t code;
};
// The connection ended, or nothing came in time.
struct ConnectionLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct ClientOptions {
  ClientSort sort = ClientSort::mysql97;
  std::string user = "replica";
  std::string password = "secret";
  std::string version;  // empty: the sort's own
  std::uint32_t server_id = 77;
  std::string uuid = "11111111-2222-3333-4444-555555555555";
  std::uint64_t heartbeat_nanoseconds = 0;
  std::string plugin;              // empty: the sort's own
  bool spoil_first_proof = false;  // makes caching_sha2_password go the full way
  std::shared_ptr<const tunnel::TlsContext> tls;
};

// One event as it came: header, body and what checksum there is.
struct ReceivedEvent {
  std::string bytes;
  std::size_t packets = 1;  // that it took
  [[nodiscard]] std::uint8_t type() const { return static_cast<std::uint8_t>(bytes.at(4)); }
  [[nodiscard]] std::uint32_t field(std::size_t offset) const;  // 4 bytes, little-endian
  [[nodiscard]] std::uint32_t size() const { return field(9); }
  [[nodiscard]] std::uint32_t next_position() const { return field(13); }
  [[nodiscard]] std::uint16_t flags() const { return static_cast<std::uint16_t>(field(15) >> 16); }
};

// A connection to a port of this machine. Throws ConnectionLost.
[[nodiscard]] std::unique_ptr<tunnel::ByteStream> connect_to(std::uint16_t port, const base::StopToken& stop);

// A client that speaks the protocol from its own understanding of it, so that it shares no mistake with the relay's
// side. Throws ServerError and ConnectionLost.
class FakeReplica {
 public:
  // Connects and logs in.
  FakeReplica(std::uint16_t port, ClientOptions options);
  ~FakeReplica();

  using Rows = std::vector<std::vector<std::optional<std::string>>>;
  Rows query(const std::string& text);
  // Sends any packet as a command and returns the first packet of the answer.
  std::string command(const std::string& packet);
  // What this sort of client asks and sets, up to and with its registration. `gtid_state` is a MariaDB replica's
  // position.
  void introduce(const std::optional<std::string>& gtid_state = {});
  void dump(const std::string& file, std::uint32_t position, std::optional<std::uint16_t> flags = {});
  // `set` in the binary form.
  void dump_gtid(const std::string& set);
  // The next event; none at the end of a stream that does not wait. Throws ConnectionLost after `time` without one.
  std::optional<ReceivedEvent> next(std::chrono::milliseconds time = std::chrono::seconds(10));
  // Events up to the first heartbeat, which is left out, or the end.
  std::vector<ReceivedEvent> events();
  // What carries it, for who only counts the bytes that come; nothing else may be called after that.
  [[nodiscard]] tunnel::ByteStream& stream() { return *stream_; }

  [[nodiscard]] const std::string& server_version() const { return server_version_; }
  [[nodiscard]] const std::string& offered_plugin() const { return offered_plugin_; }
  [[nodiscard]] std::uint32_t server_capabilities() const { return server_capabilities_; }
  [[nodiscard]] std::uint32_t connection_id() const { return connection_id_; }
  [[nodiscard]] const std::string& ok_info() const { return ok_info_; }  // of the log-in's OK
  [[nodiscard]] bool full_authentication() const { return full_authentication_; }

 private:
  struct Message {
    std::string payload;
    std::size_t packets = 0;
  };
  void log_in();
  void read_greeting(const std::string& packet);
  [[nodiscard]] std::string response(bool only_tls_request) const;
  [[nodiscard]] std::string proof() const;
  void finish_log_in();
  void send_password();
  [[nodiscard]] Message read_message(std::chrono::milliseconds time = std::chrono::seconds(10));
  std::string read_answer();  // throws on an ERR packet
  void send(const std::string& payload);
  void take(std::size_t count, std::string& into, std::chrono::milliseconds time);

  ClientOptions options_;
  base::StopToken stop_;
  std::unique_ptr<tunnel::ByteStream> stream_;
  std::string buffered_;
  std::uint8_t sequence_ = 0;
  std::string server_version_;
  std::string offered_plugin_;
  std::string plugin_;
  std::string scramble_;
  std::string ok_info_;
  std::uint32_t server_capabilities_ = 0;
  std::uint32_t connection_id_ = 0;
  bool full_authentication_ = false;
};

}  // namespace relay::testing
