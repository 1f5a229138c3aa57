#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sql_catalog.h"

namespace relay::sql::test {

// One statement of the golden table for one server; golden/README.md describes the files.
struct GoldenRow {
  std::string file;
  int line = 0;
  std::string section;
  std::string server;  // "mysql-9.7" ...
  SqlContext context;
  std::vector<std::string> before;
  std::string rules;
  std::string statement;
  std::string expected;  // as rewritten_or_halt() says it
};

// Every row of every file of `folder`, once per server, in order. Throws std::runtime_error with file and line.
[[nodiscard]] std::vector<GoldenRow> golden_rows(const std::filesystem::path& folder);

// The statement that the replica gets, "nothing", or "halt KIND: reason".
[[nodiscard]] std::string rewritten_or_halt(const GoldenRow& row);

}  // namespace relay::sql::test
