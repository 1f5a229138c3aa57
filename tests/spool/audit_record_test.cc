#include "relay/spool/audit_record.h"

#include <catch2/catch.hpp>
#include <cerrno>

#include "relay/spool/audit_check.h"
#include "tests/support/faulty_file.h"

namespace relay::spool {
namespace {

using testing::FaultyFileSystem;
using Loss = FaultyFileSystem::Loss;

constexpr const char* kLog = "spool/audit.log";
constexpr const char* kHead = "spool/audit.head";
constexpr const char* kTime = "2026-01-31T12:00:00Z";

std::unique_ptr<AuditRecord> open(FaultyFileSystem& files) {
  static_cast<void>(files.create_directory("spool"));
  auto record = AuditRecord::open(files, "spool");
  INFO((record ? "" : record.error().message()));
  REQUIRE(record);
  return std::move(*record);
}

AuditEntry entry(std::uint64_t number) { return AuditEntry("test").add("number", number); }

void append(AuditRecord& record, std::uint64_t from, std::uint64_t to) {
  for (std::uint64_t i = from; i <= to; ++i) REQUIRE(record.append(entry(i), kTime));
}

AuditCheck check(FaultyFileSystem& files, const std::vector<std::string>& noted = {}) {
  auto result = check_audit_record(files, "spool", noted);
  REQUIRE(result);
  return std::move(*result);
}

std::vector<std::string> lines_of(const FaultyFileSystem& files) {
  std::vector<std::string> lines;
  const std::string text = files.content(kLog);
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start);
    lines.push_back(text.substr(start, end - start + 1));
    start = end + 1;
  }
  return lines;
}

void set_lines(FaultyFileSystem& files, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line;
  files.set_content(kLog, text);
}

TEST_CASE("audit_record: entries follow from each other over restarts", "[spool]") {
  FaultyFileSystem files;
  append(*open(files), 1, 3);
  const auto record = open(files);
  CHECK(record->head().entries == 3);
  append(*record, 4, 5);
  const AuditCheck result = check(files);
  CHECK(result.entries == 5);
  CHECK(result.faults.empty());
  CHECK(result.beyond_head == 0);
  CHECK(result.hash == record->head().hash);
  CHECK(lines_of(files)[4].find("{\"n\":5,\"time\":\"2026-01-31T12:00:00Z\",\"kind\":\"test\",\"number\":5}\n") == 65);
}

TEST_CASE("audit_record: remembers what its entries last said", "[spool]") {
  FaultyFileSystem files;
  const auto record = open(files);
  REQUIRE(record->append(AuditEntry("a").add("rules", "r1").add("source", "s").add("counted_to", SpoolPosition{3, 99}),
                         kTime));
  REQUIRE(record->append(AuditEntry("b").add("rules", "r2").add("resolution", "id"), kTime));
  const AuditHead head = open(files)->head();
  CHECK(head.rules == "r2");
  CHECK(head.source == "s");
  CHECK(head.resolution == "id");
  CHECK(head.counted_to == SpoolPosition{3, 99});
}

TEST_CASE("audit_record: what stands in an entry cannot break the line or the text", "[spool]") {
  FaultyFileSystem files;
  const auto record = open(files);
  REQUIRE(record->append(
      AuditEntry("x\ny").add("name", "a\"\n{}\x01\xff").add("names", std::vector<std::string>{"t\n", "u"}), kTime));
  REQUIRE(record->append(AuditEntry("counts").add({TableCounts{"d.\"t\"", 1, 2, 3, 4, {{"c\n", 5, 6, 7}}}}), kTime));
  CHECK(check(files).faults.empty());
  CHECK(lines_of(files).size() == 2);
  CHECK(lines_of(files)[1].find(
            "[{\"table\":\"d.\\\"t\\\"\",\"events\":[1,2,3],\"rows\":4,\"columns\":{\"c?\":[5,6,7]}}]") !=
        std::string::npos);
}

TEST_CASE("audit_record: an entry that was edited, removed, added, moved or cut off is found, with its line",
          "[spool]") {
  FaultyFileSystem files;
  append(*open(files), 1, 6);
  std::vector<std::string> lines = lines_of(files);
  std::uint64_t line = 0;
  SECTION("edited") {
    lines[2].replace(lines[2].find("\"number\":3"), 10, "\"number\":4");
    line = 3;
  }
  SECTION("edited with its hash") {
    const std::string text = "{\"n\":3,\"time\":\"\",\"kind\":\"test\"}";
    lines[2] = audit_hash(lines[1].substr(0, 64), text) + " " + text + "\n";
    line = 4;
  }
  SECTION("the last one edited with its hash") {
    const std::string text = "{\"n\":6,\"time\":\"\",\"kind\":\"test\"}";
    lines[5] = audit_hash(lines[4].substr(0, 64), text) + " " + text + "\n";
    line = 7;
  }
  SECTION("removed") {
    lines.erase(lines.begin() + 3);
    line = 4;
  }
  SECTION("the first removed") {
    lines.erase(lines.begin());
    line = 1;
  }
  SECTION("added") {
    lines.insert(lines.begin() + 2, lines[1]);
    line = 3;
  }
  SECTION("moved") {
    std::swap(lines[1], lines[4]);
    line = 2;
  }
  SECTION("cut off") {
    lines.pop_back();
    line = 6;
  }
  SECTION("cut off whole") {
    lines.clear();
    line = 1;
  }
  SECTION("something else") {
    lines[1] = "what?\n";
    line = 2;
  }
  set_lines(files, lines);
  const AuditCheck result = check(files);
  REQUIRE_FALSE(result.faults.empty());
  CHECK(result.faults.front().line == line);
}

TEST_CASE("audit_record: a missing or older head is told", "[spool]") {
  FaultyFileSystem files;
  append(*open(files), 1, 2);
  const std::string older = files.content(kHead);
  append(*open(files), 3, 4);
  files.set_content(kHead, older);
  CHECK(check(files).faults.empty());
  CHECK(check(files).beyond_head == 2);
  REQUIRE(files.remove(kHead));
  CHECK(check(files).faults.size() == 1);
}

TEST_CASE("audit_record: what the head says beside the entries is found by the check and believed by nobody",
          "[spool]") {
  FaultyFileSystem files;
  {
    const auto record = open(files);
    REQUIRE(record->append(AuditEntry("a").add("rules", "r1").add("counted_to", SpoolPosition{3, 99}), kTime));
    REQUIRE(record->append(AuditEntry("b").add("resolution", "id"), kTime));
  }
  AuditHead head = *decode_audit_head(files.content(kHead));
  const AuditHead right = head;
  SECTION("another resolution, which would not be recorded then") { head.resolution = "other"; }
  SECTION("other rules") { head.rules = "r2"; }
  SECTION("another source") { head.source = "s"; }
  SECTION("counted further") { head.counted_to = {9, 4}; }
  files.set_content(kHead, encode_audit_head(head));
  CHECK(check(files).faults.size() == 1);
  CHECK(open(files)->head() == right);
}

TEST_CASE("audit_record: a head that names another end is refused", "[spool]") {
  FaultyFileSystem files;
  append(*open(files), 1, 2);
  AuditHead head = *decode_audit_head(files.content(kHead));
  SECTION("a later one") { head.entries = std::uint64_t{1} << 62; }
  SECTION("an earlier one") { head.entries = 1; }
  SECTION("of another hash") { head.hash = first_audit_hash(); }
  files.set_content(kHead, encode_audit_head(head));
  const auto record = AuditRecord::open(files, "spool");
  REQUIRE_FALSE(record);
  CHECK(record.error().kind() == base::ErrorKind::malformed);
  CHECK_FALSE(check(files).faults.empty());
}

TEST_CASE("audit_record: a length that the head names does not matter", "[spool]") {
  FaultyFileSystem files;
  append(*open(files), 1, 2);
  const std::string whole = files.content(kLog);
  AuditHead head = *decode_audit_head(files.content(kHead));
  head.bytes = std::uint64_t{1} << 62;
  files.set_content(kHead, encode_audit_head(head));
  CHECK(open(files)->head().bytes == whole.size());
  CHECK(files.content(kLog) == whole);
}

TEST_CASE("audit_record: a noted hash is found, another one is not", "[spool]") {
  FaultyFileSystem files;
  const auto record = open(files);
  append(*record, 1, 2);
  const std::string noted = record->head().hash;
  append(*record, 3, 4);
  CHECK(check(files, {noted}).missing.empty());
  CHECK(check(files, {first_audit_hash(), noted}).missing == std::vector<std::string>{first_audit_hash()});
}

TEST_CASE("audit_record: does not go on behind a record that was cut, changed at its end, or taken away", "[spool]") {
  FaultyFileSystem files;
  append(*open(files), 1, 4);
  std::vector<std::string> lines = lines_of(files);
  SECTION("cut") { lines.pop_back(); }
  SECTION("the last entry replaced") { lines[3] = lines[2]; }
  SECTION("the last entry edited under its hash") { lines[3].replace(lines[3].find(":4}"), 3, ":5}"); }
  SECTION("an entry edited") { lines[1].replace(lines[1].find(":2}"), 3, ":5}"); }
  SECTION("entries made up behind the end") { lines.insert(lines.end(), {lines[3], lines[3]}); }
  set_lines(files, lines);
  SECTION("taken away") { REQUIRE(files.remove(kLog)); }
  SECTION("the head taken away") { REQUIRE(files.remove(kHead)); }
  SECTION("the head damaged") { files.set_content(kHead, "{}"); }
  const auto record = AuditRecord::open(files, "spool");
  REQUIRE_FALSE(record);
  CHECK(record.error().kind() == base::ErrorKind::malformed);
}

TEST_CASE("audit_record: nothing is recorded in a file that was moved or removed", "[spool]") {
  FaultyFileSystem files;
  const auto record = open(files);
  append(*record, 1, 2);
  REQUIRE(files.rename(kLog, "spool/elsewhere"));
  SECTION("nothing in its place") {}
  SECTION("another in its place") { REQUIRE(files.open(kLog, base::OpenMode::create)); }
  const auto refused = record->append(entry(3), kTime);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind() == base::ErrorKind::io);
  REQUIRE(files.rename("spool/elsewhere", kLog));
  append(*record, 3, 4);
  CHECK(check(files).faults.empty());
  CHECK(check(files).entries == 4);
}

TEST_CASE("audit_record: a head of no entries has the first hash", "[spool]") {
  FaultyFileSystem files;
  static_cast<void>(open(files));
  CHECK(check(files).faults.empty());
  AuditHead head = *decode_audit_head(files.content(kHead));
  head.hash = std::string(head.hash.size(), 'f');
  files.set_content(kHead, encode_audit_head(head));
  CHECK(check(files).faults.size() == 1);
}

TEST_CASE("audit_record: what is no entry behind the last one is cut off and told", "[spool]") {
  FaultyFileSystem files;
  append(*open(files), 1, 2);
  const std::string whole = files.content(kLog);
  for (const std::string& tail : {std::string("half a li"), std::string(70, '\0') + "\n"}) {
    files.set_content(kLog, whole + tail);
    const auto record = open(files);
    CHECK(record->cut_bytes() == tail.size());
    CHECK(files.content(kLog) == whole);
  }
}

TEST_CASE("audit_record: both files taken away, a new record begins", "[spool]") {
  FaultyFileSystem files;
  append(*open(files), 1, 4);
  REQUIRE(files.remove(kLog));
  REQUIRE(files.remove(kHead));
  append(*open(files), 1, 1);
  CHECK(check(files).faults.empty());
  CHECK(check(files).entries == 1);
}

TEST_CASE(
    "audit_record: killed or without power in any call, every acknowledged entry is there and the record is whole",
    "[spool]") {
  for (const Loss loss : {Loss::nothing, Loss::unsynced, Loss::some}) {
    for (const bool done : {false, true}) {
      std::uint64_t call = 1;
      for (;; ++call) {
        FaultyFileSystem files;
        REQUIRE(files.create_directory("spool"));
        files.crash_at(files.calls() + call, done);
        std::uint64_t acknowledged = 0;
        {
          auto record = AuditRecord::open(files, "spool");
          while (record && acknowledged < 4 && (*record)->append(entry(acknowledged + 1), kTime)) ++acknowledged;
        }
        if (!files.crashed()) break;
        files.restart(loss, static_cast<std::uint32_t>(call));
        INFO("crash in call " << call);
        const auto record = open(files);
        REQUIRE(record->head().entries >= acknowledged);
        REQUIRE(record->head().entries <= acknowledged + 1);
        append(*record, 10, 11);
        const AuditCheck result = check(files);
        for (const AuditFault& fault : result.faults) FAIL(fault.what);
      }
      CHECK(call > 20);
    }
  }
}

TEST_CASE("audit_record: a full disk is an error, and the record goes on when there is room", "[spool]") {
  FaultyFileSystem files;
  const auto record = open(files);
  append(*record, 1, 2);
  for (std::uint64_t call = 1; call <= 2; ++call) {
    files.fail_call(files.calls() + call, ENOSPC);
    CHECK_FALSE(record->append(entry(3), kTime));
    files.heal();
  }
  append(*record, 3, 4);
  CHECK(check(files).faults.empty());
  CHECK(check(files).entries == 4);
}

TEST_CASE("audit_record: an endless list is cut, and an entry that no reader would take is not written", "[spool]") {
  FaultyFileSystem files;
  const auto record = open(files);
  const std::vector<std::string> names(5'000, std::string(4000, 'x'));  // 20 MB; a list holds 16 MiB and one text
  REQUIRE(record->append(AuditEntry("rules refused").add("reasons", names), kTime));
  CHECK(lines_of(files)[0].size() < kMaximumAuditLine / 2);
  CHECK(lines_of(files)[0].ends_with(" more\"]}\n"));
  AuditEntry large("test");
  for (int i = 0; i < 4; ++i) large.add("names", names);
  const auto refused = record->append(large, kTime);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind() == base::ErrorKind::unsupported);
  append(*record, 2, 2);
  CHECK(open(files)->head().entries == 2);
  CHECK(check(files).faults.empty());
}

TEST_CASE("audit_record: a head that is none is an error to the daemon and a fault to the check", "[spool]") {
  FaultyFileSystem files;
  append(*open(files), 1, 3);
  files.set_content(kHead, "{}");
  const auto record = AuditRecord::open(files, "spool");
  REQUIRE_FALSE(record);
  CHECK(record.error().kind() == base::ErrorKind::malformed);
  CHECK(check(files).faults.size() == 1);
}

}  // namespace
}  // namespace relay::spool
