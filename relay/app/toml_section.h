#pragma once

#include <toml++/toml.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/app/configuration.h"
#include "relay/base/problem.h"

namespace relay::app {

// Where mistakes in one file are collected.
struct ProblemSink {
  std::string file;
  base::Problems& problems;
  void add(std::uint32_t line, std::string key, std::string what, std::string remedy,
           base::Problem::Severity severity = base::Problem::Severity::error) {
    problems.push_back({severity, file, line, std::move(key), std::move(what), std::move(remedy)});
  }
};

// One table of a TOML file, read key by key. A value of the wrong type or form is a problem and counts as missing;
// finish() reports keys that nobody asked for. A table that is not there reads as an empty one.
class TomlSection {
 public:
  // `name` is the key's path: "source", "replicas.accounts[0]".
  TomlSection(const toml::table* table, std::string name, std::uint32_t line, ProblemSink& sink)
      : table_(table), name_(std::move(name)), line_(line), sink_(sink) {}

  // Where it begins.
  [[nodiscard]] std::uint32_t line() const { return line_; }
  [[nodiscard]] bool exists() const { return table_ != nullptr; }
  [[nodiscard]] bool has(std::string_view key) { return find(key) != nullptr; }
  [[nodiscard]] std::optional<std::string> text(std::string_view key);
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
  [[nodiscard]] std::optional<bool> boolean(std::string_view key);
  [[nodiscard]] std::optional<std::chrono::milliseconds> duration(std::string_view key);
  [[nodiscard]] std::optional<std::uint64_t> size(std::string_view key);
  [[nodiscard]] std::optional<Endpoint> endpoint(std::string_view key);
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);
  // The value that stands beside the word; `remedy` lists the words.
  template <typename T>
  [[nodiscard]] std::optional<T> word(std::string_view key, const std::vector<std::pair<std::string, T>>& words) {
    const std::optional<std::string> found = text(key);
    if (!found) return std::nullopt;
    std::vector<std::string> known;
    for (const auto& [name, value] : words) {
      if (name == *found) return value;
      known.push_back(name);
    }
    unknown_word(key, *found, known);
    return std::nullopt;
  }
  // The tables of an array of tables, each as a section of its own.
  [[nodiscard]] std::vector<TomlSection> tables(std::string_view key);
  [[nodiscard]] TomlSection table(std::string_view key);

  void error(std::string_view key, std::string what, std::string remedy);
  void warning(std::string_view key, std::string what, std::string remedy);
  // Says that `key` is missing.
  void missing(std::string_view key, std::string remedy);
  // Reports every key that was not asked for, with the nearest one that was.
  void finish();

 private:
  [[nodiscard]] const toml::node* find(std::string_view key);
  [[nodiscard]] std::uint32_t line_of(std::string_view key) const;
  [[nodiscard]] std::string path_of(std::string_view key) const;
  void unknown_word(std::string_view key, const std::string& found, const std::vector<std::string>& known);

  const toml::table* table_;
  std::string name_;
  std::uint32_t line_;
  ProblemSink& sink_;
  std::vector<std::string> asked_;
};

}  // namespace relay::app
