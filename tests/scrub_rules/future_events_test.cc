#include <catch2/catch.hpp>

#include "relay/binlog/format_description.h"
#include "relay/binlog/query_event.h"
#include "tests/scrub_rules/stream_tester.h"

// Events as a later server may write them.
namespace relay::scrub_rules::testing {
namespace {

using binlog::EventType;
using binlog::Flavor;

constexpr std::size_t kLengthsAt = 2 + 50 + 4 + 1;  // of the post-header lengths in a format description's body
constexpr std::uint8_t kFutureType = 77;

PlainEvent make_gtid() {
  return make_event(EventType::gtid, std::string(1, '\0') + std::string(16, 'u') + std::string("\5\0\0\0\0\0\0\0", 8));
}
PlainEvent make_xid() { return make_event(EventType::xid, std::string("\1\0\0\0\0\0\0\0", 8)); }
PlainEvent make_future(std::uint16_t flags) { return make_event(static_cast<EventType>(kFutureType), "PII!", flags); }

PlainEvent make_map(char second_type, const std::string& metadata_of_it, const std::string& optional = "") {
  std::string body("\1\0\0\0\0\0\1\0\1d\0\4kept\0\2\3", 19);
  body += second_type;
  body += static_cast<char>(metadata_of_it.size()) + metadata_of_it + '\2' + optional;
  return make_event(EventType::table_map, body);
}

struct Stream : StreamTester {
  explicit Stream(const PlainEvent& format = golden_events("my97-nopk.binlog").front())
      : StreamTester("[[table]]\nname = \"d.kept\"\ncolumn_default = \"drop\"\n[table.columns]\nid = \"keep\"\n",
                     Flavor::mysql) {
    REQUIRE_FALSE(feed(format));
    REQUIRE_FALSE(feed({make_gtid(), make_query("CREATE TABLE kept (id INT NOT NULL, pii INT)")}));
    clear_written();
  }
  // What arrives, or why the stream stopped.
  std::string transaction(const std::vector<PlainEvent>& inside) {
    std::vector<PlainEvent> events = {make_gtid(), make_query("BEGIN")};
    events.insert(events.end(), inside.begin(), inside.end());
    events.push_back(make_xid());
    const auto error = feed(events);
    CHECK(written_text().find("PII") == std::string::npos);
    return error ? error->message() : summary();
  }
};

PlainEvent format_with(std::size_t type_code, std::uint8_t length) {
  PlainEvent format = golden_events("my97-nopk.binlog").front();
  const std::size_t types = format.body.size() - kLengthsAt - 1 - binlog::kChecksumSize;
  if (type_code > types) format.body.insert(kLengthsAt + types, type_code - types, '\0');
  format.body[kLengthsAt + type_code - 1] = static_cast<char>(length);
  return format;
}

std::vector<std::uint8_t> unknown_types(const PlainEvent& format) {
  const std::string bytes = format.bytes();
  const auto parsed = binlog::FormatDescription::parse(base::ByteView::of(bytes));
  REQUIRE(parsed);
  return parsed->unknown_types();
}

TEST_CASE("future events: a type that is not known halts", "[scrub_rules]") {
  CHECK(Stream().transaction({make_future(0)}).find("type is not known") != std::string::npos);
  INFO("outside of a transaction too");
  CHECK(Stream().feed(make_future(0)));
}

TEST_CASE("future events: a type that is not known and that replicas may ignore is left out", "[scrub_rules]") {
  Stream stream;
  CHECK(stream.transaction({make_future(binlog::kFlagIgnorable)}) == "GTID QUERY(BEGIN) XID");
  CHECK(stream.scrubber().counters().events_dropped == 1);
  CHECK_FALSE(stream.feed(make_future(binlog::kFlagIgnorable)));
  INFO("the flag lets no known type pass");
  CHECK(Stream()
            .transaction({make_event(EventType::incident, "PII", binlog::kFlagIgnorable)})
            .find("cannot be scrubbed") != std::string::npos);
}

TEST_CASE("future events: optional metadata that is not known is removed", "[scrub_rules]") {
  Stream stream;
  CHECK(stream.transaction({make_map('\3', "", std::string("\x63\4PII!\1\1\0", 9))}) == "GTID QUERY(BEGIN) MAP XID");
}

TEST_CASE("future events: a status variable that is not known halts", "[scrub_rules]") {
  binlog::QueryEvent query;
  query.database = "d";
  query.status = base::ByteView::of(std::string_view("\x70PII", 4));
  for (const char* statement : {"BEGIN", "CREATE TABLE t (id INT)"}) {
    query.statement = base::ByteView::of(std::string_view(statement));
    base::Buffer body;
    binlog::encode_query_body(query, body);
    Stream stream;
    const auto error = stream.feed({make_gtid(), make_event(EventType::query, std::string(body.view().text()))});
    REQUIRE(error);
    CHECK(error->message().find("status variable") != std::string::npos);
  }
}

TEST_CASE("future events: a column type that is not known halts", "[scrub_rules]") {
  for (const char type : {'\x15', '\xc8', '\xf1'}) {
    const std::string reason = Stream().transaction({make_map(type, "")});
    CHECK(reason.find("type") != std::string::npos);
    CHECK(reason.find("GTID") == std::string::npos);
  }
}

TEST_CASE("future events: a header flag that is not known halts", "[scrub_rules]") {
  CHECK(Stream().transaction({make_event(EventType::rows_query, "PII", 0x1000)}).find("flags") != std::string::npos);
}

TEST_CASE("future events: the format description's types and layouts are all known of today's servers",
          "[scrub_rules]") {
  for (const std::string& name : golden_names()) {
    INFO(name);
    CHECK(unknown_types(golden_events(name).front()).empty());
  }
}

TEST_CASE("future events: the format description tells which types and layouts are not known", "[scrub_rules]") {
  CHECK(unknown_types(format_with(44, 12)) == std::vector<std::uint8_t>{43, 44});
  CHECK(unknown_types(format_with(30, 12)) == std::vector<std::uint8_t>{30});
  CHECK(unknown_types(format_with(30, 0)).empty());
  Stream stream(format_with(30, 12));
  const std::string rows("\1\0\0\0\0\0\1\0\2\0\2\3\0\7\0\0\0PII!", 21);
  CHECK(stream.transaction({make_map('\3', ""), make_event(EventType::write_rows_v2, rows)}).find("another layout") !=
        std::string::npos);
}

}  // namespace
}  // namespace relay::scrub_rules::testing
