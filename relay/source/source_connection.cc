// The only file that knows the MySQL client library. MariaDB Connector/C and Oracle's libmysqlclient differ in how a
// command and a raw packet pass: the first has methods->db_command and mysql_net_read_packet, the second
// mysql_binlog_open and mysql_binlog_fetch.
#include "relay/source/source_connection.h"

#include <errmsg.h>
#include <mysql.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <mutex>

#include "relay/source/client_error.h"

namespace relay::source {

namespace {

using base::ByteView;
using base::Error;
using base::ErrorKind;

#ifdef MARIADB_PACKAGE_VERSION
using LibraryBool = my_bool;
#else
using LibraryBool = bool;
#endif

// An event may be as long as max_allowed_packet lets a row be, 1 GiB, and what is around the row.
constexpr unsigned long kMaximumPacket = (1UL << 30) + (16UL << 20);
constexpr std::uint8_t kStatusOk = 0x00;
constexpr std::uint8_t kStatusEof = 0xfe;
constexpr std::size_t kMaximumEofLength = 8;  // a longer packet with that first byte would be no EOF (cli_safe_read)

std::chrono::milliseconds now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);  // cheap: it is asked once per event
  return std::chrono::seconds(time.tv_sec) +
         std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds(time.tv_nsec));
}

const char* text_or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

void set_seconds(MYSQL* handle, mysql_option option, std::chrono::milliseconds time) {
  const auto seconds = static_cast<unsigned>(std::max<std::int64_t>(1, (time.count() + 999) / 1000));
  mysql_options(handle, option, &seconds);
}

void set_flag(MYSQL* handle, mysql_option option, bool value) {
  const LibraryBool flag = value ? 1 : 0;
  mysql_options(handle, option, &flag);
}

// Nobody could listen on a Unix socket of this machine: as in MySQL's own clients, it has TLS where that is asked for.
#ifdef MARIADB_PACKAGE_VERSION
void set_tls(MYSQL* handle, const SourceSettings& settings) {
  const bool local = !settings.socket.empty() && !settings.socket_is_forwarded && settings.tls == TlsMode::preferred;
  const bool on = settings.tls != TlsMode::off && !local;
  const bool verify = settings.tls == TlsMode::verify_ca || settings.tls == TlsMode::verify_identity;
  set_flag(handle, MYSQL_OPT_SSL_ENFORCE, on);
  if (on) {
    mysql_ssl_set(handle, text_or_null(settings.tls_key), text_or_null(settings.tls_cert),
                  text_or_null(settings.tls_ca), nullptr, nullptr);
  }
  // Connector/C cannot check the authority without the name: verify_ca is as strict as verify_identity here.
  set_flag(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, verify);
}
#else
void set_tls(MYSQL* handle, const SourceSettings& settings) {
  unsigned mode = SSL_MODE_DISABLED;
  switch (settings.tls) {
    case TlsMode::off:
      break;
    case TlsMode::preferred:
      mode = SSL_MODE_PREFERRED;
      break;
    case TlsMode::required:
      mode = SSL_MODE_REQUIRED;
      break;
    case TlsMode::verify_ca:
      mode = SSL_MODE_VERIFY_CA;
      break;
    case TlsMode::verify_identity:
      mode = SSL_MODE_VERIFY_IDENTITY;
      break;
  }
  mysql_options(handle, MYSQL_OPT_SSL_CA, text_or_null(settings.tls_ca));
  mysql_options(handle, MYSQL_OPT_SSL_CERT, text_or_null(settings.tls_cert));
  mysql_options(handle, MYSQL_OPT_SSL_KEY, text_or_null(settings.tls_key));
  mysql_options(handle, MYSQL_OPT_SSL_MODE, &mode);
  // caching_sha2_password without TLS: the password goes encrypted with the source's key, as a stock replica's
  // GET_SOURCE_PUBLIC_KEY.
  set_flag(handle, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, true);
}
#endif

void set_options(MYSQL* handle, const SourceSettings& settings, std::chrono::milliseconds read_timeout) {
  set_seconds(handle, MYSQL_OPT_CONNECT_TIMEOUT, settings.connect_timeout);
  set_seconds(handle, MYSQL_OPT_READ_TIMEOUT, read_timeout);
  set_seconds(handle, MYSQL_OPT_WRITE_TIMEOUT, settings.query_timeout);
  mysql_options(handle, MYSQL_OPT_MAX_ALLOWED_PACKET, &kMaximumPacket);
  mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  const unsigned no_local_files = 0;  // a hostile server could ask for the relay's files
  mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &no_local_files);
  const unsigned protocol = settings.socket.empty() ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;
  mysql_options(handle, MYSQL_OPT_PROTOCOL, &protocol);
  if (!settings.plugin_directory.empty()) mysql_options(handle, MYSQL_PLUGIN_DIR, settings.plugin_directory.c_str());
  mysql_options4(handle, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "binlog-relay");
  mysql_options4(handle, MYSQL_OPT_CONNECT_ATTR_ADD, "_client_role", "binary_log_listener");
  set_tls(handle, settings);
}

int socket_of(MYSQL* handle) {
#ifdef MARIADB_PACKAGE_VERSION
  return static_cast<int>(mysql_get_socket(handle));
#else
  return static_cast<int>(handle->net.fd);
#endif
}

// Ends the connection without a farewell: who waits for it at this end returns, and at the other end a server that is
// writing is told at once. A plain close may leave it probing for minutes, with its transaction and its locks, whether
// there is room for more.
void cut(int socket) {
  const linger reset{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  ::shutdown(socket, SHUT_RDWR);
}

Rows stored_rows(MYSQL_RES* result) {
  Rows rows;
  const unsigned columns = mysql_num_fields(result);
  while (MYSQL_ROW cells = mysql_fetch_row(result)) {
    const unsigned long* lengths = mysql_fetch_lengths(result);
    Row row(columns);
    for (unsigned i = 0; i < columns; ++i) {
      if (cells[i] != nullptr) row[i].emplace(cells[i], lengths[i]);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

struct SourceConnection::Client {
  explicit Client(MYSQL* made) : handle(made) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { mysql_close(handle); }

  MYSQL* handle;
#ifndef MARIADB_PACKAGE_VERSION
  MYSQL_RPL dump{};
  base::Buffer gtids;
#endif
};

SourceConnection::SourceConnection() = default;
SourceConnection::~SourceConnection() { close(); }

base::Result<void> SourceConnection::connect(const SourceSettings& settings, Purpose purpose) {
  static std::once_flag library_started;
  std::call_once(library_started, [] { mysql_library_init(0, nullptr, nullptr); });
  close();
  MYSQL* handle = mysql_init(nullptr);
  if (handle == nullptr) return base::fail(ErrorKind::io, "out of memory for a connection");
  client_ = std::make_unique<Client>(handle);
  read_timeout_ =
      purpose == Purpose::stream ? settings.heartbeat * 3 : std::chrono::milliseconds(settings.query_timeout);
  set_options(handle, settings, read_timeout_);
  const char* host = settings.socket.empty() ? settings.host.c_str() : nullptr;  // a host would win over the socket
  if (mysql_real_connect(handle, host, settings.user.c_str(), settings.password.reveal().c_str(), nullptr,
                         settings.port, text_or_null(settings.socket), 0) == nullptr) {
    Error error = library_error();
    // Connector/C has one number for both ways; what is to be looked at differs.
    if (error.system_code() == CR_CONNECTION_ERROR && settings.socket.empty()) {
      error = client_error(CR_CONN_HOST_ERROR, "");
    }
    return base::fail(error.about(settings.user + "@" + (settings.socket.empty() ? settings.host : settings.socket)));
  }
  {
    const base::MutexLock lock(socket_mutex_);
    socket_ = socket_of(handle);
  }
  if (interrupted_) return base::fail(library_error());
  // Connector/C goes on in clear text where the server offers no TLS; whoever asked for it does not.
  if (settings.tls != TlsMode::off && settings.tls != TlsMode::preferred && !is_encrypted()) {
    return base::fail(Error(ErrorKind::peer, "the source offers no TLS")
                          .about(settings.host)
                          .remedy("set up TLS at the source, or set source.tls to preferred or off"));
  }
  return set_session(settings);
}

base::Result<void> SourceConnection::set_session(const SourceSettings& settings) {
  auto set = query("SET NAMES utf8mb4");
  if (set) set = query("SET SESSION sql_mode = '', sql_quote_show_create = 1, time_zone = '+00:00', autocommit = 1");
  // The source's own defaults may be small: answers would be cut short, or refused.
  if (set) set = query("SET SESSION sql_select_limit = 18446744073709551615, sql_big_selects = 1");
  if (!set) return base::fail(set.error().about(settings.host));
  return {};
}

void SourceConnection::close() {
  {
    const base::MutexLock lock(socket_mutex_);
    socket_ = -1;
  }
  client_.reset();
}

void SourceConnection::interrupt() {
  interrupted_ = true;
  const base::MutexLock lock(socket_mutex_);
  if (socket_ >= 0) cut(socket_);
}

base::Error SourceConnection::library_error() const {
  if (interrupted_) return Error(ErrorKind::interrupted, "stopped");
  const char* message = mysql_error(client_->handle);
  return client_error(mysql_errno(client_->handle), message == nullptr ? "" : message);
}

base::Result<Rows> SourceConnection::ask(std::string_view statement, std::vector<std::string>* names) {
  if (!client_) return base::fail(ErrorKind::io, "not connected to the source");
  if (mysql_real_query(client_->handle, statement.data(), statement.size()) != 0) return base::fail(library_error());
  const std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)> result(mysql_store_result(client_->handle),
                                                                [](MYSQL_RES* r) { mysql_free_result(r); });
  if (result == nullptr) {
    if (mysql_errno(client_->handle) != 0) return base::fail(library_error());
    return Rows{};
  }
  const MYSQL_FIELD* fields = mysql_fetch_fields(result.get());
  for (unsigned i = 0; names != nullptr && i < mysql_num_fields(result.get()); ++i) names->push_back(fields[i].name);
  return stored_rows(result.get());
}

base::Result<Rows> SourceConnection::query(std::string_view statement) { return ask(statement, nullptr); }

base::Result<std::vector<NamedRow>> SourceConnection::query_named(std::string_view statement) {
  std::vector<std::string> names;
  RELAY_ASSIGN(Rows rows, ask(statement, &names));
  std::vector<NamedRow> named;
  for (Row& row : rows) {
    NamedRow& into = named.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i]) into[names[i]] = std::move(*row[i]);
    }
  }
  return named;
}

base::Result<std::optional<std::string>> SourceConnection::query_value(std::string_view statement) {
  RELAY_ASSIGN(const Rows rows, query(statement));
  if (rows.empty() || rows[0].empty()) return std::optional<std::string>();
  return rows[0][0];
}

base::Result<void> SourceConnection::read_rows(std::string_view statement,
                                               const std::function<base::Result<void>(RowView)>& take) {
  if (!client_) return base::fail(ErrorKind::io, "not connected to the source");
  MYSQL* handle = client_->handle;
  if (mysql_real_query(handle, statement.data(), statement.size()) != 0) return base::fail(library_error());
  base::Result<void> taken;
  {
    const std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)> result(mysql_use_result(handle),
                                                                  [](MYSQL_RES* r) { mysql_free_result(r); });
    if (result == nullptr) return base::fail(library_error());
    std::vector<std::optional<std::string_view>> row(mysql_num_fields(result.get()));
    while (MYSQL_ROW cells = mysql_fetch_row(result.get())) {
      const unsigned long* lengths = mysql_fetch_lengths(result.get());
      for (std::size_t i = 0; i < row.size(); ++i) {
        row[i] = cells[i] == nullptr ? std::nullopt : std::optional(std::string_view(cells[i], lengths[i]));
      }
      if (taken = take(row); taken) continue;
      cut(socket_of(handle));  // freeing the result would read the rest of it
      break;
    }
    if (taken && mysql_errno(handle) != 0) return base::fail(library_error());
  }
  if (!taken) close();
  return taken;
}

bool SourceConnection::is_encrypted() const { return client_ && mysql_get_ssl_cipher(client_->handle) != nullptr; }

std::string SourceConnection::server_version() const {
  const char* version = client_ ? mysql_get_server_info(client_->handle) : nullptr;
  return version == nullptr ? std::string() : std::string(version);
}

#ifdef MARIADB_PACKAGE_VERSION

namespace {

// COM_BINLOG_DUMP_GTID, which Connector/C's own list leaves out (include/my_command.h of MySQL).
constexpr auto kDumpGtid = static_cast<enum_server_command>(0x1e);

const char* chars_of(const base::Buffer& buffer) { return buffer.view().text().data(); }

void encode_dump_gtid(const DumpRequest& request, base::Buffer& into) {
  base::Buffer set;
  request.mysql_gtids.encode_binary(set);
  into.append_u16(request.non_blocking ? 1 : 0);
  into.append_u32(request.identity.server_id);
  into.append_u32(0);  // no file name: the source finds the file
  into.append_u64(4);
  into.append_u32(static_cast<std::uint32_t>(set.size()));
  into.append(set.view());
}

}  // namespace

bool SourceConnection::can_register() { return true; }

base::Result<void> SourceConnection::send_register(std::uint32_t server_id) {
  base::Buffer body;
  encode_register_replica(server_id, body);
  MYSQL* handle = client_->handle;
  if (handle->methods->db_command(handle, COM_REGISTER_SLAVE, chars_of(body), body.size(), 0, nullptr) != 0)
    return base::fail(library_error());
  return {};
}

base::Result<void> SourceConnection::send_dump(const DumpRequest& request) {
  base::Buffer body;
  const bool gtid_command = request.by_gtid && request.flavor == binlog::Flavor::mysql;
  if (gtid_command) {
    encode_dump_gtid(request, body);
  } else {
    encode_dump(request, body);
  }
  MYSQL* handle = client_->handle;
  const enum_server_command command = gtid_command ? kDumpGtid : COM_BINLOG_DUMP;
  if (handle->methods->db_command(handle, command, chars_of(body), body.size(), 1, nullptr) != 0)
    return base::fail(library_error());
  return {};
}

base::Result<std::optional<ByteView>> SourceConnection::read_event() {
  MYSQL* handle = client_->handle;
  const std::chrono::milliseconds start = now();
  const unsigned long length = mysql_net_read_packet(handle);
  if (length == packet_error) return base::fail(silence_or(library_error(), start));
  const ByteView packet(handle->net.read_pos, length);
  if (length > 0 && packet[0] == kStatusOk) return std::optional(packet.sub(1));
  if (length > 0 && length <= kMaximumEofLength && packet[0] == kStatusEof) return std::optional<ByteView>();
  return base::fail(ErrorKind::malformed, "the source sent a packet that is no event");
}

#else

bool SourceConnection::can_register() { return false; }

base::Result<void> SourceConnection::send_register(std::uint32_t) { return {}; }

base::Result<void> SourceConnection::send_dump(const DumpRequest& request) {
  MYSQL_RPL& dump = client_->dump;
  dump = MYSQL_RPL{};
  dump.file_name = request.file.c_str();
  dump.file_name_length = request.file.size();
  dump.start_position = wire_offset(request);
  dump.server_id = request.identity.server_id;
  dump.flags = request.non_blocking ? 1 : 0;
  if (request.by_gtid && request.flavor == binlog::Flavor::mysql) {
    client_->gtids.clear();
    request.mysql_gtids.encode_binary(client_->gtids);
    dump.flags |= MYSQL_RPL_GTID;
    dump.file_name = nullptr;
    dump.file_name_length = 0;
    dump.start_position = 4;
    dump.gtid_set_encoded_size = client_->gtids.size();
    dump.gtid_set_arg = client_->gtids.data();
  }
  if (mysql_binlog_open(client_->handle, &dump) != 0) return base::fail(library_error());
  dump.file_name = nullptr;  // belonged to the request
  return {};
}

base::Result<std::optional<ByteView>> SourceConnection::read_event() {
  MYSQL_RPL& dump = client_->dump;
  const std::chrono::milliseconds start = now();
  if (mysql_binlog_fetch(client_->handle, &dump) != 0) return base::fail(silence_or(library_error(), start));
  if (dump.size == 0) return std::optional<ByteView>();
  const ByteView packet(dump.buffer, dump.size);
  if (packet[0] != kStatusOk) return base::fail(ErrorKind::malformed, "the source sent a packet that is no event");
  return std::optional(packet.sub(1));
}

#endif

base::Error SourceConnection::silence_or(base::Error error, std::chrono::milliseconds start) const {
  constexpr std::chrono::milliseconds kClockStep(50);
  if (error.kind() != ErrorKind::io || now() - start + kClockStep < read_timeout_) return error;
  return Error(ErrorKind::io, "the source is silent: no event and no heartbeat").code(error.system_code());
}

}  // namespace relay::source
