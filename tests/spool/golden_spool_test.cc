#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>

#include "relay/binlog/stream_state.h"
#include "tests/spool/spool_tester.h"

namespace relay::spool {
namespace {

using base::ByteView;
using binlog::EventType;
using binlog::Flavor;

constexpr SyncPolicy kNever{SyncPolicy::When::never, {}};

// Real servers' files without container events, whose inner events this test would have to open.
constexpr const char* kNames[] = {
    "my97-nopk",         "my97-types-fullmeta", "my97-ddl-xa-tag",       "my97-fk-multitable",
    "my56-types",        "my56-v1rows",         "ma105-types",           "ma1011-nopk",
    "ma1011-types-full", "ma118-optmeta",       "ma118-statement-xa-ddl"};

bool made_by_relay(EventType type) {
  switch (type) {
    case EventType::format_description:
    case EventType::previous_gtids:
    case EventType::gtid_list:
    case EventType::binlog_checkpoint:
    case EventType::rotate:
    case EventType::stop:
      return true;
    default:
      return false;
  }
}

// Sends a whole golden binlog through the writer, transaction by transaction, unscrubbed. The number of transactions.
std::uint64_t copy_to_spool(const std::string& name, SpoolWriter& writer) {
  const std::string file = testing::golden(name);
  const ByteView all = ByteView::of(file);
  binlog::StreamState stream;
  stream.set_initial_checksum(binlog::ChecksumAlgorithm::crc32);
  std::uint64_t transactions = 0;
  base::Buffer widened;
  for (std::size_t offset = 4; offset < all.size();) {
    const auto header = binlog::decode_event_header(all.sub(offset));
    const auto event = binlog::EventView::parse(all.sub(offset, header.event_size), stream.checksum());
    REQUIRE(event);
    offset += header.event_size;
    const auto step = stream.advance(*event);
    if (!step) FAIL(name << ": " << step.error().message());
    if (event->type() == EventType::format_description) {
      SpoolFileEntry entry;
      entry.source = {"golden", stream.format().flavor()};
      entry.source_start = {"binlog.000001", 4};
      REQUIRE(writer.start_file(entry, stream.format()));
    }
    if (made_by_relay(event->type())) continue;
    std::vector<ByteView> body{event->body()};
    std::optional<std::size_t> length_offset;
    if (step->begins_transaction && stream.mysql_gtid()) {
      widened.clear();
      const auto patch = binlog::widen_transaction_length(header.type_code, event->body(), widened);
      REQUIRE(patch);
      length_offset = *patch;
      body = {widened.view()};
    }
    REQUIRE(writer.append({event->header(), body, length_offset}));
    if (!step->ends_transaction) continue;
    SpoolWriter::Commit commit;
    if (stream.mysql_gtid() && !stream.mysql_gtid()->anonymous) commit.mysql_gtid = stream.mysql_gtid()->gtid;
    if (stream.mariadb_gtid()) commit.mariadb_gtid = stream.mariadb_gtid()->gtid;
    commit.source_end = offset;
    REQUIRE(writer.commit(commit));
    ++transactions;
  }
  return transactions;
}

// What a spool with one golden binlog in it looks like from outside.
struct GoldenSpool {
  std::filesystem::path directory;
  explicit GoldenSpool(const std::string& name)
      : directory(std::filesystem::temp_directory_path() /
                  ("relay-golden-" + std::to_string(::getpid()) + "-" + name)) {
    std::filesystem::remove_all(directory);
  }
  GoldenSpool(const GoldenSpool&) = delete;
  GoldenSpool& operator=(const GoldenSpool&) = delete;
  ~GoldenSpool() { std::filesystem::remove_all(directory); }
};

bool runs(const std::string& command) { return std::system(("(" + command + ") > /dev/null 2>&1").c_str()) == 0; }

// The tool that reads this flavour's binlogs: what the environment names, or of a server that scripts/servers has
// prepared, or this machine's own; empty when there is none.
std::string tool_for(Flavor flavor) {
  const bool mysql = flavor == Flavor::mysql;
  if (const char* named = std::getenv(mysql ? "MYSQLBINLOG" : "MARIADB_BINLOG")) return named;
  const char* cache = std::getenv("BINLOG_RELAY_SERVERS");
  const char* home = std::getenv("HOME");
  const std::string servers =
      cache != nullptr ? cache : std::string(home != nullptr ? home : "") + "/.cache/binlog-relay/servers";
  const std::string prepared = servers + (mysql ? "/mysql-9.7" : "/mariadb-11.8") + "/bin/mysqlbinlog";
  if (runs(prepared + " --version")) return prepared;
  const std::string own = mysql ? "mysqlbinlog" : "mariadb-binlog";
  // Some distributions call MariaDB's tool by MySQL's name; it does not know all of MySQL's events.
  if (!runs(own + " --version") || (mysql && runs(own + " --version | grep -i mariadb"))) return "";
  return own;
}

TEST_CASE("golden_spool: what real servers wrote goes through the writer and is read as the same transactions",
          "[spool]") {
  for (const char* name : kNames) {
    const GoldenSpool golden(name);
    base::FileSystem& files = base::posix_file_system();
    SpoolIndex index(files, golden.directory.string());
    PublishedTail tail;
    std::uint64_t transactions = 0;
    GtidState gtids;
    {
      const auto writer = SpoolWriter::open(files, golden.directory.string(), kNever, 9001, index, tail);
      REQUIRE(writer);
      transactions = copy_to_spool(name, **writer);
      REQUIRE((*writer)->flush());
      gtids = (*writer)->gtids();
    }
    INFO(name);
    CHECK(transactions > 1);
    // Opening again reads every event with its checksum and the grammar of the stream.
    const auto again = SpoolWriter::open(files, golden.directory.string(), kNever, 9001, index, tail);
    REQUIRE(again);
    CHECK((*again)->gtids() == gtids);

    SpoolLeases leases;
    SpoolReader reader(files, index, tail, leases);
    REQUIRE(reader.seek({1, 4}));
    binlog::StreamState stream;
    std::uint64_t read = 0;
    std::uint64_t length = 0;
    while (true) {
      const auto event = reader.next();
      REQUIRE(event);
      if (!*event) break;
      REQUIRE((*event)->whole);
      const auto step = stream.advance(*(*event)->whole);
      REQUIRE(step);
      const std::uint64_t size = (*event)->header.event_size;
      length = step->begins_transaction ? size : length + size;
      if (!step->ends_transaction) continue;
      ++read;
      if (stream.mysql_gtid() && stream.mysql_gtid()->transaction_length)
        CHECK(stream.mysql_gtid()->transaction_length == length);
    }
    CHECK(read == transactions);
  }
}

TEST_CASE("golden_spool: the servers' own tools read a spool file and find its checksums right", "[spool]") {
  std::map<Flavor, std::string> tools;
  for (const char* name : kNames) {
    const Flavor flavor = name[1] == 'y' ? Flavor::mysql : Flavor::mariadb;
    if (!tools.contains(flavor)) tools[flavor] = tool_for(flavor);
    const std::string& tool = tools[flavor];
    if (tool.empty()) {
      std::cout << "skipped for " << name << ": no "
                << (flavor == Flavor::mysql ? "mysqlbinlog of MySQL" : "mariadb-binlog")
                << " here; MYSQLBINLOG and MARIADB_BINLOG name one\n";
      continue;
    }
    const std::string verify = tool + " --verify-binlog-checksum ";
    if (!runs(verify + RELAY_GOLDEN_DIRECTORY + "/" + name + ".binlog")) {
      std::cout << "skipped for " << name << ": the tool does not read what the server wrote either\n";
      continue;
    }
    const GoldenSpool golden(name);
    base::FileSystem& files = base::posix_file_system();
    SpoolIndex index(files, golden.directory.string());
    PublishedTail tail;
    auto writer = SpoolWriter::open(files, golden.directory.string(), kNever, 9001, index, tail);
    REQUIRE(writer);
    (void)copy_to_spool(name, **writer);
    SpoolFileEntry next;
    next.source = {"golden", flavor};
    next.source_start = {"binlog.000002", 4};
    REQUIRE((*writer)->start_file(next, testing::golden_format(name)));  // so that the first file has its ROTATE
    for (const char* file : {"spool.000001", "spool.000002"}) {
      const std::string path = (golden.directory / file).string();
      INFO(path);
      // Nor is it well because it found nothing to verify.
      CHECK(runs("said=$(" + verify + path + ") && echo \"$said\" | grep '# at '"));
      std::string damaged = *base::read_file(files, path, std::size_t{1} << 20);
      damaged[damaged.size() - 10] = static_cast<char>(damaged[damaged.size() - 10] ^ 1);
      REQUIRE(base::replace_file(files, path + ".damaged", ByteView::of(damaged)));
      CHECK_FALSE(runs(verify + path + ".damaged"));
    }
  }
}

}  // namespace
}  // namespace relay::spool
