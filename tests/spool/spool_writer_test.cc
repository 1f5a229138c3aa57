#include <catch2/catch.hpp>
#include <cerrno>
#include <thread>

#include "relay/base/byte_reader.h"
#include "relay/base/crc32.h"
#include "tests/spool/spool_tester.h"

namespace relay::spool {
namespace {

using binlog::EventType;
using binlog::Flavor;
using testing::FaultyFileSystem;
using testing::SpoolTester;
using Numbers = std::vector<std::uint64_t>;

constexpr SyncPolicy kEach{SyncPolicy::When::transaction, {}};
constexpr SyncPolicy kHour{SyncPolicy::When::interval, std::chrono::hours(1)};

// One event as it lies in a file.
struct Seen {
  EventType type;
  std::uint64_t offset;
  std::string bytes;
};

// Walks a spool file by hand, so that no code of the reader vouches for the writer.
std::vector<Seen> events_of(const std::string& file) {
  REQUIRE(file.substr(0, 4) == std::string("\xfe"
                                           "bin"));
  std::vector<Seen> events;
  for (std::size_t offset = 4; offset < file.size();) {
    const auto rest = base::ByteView::of(file).sub(offset);
    REQUIRE(rest.size() >= 23);
    const auto header = binlog::decode_event_header(rest);
    REQUIRE(header.event_size >= 23);
    REQUIRE(header.event_size <= rest.size());
    CHECK(header.next_position == offset + header.event_size);
    CHECK((header.flags & binlog::kFlagInUse) == 0);
    base::ByteReader footer(rest.sub(header.event_size - 4, 4));
    CHECK(footer.u32() == base::crc32(rest.sub(0, header.event_size - 4)));
    events.push_back({header.type(), offset, std::string(rest.sub(0, header.event_size).text())});
    offset += header.event_size;
  }
  return events;
}

std::vector<EventType> types_of(const std::vector<Seen>& events) {
  std::vector<EventType> types;
  for (const Seen& event : events) types.push_back(event.type);
  return types;
}

std::uint64_t length_in(const Seen& gtid) {
  base::ByteReader reader(base::ByteView::of(gtid.bytes).sub(19 + testing::kLengthOffset));
  return reader.u64();
}

TEST_CASE("spool_writer: an empty spool has no resume point and takes no event", "[spool]") {
  SpoolTester spool("", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  CHECK_FALSE(spool.writer().resume_point());
  CHECK_FALSE(spool.writer().has_open_file());
  CHECK(spool.writer().position() == SpoolPosition{0, 0});
  CHECK_FALSE(spool.append(1, 10));
  REQUIRE(spool.writer().abandon());
  CHECK_FALSE(spool.commit(1, 100));
  REQUIRE(spool.writer().abandon());
  CHECK(spool.writer().flush());
  CHECK(spool.start_file(1));
  CHECK(spool.writer().has_open_file());
}

TEST_CASE("spool_writer: a MySQL spool file is a binlog with its own positions and checksums", "[spool]") {
  SpoolTester spool("FttFt", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  const std::vector<EventType> transaction{EventType::gtid, EventType::query, EventType::table_map,
                                           EventType::write_rows_v2, EventType::xid};
  std::vector<EventType> first{EventType::format_description, EventType::previous_gtids};
  first.insert(first.end(), transaction.begin(), transaction.end());
  first.insert(first.end(), transaction.begin(), transaction.end());
  first.push_back(EventType::rotate);
  const auto events = events_of(spool.files.content("spool/spool.000001"));
  CHECK(types_of(events) == first);
  CHECK(events_of(spool.files.content("spool/spool.000002")).size() == 2 + transaction.size());
  const std::string& rotate = events.back().bytes;
  CHECK(rotate.substr(19 + 8, rotate.size() - 19 - 8 - 4) == "spool.000002");
  const auto format = binlog::FormatDescription::parse(base::ByteView::of(events.front().bytes));
  REQUIRE(format);
  CHECK(format->checksum == binlog::ChecksumAlgorithm::crc32);
  CHECK(format->created == spool.format().created);
  CHECK(format->post_header_lengths == spool.format().post_header_lengths);
}

TEST_CASE("spool_writer: the second file begins with the GTIDs of the first", "[spool]") {
  for (const Flavor flavor : {Flavor::mysql, Flavor::mariadb}) {
    SpoolTester spool("FttFt", flavor, kEach);
    REQUIRE(spool.open());
    REQUIRE(spool.play());
    const auto events = events_of(spool.files.content("spool/spool.000002"));
    const auto view = base::ByteView::of(events[1].bytes);
    const auto body = view.sub(19, view.size() - 23);
    const GtidState before = spool.gtids_of({1, 2});
    if (flavor == Flavor::mysql) {
      REQUIRE(events[1].type == EventType::previous_gtids);
      CHECK(*binlog::MysqlGtidSet::parse_binary(body) == before.mysql);
    } else {
      REQUIRE(events[1].type == EventType::gtid_list);
      CHECK(*binlog::MariadbGtidList::parse_event(body) == before.mariadb);
    }
    CHECK(spool.index->find(2)->gtids_before == before);
    CHECK(spool.writer().gtids() == spool.gtids_of({1, 2, 3}));
  }
}

TEST_CASE("spool_writer: a source too old for PREVIOUS_GTIDS gets none", "[spool]") {
  SpoolTester spool("", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  auto format = spool.format();
  format.post_header_lengths.resize(34);
  REQUIRE(spool.writer().start_file(spool.entry("binlog.1"), format));
  CHECK(types_of(events_of(spool.files.content("spool/spool.000001"))) ==
        std::vector<EventType>{EventType::format_description});
}

TEST_CASE("spool_writer: the first file takes the GTIDs that lie before it from the caller, later ones from the spool",
          "[spool]") {
  SpoolTester spool("", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  auto entry = spool.entry("binlog.7");
  entry.gtids_before = spool.gtids_of({1, 2, 3});
  REQUIRE(spool.writer().start_file(entry, spool.format()));
  CHECK(spool.writer().gtids() == spool.gtids_of({1, 2, 3}));
  REQUIRE(spool.append(4, 10));
  REQUIRE(spool.commit(4, 200));
  entry.gtids_before = spool.gtids_of({77});
  REQUIRE(spool.writer().start_file(entry, spool.format()));
  CHECK(spool.writer().gtids() == spool.gtids_of({1, 2, 3, 4}));
}

TEST_CASE("spool_writer: transaction length patched to the sum of the events' sizes, whatever their size", "[spool]") {
  // 65536: written from where it lies; 1048576 and more: streamed, so that the GTID event is patched in the file.
  for (const std::size_t row_bytes : {0u, 1u, 65000u, 65536u, 200000u, 1048576u - 300u, 1048576u, 3000000u}) {
    SpoolTester spool("F", Flavor::mysql, kEach);
    REQUIRE(spool.open());
    REQUIRE(spool.play());
    REQUIRE(spool.append(1, row_bytes));
    REQUIRE(spool.commit(1, 200));
    REQUIRE(spool.append(2, 10));
    REQUIRE(spool.commit(2, 300));
    const auto events = events_of(spool.files.content("spool/spool.000001"));
    REQUIRE(events.size() == 12);
    REQUIRE(events[2].type == EventType::gtid);
    REQUIRE(events[7].type == EventType::gtid);
    CHECK(length_in(events[2]) == events[7].offset - events[2].offset);
    CHECK(length_in(events[7]) == spool.writer().position().offset - events[7].offset);
    CHECK(spool.replica() == Numbers{1, 2});
  }
}

TEST_CASE("spool_writer: a transaction of many events that overflows its buffer stays in order", "[spool]") {
  SpoolTester spool("F", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  const auto events = testing::mysql_transaction(1, 40000);
  REQUIRE(spool.writer().append(events[0].draft()));
  REQUIRE(spool.writer().append(events[1].draft()));
  for (int i = 0; i < 100; ++i) {
    REQUIRE(spool.writer().append(events[2].draft()));
    REQUIRE(spool.writer().append(events[3].draft()));
  }
  REQUIRE(spool.writer().append(events[4].draft()));
  REQUIRE(spool.commit(1, 200));
  CHECK(events_of(spool.files.content("spool/spool.000001")).size() == 2 + 203);
  CHECK(spool.replica() == Numbers{1});
}

TEST_CASE("spool_writer: nothing of an open transaction is visible", "[spool]") {
  SpoolTester spool("Ft", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  const SpoolPosition before = spool.tail->get();
  REQUIRE(spool.append(2, 3000000));
  CHECK(spool.writer().in_transaction());
  CHECK(spool.files.content("spool/spool.000001").size() > before.offset);
  CHECK(spool.tail->get() == before);
  CHECK(spool.writer().position() == before);
  CHECK(spool.replica() == Numbers{1});
  REQUIRE(spool.commit(2, 300));
  CHECK_FALSE(spool.writer().in_transaction());
  CHECK(spool.replica() == Numbers{1, 2});
}

TEST_CASE("spool_writer: abandon cuts the open transaction and the next one takes its place", "[spool]") {
  for (const std::size_t row_bytes : {100u, 3000000u}) {
    SpoolTester spool("Ft", Flavor::mysql, kEach);
    REQUIRE(spool.open());
    REQUIRE(spool.play());
    const SpoolPosition before = spool.tail->get();
    REQUIRE(spool.append(2, row_bytes));
    REQUIRE(spool.writer().abandon());
    CHECK_FALSE(spool.writer().in_transaction());
    CHECK(spool.files.content("spool/spool.000001").size() == before.offset);
    REQUIRE(spool.append(3, 50));
    REQUIRE(spool.commit(3, 300));
    CHECK(spool.replica() == Numbers{1, 3});
  }
}

TEST_CASE("spool_writer: a file cannot start inside a transaction", "[spool]") {
  SpoolTester spool("F", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  REQUIRE(spool.append(1, 10));
  CHECK_FALSE(spool.start_file(2));
  REQUIRE(spool.commit(1, 200));
  CHECK(spool.start_file(2));
}

TEST_CASE("spool_writer: a transaction of dropped events moves the source position and costs no call to the disk",
          "[spool]") {
  SpoolTester spool("Ft", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  const std::uint64_t calls = spool.files.calls();
  SpoolWriter::Commit dropped;
  for (std::uint64_t end = 300; end < 1300; ++end) {
    dropped.source_end = end;
    dropped.events_dropped = 2;
    REQUIRE(spool.writer().commit(dropped));
  }
  CHECK(spool.files.calls() == calls);
  CHECK(spool.writer().resume_point()->position.offset == 1299);
  for (std::uint64_t end = 1300; end < 30000; ++end) {
    dropped.source_end = end;
    REQUIRE(spool.writer().commit(dropped));
  }
  CHECK(spool.files.calls() - calls < 200);
  const std::size_t written = spool.files.content("spool/spool.000001.journal").size();
  CHECK(written < 16 + 40 * 40);
}

TEST_CASE("spool_writer: flush makes the position behind dropped transactions durable, and their count", "[spool]") {
  SpoolTester spool("Ftddds", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  const auto before = spool.writer().resume_point();
  const std::uint64_t calls = spool.files.calls();
  REQUIRE(spool.writer().flush());
  CHECK(spool.files.calls() == calls);  // nothing left to do
  spool.close();
  spool.files.restart(FaultyFileSystem::Loss::unsynced);
  REQUIRE(spool.open());
  CHECK(spool.writer().resume_point()->position == before->position);
  auto journal = *Journal::open(spool.files, spool.index->journal_path(1));
  std::uint64_t dropped = 0;
  for (std::uint64_t i = 0; i < journal.record_count(); ++i) dropped += journal.record(i)->events_dropped;
  CHECK(dropped == 9);
}

TEST_CASE("spool_writer: under interval it publishes at once and syncs when the interval is over", "[spool]") {
  SpoolTester lazy("Ftt", Flavor::mysql, kHour);
  REQUIRE(lazy.open());
  REQUIRE(lazy.play());
  CHECK(lazy.replica() == Numbers{1, 2});
  lazy.close();
  lazy.files.restart(FaultyFileSystem::Loss::unsynced);
  REQUIRE(lazy.open());
  CHECK(lazy.replica() == Numbers{});

  SpoolTester quick("F", Flavor::mysql, {SyncPolicy::When::interval, std::chrono::milliseconds(5)});
  REQUIRE(quick.open());
  REQUIRE(quick.play());
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  REQUIRE(quick.append(1, 10));
  REQUIRE(quick.commit(1, 200));
  quick.close();
  quick.files.restart(FaultyFileSystem::Loss::unsynced);
  REQUIRE(quick.open());
  CHECK(quick.replica() == Numbers{1});
}

TEST_CASE("spool_writer: flush makes commits durable under every policy, and leaves an open transaction open",
          "[spool]") {
  for (const SyncPolicy policy : {kHour, SyncPolicy{SyncPolicy::When::never, {}}}) {
    SpoolTester spool("Ftt", Flavor::mysql, policy);
    REQUIRE(spool.open());
    REQUIRE(spool.play());
    REQUIRE(spool.append(3, 2000000));
    REQUIRE(spool.writer().flush());
    CHECK(spool.writer().in_transaction());
    spool.close();
    spool.files.restart(FaultyFileSystem::Loss::unsynced);
    REQUIRE(spool.open());
    CHECK(spool.replica() == Numbers{1, 2});
  }
}

TEST_CASE("spool_writer: after an error nothing but abandon is taken", "[spool]") {
  SpoolTester spool("Ft", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  const SpoolPosition before = spool.tail->get();
  REQUIRE(spool.append(2, 100));
  spool.files.fail_call(spool.files.calls() + 1, EIO);
  CHECK_FALSE(spool.commit(2, 300));
  CHECK_FALSE(spool.append(2, 100));
  CHECK_FALSE(spool.commit(2, 300));
  CHECK_FALSE(spool.start_file(2));
  CHECK_FALSE(spool.writer().flush());
  CHECK(spool.tail->get() == before);
  REQUIRE(spool.writer().abandon());
  REQUIRE(spool.append(2, 100));
  REQUIRE(spool.commit(2, 300));
  CHECK(spool.replica() == Numbers{1, 2});
}

TEST_CASE("spool_writer: after a file that failed to start, nothing is appended until it starts", "[spool]") {
  SpoolTester spool("Ft", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  const std::uint64_t end = spool.writer().position().offset;
  // At the end of the source's file the last call is the index file's directory sync: both lists may be on the disk.
  spool.files.fail_call(spool.files.calls() + testing::calls_of_start_file(), EIO);
  REQUIRE_FALSE(spool.start_file(2));
  CHECK_FALSE(spool.writer().has_open_file());
  REQUIRE(spool.writer().abandon());
  CHECK_FALSE(spool.writer().has_open_file());
  CHECK_FALSE(spool.append(2, 10));
  REQUIRE(spool.writer().abandon());
  CHECK(spool.files.content("spool/spool.000001").size() > end);  // the ROTATE stays: the index may name the new file
  REQUIRE(spool.start_file(2));
  CHECK(types_of(events_of(spool.files.content("spool/spool.000001"))).back() == EventType::rotate);
  CHECK(events_of(spool.files.content("spool/spool.000001")).size() == 2 + 5 + 1);
  REQUIRE(spool.append(2, 10));
  REQUIRE(spool.commit(2, 200));
  CHECK(spool.replica() == Numbers{1, 2});
}

TEST_CASE("spool_writer: a transaction length that stands nowhere is refused", "[spool]") {
  SpoolTester spool("F", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  const std::string body(57, '\0');
  CHECK_FALSE(spool.writer().append(testing::OwnedDraft(EventType::gtid, body, 50).draft()));
  REQUIRE(spool.writer().abandon());
  CHECK_FALSE(spool.writer().append(testing::OwnedDraft(EventType::gtid, body, SIZE_MAX).draft()));
  REQUIRE(spool.writer().abandon());
  REQUIRE(spool.writer().append(testing::OwnedDraft(EventType::gtid, body, 49).draft()));
  CHECK_FALSE(spool.writer().append(testing::OwnedDraft(EventType::gtid, body, 49).draft()));
}

TEST_CASE("spool_writer: an event that no replica takes is refused before a byte of it is written", "[spool]") {
  SpoolTester spool("F", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  const std::string chunk(std::size_t{1} << 20, 'x');
  const std::vector<base::ByteView> body(1024, base::ByteView::of(chunk));
  binlog::EventHeader header;
  header.type_code = static_cast<std::uint8_t>(EventType::write_rows_v2);
  const std::uint64_t calls = spool.files.calls();
  const auto appended = spool.writer().append({header, body, {}});
  REQUIRE_FALSE(appended);
  CHECK(appended.error().kind() == base::ErrorKind::unsupported);
  CHECK(spool.files.calls() == calls);
}

TEST_CASE("spool_writer: a second process cannot open the spool", "[spool]") {
  SpoolTester spool("F", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  SpoolIndex index(spool.files, SpoolTester::kDirectory);
  PublishedTail tail;
  CHECK_FALSE(SpoolWriter::open(spool.files, SpoolTester::kDirectory, kEach, 1, index, tail));
  spool.close();
  CHECK(SpoolWriter::open(spool.files, SpoolTester::kDirectory, kEach, 1, index, tail));
}

}  // namespace
}  // namespace relay::spool
