#include "relay/proof/egress_proof.h"

#include <catch2/catch.hpp>
#include <functional>

#include "relay/proof/event_codes.h"
#include "tests/proof/written_sample.h"

namespace relay::proof::testing {
namespace {

using base::Result;
using Events = std::vector<SampleEvent>;

// A check that has seen the opening of a file.
struct Checked {
  FixedExpectations expectations = customers();
  MadeStatements made;
  EgressProof proof{expectations, made, nullptr};
  SampleFile file;

  explicit Checked(std::string_view version = "9.7.4") : file(version) {
    REQUIRE(file.ask(proof, WrittenPart::opening, 0, file.end()));
  }
  Result<void> ask(const Events& events) {
    const std::uint64_t begin = file.append(events);
    return file.ask(proof, WrittenPart::transaction, begin, file.end());
  }
};

std::string message(const Result<void>& answer) { return answer ? "passes" : answer.error().message(); }

TEST_CASE("egress_proof: a scrubbed transaction passes, and the next one", "[proof]") {
  Checked checked;
  CHECK(message(checked.ask(customers_transaction())) == "passes");
  CHECK(message(checked.ask(customers_transaction())) == "passes");
}

TEST_CASE("egress_proof: rows of every kind pass", "[proof]") {
  Checked checked;
  const std::string two = customers_row() + customers_row();
  const std::string update = le(90, 6) + le(1, 2) + le(2, 2) + le(5, 1) + "\x1f\x1f" + two;
  // An update whose after image has a diff of the JSON column alone.
  const std::string partial =
      le(90, 6) + le(1, 2) + le(2, 2) + le(5, 1) + "\x1f\x10" + customers_row() + "\x01\x01" + '\0' + le(3, 4) + "$.a";
  const std::string version_1 = le(90, 6) + le(1, 2) + le(5, 1) + '\x1f' + two;
  const std::string unchecked = le(90, 6) + le(0x81, 2) + le(5, 1) + '\x1f' + two;
  const std::string end = le(0xffffffffffff, 6) + le(1, 2) + le(2, 2) + le(1, 1) + '\0';
  const std::string end_1 = le(0xffffffffffff, 6) + le(1, 2) + le(1, 1) + '\0';
  const std::pair<std::uint8_t, std::string> kinds[] = {{code::kWriteRows, rows_body(90, 1, two)},
                                                        {code::kDeleteRows, rows_body(90, 1, two)},
                                                        {code::kUpdateRows, update},
                                                        {code::kPartialUpdateRows, partial},
                                                        {code::kWriteRowsV1, version_1},
                                                        {code::kWriteRowsV1, unchecked},
                                                        {code::kDeleteRowsV1, version_1},
                                                        {code::kWriteRows, end},
                                                        {code::kWriteRowsV1, end_1}};
  for (const auto& [type, body] : kinds) {
    INFO(unsigned{type});
    auto events = customers_transaction();
    events[3] = {type, body};
    CHECK(message(checked.ask(events)) == "passes");
  }
}

TEST_CASE("egress_proof: a row larger than every buffer passes, and is measured to its end", "[proof]") {
  Checked checked;
  checked.expectations.tables["shop.customers"].columns[4].types = {{252, 4}};
  const std::string map = [] {
    std::string text = customers_map(90);
    text.replace(text.find('\xf5'), 1, "\xfc");
    return text;
  }();
  for (const std::size_t size : {std::size_t{1000000}, std::size_t{3000000}}) {
    auto events = customers_transaction();
    events[2].body = map;
    const std::string row = '\x04' + le(7, 4) + counted("no") + counted("relay") + le(size, 4) + std::string(size, 'x');
    events[3].body = rows_body(90, 1, row);
    CHECK(message(checked.ask(events)) == "passes");
    events[3].body.pop_back();
    CHECK_FALSE(checked.ask(events));
  }
}

TEST_CASE("egress_proof: statements pass that the statement writer has made for the transaction", "[proof]") {
  Checked checked;
  const std::string text = "CREATE TABLE `shop`.`customers` (`id` int NOT NULL)";
  const std::string status =
      le(0, 1) + le(0, 4) + le(1, 1) + le(0, 8) + le(4, 1) + le(45, 6) + le(5, 1) + counted("UTC");
  checked.made.add(text);
  CHECK(message(checked.ask({{code::kQuery, query_body(text, status, "shop")}})) == "passes");
  const std::string long_text = text + std::string(600000, ' ');
  CHECK_FALSE(checked.ask({{code::kQuery, query_body(long_text)}}));
  checked.made.add(long_text);
  CHECK(message(checked.ask({{code::kQuery, query_body(long_text)}})) == "passes");
  checked.made.clear();
  CHECK_FALSE(checked.ask({{code::kQuery, query_body(text)}}));
}

TEST_CASE("egress_proof: GTIDs of all kinds pass", "[proof]") {
  Checked checked;
  const std::string old_gtid = le(1, 1) + std::string(16, 'u') + le(5, 8);
  CHECK(message(checked.ask({{code::kGtid, old_gtid}, {code::kXid, le(1, 8)}})) == "passes");
  // Version 1; its size; last field; flags 0; UUID; number; tag; clock.
  std::string fields = le(0, 2);
  fields += '\x02';
  for (int i = 0; i < 16; ++i) fields += '\x10';
  fields += "\x04\x0a\x06\x08tag1\x08\x08\x0a\x0a";
  const std::string tagged = '\x02' + le((fields.size() + 3) * 2, 1) + '\x12' + fields;
  CHECK(message(checked.ask({{code::kTaggedGtid, tagged}, {code::kXid, le(1, 8)}})) == "passes");

  Checked mariadb("11.8.6-MariaDB");
  const std::string plain = le(9, 8) + le(0, 4) + le(0x08, 1) + std::string(6, '\0');
  const std::string rich = le(9, 8) + le(0, 4) + le(0x42, 1) + le(3, 8) + le(1, 4) + le(32, 1) + le(0, 1) +
                           std::string(32, 'h') + le(0x11, 1) + le(2, 1) + le(77, 4);
  for (const std::string& body : {plain, rich}) {
    CHECK(message(mariadb.ask({{code::kMariadbGtid, body}, {code::kQuery, query_body("# dropped")}})) == "passes");
  }
}

TEST_CASE("egress_proof: the ends of spool files pass", "[proof]") {
  Checked checked;
  const std::uint64_t begin = checked.file.append({{code::kRotate, le(4, 8) + "spool.000002"}});
  CHECK(message(checked.file.ask(checked.proof, WrittenPart::closing, begin, checked.file.end())) == "passes");
}

TEST_CASE("egress_proof: a file that another process has begun is known by its format description", "[proof]") {
  const FixedExpectations expectations = customers();
  const MadeStatements made;
  EgressProof proof(expectations, made, nullptr);
  SampleFile file("11.8.6-MariaDB");
  // A status variable that MariaDB alone has.
  const std::string status = le(128, 1) + le(5, 3);
  const std::uint64_t begin = file.append({{code::kQuery, query_body("BEGIN", status)}});
  CHECK(message(file.ask(proof, WrittenPart::transaction, begin, file.end())) == "passes");
}

TEST_CASE("egress_proof: answers about a table are asked for again when they may have changed", "[proof]") {
  Checked checked;
  CHECK(checked.ask(customers_transaction()));
  checked.expectations.tables.clear();
  CHECK(checked.ask(customers_transaction()));
  checked.expectations.number = 2;
  CHECK_FALSE(checked.ask(customers_transaction()));
}

}  // namespace
}  // namespace relay::proof::testing
