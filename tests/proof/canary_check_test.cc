#include "relay/proof/canary_check.h"

#include <catch2/catch.hpp>

#include "relay/proof/event_codes.h"
#include "tests/proof/written_sample.h"

namespace relay::proof::testing {
namespace {

CanarySearch search() {
  std::vector<Canary> canaries;
  canaries.push_back({"ola's number", base::Secret("Canary-4711-Oslo")});
  auto made = CanarySearch::make(canaries);
  REQUIRE(made);
  return std::move(*made);
}

base::Result<void> ask(const std::vector<SampleEvent>& events) {
  CanarySearch canaries = search();
  CanaryCheck check(canaries);
  SampleFile file;
  REQUIRE(file.ask(check, WrittenPart::opening, 0, file.end()));
  const std::uint64_t begin = file.append(events);
  return file.ask(check, WrittenPart::transaction, begin, file.end());
}

TEST_CASE("canary_check: what holds no canary passes, whatever else it is", "[proof]") {
  CHECK(ask(customers_transaction()));
  CHECK(ask({{200, "no such event"}}));
}

TEST_CASE("canary_check: a canary in rows names its name, the table and the event, and not the value", "[proof]") {
  auto events = customers_transaction();
  events[3].body = rows_body(90, 1, '\x14' + le(7, 4) + counted("Canary-4711-Oslo") + counted("relay"));
  const auto answer = ask(events);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind() == base::ErrorKind::rule);
  CHECK(answer.error().subject() == "canary ola's number, table shop.customers");
  CHECK(answer.error().event_type() == code::kWriteRows);
  CHECK(answer.error().message().find("4711") == std::string::npos);
}

TEST_CASE("canary_check: a canary in a statement is found, in hexadecimal digits too", "[proof]") {
  for (const char* text : {"ALTER TABLE t ADD c VARCHAR(20) DEFAULT 'Canary-4711-Oslo'",
                           "ALTER TABLE t ADD c VARCHAR(20) DEFAULT x'43616E6172792D343731312D4F736C6F'"}) {
    auto events = customers_transaction();
    events[1].body = query_body(text);
    const auto answer = ask(events);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().subject() == "canary ola's number");
    CHECK(answer.error().event_type() == code::kQuery);
  }
}

TEST_CASE("canary_check: bytes of two events make no canary together", "[proof]") {
  CHECK(ask({{200, "Canary-4711"}, {200, "-Oslo"}}));
}

TEST_CASE("canary_check: a canary across a block's end is found", "[proof]") {
  const std::string filler(PartReader::kBlockSize - 40, '.');
  for (int shift = 0; shift < 60; ++shift) {
    CHECK_FALSE(ask({{200, filler + std::string(static_cast<std::size_t>(shift), '.') + "Canary-4711-Oslo and more"}}));
  }
}

}  // namespace
}  // namespace relay::proof::testing
