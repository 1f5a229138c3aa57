#include "relay/app/inspect.h"

#include <catch2/catch.hpp>

#include "tests/app/golden_files.h"

namespace relay::app {
namespace {

// The golden file with another name of a table in one of its table maps, and the lines that are printed of it.
std::string inspected(const std::string& name, bool json) {
  std::string content = testing::golden_file("ma1011-statement-xa-ddl.binlog");
  const std::string known = "ctas";
  for (std::size_t at = content.find(known); at != std::string::npos; at = content.find(known, at + 1)) {
    content.replace(at, known.size(), name);
  }
  relay::testing::FaultyFileSystem files;
  files.set_content("a.binlog", content);
  std::string lines;
  REQUIRE(inspect_file(files, "a.binlog", json, [&](const std::string& line) { lines += line + "\n"; }));
  return lines;
}

TEST_CASE("inspect: shows tables and events, whatever letters their names have", "[app]") {
  CHECK(inspected("ctas", false).find("ctas") != std::string::npos);
  for (const bool json : {false, true}) {
    const std::string lines = inspected("\xff\x1b[J", json);
    CHECK(lines.find("Table_map") != std::string::npos);
    CHECK(lines.find('\x1b') == std::string::npos);
    CHECK(lines.find('\xff') == std::string::npos);
  }
}

}  // namespace
}  // namespace relay::app
