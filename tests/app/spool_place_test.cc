#include "relay/app/spool_place.h"

#include <catch2/catch.hpp>

#include "relay/spool/journal.h"
#include "relay/spool/spool_index.h"
#include "tests/support/faulty_file.h"

namespace relay::app {
namespace {

using testing::FaultyFileSystem;

// A spool whose files begin at these places of the source's, each with the transactions that end at these offsets;
// in the spool they end at the same offsets and 1000 more.
struct FileOfSpool {
  std::string source_file;
  std::uint64_t source_offset;
  std::vector<std::uint64_t> ends;
  std::string source = "uuid";
};

void make_spool(FaultyFileSystem& files, const std::vector<FileOfSpool>& spool_files) {
  REQUIRE(files.create_directory("spool"));
  spool::SpoolIndex index(files, "spool");
  REQUIRE(index.load());
  std::uint32_t number = 0;
  for (const FileOfSpool& file : spool_files) {
    spool::SpoolFileEntry entry;
    entry.number = ++number;
    entry.source.id = file.source;
    entry.source_start = {file.source_file, file.source_offset};
    entry.source_version = "9.7.4";
    REQUIRE(index.add(entry));
    auto journal = *spool::Journal::create(files, index.journal_path(number));
    for (const std::uint64_t end : file.ends) REQUIRE(journal.append({end + 1000, end, 1, 0, 0, true, 0}));
  }
}

base::Result<std::optional<seed::FollowPlace>> find(FaultyFileSystem& files, const std::string& file,
                                                    std::uint64_t offset, const std::string& start = "earliest",
                                                    std::optional<std::uint64_t> head = {}) {
  Configuration configuration;
  configuration.spool.directory = "spool";
  configuration.source.start = *source::parse_start(start);
  seed::KnownSnapshot snapshot;
  snapshot.server_uuid = "uuid";
  snapshot.position = {file, offset, ""};
  return find_spool_place(files, configuration, snapshot, [head] { return head; });
}

// "spool.000001:1300"; "not yet"; or the error's text.
std::string found(FaultyFileSystem& files, const std::string& file, std::uint64_t offset,
                  const std::string& start = "earliest", std::optional<std::uint64_t> head = {}) {
  const auto place = find(files, file, offset, start, head);
  if (!place) return std::string(place.error().what());
  if (!*place) return "not yet";
  return (*place)->file + ":" + std::to_string((*place)->offset);
}

}  // namespace

TEST_CASE("spool_place: the end of the transaction that ends at the snapshot's place", "[app]") {
  FaultyFileSystem files;
  make_spool(files, {{"binlog.000003", 4, {200, 300, 400}}, {"binlog.000003", 400, {500}}, {"binlog.000004", 4, {}}});
  CHECK(found(files, "binlog.000003", 300) == "spool.000001:1300");
  // The same place: before the file that was begun there.
  CHECK(found(files, "binlog.000003", 400) == "spool.000002:4");
  CHECK(found(files, "binlog.000003", 500) == "spool.000002:1500");
  CHECK(found(files, "binlog.000003", 4) == "spool.000001:4");
  // Between two transactions, and behind the last of a file that the relay is done with.
  CHECK(found(files, "binlog.000003", 350) == "spool.000001:1300");
  CHECK(found(files, "binlog.000003", 157) == "spool.000001:4");
  CHECK(found(files, "binlog.000003", 550) == "spool.000002:1500");
}

TEST_CASE("spool_place: a relay that is not there yet is waited for", "[app]") {
  FaultyFileSystem files;
  make_spool(files, {{"binlog.000003", 4, {200}}});
  CHECK(found(files, "binlog.000003", 200) == "spool.000001:1200");
  CHECK(found(files, "binlog.000003", 300) == "not yet");
  CHECK(found(files, "binlog.000004", 4) == "not yet");
}

TEST_CASE("spool_place: a source that has written nothing yet to its file stands behind the file's head", "[app]") {
  FaultyFileSystem files;
  make_spool(files, {{"binlog.000003", 4, {200}}, {"binlog.000004", 4, {}}});
  CHECK(found(files, "binlog.000004", 158) == "not yet");
  CHECK(found(files, "binlog.000004", 158, "earliest", 158) == "spool.000002:4");
  CHECK(found(files, "binlog.000004", 159, "earliest", 158) == "not yet");
}

TEST_CASE("spool_place: files of a source are compared by their numbers", "[app]") {
  FaultyFileSystem files;
  make_spool(files, {{"binlog.999999", 4, {200}}});
  CHECK(found(files, "binlog.1000000", 4) == "not yet");
  CHECK(found(files, "binlog.999998", 4) == "the spool does not have the snapshot's place in the source's log");
  CHECK(found(files, "other.1000000", 4) == "the spool does not have the snapshot's place in the source's log");
}

TEST_CASE("spool_place: a place that the spool does not have is no place", "[app]") {
  FaultyFileSystem files;
  make_spool(files, {{"binlog.000003", 200, {300}}, {"binlog.000009", 4, {300}, "another"}});
  const std::string refused = "the spool does not have the snapshot's place in the source's log";
  CHECK(found(files, "binlog.000002", 300) == refused);
  CHECK(found(files, "binlog.000003", 100) == refused);
  CHECK(found(files, "binlog.000009", 300) == refused);
}

TEST_CASE("spool_place: a relay that has not begun has to begin at the snapshot's place", "[app]") {
  FaultyFileSystem files;
  REQUIRE(files.create_directory("spool"));
  CHECK(found(files, "binlog.000003", 300, "binlog.000003:300") == "spool.000001:4");
  const auto elsewhere = find(files, "binlog.000003", 300);
  REQUIRE_FALSE(elsewhere.has_value());
  CHECK(elsewhere.error().kind() == base::ErrorKind::configuration);
  CHECK(elsewhere.error().subject() == "binlog.000003:300");
}

}  // namespace relay::app
