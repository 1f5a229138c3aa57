#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "relay/binlog/query_event.h"
#include "tests/scrub_rules/stream_tester.h"

// Events of a small source, for the tests of what is done to a stream.
namespace relay::scrub_rules::testing {

inline const std::string kKeptRules = R"([[table]]
name = "d.kept"
column_default = "drop"
[table.columns]
id = "keep"
)";
inline constexpr const char* kMysql = "my97-nopk.binlog";
inline constexpr const char* kMariadb = "ma1011-nopk.binlog";

inline const std::string kXid("\1\0\0\0\0\0\0\0", 8);

inline std::string id_bytes(std::uint64_t id) {
  std::string text;
  for (int i = 0; i < 6; ++i) text += static_cast<char>(id >> (8 * i) & 0xff);
  return text;
}

// Of a table of two INT columns.
inline PlainEvent make_map(std::uint64_t id, const std::string& table) {
  std::string body = id_bytes(id) + std::string("\1\0\1d\0", 5) + static_cast<char>(table.size()) + table;
  return make_event(binlog::EventType::table_map, body + std::string("\0\2\3\3\0\2", 6));
}

inline constexpr std::size_t kRowsFlags = 6;  // behind the table id
inline PlainEvent make_rows(std::uint64_t id, bool ends_statement, bool version_2 = true) {
  std::string body = id_bytes(id) + (ends_statement ? '\1' : '\0') + std::string("\0", 1);
  if (version_2) body += std::string("\2\0", 2);
  body += std::string("\2\3\0\7\0\0\0PII!", 11);
  return make_event(version_2 ? binlog::EventType::write_rows_v2 : binlog::EventType::write_rows_v1, body);
}

inline PlainEvent make_gtid() {
  return make_event(binlog::EventType::gtid,
                    std::string(1, '\0') + std::string(16, 'u') + std::string("\5\0\0\0\0\0\0\0", 8));
}
inline PlainEvent make_mariadb_gtid(char flags) {
  return make_event(binlog::EventType::mariadb_gtid,
                    std::string("\5\0\0\0\0\0\0\0\0\0\0\0", 12) + flags + std::string(6, '\0'));
}
inline PlainEvent make_xid() { return make_event(binlog::EventType::xid, kXid); }

// A stream in which d.kept and d.other are known.
struct KeptStream : StreamTester {
  explicit KeptStream(binlog::Flavor flavor = binlog::Flavor::mysql, const std::string& rules = kKeptRules,
                      bool with_table = true)
      : StreamTester(rules, flavor) {
    start_like(flavor == binlog::Flavor::mysql ? kMysql : kMariadb);
    if (!with_table) return;
    std::vector<sql::CatalogChange> changes;
    auto definition = std::make_unique<sql::TableDefinition>();
    for (const char* name : {"id", "pii"}) {
      sql::ColumnDefinition& column = definition->columns.emplace_back();
      column.name = name;
      column.type = "int";
      column.nullable = std::string(name) == "pii";
    }
    changes.push_back({{"d", "kept"}, std::move(definition)});
    history().stage(std::move(changes));
    REQUIRE(history().commit({1, 1}));
  }
  std::string fed(const std::vector<PlainEvent>& events) {
    clear_written();
    const auto error = feed(events);
    INFO((error ? error->message() : ""));
    REQUIRE_FALSE(error);
    CHECK(written_text().find("PII!") == std::string::npos);
    return summary();
  }
};

}  // namespace relay::scrub_rules::testing
