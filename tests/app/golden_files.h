#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "relay/app/offline_scrub.h"
#include "relay/base/crc32.h"
#include "tests/support/faulty_file.h"

namespace relay::app::testing {

[[nodiscard]] inline std::string golden_file(const std::string& name) {
  std::ifstream file(std::string(RELAY_GOLDEN_DIRECTORY) + "/" + name, std::ios::binary);
  if (!file) throw std::runtime_error("no such golden file: " + name);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

[[nodiscard]] inline std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(RELAY_GOLDEN_DIRECTORY)) {
    if (entry.path().extension() == ".binlog") names.push_back(entry.path().filename());
  }
  if (names.size() < 41) throw std::runtime_error("golden files are missing");
  return names;
}

// One run of OfflineScrub on files in memory.
struct ScrubRun {
  relay::testing::FaultyFileSystem files;
  Configuration configuration;
  scrub_rules::RuleSet rules;
  OfflineScrubRequest request;
  base::Result<void> done;
  OfflineScrubReport report;

  explicit ScrubRun(const std::string& rule_text) {
    base::Problems problems;
    rules = scrub_rules::RuleSet::parse(rule_text, "rules.toml", problems);
    if (base::has_errors(problems)) throw std::runtime_error(base::problem_line(problems.front()));
    configuration.spool.prove = true;
    request.output = "out";
  }
  void add(const std::string& name, std::string content) {
    files.set_content(name, std::move(content));
    request.files.push_back(name);
  }
  void run() {
    // One key for all runs, so that names of XA transactions are the same in them.
    files.set_content(request.output + "/xa.key", std::string(64, 'a') + '\n');
    OfflineScrub scrub(files, configuration, rules, request);
    done = scrub.run([](std::uint64_t) {});
    report = scrub.report();
  }
  [[nodiscard]] std::string message() const { return done ? "done" : done.error().message(); }
  [[nodiscard]] std::string output(int number = 1) const {
    return files.content("out/spool.00000" + std::to_string(number));
  }
};

}  // namespace relay::app::testing
