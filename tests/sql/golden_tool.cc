// Prints the golden table for the tests that run it on real servers: a line of JSON for each statement and server, with
// the statements that bring a replica to where this one begins, and what the replica gets for it.
#include <iostream>
#include <nlohmann/json.hpp>

#include "golden_file.h"

namespace relay::sql::test {
namespace {

using nlohmann::json;

std::vector<std::string> scrubbed_before(const GoldenRow& row) {
  std::vector<std::string> scrubbed;
  for (std::size_t i = 0; i < row.before.size(); ++i) {
    const std::vector<std::string> earlier(row.before.begin(), row.before.begin() + static_cast<std::ptrdiff_t>(i));
    auto text = rewritten_text(row.context, earlier, row.rules, row.before[i]);
    if (!text) throw std::runtime_error(text.error().message() + " in: " + row.before[i]);
    if (!text->empty()) scrubbed.push_back(std::move(*text));
  }
  return scrubbed;
}

json to_json(const GoldenRow& row) {
  return {{"file", row.file},
          {"line", row.line},
          {"section", row.section},
          {"server", row.server},
          {"sql_mode", row.context.sql_mode},
          {"explicit_timestamps", row.context.explicit_defaults_for_timestamp},
          {"rules", row.rules},
          {"before", row.before},
          {"scrubbed_before", scrubbed_before(row)},
          {"statement", row.statement},
          {"result", rewritten_or_halt(row)}};
}

json line_of(const GoldenRow& row) {
  try {
    return to_json(row);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(row.file + ":" + std::to_string(row.line) + ": " + error.what());
  }
}

}  // namespace
}  // namespace relay::sql::test

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " FOLDER\n";
    return 2;
  }
  try {
    for (const auto& row : relay::sql::test::golden_rows(argv[1])) std::cout << relay::sql::test::line_of(row) << "\n";
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
