// Gives RowScrubber what real servers send: reads lines of JSON, and answers each with one. {"create": the CREATE TABLE
// that SHOW gives, "database": ...} sets the table, and is answered with what to select and to insert; {"row": values
// in hexadecimal digits, or null} with the row's literals in them.
#include <iostream>
#include <nlohmann/json.hpp>

#include "relay/base/sha256.h"
#include "relay/seed/row_scrubber.h"
#include "scrub_rules/rule_set.h"
#include "tests/scrub_rules/declared_column.h"
#include "tests/sql/sql_catalog.h"

namespace relay::seed {
namespace {

using nlohmann::json;

[[noreturn]] void stop(const base::Error& error) { throw std::runtime_error(error.message()); }

RowScrubber scrubber_of(const json& line, bool mariadb, const scrub_rules::RuleSet& rules) {
  sql::SqlContext context = mariadb ? sql::test::maria(110809) : sql::test::mysql();
  context.default_database = line["database"].get<std::string>();
  sql::test::MapCatalog catalog;
  catalog.run(line["create"].get<std::string>(), context);
  auto made =
      RowScrubber::make(catalog.definitions().begin()->second,
                        mariadb ? binlog::Flavor::mariadb : binlog::Flavor::mysql, scrub_rules::RuleView(rules, false));
  if (!made) stop(made.error());
  return std::move(*made);
}

json literals(RowScrubber& scrubber, const json& row) {
  std::vector<std::optional<std::string>> values;
  for (const json& value : row) {
    values.push_back(value.is_null() ? std::nullopt
                                     : std::optional(scrub_rules::testing::unhex(value.get<std::string>())));
  }
  const std::vector<std::optional<std::string_view>> views(values.begin(), values.end());
  base::Buffer into;
  if (auto done = scrubber.append(views, into); !done) stop(done.error());
  return base::hexadecimal(into.view());
}

void serve(bool mariadb, const std::string& rule_file) {
  base::Problems problems;
  const auto rules = scrub_rules::RuleSet::load({rule_file}, ".", problems);
  if (!problems.empty()) throw std::runtime_error(base::problem_line(problems.front()));
  std::optional<RowScrubber> scrubber;
  for (std::string text; std::getline(std::cin, text);) {
    const json line = json::parse(text);
    if (line.contains("create")) {
      scrubber = scrubber_of(line, mariadb, rules);
      std::cout << json{{"select", scrubber->select_list()}, {"insert", scrubber->insert_list()}} << std::endl;
    } else {
      std::cout << literals(scrubber.value(), line["row"]) << std::endl;
    }
  }
}

}  // namespace
}  // namespace relay::seed

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: " << argv[0] << " mysql|mariadb RULES\n";
    return 2;
  }
  try {
    relay::seed::serve(std::string_view(argv[1]) == "mariadb", argv[2]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
