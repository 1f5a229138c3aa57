#include "tests/support/fake_replica.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <cstring>

#include "tunnel/dial.h"
#include "tunnel/tcp_stream.h"
#include "tunnel/tls_stream.h"

namespace relay::testing {

namespace {

constexpr std::chrono::seconds kPatience{10};

std::string little_endian(std::uint64_t value, std::size_t width) {
  std::string text;
  for (std::size_t i = 0; i < width; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::uint64_t number_at(const std::string& text, std::size_t offset, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i)
    value |= std::uint64_t{static_cast<std::uint8_t>(text.at(offset + i))} << (8 * i);
  return value;
}

std::string hash(const EVP_MD* kind, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), out.data(), &size, kind, nullptr);
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string exclusive_or(std::string a, const std::string& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i % b.size()]);
  return a;
}

std::string short_text(const std::string& text) { return static_cast<char>(text.size()) + text; }

std::string rsa_encrypt(const std::string& pem, const std::string& clear) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                         BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PUBKEY(memory.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  if (!key) throw std::runtime_error("the server's public key cannot be read");
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(EVP_PKEY_CTX_new(key.get(), nullptr),
                                                                            EVP_PKEY_CTX_free);
  std::string cipher(512, '\0');
  std::size_t size = cipher.size();
  EVP_PKEY_encrypt_init(context.get());
  EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING);
  EVP_PKEY_encrypt(context.get(), reinterpret_cast<unsigned char*>(cipher.data()), &size,
                   reinterpret_cast<const unsigned char*>(clear.data()), clear.size());
  cipher.resize(size);
  return cipher;
}

// A length-encoded text of less than 64 KiB, or NULL, at `offset`, which moves behind it.
std::optional<std::string> cell_at(const std::string& row, std::size_t& offset) {
  const auto first = static_cast<std::uint8_t>(row.at(offset++));
  if (first == 0xfb) return std::nullopt;
  std::size_t size = first;
  if (first == 0xfc) {
    size = number_at(row, offset, 2);
    offset += 2;
  }
  const std::string text = row.substr(offset, size);
  offset += size;
  return text;
}

bool is_mariadb(ClientSort sort) { return sort == ClientSort::mariadb || sort == ClientSort::mariadb_binlog; }

// Capabilities as the real clients send them.
std::uint32_t capabilities_of(ClientSort sort) {
  return sort == ClientSort::mysql97 || sort == ClientSort::mysqlbinlog ? 0x99b8a285 : 0x8038a205;
}

std::string default_version(ClientSort sort) {
  if (sort == ClientSort::mysql56) return "5.6.24";
  return is_mariadb(sort) ? "10.11.19" : "9.7.4";
}

}  // namespace

std::uint32_t ReceivedEvent::field(std::size_t offset) const {
  return static_cast<std::uint32_t>(number_at(bytes, offset, 4));
}

std::unique_ptr<tunnel::ByteStream> connect_to(std::uint16_t port, const base::StopToken& stop) {
  auto socket = tunnel::dial("127.0.0.1", port, tunnel::deadline_after(kPatience), kPatience, stop);
  if (!socket) throw ConnectionLost("cannot connect");
  return std::make_unique<tunnel::TcpStream>(socket->release(), stop);
}

FakeReplica::FakeReplica(std::uint16_t port, ClientOptions options)
    : options_(std::move(options)), stream_(connect_to(port, stop_)) {
  log_in();
}

FakeReplica::~FakeReplica() {
  if (stream_) stream_->shutdown();
}

void FakeReplica::take(std::size_t count, std::string& into, std::chrono::milliseconds time) {
  const auto deadline = tunnel::deadline_after(time);
  while (buffered_.size() < count) {
    std::array<std::uint8_t, 65536> block;
    const auto got = stream_->read_some(block.data(), block.size(), deadline);
    if (!got || *got == 0) throw ConnectionLost("the connection ended");
    buffered_.append(reinterpret_cast<const char*>(block.data()), *got);
  }
  into.append(buffered_, 0, count);
  buffered_.erase(0, count);
}

FakeReplica::Message FakeReplica::read_message(std::chrono::milliseconds time) {
  Message message;
  for (std::size_t length = 0xffffff; length == 0xffffff; ++message.packets) {
    std::string header;
    take(4, header, time);
    length = number_at(header, 0, 3);
    if (static_cast<std::uint8_t>(header[3]) != sequence_) throw std::runtime_error("sequence number out of order");
    ++sequence_;
    take(length, message.payload, time);
  }
  return message;
}

void FakeReplica::send(const std::string& payload) {
  const std::string packet = little_endian(payload.size(), 3) + static_cast<char>(sequence_++) + payload;
  const base::ByteView view = base::ByteView::of(packet);
  if (!stream_->write_all({&view, 1}, kPatience)) throw ConnectionLost("cannot write");
}

std::string FakeReplica::read_answer() {
  std::string packet = read_message().payload;
  if (packet.empty() || packet[0] != '\xff') return packet;
  const std::size_t text = packet.size() > 3 && packet[3] == '#' ? 9 : 3;
  throw ServerError(static_cast<std::uint16_t>(number_at(packet, 1, 2)), packet.substr(text));
}

void FakeReplica::read_greeting(const std::string& packet) {
  std::size_t at = 1;
  server_version_ = packet.substr(at, packet.find('\0', at) - at);
  at += server_version_.size() + 1;
  connection_id_ = static_cast<std::uint32_t>(number_at(packet, at, 4));
  scramble_ = packet.substr(at + 4, 8);
  at += 13;
  server_capabilities_ = static_cast<std::uint32_t>(number_at(packet, at, 2) | number_at(packet, at + 5, 2) << 16);
  at += 18;
  scramble_ += packet.substr(at, 12);
  at += 13;
  offered_plugin_ = packet.substr(at, packet.find('\0', at) - at);
}

std::string FakeReplica::proof() const {
  if (options_.password.empty()) return {};
  std::string made;
  if (plugin_ == "caching_sha2_password") {
    const std::string once = hash(EVP_sha256(), options_.password);
    made = exclusive_or(hash(EVP_sha256(), hash(EVP_sha256(), once) + scramble_), once);
    if (options_.spoil_first_proof) made[0] = static_cast<char>(made[0] ^ 1);
  } else {
    const std::string once = hash(EVP_sha1(), options_.password);
    made = exclusive_or(hash(EVP_sha1(), scramble_ + hash(EVP_sha1(), once)), once);
  }
  return made;
}

std::string FakeReplica::response(bool only_tls_request) const {
  std::uint32_t capabilities = capabilities_of(options_.sort) & ~0x800U;
  if (options_.tls) capabilities |= 0x800;
  std::string packet = little_endian(capabilities, 4) + little_endian(1 << 30, 4) + '\x08' + std::string(23, '\0');
  if (only_tls_request) return packet;
  // A client whose plugin is not the one of the greeting has no proof yet.
  packet += options_.user + '\0' + short_text(plugin_ == offered_plugin_ ? proof() : std::string()) + plugin_ + '\0';
  const std::string version = options_.version.empty() ? default_version(options_.sort) : options_.version;
  const std::string attributes = short_text("_client_name") + short_text("libmysql") + short_text("_client_version") +
                                 short_text(version) + short_text("program_name") + short_text("mysqld");
  return packet + short_text(attributes);
}

void FakeReplica::log_in() {
  const std::string greeting = read_answer();
  read_greeting(greeting);
  plugin_ = options_.plugin;
  if (plugin_.empty()) plugin_ = options_.sort == ClientSort::mysql97 ? offered_plugin_ : "mysql_native_password";
  if (options_.sort == ClientSort::mysqlbinlog) plugin_ = "caching_sha2_password";
  if (options_.tls) {
    send(response(true));
    auto secured = tunnel::TlsStream::connect(options_.tls, std::move(stream_), tunnel::deadline_after(kPatience));
    if (!secured) throw ConnectionLost("the TLS handshake failed");
    stream_ = std::move(*secured);
  }
  send(response(false));
  finish_log_in();
}

void FakeReplica::finish_log_in() {
  for (;;) {
    const std::string packet = read_answer();
    if (packet[0] == '\0') {
      if (packet.size() > 7) ok_info_ = packet.substr(8);
      return;
    }
    if (packet[0] == '\xfe') {
      plugin_ = packet.substr(1, packet.find('\0', 1) - 1);
      scramble_ = packet.substr(plugin_.size() + 2, 20);
      send(proof());
    } else if (packet == "\x01\x04") {
      send_password();
    } else if (packet != "\x01\x03") {
      throw std::runtime_error("unexpected packet in the log-in");
    }
  }
}

void FakeReplica::send_password() {
  full_authentication_ = true;
  const std::string clear = options_.password + '\0';
  if (options_.tls) return send(clear);
  send("\x02");
  send(rsa_encrypt(read_answer().substr(1), exclusive_or(clear, scramble_)));
}

std::string FakeReplica::command(const std::string& packet) {
  sequence_ = 0;
  send(packet);
  return read_answer();
}

FakeReplica::Rows FakeReplica::query(const std::string& text) {
  const std::string head = command('\x03' + text);
  if (head[0] == '\0') return {};
  const auto columns = static_cast<std::size_t>(head[0]);
  for (std::size_t i = 0; i < columns; ++i) static_cast<void>(read_answer());
  if (read_answer()[0] != '\xfe') throw std::runtime_error("no EOF behind the columns");
  Rows rows;
  for (std::string packet = read_answer(); packet[0] != '\xfe' || packet.size() > 5; packet = read_answer()) {
    std::size_t offset = 0;
    rows.emplace_back();
    for (std::size_t i = 0; i < columns; ++i) rows.back().push_back(cell_at(packet, offset));
  }
  return rows;
}

void FakeReplica::introduce(const std::optional<std::string>& gtid_state) {
  const std::string period = std::to_string(options_.heartbeat_nanoseconds);
  switch (options_.sort) {
    case ClientSort::mysqlbinlog:
      query("SELECT VERSION()");
      query("SET @master_binlog_checksum = 'NONE', @source_binlog_checksum = 'NONE'");
      return;
    case ClientSort::mariadb_binlog:
      query("SELECT VERSION()");
      query("SET @master_binlog_checksum='NONE'");
      query("SET @mariadb_slave_capability=4");
      if (gtid_state) query("SET @slave_connect_state='" + *gtid_state + "'");
      return;
    case ClientSort::mysql97:
      query("SELECT UNIX_TIMESTAMP()");
      query("SELECT @@GLOBAL.SERVER_ID");
      if (options_.heartbeat_nanoseconds != 0) {
        query("SET @master_heartbeat_period = " + period + ", @source_heartbeat_period = " + period);
      }
      query(
          "SET @master_binlog_checksum = @@global.binlog_checksum, @source_binlog_checksum = @@global.binlog_checksum");
      query("SELECT @source_binlog_checksum");
      query("SELECT @@GLOBAL.GTID_MODE");
      query("SELECT @@GLOBAL.SERVER_UUID");
      query("SET @slave_uuid = '" + options_.uuid + "', @replica_uuid = '" + options_.uuid + "'");
      break;
    case ClientSort::mysql56:
      query("SELECT UNIX_TIMESTAMP()");
      query("SHOW VARIABLES LIKE 'SERVER_ID'");
      if (options_.heartbeat_nanoseconds != 0) query("SET @master_heartbeat_period= " + period);
      query("SET @master_binlog_checksum= @@global.binlog_checksum");
      query("SELECT @master_binlog_checksum");
      query("SELECT @@GLOBAL.GTID_MODE");
      query("SHOW VARIABLES LIKE 'SERVER_UUID'");
      query("SET @slave_uuid= '" + options_.uuid + "'");
      break;
    case ClientSort::mariadb:
      query("SELECT UNIX_TIMESTAMP()");
      query("SHOW VARIABLES LIKE 'SERVER_ID'");
      if (options_.heartbeat_nanoseconds != 0) query("SET @master_heartbeat_period= " + period);
      query("SET @master_binlog_checksum= @@global.binlog_checksum");
      query("SELECT @master_binlog_checksum");
      query("SET @mariadb_slave_capability=4");
      if (gtid_state) {
        query("SELECT @@GLOBAL.gtid_domain_id");
        query("SET @slave_connect_state='" + *gtid_state + "'");
        query("SET @slave_gtid_strict_mode=0");
        query("SET @slave_gtid_ignore_duplicates=0");
      }
      break;
  }
  command('\x15' + little_endian(options_.server_id, 4) + std::string(3, '\0') + little_endian(3306, 2) +
          std::string(8, '\0'));
}

void FakeReplica::dump(const std::string& file, std::uint32_t position, std::optional<std::uint16_t> flags) {
  const bool tool = options_.sort == ClientSort::mysqlbinlog || options_.sort == ClientSort::mariadb_binlog;
  const std::uint16_t usual = options_.sort == ClientSort::mysql97          ? 2
                              : options_.sort == ClientSort::mariadb_binlog ? 3
                              : tool                                        ? 1
                                                                            : 0;
  sequence_ = 0;
  send('\x12' + little_endian(position, 4) + little_endian(flags.value_or(usual), 2) +
       little_endian(tool ? 0 : options_.server_id, 4) + file);
}

void FakeReplica::dump_gtid(const std::string& set) {
  sequence_ = 0;
  // The name of thirteen NULs is what 5.6 sends after a reconnect.
  const std::string name = options_.sort == ClientSort::mysql56 ? std::string(13, '\0') : std::string();
  send('\x1e' + little_endian(options_.sort == ClientSort::mysql97 ? 2 : 0, 2) + little_endian(options_.server_id, 4) +
       little_endian(name.size(), 4) + name + little_endian(4, 8) + little_endian(set.size(), 4) + set);
}

std::optional<ReceivedEvent> FakeReplica::next(std::chrono::milliseconds time) {
  Message message = read_message(time);
  const std::string& packet = message.payload;
  if (packet.at(0) == '\xfe' && packet.size() == 5) return std::nullopt;
  if (packet[0] == '\xff') {
    throw ServerError(static_cast<std::uint16_t>(number_at(packet, 1, 2)), packet.substr(packet[3] == '#' ? 9 : 3));
  }
  if (packet[0] != '\0') throw std::runtime_error("a packet that is no event");
  return ReceivedEvent{packet.substr(1), message.packets};
}

std::vector<ReceivedEvent> FakeReplica::events() {
  std::vector<ReceivedEvent> all;
  constexpr std::uint8_t kHeartbeat = 27;
  constexpr std::uint8_t kHeartbeatV2 = 41;
  for (auto event = next(); event && event->type() != kHeartbeat && event->type() != kHeartbeatV2; event = next()) {
    all.push_back(std::move(*event));
  }
  return all;
}

}  // namespace relay::testing
