#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "tests/scrub_rules/stream_tester.h"

namespace relay::scrub_rules::testing {
namespace {

using binlog::EventType;
using binlog::Flavor;

Flavor flavor_of(const std::string& golden) { return golden.starts_with("my") ? Flavor::mysql : Flavor::mariadb; }

// The tag of a GTID is part of its name, which replicas must know; everything else called secret is a marker.
bool contains_marker(std::string text) {
  constexpr std::string_view kTag = "secrettag";
  for (std::size_t at = text.find(kTag); at != std::string::npos; at = text.find(kTag)) text.erase(at, kTag.size());
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text.find("secret") != std::string::npos;
}

// Goldens in which a statement changes data, or a DDL statement is logged in two parts: there the stream stops,
// whatever the rules.
bool stops_always(const std::string& golden) {
  return golden.find("statement") != std::string::npos || golden.find("loaddata") != std::string::npos ||
         golden == "ma1011-compress.binlog" || golden == "ma1011-two-phase-alter.binlog";
}

// Goldens whose tables were made before they begin.
bool begins_late(const std::string& golden) {
  return golden == "ma1011-gtid-list.binlog" || golden == "my97-tagged-previous.binlog";
}

// What no rule lets pass.
bool is_forbidden(EventType type) {
  static const std::set<EventType> kForbidden = {
      EventType::annotate_rows, EventType::rows_query, EventType::user_var,         EventType::intvar,
      EventType::rand,          EventType::ignorable,  EventType::begin_load_query, EventType::execute_load_query};
  return kForbidden.contains(type);
}

std::string message_of(const std::optional<base::Error>& error) { return error ? error->message() : "none"; }

const std::string kDenyAll = "[defaults]\ntable = \"deny\"\n";
const std::string kPassAll = "[defaults]\ntable = \"pass\"\ncolumn = \"keep\"\n";
const std::string kStripSecret = R"([[table]]
name = "d.w"
column_default = "keep"
[table.columns]
secret = "drop"
)";

TEST_CASE("golden streams: where no table leaves, nothing of them does, and every transaction stays", "[scrub_rules]") {
  for (const std::string& golden : golden_names()) {
    INFO(golden);
    StreamTester tester(kDenyAll, flavor_of(golden));
    const auto events = golden_events(golden);
    const auto error = tester.feed(events);
    INFO(message_of(error));
    CHECK(error.has_value() == stops_always(golden));
    if (error) CHECK((error->kind() == base::ErrorKind::rule || error->event_type() != std::uint8_t{2}));
    CHECK_FALSE(contains_marker(tester.written_text()));
    CHECK_FALSE(contains_marker(message_of(error)));
    const auto is_gtid = [](const PlainEvent& event) {
      return event.type() == EventType::gtid || event.type() == EventType::gtid_tagged ||
             event.type() == EventType::mariadb_gtid;
    };
    if (!error) CHECK(std::ranges::count_if(events, is_gtid) == std::ranges::count_if(tester.written(), is_gtid));
    for (const PlainEvent& event : tester.written()) {
      CHECK(event.type() != EventType::table_map);
      CHECK_FALSE(is_forbidden(event.type()));
    }
  }
}

// The columns that are left of d.w, of one event of the source.
ModelEvent without_secret(ModelEvent event) {
  constexpr std::ptrdiff_t kSecret = 2;
  for (ModelImage& image : event.images) image.erase(image.begin() + kSecret);
  event.extra_data.clear();
  return event;
}

TEST_CASE("golden streams: one stripped column is gone from DDL, table maps and rows, and nothing else is",
          "[scrub_rules]") {
  for (const std::string golden : {"ma105-strip-src.binlog", "ma1011-strip-src.binlog", "ma118-strip-src.binlog",
                                   "my56-strip-src.binlog", "my97-strip-src.binlog"}) {
    INFO(golden);
    StreamTester tester(kStripSecret, flavor_of(golden));
    const auto events = golden_events(golden);
    const auto error = tester.feed(events);
    INFO(message_of(error));
    REQUIRE_FALSE(error);
    CHECK_FALSE(contains_marker(tester.written_text()));
    const auto source = decode_rows(events, flavor_of(golden));
    const auto replica = decode_rows(tester.written(), flavor_of(golden));
    REQUIRE(source.size() == replica.size());
    CHECK(source.size() >= 8);
    for (std::size_t i = 0; i < source.size(); ++i) {
      const bool equal = replica[i].event == without_secret(source[i].event);
      CHECK(equal);
      CHECK(replica[i].event.images[0].size() == 12);
    }
    const auto create = std::ranges::find_if(tester.written(), [](const PlainEvent& event) {
      return event.type() == EventType::query && statement_of(event).starts_with("CREATE TABLE");
    });
    REQUIRE(create != tester.written().end());
    CHECK(statement_of(*create).find("`dec1`") != std::string::npos);
  }
}

TEST_CASE("golden streams: where everything is kept, rows come through cell by cell", "[scrub_rules]") {
  for (const std::string& golden : golden_names()) {
    if (stops_always(golden)) continue;
    if (begins_late(golden)) continue;
    INFO(golden);
    StreamTester tester(kPassAll, flavor_of(golden));
    const auto error = tester.feed(golden_events(golden));
    INFO(message_of(error));
    CHECK_FALSE(error);
    for (const PlainEvent& event : tester.written()) CHECK_FALSE(is_forbidden(event.type()));
    if (golden == "my97-compressed.binlog") continue;     // its rows are in containers
    if (golden == "ma1011-oldtemporal.binlog") continue;  // its table map does not tell how long its cells are
    auto source = decode_rows(golden_events(golden), flavor_of(golden));
    std::erase_if(source, [](const DecodedRows& rows) { return rows.table == "d.sq"; });  // a sequence
    const auto replica = decode_rows(tester.written(), flavor_of(golden));
    REQUIRE(source.size() == replica.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
      source[i].event.extra_data.clear();
      const bool equal = replica[i].event == source[i].event;
      CHECK(equal);
      CHECK(replica[i].names == source[i].names);
    }
  }
}

// Every column goes that is not called so.
std::string keep_only(const std::string& columns) {
  std::string text = "[[table]]\nname = \"d.*\"\ncolumn_default = \"drop\"\n[table.columns]\n";
  for (const char c : columns) text += std::string(1, c) + " = { action = \"keep\", optional = true }\n";
  return text + "id = { action = \"keep\", optional = true }\n";
}

TEST_CASE("golden streams: where most columns are dropped, what was in them does not come out", "[scrub_rules]") {
  // Columns of these names have no marker in them; where one is computed from a column that has, it goes as well.
  for (const std::string columns : {"ny", "jn", "cdk", "cgjtu"}) {
    std::size_t whole = 0;
    for (const std::string& golden : golden_names()) {
      INFO(golden << " with " << columns);
      StreamTester tester(keep_only(columns), flavor_of(golden));
      const auto error = tester.feed(golden_events(golden));
      INFO(message_of(error));
      CHECK_FALSE(contains_marker(tester.written_text()));
      CHECK_FALSE(contains_marker(message_of(error)));
      if (!error) ++whole;
      if (golden == "ma1011-oldtemporal.binlog") continue;  // see above
      for (const DecodedRows& rows : decode_rows(tester.written(), flavor_of(golden))) {
        CHECK(rows.event.images[0].size() <= columns.size() + 1);
      }
    }
    CHECK(whole >= 10);
  }
}

TEST_CASE("golden streams: comments, bodies of programs and names of transactions never leave", "[scrub_rules]") {
  for (const std::string golden : {"my97-ddl-xa-tag.binlog", "my97-users-tag.binlog"}) {
    StreamTester tester(kPassAll, Flavor::mysql);
    const auto error = tester.feed(golden_events(golden));
    INFO(message_of(error));
    REQUIRE_FALSE(error);
    const std::string text = tester.written_text();
    for (const char* marker : {"SECRETCMT", "SECRETCOLCOMMENT", "SECRETTABCOMMENT", "SECRETPART", "SECRETVIEW",
                               "SECRETARG", "SECRETTRG", "SECRETEVENT", "SECRETSRS", "SECRETXID", "SECRETBQ",
                               "SECRETPASS", "SECRETATTR", "SECRETUSERCMT", "SECRETSRV", "histogram"}) {
      INFO(golden << " " << marker);
      CHECK(text.find(marker) == std::string::npos);
    }
  }
}

TEST_CASE("golden streams: a table that leaves and whose columns are not known stops the stream", "[scrub_rules]") {
  StreamTester tester(kPassAll, Flavor::mariadb);
  const auto error = tester.feed(golden_events("ma1011-gtid-list.binlog"));
  REQUIRE(error);
  CHECK(error->kind() == base::ErrorKind::rule);
  CHECK(error->subject() == "d.t");
  CHECK_FALSE(error->remedy().empty());
}

TEST_CASE("golden streams: what is computed from a stripped column goes with it", "[scrub_rules]") {
  StreamTester tester("[[table]]\nname = \"d.fi\"\ncolumn_default = \"keep\"\n[table.columns]\nemail = \"drop\"\n",
                      Flavor::mysql);
  const auto error = tester.feed(golden_events("my97-functional-index-gipk.binlog"));
  INFO(message_of(error));
  REQUIRE_FALSE(error);
  CHECK_FALSE(contains_marker(tester.written_text()));
  const auto rows = decode_rows(tester.written(), Flavor::mysql);
  REQUIRE(rows.size() == 5);
  CHECK(rows[0].names == std::vector<std::string>{"id", "doc"});
}

TEST_CASE("golden streams: MariaDB's hash of a stripped unique column goes with it, and stays with a kept one",
          "[scrub_rules]") {
  for (const auto& [golden, keep] :
       {std::pair("ma105-rowhash.binlog", "drop"), std::pair("ma105-rowhash.binlog", "keep")}) {
    StreamTester tester(
        "[[table]]\nname = \"d.hp\"\ncolumn_default = \"keep\"\n[table.columns]\nb = \"" + std::string(keep) + "\"\n",
        Flavor::mariadb);
    const auto error = tester.feed(golden_events(golden));
    INFO(message_of(error));
    REQUIRE_FALSE(error);
    const auto rows = decode_rows(tester.written(), Flavor::mariadb);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].event.images[0].size() == (std::string(keep) == "keep" ? 4 : 2));
    CHECK((tester.written_text().find("HASHED") == std::string::npos) == (std::string(keep) == "drop"));
  }
}

TEST_CASE("golden streams: rows and maps of tables that leave keep their headers and table ids", "[scrub_rules]") {
  StreamTester tester(kStripSecret, Flavor::mysql);
  const auto events = golden_events("my97-strip-src.binlog");
  REQUIRE_FALSE(tester.feed(events));
  std::vector<PlainEvent> source;
  for (const PlainEvent& event : events) {
    if (event.type() == EventType::table_map || event.type() == EventType::write_rows_v2) source.push_back(event);
  }
  std::size_t next = 0;
  for (const PlainEvent& event : tester.written()) {
    if (event.type() != EventType::table_map && event.type() != EventType::write_rows_v2) continue;
    CHECK(event.header.timestamp == source[next].header.timestamp);
    CHECK(event.header.server_id == source[next].header.server_id);
    CHECK(event.body.substr(0, 6) == source[next].body.substr(0, 6));
    ++next;
  }
  CHECK(next == source.size());
}

}  // namespace
}  // namespace relay::scrub_rules::testing
