#include <catch2/catch.hpp>
#include <functional>

#include "relay/proof/egress_proof.h"
#include "relay/proof/event_codes.h"
#include "tests/proof/written_sample.h"

// What a broken scrubber could write, one fault at a time: each is caught.
namespace relay::proof::testing {
namespace {

using Events = std::vector<SampleEvent>;

struct Fault {
  const char* name;
  const char* what;  // of the error
  std::function<void(Events&)> break_it;
};

// The position of `part` in the table map's body, where `with` goes.
void replace(std::string& body, std::string_view part, std::string_view with) {
  const std::size_t at = body.find(part);
  REQUIRE(at != std::string::npos);
  body.replace(at, part.size(), with);
}

void set_row(Events& events, const std::string& row) { events[3].body = rows_body(90, 1, row); }

// The table map of customers with a column "ssn" behind its own.
std::string map_with_one_more() {
  const std::string metadata = le(32, 2) + le(2, 1) + le(80, 2) + le(4, 1) + le(44, 2);
  std::string names;
  for (const char* name : {"id", "country", "notes", "source", "doc", "ssn"}) names += counted(name);
  return le(90, 6) + le(1, 2) + counted("shop") + '\0' + counted("customers") + '\0' + le(6, 1) +
         "\x03\x0f\xfc\x0f\xf5\x0f" + counted(metadata) + '\x3e' + '\x04' + counted(names);
}

constexpr const char* kType = "egress check: an event of a type that may not leave";
constexpr const char* kFlags = "egress check: an event has flags that may not leave";
constexpr const char* kColumns = "egress check: a table map has other columns than may leave";
constexpr const char* kMetadata = "egress check: a table map has metadata that may not leave";
constexpr const char* kImage = "egress check: a row image does not decode to its size";
constexpr const char* kBlank = "egress check: a column that the rules blank holds another value";
constexpr const char* kText = "egress check: a statement's text was not made by the statement writer";
constexpr const char* kStatus = "egress check: a statement has a status variable that may not leave";
constexpr const char* kHolds = "egress check: an event holds what may not leave";

const Fault kFaults[] = {
    {"the query of the rows", kType,
     [](Events& e) {
       e.insert(e.begin() + 2, {29, counted("INSERT ...")});
     }},
    {"an annotation", kType,
     [](Events& e) {
       e.insert(e.begin() + 2, {160, "INSERT ..."});
     }},
    {"a user variable", kType,
     [](Events& e) {
       e.insert(e.begin() + 2, {14, "name"});
     }},
    {"a transaction payload", kType,
     [](Events& e) {
       e.insert(e.begin() + 2, {40, "zstd"});
     }},
    {"a compressed event of MariaDB", kType, [](Events& e) { e[3].type = 169; }},
    {"an event from the future", kType,
     [](Events& e) {
       e.insert(e.begin() + 2, {43, "news"});
     }},
    {"a format description inside", kType,
     [](Events& e) {
       e.insert(e.begin() + 2, {15, "x"});
     }},
    {"a rotate inside", kType,
     [](Events& e) {
       e.insert(e.begin() + 2, {4, le(4, 8) + "binlog.000001"});
     }},
    {"a flag that is not known", kFlags, [](Events& e) { e[1].flags = 0x400; }},
    {"an artificial event", kFlags, [](Events& e) { e[1].flags = 0x20; }},
    {"rows of another table", "egress check: rows of a table that does not leave",
     [](Events& e) { replace(e[2].body, "customers", "customerx"); }},
    {"a table of another database", "egress check: rows of a table that does not leave",
     [](Events& e) { replace(e[2].body, "shop", "shap"); }},
    {"a table map of one column more", kColumns, [](Events& e) { e[2].body = map_with_one_more(); }},
    {"a column of another type", kColumns, [](Events& e) { replace(e[2].body, "\x05\x03\x0f", "\x05\x08\x0f"); }},
    {"a column of another length", kColumns,
     [](Events& e) { replace(e[2].body, le(32, 2) + le(2, 1), le(60, 2) + le(2, 1)); }},
    {"a column of another name", kColumns, [](Events& e) { replace(e[2].body, "country", "secrets"); }},
    {"two columns that changed places", kColumns,
     [](Events& e) { replace(e[2].body, counted("id") + counted("country"), counted("country") + counted("id")); }},
    {"a column that may not be NULL", kColumns, [](Events& e) { replace(e[2].body, "\x1e\x04", "\x1f\x04"); }},
    {"a type that cannot be read", "egress check: a table map has a type that cannot be read",
     [](Events& e) { replace(e[2].body, "\x05\x03\x0f", std::string("\x05\x14\x0f")); }},
    {"metadata of a field that is not known", kMetadata, [](Events& e) { e[2].body += "\x0e\x03xyz"; }},
    {"metadata that comes twice", kMetadata, [](Events& e) { e[2].body += std::string("\x01\x01\0\x01\x01\0", 6); }},
    {"metadata longer than its columns", kMetadata, [](Events& e) { e[2].body += std::string("\x01\x02\0\0", 4); }},
    {"bytes behind the metadata", kMetadata, [](Events& e) { e[2].body += "\x01"; }},
    {"a table map with a flag that is not known", "egress check: a table map cannot be read",
     [](Events& e) { e[2].body[6] = '\x41'; }},
    {"rows without a table map", "egress check: rows that belong to no table",
     [](Events& e) { e[3].body = rows_body(91, 1, customers_row()); }},
    {"rows behind the end of their statement", "egress check: rows that belong to no table",
     [](Events& e) { e.insert(e.begin() + 4, e[3]); }},
    {"rows with extra data", "egress check: a rows event has extra data",
     [](Events& e) { replace(e[3].body, le(2, 2) + le(5, 1), le(5, 2) + std::string("\0\x07\0", 3) + le(5, 1)); }},
    {"rows with a flag that is not known", "egress check: a rows event has flags that may not leave",
     [](Events& e) { e[3].body = rows_body(90, 0x21, customers_row()); }},
    {"rows of another width", "egress check: rows have another width than their table",
     [](Events& e) { replace(e[3].body, "\x05\x1f", "\x06\x1f"); }},
    {"a bit for a column that there is none of", "egress check: rows have columns that their table does not have",
     [](Events& e) { replace(e[3].body, "\x05\x1f", "\x05\x3f"); }},
    {"one byte more than the row", kImage, [](Events& e) { e[3].body += 'x'; }},
    {"one byte less than the row", kImage, [](Events& e) { e[3].body.pop_back(); }},
    {"a value that the table map does not tell of", kBlank,
     [](Events& e) { set_row(e, customers_row() + counted("01017012345")); }},
    {"a cell longer than the event", kImage,
     [](Events& e) { set_row(e, '\x14' + le(7, 4) + "\xc8no" + counted("relay")); }},
    {"a value in a column that is to be NULL", kBlank,
     [](Events& e) { set_row(e, '\x10' + le(7, 4) + counted("no") + le(3, 2) + "ssn" + counted("relay")); }},
    {"an empty value in a column that is to be NULL", kBlank,
     [](Events& e) { set_row(e, '\x10' + le(7, 4) + counted("no") + le(0, 2) + counted("relay")); }},
    {"another value in a column that is to be constant", kBlank,
     [](Events& e) { set_row(e, '\x14' + le(7, 4) + counted("no") + counted("rElay")); }},
    {"a longer value in a column that is to be constant", kBlank,
     [](Events& e) { set_row(e, '\x14' + le(7, 4) + counted("no") + counted("relays")); }},
    {"NULL in a column that is to be constant", kBlank,
     [](Events& e) { set_row(e, '\x1c' + le(7, 4) + counted("no")); }},
    {"a value in the second row alone", kBlank,
     [](Events& e) { set_row(e, customers_row() + '\x14' + le(7, 4) + counted("no") + counted("other")); }},
    {"rows without columns", "egress check: rows without columns",
     [](Events& e) { e[3].body = le(90, 6) + le(1, 2) + le(2, 2) + le(5, 1) + '\0' + "x"; }},
    {"values in an end of statement", "egress check: rows that belong to no table",
     [](Events& e) { e[3].body = le(0xffffffffffff, 6) + le(1, 2) + le(2, 2) + le(1, 1) + '\0' + "ssn"; }},
    {"a text of an application", kText, [](Events& e) { e[1].body = query_body("INSERT INTO t VALUES ('x')"); }},
    {"a comment behind a control text", kText, [](Events& e) { e[1].body = query_body("BEGIN /* 4711 */"); }},
    {"a savepoint's own name", kText, [](Events& e) { e[1].body = query_body("SAVEPOINT `ola`"); }},
    {"the name of who wrote a statement", kStatus,
     [](Events& e) { e[1].body = query_body("BEGIN", '\x0b' + counted("ola") + counted("host")); }},
    {"names of databases", kStatus, [](Events& e) { e[1].body = query_body("BEGIN", std::string("\x0c\x01hr\0", 5)); }},
    {"a status variable that is not known", kStatus, [](Events& e) { e[1].body = query_body("BEGIN", "\x63"); }},
    {"a status variable of the other flavour", kStatus,
     [](Events& e) { e[1].body = query_body("BEGIN", le(128, 1) + le(5, 3)); }},
    {"a status variable that is cut short", kStatus, [](Events& e) { e[1].body = query_body("BEGIN", "\x05\x09UTC"); }},
    {"another database", "egress check: a statement names a database that does not leave",
     [](Events& e) { e[1].body = query_body("BEGIN", "", "hr"); }},
    {"an error code", "egress check: a statement cannot be read", [](Events& e) { e[1].body[9] = '\x01'; }},
    {"bytes behind a GTID", kHolds, [](Events& e) { e[0].body = gtid_body(0) + std::string(12, 'x'); }},
    {"a transaction length that is not so", "egress check: a transaction's length is not what its GTID says",
     [](Events& e) { e[0].body = gtid_body(4711); }},
    {"bytes behind an XID", kHolds, [](Events& e) { e[4].body += "x"; }},
    {"an XA transaction's own name", kHolds,
     [](Events& e) {
       e[4] = {code::kXaPrepare, le(0, 1) + le(1, 4) + le(3, 4) + le(0, 4) + "ola"};
     }},
    {"an XA transaction's own name in a GTID", kHolds,
     [](Events& e) {
       e[0] = {code::kMariadbGtid, le(9, 8) + le(0, 4) + le(0x40, 1) + le(1, 4) + le(3, 1) + le(0, 1) + "ola"};
     }},
    {"values in the padding of a GTID", kHolds,
     [](Events& e) {
       e[0] = {code::kMariadbGtid, le(9, 8) + le(0, 4) + le(0, 1) + std::string(3, '\0') + "4711"};
     }},
};

struct Checked {
  FixedExpectations expectations = customers();
  MadeStatements made;
  EgressProof proof{expectations, made, nullptr};
  SampleFile file;
  Checked() { REQUIRE(file.ask(proof, WrittenPart::opening, 0, file.end())); }
};

TEST_CASE("egress_proof: every fault of a broken scrubber is caught, and told without a value", "[proof]") {
  for (const Fault& fault : kFaults) {
    INFO(fault.name);
    Checked checked;
    Events events = customers_transaction();
    fault.break_it(events);
    const std::uint64_t begin = checked.file.append(events);
    const auto answer = checked.file.ask(checked.proof, WrittenPart::transaction, begin, checked.file.end());
    REQUIRE_FALSE(answer);
    INFO(answer.error().message());
    CHECK(answer.error().what() == fault.what);
    CHECK(answer.error().kind() == base::ErrorKind::rule);
    CHECK(answer.error().offset().value_or(0) >= begin);
    CHECK(answer.error().event_type());
    CHECK_FALSE(answer.error().remedy().empty());
    for (const char* value : {"4711", "ola", "01017012345"}) {
      CHECK(answer.error().message().find(value) == std::string::npos);
    }
  }
}

TEST_CASE("egress_proof: a byte that was changed after it was summed is caught wherever it stands", "[proof]") {
  Checked checked;
  const std::uint64_t begin = checked.file.append(customers_transaction());
  const std::string whole = checked.file.content;
  for (std::uint64_t at = begin; at < whole.size(); ++at) {
    checked.file.content = whole;
    checked.file.content[at] = static_cast<char>(whole[at] ^ 0x10);
    CHECK_FALSE(checked.file.ask(checked.proof, WrittenPart::transaction, begin, whole.size()));
  }
  checked.file.content = whole;
  CHECK(checked.file.ask(checked.proof, WrittenPart::transaction, begin, whole.size()));
}

TEST_CASE("egress_proof: a transaction that is cut short is caught wherever it ends", "[proof]") {
  Checked checked;
  const std::uint64_t begin = checked.file.append(customers_transaction());
  for (std::uint64_t end = begin + 1; end < checked.file.end(); ++end) {
    CHECK_FALSE(checked.file.ask(checked.proof, WrittenPart::transaction, begin, end));
  }
}

TEST_CASE("egress_proof: an event that stands elsewhere than it says is caught", "[proof]") {
  Checked checked;
  const std::uint64_t begin = checked.file.append(customers_transaction());
  checked.file.content.insert(begin, 1, 'x');
  CHECK_FALSE(checked.file.ask(checked.proof, WrittenPart::transaction, begin + 1, checked.file.end()));
}

TEST_CASE("egress_proof: openings and ends of spool files that tell something else are caught", "[proof]") {
  Checked checked;
  std::string content = checked.file.content;
  checked.file.content[0] = 'x';
  CHECK_FALSE(checked.file.ask(checked.proof, WrittenPart::opening, 0, content.size()));
  checked.file.content = content;
  const std::uint64_t begin = checked.file.append({{code::kRotate, le(4, 8) + "binlog.000002"}});
  CHECK_FALSE(checked.file.ask(checked.proof, WrittenPart::closing, begin, checked.file.end()));
  CHECK_FALSE(checked.file.ask(checked.proof, WrittenPart::opening, 0, checked.file.end()));
  CHECK_FALSE(checked.file.ask(checked.proof, WrittenPart::opening, 0, 4));
  SampleFile hidden(std::string("9.7.4\0 4711", 11));
  CHECK_FALSE(hidden.ask(checked.proof, WrittenPart::opening, 0, hidden.end()));
}

TEST_CASE("egress_proof: a canary is caught in what is well-formed", "[proof]") {
  std::vector<Canary> canaries;
  canaries.push_back({"planted", base::Secret("Canary-4711")});
  auto search = CanarySearch::make(canaries);
  REQUIRE(search);
  const FixedExpectations expectations = customers();
  const MadeStatements made;
  EgressProof proof(expectations, made, &*search);
  SampleFile file;
  Events events = customers_transaction();
  std::uint64_t begin = file.append(events);
  CHECK(file.ask(proof, WrittenPart::transaction, begin, file.end()));
  set_row(events, '\x14' + le(7, 4) + counted("Canary-4711") + counted("relay"));
  begin = file.append(events);
  const auto answer = file.ask(proof, WrittenPart::transaction, begin, file.end());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().subject() == "canary planted, table shop.customers");
}

}  // namespace
}  // namespace relay::proof::testing
