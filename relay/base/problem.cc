#include "relay/base/problem.h"

#include <fmt/format.h>

namespace relay::base {

std::string problem_line(const Problem& problem) {
  std::string line;
  if (!problem.file.empty())
    line += problem.line > 0 ? fmt::format("{}:{}: ", problem.file, problem.line) : problem.file + ": ";
  if (problem.severity == Problem::Severity::warning) line += "warning: ";
  if (!problem.key.empty()) line += problem.key + ": ";
  line += problem.what;
  if (!problem.remedy.empty()) line += "; " + problem.remedy;
  return line;
}

}  // namespace relay::base
