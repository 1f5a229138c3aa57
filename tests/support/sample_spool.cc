#include "tests/support/sample_spool.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "relay/binlog/stream_state.h"
#include "tests/spool/event_samples.h"

namespace relay::testing {

namespace {

constexpr std::uint32_t kRelayServerId = 9001;

template <typename T>
T must(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::string temporary_folder() {
  std::string path = std::filesystem::temp_directory_path() / "binlog-relay-test-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  return path;
}

// Events that the spool makes for itself.
bool is_control(binlog::EventType type) {
  switch (type) {
    case binlog::EventType::format_description:
    case binlog::EventType::previous_gtids:
    case binlog::EventType::gtid_list:
    case binlog::EventType::binlog_checkpoint:
    case binlog::EventType::rotate:
    case binlog::EventType::stop:
      return true;
    default:
      return false;
  }
}

}  // namespace

SampleSpool::SampleSpool(const std::string& like)
    : folder_(temporary_folder()),
      like_(like),
      flavor_(golden_format(like).flavor()),
      index_(std::make_unique<spool::SpoolIndex>(base::posix_file_system(), folder_)) {
  must(index_->load());
  writer_ = must(spool::SpoolWriter::open(base::posix_file_system(), folder_, {spool::SyncPolicy::When::never, {}},
                                          kRelayServerId, *index_, tail_));
}

SampleSpool::~SampleSpool() {
  writer_.reset();
  std::filesystem::remove_all(folder_);
}

void SampleSpool::start_file() {
  const auto format = golden_format(like_);
  spool::SpoolFileEntry entry;
  entry.source = {flavor_ == binlog::Flavor::mysql ? "00000000-0000-0000-0000-000000000007" : "mariadb-7", flavor_};
  entry.source_start = {"binlog." + std::to_string(1000000 + ++source_files_).substr(1), 4};
  entry.source_version = format.server_version;
  source_offset_ = 4;
  must(writer_->start_file(entry, format));
}

void SampleSpool::append(const binlog::EventDraft& draft) {
  must(writer_->append(draft));
  source_offset_ += binlog::kEventHeaderSize + draft.body_size();
}

void SampleSpool::add_unfinished(std::uint64_t number) {
  const auto events =
      flavor_ == binlog::Flavor::mysql ? mysql_transaction(number, 20) : mariadb_transaction(number, 20);
  for (std::size_t i = 0; i + 1 < events.size(); ++i) append(events[i].draft());
}

void SampleSpool::add(std::uint64_t number, std::size_t row_bytes) {
  const bool mysql = flavor_ == binlog::Flavor::mysql;
  for (const OwnedDraft& event :
       mysql ? mysql_transaction(number, row_bytes) : mariadb_transaction(number, row_bytes)) {
    append(event.draft());
  }
  spool::SpoolWriter::Commit commit;
  if (mysql) {
    commit.mysql_gtid = binlog::MysqlGtid{sample_uuid(), "", static_cast<std::int64_t>(number)};
  } else {
    commit.mariadb_gtid = binlog::MariadbGtid{3, 7, number};
  }
  commit.source_end = source_offset_;
  must(writer_->commit(commit));
}

void SampleSpool::add_golden(const std::string& name) {
  like_ = name;
  start_file();
  const std::string bytes = golden(name);
  binlog::StreamState state;
  for (std::size_t offset = 4; offset < bytes.size();) {
    const base::ByteView rest = base::ByteView::of(bytes).sub(offset);
    const std::size_t size = binlog::decode_event_header(rest).event_size;
    const auto event = must(binlog::EventView::parse(rest.sub(0, size), binlog::ChecksumAlgorithm::crc32));
    offset += size;
    const auto step = must(state.advance(event));
    if (is_control(event.type())) continue;
    base::Buffer widened;
    base::ByteView body = event.body();
    std::optional<std::size_t> length_offset;
    if (event.type() == binlog::EventType::gtid || event.type() == binlog::EventType::gtid_tagged) {
      length_offset = must(binlog::widen_transaction_length(event.header().type_code, body, widened));
      body = widened.view();
    }
    must(writer_->append({event.header(), {&body, 1}, length_offset}));
    if (!step.ends_transaction) continue;
    spool::SpoolWriter::Commit commit;
    if (state.mysql_gtid() && !state.mysql_gtid()->anonymous) commit.mysql_gtid = state.mysql_gtid()->gtid;
    if (state.mariadb_gtid()) commit.mariadb_gtid = state.mariadb_gtid()->gtid;
    commit.source_end = offset;
    must(writer_->commit(commit));
  }
}

server::ServerSettings SampleSpool::settings() const {
  server::ServerSettings settings;
  settings.server_id = kRelayServerId;
  settings.server_uuid = "99999999-0000-0000-0000-000000000001";
  settings.accounts.push_back({"replica", base::Secret("secret")});
  settings.failed_login_delay = std::chrono::milliseconds(0);
  settings.known_replicas_path = folder_ + "/replicas.json";
  return settings;
}

std::unique_ptr<server::ReplicaServer> SampleSpool::serve(server::ServerSettings settings) {
  return must(server::ReplicaServer::start(std::move(settings), *index_, tail_, leases_, base::posix_file_system()));
}

std::string SampleSpool::file(std::uint32_t number) const {
  constexpr std::size_t kMaximum = std::size_t{1} << 30;
  return must(base::read_file(base::posix_file_system(), index_->path(number), kMaximum));
}

}  // namespace relay::testing
