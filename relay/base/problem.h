#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace relay::base {

// One mistake in the operator's files or at the source. All of them are collected and shown at once. Texts name keys,
// tables, columns and settings; never a secret, a constant's value or a cell.
struct Problem {
  enum class Severity : std::uint8_t { warning, error };
  Severity severity = Severity::error;
  std::string file;        // of the configuration or rule file; empty when the mistake lies at the source
  std::uint32_t line = 0;  // from 1; 0 when not known
  std::string key;         // "source.port", "table shop.customers, column ssn" ...
  std::string what;
  std::string remedy;
};

using Problems = std::vector<Problem>;

[[nodiscard]] inline bool has_errors(const Problems& problems) {
  for (const Problem& problem : problems) {
    if (problem.severity == Problem::Severity::error) return true;
  }
  return false;
}

// "rules/shop.toml:12: table shop.customers, column ssn: what; remedy"
[[nodiscard]] std::string problem_line(const Problem& problem);

}  // namespace relay::base
