#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "relay/sql/ddl.h"
#include "tests/fuzz/fuzz_input.h"

namespace relay::fuzz {

// An input of SQL: its first byte chooses the session that wrote it, the second the collation of the client and the
// version of the server; the rest is text.
struct SqlInput {
  sql::SqlContext context;
  std::string_view text;
};

inline SqlInput sql_input(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kAnsiQuotes = 0x4;
  constexpr std::uint64_t kNoBackslashEscapes = 0x100000;
  // utf8mb4, latin1, utf8mb3, sjis, gbk, cp850, ucs2, and one that no server has.
  constexpr std::array<std::uint16_t, 8> kCollations = {45, 8, 33, 13, 28, 4, 35, 9999};
  constexpr std::array<std::uint32_t, 4> kMysqlVersions = {50624, 50744, 80036, 90704};
  constexpr std::array<std::uint32_t, 4> kMariadbVersions = {100500, 101119, 110806, 120300};
  SqlInput input;
  input.context.default_database = "d";
  if (size < 2) return input;
  const bool mariadb = (data[0] & 1) != 0;
  input.context.dialect = mariadb ? sql::Dialect::mariadb : sql::Dialect::mysql;
  if ((data[0] & 2) != 0) input.context.sql_mode |= kAnsiQuotes;
  if ((data[0] & 4) != 0) input.context.sql_mode |= kNoBackslashEscapes;
  input.context.lower_case_table_names = (data[0] & 8) != 0;
  input.context.explicit_defaults_for_timestamp = (data[0] & 16) == 0;
  input.context.client_collation = kCollations[data[1] & 7];
  input.context.server_version = (mariadb ? kMariadbVersions : kMysqlVersions)[3 - (data[1] >> 3 & 3)];
  input.text = base::ByteView(data, size).sub(2).text();
  return input;
}

}  // namespace relay::fuzz
