#include "scrub_rules/rule_file_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "relay/base/error.h"
#include "scrub_rules/nearest_word.h"

namespace relay::scrub_rules {

namespace {

bool is_word_of_rules(std::string_view word) {
  const std::array<Words, 7> all = {kFileKeys,  kDefaultKeys, kStatementKeys, kKeySources,
                                    kTableKeys, kColumnKeys,  kOptions};
  return std::ranges::any_of(all, [&](Words words) { return index_in(words, word).has_value(); });
}

}  // namespace

std::optional<std::size_t> index_in(Words words, std::string_view word) {
  const auto found = std::ranges::find(words, word);
  if (found == words.end()) return std::nullopt;
  return static_cast<std::size_t>(found - words.begin());
}

std::string printable(std::string_view name) { return base::Subject(name).text(); }

std::string suggestion(std::string_view word, Words known) {
  const std::string_view nearest = nearest_word(word, known);
  if (!nearest.empty()) return fmt::format("did you mean {}?", nearest);
  return "known here: " + one_of_words(known);
}

void RuleFileLog::problem(std::uint32_t line, std::string what, std::string remedy) {
  base::Problem problem;
  problem.file = file_;
  problem.line = line;
  problem.key = where_;
  problem.what = std::move(what);
  problem.remedy = std::move(remedy);
  problems_.push_back(std::move(problem));
}

void RuleFileLog::unknown_key(std::uint32_t line, std::string_view key, Words known) {
  problem(line, is_word_of_rules(key) ? fmt::format("unknown key {}", key) : "unknown key", suggestion(key, known));
}

bool RuleFileLog::first_time(std::uint32_t line) {
  const auto [entry, inserted] = seen_.try_emplace(where_, fmt::format("{}:{}", file_, line));
  if (!inserted) problem(line, "is set a second time", fmt::format("remove it here or in {}", entry->second));
  return inserted;
}

}  // namespace relay::scrub_rules
