#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "relay/proof/egress_check.h"
#include "relay/proof/expectations.h"
#include "tests/support/faulty_file.h"

namespace relay::proof::testing {

// Little-endian bytes of a number.
[[nodiscard]] std::string le(std::uint64_t value, std::size_t width);
// A short text behind its length in one byte.
[[nodiscard]] std::string counted(std::string_view text);

// An event before it has its place.
struct SampleEvent {
  std::uint8_t type = 0;
  std::string body;
  std::uint16_t flags = 0;
};

// What tests expect of the tables that they write.
class FixedExpectations final : public Expectations {
 public:
  std::map<std::string, ExpectedTable> tables;
  std::set<std::string> databases;
  std::uint64_t number = 1;

  base::Result<std::optional<ExpectedTable>> table(const WrittenMap& map) const override;
  bool database_leaves(std::string_view database) const override { return databases.contains(std::string(database)); }
  std::uint64_t version() const override { return number; }
};

// A table of MySQL as the rules leave it: shop.customers (id INT NOT NULL, country VARCHAR(8), notes TEXT whose values
// are blanked, source VARCHAR(20) whose values are 'relay', doc JSON).
[[nodiscard]] FixedExpectations customers();
[[nodiscard]] std::string customers_map(std::uint64_t table_id);
[[nodiscard]] std::string gtid_body(std::uint64_t transaction_length);
[[nodiscard]] std::string query_body(std::string_view statement, std::string_view status = {},
                                     std::string_view database = {});
// One row with all columns: 7, 'no', NULL, 'relay', NULL.
[[nodiscard]] std::string customers_row();
// A rows event of version 2 with all columns present; an update has `row` as its first image.
[[nodiscard]] std::string rows_body(std::uint64_t table_id, std::uint16_t flags, std::string_view rows);
// GTID, BEGIN, table map, rows, XID.
[[nodiscard]] std::vector<SampleEvent> customers_transaction();

// A spool file made event by event.
class SampleFile {
 public:
  explicit SampleFile(std::string_view server_version = "9.7.4");
  // Appends a transaction; GTID events of type 33 get its length. Returns where it begins.
  std::uint64_t append(const std::vector<SampleEvent>& events);
  [[nodiscard]] std::uint64_t end() const { return content.size(); }
  [[nodiscard]] std::uint64_t opening_end() const { return opening_end_; }
  // The check's answer about a part of the file.
  [[nodiscard]] base::Result<void> ask(EgressCheck& check, WrittenPart part, std::uint64_t begin, std::uint64_t end);
  std::string content;

 private:
  void add(const SampleEvent& event);
  std::uint64_t opening_end_ = 0;
  relay::testing::FaultyFileSystem files_;
};

}  // namespace relay::proof::testing
