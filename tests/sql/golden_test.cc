#include <catch2/catch.hpp>
#include <set>

#include "golden_file.h"

namespace relay::sql::test {

TEST_CASE("rewrite: every statement of the golden table gives what stands there", "[sql]") {
  const auto rows = golden_rows(RELAY_GOLDEN_FOLDER);
  std::set<std::pair<std::string, int>> statements;
  for (const auto& row : rows) {
    statements.emplace(row.file, row.line);
    INFO(row.file << ":" << row.line << " [" << row.section << "] on " << row.server);
    INFO(row.statement);
    CHECK(squeezed(rewritten_or_halt(row)) == row.expected);
  }
  CHECK(statements.size() >= 400);
}

}  // namespace relay::sql::test
