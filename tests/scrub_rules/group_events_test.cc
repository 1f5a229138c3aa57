#include "scrub_rules/group_events.h"

#include <catch2/catch.hpp>

#include "scrub_rules/savepoint_names.h"
#include "scrub_rules/xa_id.h"
#include "tests/support/faulty_file.h"

namespace relay::scrub_rules::testing {
namespace {

using base::ByteView;
using Kind = sql::StatementKind;
using relay::testing::FaultyFileSystem;

constexpr std::string_view kKey = "a key";

std::string gtid(const std::string& body) {
  base::Buffer into;
  REQUIRE(scrub_mariadb_gtid(ByteView::of(body), kKey, into));
  return std::string(into.view().text());
}

std::unique_ptr<SchemaHistory> open_history(FaultyFileSystem& files) {
  auto history = SchemaHistory::open(files, "history", {9, 9}, false);
  REQUIRE(history);
  return std::move(*history);
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

const std::string kPosition("\7\0\0\0\0\0\0\0\1\0\0\0", 12);

TEST_CASE("group_events: an XA transaction has one pseudonym in statements, XA_PREPARE and GTIDs", "[scrub_rules]") {
  const auto statement = pseudonymous_xa_statement(Kind::xa_start, "XA START X'534543524554584944',X'4251',7", kKey);
  REQUIRE(statement);
  const XaId id = pseudonym({7, "SECRETXID", "BQ"}, kKey);
  CHECK(id.transaction.size() == 32);
  CHECK(id.branch.size() == 32);
  INFO("who has no key cannot try names");
  CHECK(id.transaction != pseudonym({7, "SECRETXID", "BQ"}, "another key").transaction);
  CHECK(id.branch != pseudonym({7, "BQ", ""}, kKey).transaction);
  CHECK(*statement == "XA START X'" + hex(id.transaction) + "',X'" + hex(id.branch) + "',7");

  FaultyFileSystem files;
  const auto history = open_history(files);
  base::Buffer prepare;
  REQUIRE(scrub_xa_prepare(ByteView::of(std::string("\0\7\0\0\0\x9\0\0\0\2\0\0\0SECRETXIDBQ", 24)), kKey, false,
                           *history, prepare));
  CHECK(prepare.view().text() == std::string("\0\7\0\0\0\x20\0\0\0\x20\0\0\0", 13) + id.transaction + id.branch);

  const std::string flags("\x4c", 1);
  const std::string extra("\x11\xff\x60\0\0\0", 6);
  CHECK(gtid(kPosition + flags + std::string("\7\0\0\0\x9\2SECRETXIDBQ", 17) + extra) ==
        kPosition + flags + std::string("\7\0\0\0\x20\x20", 6) + id.transaction + id.branch + extra);
}

TEST_CASE("group_events: an XA transaction of which nothing is left is committed at once, and its end is known",
          "[scrub_rules]") {
  FaultyFileSystem files;
  const auto history = open_history(files);
  const std::string body("\0\7\0\0\0\x9\0\0\0\2\0\0\0SECRETXIDBQ", 24);
  const std::string one_phase = "\1" + body.substr(1);
  const std::string id = text_of(pseudonym({7, "SECRETXID", "BQ"}, kKey));
  const auto first_byte = [&](const std::string& from, bool is_empty) {
    base::Buffer into;
    REQUIRE(scrub_xa_prepare(ByteView::of(from), kKey, is_empty, *history, into));
    return into.view()[0];
  };
  CHECK(first_byte(body, true) == 1);
  CHECK(history->has_empty_xa(id));
  CHECK_FALSE(ends_empty_xa("XA COMMIT X'61',X'',1", *history));
  CHECK_FALSE(ends_empty_xa("XA END " + id, *history));
  CHECK_FALSE(ends_empty_xa("XA COMMIT " + id + " ONE PHASE", *history));
  CHECK(ends_empty_xa("XA COMMIT " + id, *history));
  CHECK_FALSE(ends_empty_xa("XA COMMIT " + id, *history));
  INFO("rolled back; and the name used again for a transaction of which something leaves");
  CHECK(first_byte(body, true) == 1);
  CHECK(ends_empty_xa("XA ROLLBACK " + id, *history));
  CHECK(first_byte(body, true) == 1);
  CHECK(first_byte(body, false) == 0);
  CHECK_FALSE(ends_empty_xa("XA COMMIT " + id, *history));
  INFO("it ends with itself at the source too");
  CHECK(first_byte(one_phase, true) == 1);
  CHECK(first_byte(one_phase, false) == 1);
  CHECK_FALSE(history->has_empty_xa(id));
}

TEST_CASE("group_events: XA statements keep their verb and their last words", "[scrub_rules]") {
  for (const auto& [kind, text] :
       {std::pair(Kind::xa_end, "XA END X'61',X'',1"), std::pair(Kind::xa_prepare, "XA PREPARE X'61',X'',1"),
        std::pair(Kind::xa_rollback, "XA ROLLBACK X'61',X'',1"), std::pair(Kind::xa_commit, "XA COMMIT X'61',X'',1"),
        std::pair(Kind::xa_commit, "XA COMMIT X'61',X'',1 ONE PHASE")}) {
    const auto again = pseudonymous_xa_statement(kind, text, kKey);
    REQUIRE(again);
    const std::string_view before(text);
    CHECK(again->substr(0, again->find("X'")) == before.substr(0, before.find("X'")));
    CHECK(again->substr(again->find("',X'',1")) == before.substr(before.find("',X'',1")));
  }
  for (const char* text : {"XA START 'a'", "XA START X'61',X'',1 JOIN", "XA START X'61'", "XA START X'6',X'',1",
                           "XA START X'61',X'',x", "xa start X'61',X'',1", "XA START X'zz',X'',1"}) {
    CHECK_FALSE(pseudonymous_xa_statement(Kind::xa_start, text, kKey));
  }
  CHECK_FALSE(pseudonymous_xa_statement(Kind::xa_start, "XA START X'" + std::string(130, '6') + "',X'',1", kKey));
}

TEST_CASE("group_events: a MariaDB GTID loses its padding and nothing else", "[scrub_rules]") {
  const std::string plain = kPosition + std::string("\x29\x10\x60\0\0\0\0", 7);
  CHECK(gtid(plain) == plain);
  CHECK(gtid(plain + std::string(3715, '\0')) == plain);
  const std::string committed = kPosition + std::string("\xe\1\2\3\4\5\6\7\x8\x11\2\x60\0\0\0", 15);
  CHECK(gtid(committed) == committed);
  CHECK(gtid(kPosition + std::string("\xc\0\0\0\0\0\0", 7)) == kPosition + std::string("\xc\0\0\0\0\0\0", 7));
}

TEST_CASE("group_events: halts on what a GTID or XA_PREPARE event should not hold", "[scrub_rules]") {
  FaultyFileSystem files;
  const auto history = open_history(files);
  base::Buffer into;
  const auto refused = [&](const std::string& body) { return !scrub_mariadb_gtid(ByteView::of(body), kKey, into); };
  CHECK(refused(kPosition));
  CHECK(refused(kPosition + std::string("\x29\x10\x60\0\0\0\0SECRET", 13)));
  CHECK(refused(kPosition + std::string("\x29\x20\x60\0\0\0\0", 7)));
  CHECK(refused(kPosition + std::string("\x29\2\0\0\0\0\0", 7)));
  CHECK(refused(kPosition + std::string("\x4c\7\0\0\0\x9\2SECRET", 13)));
  CHECK(refused(kPosition + std::string("\x4c\7\0\0\0\x41\0", 7) + std::string(70, 'x')));
  CHECK_FALSE(scrub_xa_prepare(ByteView::of(std::string("\0\7\0\0\0\x9\0\0\0\2\0\0\0SECRETXID", 22)), kKey, false,
                               *history, into));
  CHECK_FALSE(scrub_xa_prepare(ByteView::of(std::string("\0\7\0\0\0\1\0\0\0\0\0\0\0xSECRET", 20)), kKey, false,
                               *history, into));
}

TEST_CASE("savepoint_names: each savepoint of a transaction has one other name", "[scrub_rules]") {
  SavepointNames names;
  CHECK(*names.rename(Kind::savepoint, "SAVEPOINT `SECRETSP`") == "SAVEPOINT `s1`");
  CHECK(*names.rename(Kind::savepoint, "SAVEPOINT `it``s`") == "SAVEPOINT `s2`");
  CHECK(*names.rename(Kind::savepoint, "SAVEPOINT plain_1") == "SAVEPOINT `s3`");
  CHECK(*names.rename(Kind::rollback_to_savepoint, "ROLLBACK TO `secretSP`") == "ROLLBACK TO `s1`");
  CHECK(*names.rename(Kind::rollback_to_savepoint, "ROLLBACK TO \"it`s\"") == "ROLLBACK TO `s2`");
  CHECK(*names.rename(Kind::release_savepoint, "RELEASE SAVEPOINT `plain_1`") == "RELEASE SAVEPOINT `s3`");
  CHECK_FALSE(names.rename(Kind::rollback_to_savepoint, "ROLLBACK TO `other`"));
  for (const char* text :
       {"SAVEPOINT `a` /* b */", "SAVEPOINT `a", "SAVEPOINT a b", "SAVEPOINT ", "savepoint `a`", "SAVEPOINT `a`b`"}) {
    CHECK_FALSE(names.rename(Kind::savepoint, text));
  }
  names.clear();
  CHECK(*names.rename(Kind::savepoint, "SAVEPOINT `new`") == "SAVEPOINT `s1`");
}

}  // namespace
}  // namespace relay::scrub_rules::testing
