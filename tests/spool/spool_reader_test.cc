#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "relay/binlog/gtid_event.h"
#include "relay/spool/event_block.h"
#include "tests/spool/spool_tester.h"

namespace relay::spool {
namespace {

using binlog::EventType;
using binlog::Flavor;
using testing::SpoolTester;

constexpr SyncPolicy kEach{SyncPolicy::When::transaction, {}};

SpoolReader reader_of(SpoolTester& spool) { return {spool.files, *spool.index, *spool.tail, spool.leases}; }

TEST_CASE("spool_reader: stops at the published tail and goes on when it moves", "[spool]") {
  SpoolTester spool("Ft", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  SpoolReader reader = reader_of(spool);
  REQUIRE(reader.seek({1, 4}));
  for (int i = 0; i < 7; ++i) REQUIRE(*reader.next());
  REQUIRE_FALSE(*reader.next());
  REQUIRE(spool.append(2, 3000000));  // reaches the file, and is not published
  REQUIRE_FALSE(*reader.next());
  CHECK(reader.position() == spool.tail->get());
  REQUIRE(spool.commit(2, 300));
  for (int i = 0; i < 5; ++i) REQUIRE(*reader.next());
  CHECK(reader.position() == spool.tail->get());
}

TEST_CASE("spool_reader: does not remember bytes from beyond the tail", "[spool]") {
  SpoolTester spool("Ft", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  REQUIRE(spool.append(2, 2000000));  // in the file with an unpatched length
  SpoolReader reader = reader_of(spool);
  REQUIRE(reader.seek({1, 4}));
  while (*reader.next()) {
  }
  REQUIRE(spool.commit(2, 300));
  const auto gtid = reader.next();
  REQUIRE((*gtid)->type() == EventType::gtid);
  // The stale bytes would have a right checksum too: that of the event before it was patched.
  const auto parsed = binlog::MysqlGtidEvent::parse((*gtid)->header.type_code, (*gtid)->whole->body());
  REQUIRE(parsed);
  CHECK(parsed->transaction_length ==
        spool.tail->get().offset - (reader.position().offset - (*gtid)->header.event_size));
}

TEST_CASE("spool_reader: goes on into the next file after the ROTATE", "[spool]") {
  SpoolTester spool("FtFt", Flavor::mariadb, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  SpoolReader reader = reader_of(spool);
  REQUIRE(reader.seek({1, 4}));
  std::vector<std::pair<std::uint32_t, EventType>> seen;
  while (true) {
    const auto event = reader.next();
    REQUIRE(event);
    if (!*event) break;
    seen.emplace_back(reader.position().file, (*event)->type());
  }
  const std::vector<std::pair<std::uint32_t, EventType>> wanted{{1, EventType::format_description},
                                                                {1, EventType::gtid_list},
                                                                {1, EventType::mariadb_gtid},
                                                                {1, EventType::table_map},
                                                                {1, EventType::write_rows_v1},
                                                                {1, EventType::xid},
                                                                {1, EventType::rotate},
                                                                {2, EventType::format_description},
                                                                {2, EventType::gtid_list},
                                                                {2, EventType::mariadb_gtid},
                                                                {2, EventType::table_map},
                                                                {2, EventType::write_rows_v1},
                                                                {2, EventType::xid}};
  CHECK(seen == wanted);
}

TEST_CASE("spool_reader: an older copy of a file, which ends between two transactions, is not passed over", "[spool]") {
  for (const Flavor flavor : {Flavor::mysql, Flavor::mariadb}) {
    SpoolTester spool("FttFt", flavor, kEach);
    REQUIRE(spool.open());
    REQUIRE(spool.play());
    std::vector<std::uint64_t> ends;
    {
      SpoolReader reader = reader_of(spool);
      REQUIRE(reader.seek({1, 4}));
      for (auto event = reader.next(); reader.position().file == 1; event = reader.next()) {
        REQUIRE(event);
        ends.push_back(reader.position().offset);
      }
    }
    const std::string whole = spool.files.content("spool/spool.000001");
    ends.pop_back();
    for (const std::uint64_t end : ends) {
      spool.files.set_content("spool/spool.000001", whole.substr(0, end));
      for (const std::uint64_t begin : {std::uint64_t{4}, end}) {
        SpoolReader reader = reader_of(spool);
        REQUIRE(reader.seek({1, begin}));
        auto event = reader.next();
        while (event && *event) event = reader.next();
        REQUIRE_FALSE(event);
        CHECK(event.error().kind() == base::ErrorKind::malformed);
        CHECK(event.error().offset() == end);
      }
    }
  }
}

TEST_CASE("spool_reader: follows a rotation that happens while it waits", "[spool]") {
  SpoolTester spool("Ft", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  SpoolReader reader = reader_of(spool);
  REQUIRE(reader.seek({1, 4}));
  while (*reader.next()) {
  }
  REQUIRE(spool.start_file(2));
  CHECK((*reader.next())->type() == EventType::rotate);
  CHECK((*reader.next())->type() == EventType::format_description);
  CHECK(reader.position().file == 2);
}

TEST_CASE("spool_reader: refuses a file that is not there and a place that is not published", "[spool]") {
  SpoolTester spool("Ft", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  SpoolReader reader = reader_of(spool);
  CHECK_FALSE(reader.seek({1, 4}));  // empty
  REQUIRE(spool.play());
  for (const SpoolPosition bad : {SpoolPosition{0, 4}, SpoolPosition{2, 4}, SpoolPosition{1, 0}, SpoolPosition{1, 3},
                                  SpoolPosition{1, spool.tail->get().offset + 1}, SpoolPosition{1, UINT64_MAX}}) {
    const auto found = reader.seek(bad);
    REQUIRE_FALSE(found);
    CHECK(found.error().kind() == base::ErrorKind::unsupported);
    CHECK_FALSE(reader.next());
  }
  CHECK(reader.seek({1, spool.tail->get().offset}));
  CHECK_FALSE(*reader.next());
}

TEST_CASE("spool_reader: a position inside an event is found out", "[spool]") {
  SpoolTester spool("Fttt", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  SpoolReader reader = reader_of(spool);
  std::vector<std::uint64_t> starts;
  REQUIRE(reader.seek({1, 4}));
  do starts.push_back(reader.position().offset);
  while (*reader.next());
  for (std::uint64_t offset = 4; offset < spool.tail->get().offset; ++offset) {
    REQUIRE(reader.seek({1, offset}));
    const bool start = std::find(starts.begin(), starts.end(), offset) != starts.end();
    const auto event = reader.next();
    REQUIRE(event.has_value() == start);
    if (!start) REQUIRE(event.error().kind() == base::ErrorKind::malformed);
  }
}

TEST_CASE("spool_reader: a row that looks like an event is not taken for one", "[spool]") {
  const std::uint32_t forged_size = GENERATE(60u, 3'000'000u);  // the second one too large to be held
  const std::size_t row_size = forged_size + 140;
  SpoolTester spool("F", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  const std::uint64_t inside = spool.writer().position().offset + binlog::kEventHeaderSize;
  binlog::EventHeader forged;
  forged.type_code = static_cast<std::uint8_t>(EventType::xid);
  forged.event_size = forged_size;
  forged.next_position = static_cast<std::uint32_t>(inside + forged_size);
  std::string body(row_size, 'x');
  binlog::encode_event_header(forged, reinterpret_cast<std::uint8_t*>(body.data()));
  REQUIRE(spool.writer().append(testing::OwnedDraft(EventType::write_rows_v2, body).draft()));
  REQUIRE(spool.commit(1, 200));
  SpoolReader reader = reader_of(spool);
  REQUIRE(reader.seek({1, inside}));
  const auto event = reader.next();
  REQUIRE_FALSE(event);
  CHECK(event.error().kind() == base::ErrorKind::malformed);
  CHECK(event.error().offset() == inside);
}

TEST_CASE("spool_reader: a size that cannot be is an error that names file and offset", "[spool]") {
  SpoolTester spool("Ft", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  const std::string whole = spool.files.content("spool/spool.000001");
  for (const std::uint32_t size : {0u, 18u, 22u, 0x7fffffffu, 0xffffffffu}) {
    std::string damaged = whole;
    damaged.replace(4 + 9, 4, std::string(reinterpret_cast<const char*>(&size), 4));
    spool.files.set_content("spool/spool.000001", damaged);
    SpoolReader reader = reader_of(spool);
    REQUIRE(reader.seek({1, 4}));
    const auto event = reader.next();
    REQUIRE_FALSE(event);
    CHECK(event.error().kind() == base::ErrorKind::malformed);
    CHECK(event.error().offset() == 4);
    CHECK(event.error().subject() == "spool/spool.000001");
  }
}

TEST_CASE("spool_reader: a lease lasts as long as its reader and moves with it", "[spool]") {
  SpoolTester spool("FtFt", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  CHECK_FALSE(spool.leases.lowest());
  {
    SpoolReader ahead = reader_of(spool);
    REQUIRE(ahead.seek({2, 4}));
    CHECK(spool.leases.lowest() == 2);
    {
      SpoolReader behind = reader_of(spool);
      REQUIRE(behind.seek({1, 4}));
      CHECK(spool.leases.lowest() == 1);
      while (*behind.next()) {
      }
      CHECK(spool.leases.lowest() == 2);
      REQUIRE(behind.seek({1, 4}));
      CHECK(spool.leases.lowest() == 1);
    }
    CHECK(spool.leases.lowest() == 2);
  }
  CHECK_FALSE(spool.leases.lowest());
}

TEST_CASE("spool_reader: an event of many megabytes is read in pieces and never held", "[spool]") {
  SpoolTester spool("F", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  for (std::uint64_t number = 1; number < 4; ++number) {
    REQUIRE(spool.append(number, number == 2 ? 20000000 : 900000));
    REQUIRE(spool.commit(number, 100 + number * 100));
  }
  SpoolReader reader = reader_of(spool);
  REQUIRE(reader.seek({1, 4}));
  const std::string file = spool.files.content("spool/spool.000001");
  std::size_t largest = 0, not_held = 0;
  std::uint64_t start = 4;
  for (std::string bytes; start < file.size(); start = reader.position().offset) {
    const auto event = reader.next();
    REQUIRE(event);
    REQUIRE(*event);
    if (!(*event)->whole) ++not_held;
    largest = std::max(largest, reader.memory());
    const auto view = testing::whole(reader, **event, bytes);
    REQUIRE(view);
    REQUIRE(view->checksum_is_right());
    REQUIRE((view->bytes().text() == std::string_view(file).substr(start, view->bytes().size())));
  }
  CHECK(not_held == 1);
  CHECK(largest <= SpoolReader::kLargestHeld);
  // Such an event may also be where a replica comes in.
  std::uint64_t row = 4;
  REQUIRE(reader.seek({1, 4}));
  for (auto event = reader.next(); (*event)->whole; event = reader.next()) row = reader.position().offset;
  REQUIRE(reader.seek({1, row}));
  const auto event = reader.next();
  REQUIRE(event);
  CHECK((*event)->header.event_size > 20000000);
  CHECK(reader.memory() <= SpoolReader::kLargestHeld);
}

TEST_CASE("event_block: grows for one large event and gives the memory back", "[spool]") {
  SpoolTester spool("F", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  REQUIRE(spool.append(1, 10000000));
  REQUIRE(spool.commit(1, 200));
  for (std::uint64_t number = 2; number < 20; ++number) {
    REQUIRE(spool.append(number, 60000));
    REQUIRE(spool.commit(number, 100 + number * 100));
  }
  const auto file = *spool.files.open("spool/spool.000001", base::OpenMode::read);
  EventBlock block(*file, "spool/spool.000001");
  const std::uint64_t limit = spool.tail->get().offset;
  std::size_t largest = 0;
  for (std::uint64_t offset = 4; offset < limit;) {
    const auto event = block.event_at(offset, limit);
    REQUIRE(event);
    REQUIRE(event->checksum_is_right());
    largest = std::max(largest, block.memory());
    offset += event->bytes().size();
  }
  CHECK(largest >= 10000000);
  CHECK(largest < 10001000);
  CHECK(block.memory() == EventBlock::kDefaultSize);
}

// On a real disk, and under the thread sanitizer in its preset.
TEST_CASE(
    "spool_reader: readers in other threads see whole transactions only, in order, and never a byte past the tail",
    "[spool]") {
  const auto directory = std::filesystem::temp_directory_path() / ("relay-spool-test-" + std::to_string(::getpid()));
  std::filesystem::remove_all(directory);
  {
    base::FileSystem& files = base::posix_file_system();
    SpoolIndex index(files, directory.string());
    PublishedTail tail;
    SpoolLeases leases;
    SpoolTester source("", Flavor::mysql, kEach);
    const auto writer = *SpoolWriter::open(files, directory.string(), {SyncPolicy::When::never, {}}, 9001, index, tail);
    constexpr std::uint64_t kTransactions = 400;
    REQUIRE(writer->start_file(source.entry("binlog.1"), source.format()));

    std::atomic<int> mistakes{0};
    const auto follow = [&] {
      SpoolReader reader(files, index, tail, leases);
      if (!reader.seek({1, 4})) ++mistakes;
      std::uint64_t transactions = 0;
      std::string bytes;
      while (transactions < kTransactions && mistakes == 0) {
        const auto event = reader.next();
        if (!event) {
          ++mistakes;
        } else if (!*event) {
          (void)tail.wait_beyond(reader.position(), std::chrono::milliseconds(100));
        } else {
          const auto view = testing::whole(reader, **event, bytes);
          if (!view || !view->checksum_is_right() || reader.position() > tail.get()) ++mistakes;
          if ((*event)->type() == EventType::xid) ++transactions;
        }
      }
    };
    std::thread first(follow);
    std::thread second(follow);
    bool written = true;
    for (std::uint64_t number = 1; number <= kTransactions && written; ++number) {
      if (number % 100 == 0) written = writer->start_file(source.entry("binlog.2"), source.format()).has_value();
      const std::size_t row_bytes = number % 40 == 0 ? 1500000 : 200;
      for (const auto& event : testing::mysql_transaction(number, row_bytes))
        written = written && writer->append(event.draft());
      if (number % 7 == 0) {
        written = written && writer->abandon();
        for (const auto& event : testing::mysql_transaction(number, 300))
          written = written && writer->append(event.draft());
      }
      SpoolWriter::Commit commit;
      commit.mysql_gtid = binlog::MysqlGtid{testing::sample_uuid(), "", static_cast<std::int64_t>(number)};
      commit.source_end = number * 100;
      written = written && writer->commit(commit);
    }
    if (!written) ++mistakes;
    first.join();
    second.join();
    CHECK(mistakes == 0);
    CHECK_FALSE(leases.lowest());
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace relay::spool
