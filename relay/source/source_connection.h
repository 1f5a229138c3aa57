#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/mutex.h"
#include "relay/binlog/event_view.h"
#include "relay/source/dump_command.h"
#include "relay/source/event_source.h"
#include "relay/source/source_settings.h"

namespace relay::source {

using Row = std::vector<std::optional<std::string>>;
using Rows = std::vector<Row>;
// By the columns' names; what is NULL is not there.
using NamedRow = std::map<std::string, std::string>;
// One row in the client library's own memory; nothing for NULL.
using RowView = std::span<const std::optional<std::string_view>>;

// One connection to the source, over whichever MySQL client library the project is built with. First questions are
// asked, then a dump may be started; after that only read_event(). One thread owns it; interrupt() alone may be called
// from any. Errors are those of client_error(): fixed texts by number, never the server's words. No exceptions. The
// program ignores SIGPIPE.
class SourceConnection final : public EventSource {
 public:
  SourceConnection();
  ~SourceConnection() override;

  enum class Purpose : std::uint8_t {
    questions,  // an answer may take settings.query_timeout
    stream,     // three heartbeats without a byte mean that the source is gone
  };
  // Connects, authenticates, and sets the session to a known state: utf8mb4, empty sql_mode, sql_quote_show_create,
  // UTC.
  [[nodiscard]] base::Result<void> connect(const SourceSettings& settings, Purpose purpose);
  void close();

  // Asks and reads the whole answer into memory: for small ones. Statements without rows give none.
  [[nodiscard]] base::Result<Rows> query(std::string_view statement);
  // The first column of the first row; none when there is no row or the value is NULL.
  [[nodiscard]] base::Result<std::optional<std::string>> query_value(std::string_view statement);

  // As query(), for answers whose columns differ from version to version.
  [[nodiscard]] base::Result<std::vector<NamedRow>> query_named(std::string_view statement);

  // Asks, and gives `take` each row as it comes, in the server's bytes; a row is valid during the call, and no more
  // than one is held. An error of `take` ends it, and closes the connection: the rest of the answer is not waited for.
  [[nodiscard]] base::Result<void> read_rows(std::string_view statement,
                                             const std::function<base::Result<void>(RowView)>& take);

  // Whether the client library can send COM_REGISTER_SLAVE. Oracle's has no public way to; then SHOW REPLICAS at the
  // source does not list the relay, and nothing else changes (mysqlbinlog does without, too).
  [[nodiscard]] static bool can_register();
  // Registers as a replica and asks for the binary log (PROTOCOL of a stock replica: heartbeat period, checksum, uuid
  // or MariaDB capability and GTID state, COM_REGISTER_SLAVE, COM_BINLOG_DUMP or COM_BINLOG_DUMP_GTID).
  [[nodiscard]] base::Result<void> start_dump(const DumpRequest& request);
  // The view lies in the library's own buffer. Errors: io "the source is silent" and the library's own, peer,
  // malformed, and interrupted after interrupt().
  [[nodiscard]] base::Result<std::optional<base::ByteView>> read_event() override;
  // Whether events before the first format description carry a checksum; valid after start_dump().
  [[nodiscard]] binlog::ChecksumAlgorithm checksum() const { return checksum_; }

  // From any thread, for good: a blocked read returns, and everything later fails with kind interrupted.
  void interrupt();

  [[nodiscard]] bool is_encrypted() const;
  [[nodiscard]] std::string server_version() const;  // as the greeting says; "10.11.6-MariaDB-log"

 private:
  struct Client;  // holds the library's handle
  // query(); `names` gets those of the columns.
  base::Result<Rows> ask(std::string_view statement, std::vector<std::string>* names);

  base::Result<void> set_session(const SourceSettings& settings);
  base::Result<void> set_replica_variables(const DumpRequest& request);
  base::Result<void> agree_on_checksum();
  base::Result<void> send_register(std::uint32_t server_id);
  base::Result<void> send_dump(const DumpRequest& request);
  [[nodiscard]] base::Error library_error() const;
  [[nodiscard]] base::Error silence_or(base::Error error, std::chrono::milliseconds start) const;

  std::unique_ptr<Client> client_;
  binlog::ChecksumAlgorithm checksum_ = binlog::ChecksumAlgorithm::none;
  std::chrono::milliseconds read_timeout_{0};
  std::atomic<bool> interrupted_{false};
  base::Mutex socket_mutex_;  // the socket must not be closed and its number reused between look and shutdown
  int socket_ RELAY_GUARDED_BY(socket_mutex_) = -1;
};

}  // namespace relay::source
