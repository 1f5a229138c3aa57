#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <set>

#include "relay/base/file.h"
#include "scrub_rules/name_pattern.h"
#include "scrub_rules/rule_conflicts.h"
#include "scrub_rules/rule_file_paths.h"
#include "scrub_rules/rule_file_words.h"
#include "scrub_rules/rule_set.h"
#include "scrub_rules/rule_table_name.h"

namespace relay::scrub_rules {

namespace {

constexpr std::size_t kMaximumFileSize = std::size_t{16} << 20;

std::uint32_t line_of(const toml::node& node) { return node.source().begin.line; }
std::uint32_t line_of(const toml::key& key) { return key.source().begin.line; }

}  // namespace

// Reads any number of files into one rule set; what belongs to all of them is judged in finish().
class RuleFileReader {
 public:
  RuleFileReader(RuleSet& rules, base::Problems& problems) : rules_(rules), problems_(problems), log_(problems) {}

  void read(std::string_view text, const std::string& file);
  void finish();

 private:
  void read_document(const toml::table& document);
  void read_defaults(const toml::table& defaults);
  void read_statements(const toml::table& statements);
  void read_keys(const toml::table& keys);
  void read_table(const toml::table& table);
  [[nodiscard]] bool read_table_name(const toml::table& table, TableRule& rule);
  void read_columns(const toml::table& columns, TableRule& rule);
  [[nodiscard]] bool read_action(const toml::node& node, ColumnRule& column);
  [[nodiscard]] bool read_action_name(std::string_view word, std::uint32_t line, ActionKind& kind);
  [[nodiscard]] bool read_action_table(const toml::table& table, ColumnRule& column);
  [[nodiscard]] bool read_value(const toml::node& node, std::string& value);
  [[nodiscard]] std::string number_as_written(const toml::node& node) const;

  // The entry as an optional flag or word; absent and wrong entries leave `into` alone.
  void read_flag(const toml::table& table, std::string_view key, bool& into);
  [[nodiscard]] std::optional<std::size_t> read_word(const toml::table& table, std::string_view key, Words words);
  [[nodiscard]] const toml::table* subtable(const toml::node& node, std::string_view example);
  void refuse_unknown_keys(const toml::table& table, Words known);
  void problem(const toml::node& node, std::string what, std::string remedy) {
    log_.problem(line_of(node), std::move(what), std::move(remedy));
  }

  RuleSet& rules_;
  base::Problems& problems_;
  RuleFileLog log_;
  std::vector<std::size_t> inheriting_;  // rules without a column_default of their own
  std::string_view text_;
};

void RuleFileReader::refuse_unknown_keys(const toml::table& table, Words known) {
  for (auto&& [key, node] : table) {
    if (index_in(known, key.str())) continue;
    log_.unknown_key(line_of(key), key.str(), known);
  }
}

const toml::table* RuleFileReader::subtable(const toml::node& node, std::string_view example) {
  const toml::table* table = node.as_table();
  if (table == nullptr) problem(node, "is no table", fmt::format("write {}", example));
  return table;
}

void RuleFileReader::read_flag(const toml::table& table, std::string_view key, bool& into) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return;
  if (const auto flag = node->value_exact<bool>()) {
    into = *flag;
  } else {
    problem(*node, fmt::format("{} is neither true nor false", key), "write true or false without quotes");
  }
}

std::optional<std::size_t> RuleFileReader::read_word(const toml::table& table, std::string_view key, Words words) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return std::nullopt;
  const auto word = node->value_exact<std::string_view>();
  const auto index = word ? index_in(words, *word) : std::nullopt;
  if (!index) {
    problem(*node, fmt::format("{} has no such setting", key), fmt::format("write \"{}\"", fmt::join(words, "\", \"")));
  }
  return index;
}

void RuleFileReader::read(std::string_view text, const std::string& file) {
  log_.enter_file(file);
  text_ = text;
  try {
    const toml::table document = toml::parse(text, std::string_view(file));
    read_document(document);
  } catch (const toml::parse_error& error) {
    // The parser's own words may quote the text around the mistake, and so a value.
    const std::string_view words = error.description();
    const bool twice = words.find("redefine") != std::string_view::npos;
    log_.enter("");
    log_.problem(
        error.source().begin.line, fmt::format("is not valid TOML (column {})", error.source().begin.column),
        twice ? "the same key or table is given twice: remove one"
              : "correct the syntax: texts and names with other signs than letters, digits, - and _ stand in quotes");
  }
}

void RuleFileReader::read_document(const toml::table& document) {
  refuse_unknown_keys(document, kFileKeys);
  if (const toml::node* defaults = document.get("defaults")) {
    log_.enter("defaults");
    if (const toml::table* table = subtable(*defaults, "[defaults]")) read_defaults(*table);
  }
  if (const toml::node* statements = document.get("statements")) {
    log_.enter("statements");
    if (const toml::table* table = subtable(*statements, "[statements]")) read_statements(*table);
  }
  if (const toml::node* keys = document.get("keys")) {
    log_.enter("keys");
    if (const toml::table* table = subtable(*keys, "[keys]")) read_keys(*table);
  }
  if (const toml::node* tables = document.get("table")) {
    log_.enter("table");
    const toml::array* array = tables->as_array();
    if (array == nullptr) {
      problem(*tables, "is no list of tables", "write [[table]], with two brackets");
      return;
    }
    for (const toml::node& entry : *array) {
      log_.enter("table");
      if (const toml::table* table = subtable(entry, "[[table]]")) read_table(*table);
    }
  }
}

void RuleFileReader::read_defaults(const toml::table& defaults) {
  refuse_unknown_keys(defaults, kDefaultKeys);
  for (const std::string_view key : kDefaultKeys) {
    const toml::node* node = defaults.get(key);
    if (node == nullptr) continue;
    log_.enter(fmt::format("defaults.{}", key));
    if (!log_.first_time(line_of(*node))) continue;
    const bool table = key == "table";
    const auto word = read_word(defaults, key, table ? Words(kTableDefaults) : Words(kColumnDefaults));
    if (word && table) rules_.table_default_ = static_cast<TableDefault>(*word);
    if (word && !table) rules_.column_default_ = static_cast<ColumnDefault>(*word);
  }
}

void RuleFileReader::read_statements(const toml::table& statements) {
  refuse_unknown_keys(statements, kStatementKeys);
  const toml::node* node = statements.get("dml");
  if (node == nullptr) return;
  log_.enter("statements.dml");
  if (!log_.first_time(line_of(*node))) return;
  const auto word = read_word(statements, "dml", kDataStatements);
  if (word) rules_.data_statements_ = static_cast<DataStatements>(*word);
}

void RuleFileReader::read_keys(const toml::table& keys) {
  for (auto&& [name, node] : keys) {
    log_.enter(fmt::format("keys.{}", printable(name.str())));
    static_cast<void>(log_.first_time(line_of(name)));
    const toml::table* table = subtable(node, "{ file = \"name.key\" }");
    if (table == nullptr) continue;
    refuse_unknown_keys(*table, kKeySources);
    std::size_t sources = 0;
    for (const std::string_view source : kKeySources) {
      const toml::node* entry = table->get(source);
      if (entry == nullptr) continue;
      ++sources;
      const auto text = entry->value_exact<std::string_view>();
      if (!text || text->empty()) {
        problem(*entry, fmt::format("{} is no text", source), "write a text in quotes");
      }
    }
    if (sources != 1) {
      log_.problem(line_of(name), "does not name exactly one place of the key", "write one of file, env or command");
    }
  }
}

void RuleFileReader::read_table(const toml::table& table) {
  TableRule rule;
  rule.file = log_.file();
  rule.line = line_of(table);
  const bool named = read_table_name(table, rule);
  refuse_unknown_keys(table, kTableKeys);
  read_flag(table, "optional", rule.optional);
  const auto column_default = read_word(table, "column_default", kColumnDefaults);
  if (column_default) rule.column_default = static_cast<ColumnDefault>(*column_default);
  if (const toml::node* columns = table.get("columns")) {
    if (const toml::table* entries = subtable(*columns, "[table.columns]")) read_columns(*entries, rule);
  }
  if (!named) return;
  if (!column_default) inheriting_.push_back(rules_.tables_.size());
  rules_.tables_.push_back(std::move(rule));
}

bool RuleFileReader::read_table_name(const toml::table& table, TableRule& rule) {
  const toml::node* node = table.get("name");
  if (node == nullptr) {
    log_.problem(rule.line, "has no name", "write name = \"database.table\"");
    return false;
  }
  const auto text = node->value_exact<std::string_view>();
  if (!text) {
    problem(*node, "name is no text", "write name = \"database.table\"");
    return false;
  }
  log_.enter("table " + printable(*text));
  base::Result<RuleTableName> name = parse_rule_table_name(*text);
  if (!name) {
    problem(*node, std::string(name.error().what()),
            "write database.table; a part that holds a dot stands in back-ticks");
    return false;
  }
  rule.database = std::move(name->database);
  rule.table = std::move(name->table);
  return true;
}

void RuleFileReader::read_columns(const toml::table& columns, TableRule& rule) {
  const std::string table = log_.where();
  for (auto&& [key, node] : columns) {
    ColumnRule column;
    column.name = key.str();
    column.line = line_of(key);
    log_.enter(fmt::format("{}, column {}", table, printable(column.name)));
    if (const auto good = check_identifier(column.name); !good) {
      log_.problem(column.line, std::string(good.error().what()), "write the column's name as the table has it");
      continue;
    }
    if (has_wildcard(column.name)) {
      log_.problem(column.line, "a wildcard stands in a column's name", "name each column");
      continue;
    }
    if (const ColumnRule* other = rule.find(column.name)) {
      log_.problem(column.line, "is named twice, since names of columns are the same in capitals",
                   fmt::format("remove it here or in line {}", other->line));
      continue;
    }
    if (read_action(node, column)) rule.columns.push_back(std::move(column));
  }
  std::ranges::sort(rule.columns, {}, &ColumnRule::line);
  log_.enter(table);
}

bool RuleFileReader::read_action(const toml::node& node, ColumnRule& column) {
  if (const toml::table* table = node.as_table()) return read_action_table(*table, column);
  const auto word = node.value_exact<std::string_view>();
  if (!word) {
    problem(node, "is no action", "write \"keep\", \"drop\", \"null\" or { action = ... }");
    return false;
  }
  if (!read_action_name(*word, line_of(node), column.action.kind)) return false;
  if (column.action.kind != ActionKind::constant) return true;
  problem(node, "constant has no value", "write { action = \"constant\", value = ... }");
  return false;
}

bool RuleFileReader::read_action_name(std::string_view word, std::uint32_t line, ActionKind& kind) {
  if (const auto index = index_in(kActions, word)) {
    kind = kActionKinds[*index];
    return true;
  }
  if (const auto later = index_in(kLaterActions, word)) {
    log_.problem(line, fmt::format("the action {} is not available in this version", kLaterActions[*later]),
                 "use drop, null or constant until then");
    return false;
  }
  // The word itself may be a value that went to the wrong place: it is not repeated.
  log_.problem(line, "is no known action", suggestion(word, kActions));
  return false;
}

bool RuleFileReader::read_action_table(const toml::table& table, ColumnRule& column) {
  const toml::node* action = table.get("action");
  const auto word = action != nullptr ? action->value_exact<std::string_view>() : std::nullopt;
  if (!word) {
    log_.problem(action != nullptr ? line_of(*action) : column.line, "names no action",
                 "write { action = \"keep\" }; a column's name that holds a dot stands in quotes");
    return false;
  }
  // Options of actions that are not available yet are not judged.
  if (!read_action_name(*word, line_of(*action), column.action.kind)) return false;
  refuse_unknown_keys(table, kColumnKeys);
  read_flag(table, "optional", column.optional);
  const toml::node* value = table.get("value");
  if (column.action.kind == ActionKind::constant) {
    if (value != nullptr) return read_value(*value, column.action.value);
    log_.problem(column.line, "constant has no value", "add value = ...");
    return false;
  }
  if (value == nullptr) return true;
  problem(*value, "value stands with an action that takes none", "remove it, or write action = \"constant\"");
  return false;
}

// Exactly as the file has it: a decimal must not pass through binary floating point.
std::string RuleFileReader::number_as_written(const toml::node& node) const {
  const toml::source_region& region = node.source();
  std::string_view rest = text_;
  for (std::uint32_t line = 1; line < region.begin.line; ++line) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  std::uint32_t column = 1;
  std::size_t at = 0;
  for (; at < rest.size() && column < region.begin.column; ++column) {
    do ++at;
    while (at < rest.size() && (static_cast<unsigned char>(rest[at]) & 0xc0U) == 0x80U);
  }
  const std::size_t end = std::min(rest.find_first_not_of("0123456789abcdefABCDEFxinf+-._", at), rest.size());
  std::string number(rest.substr(at, end - at));
  std::erase(number, '_');
  return number;
}

bool RuleFileReader::read_value(const toml::node& node, std::string& value) {
  if (const auto text = node.value_exact<std::string>()) {
    value = *text;
  } else if (const auto flag = node.value_exact<bool>()) {
    value = *flag ? "true" : "false";
  } else if (const auto number = node.value_exact<std::int64_t>()) {
    value = number_as_written(node);
    if (!value.starts_with("0x")) value = std::to_string(*number);
  } else if (node.is_floating_point()) {
    value = number_as_written(node);
  }
  if (!value.empty() || node.is_string()) return true;
  problem(node, "value is no text, number or boolean", "write it as a text in quotes");
  return false;
}

void RuleFileReader::finish() {
  for (const std::size_t i : inheriting_) rules_.tables_[i].column_default = rules_.column_default_;
  rules_.index_names();
  check_conflicts(rules_.tables_, false, problems_);
}

RuleSet RuleSet::parse(std::string_view text, const std::string& file, base::Problems& problems) {
  RuleSet rules;
  RuleFileReader reader(rules, problems);
  reader.read(text, file);
  reader.finish();
  return rules;
}

std::vector<RuleText> RuleSet::read_texts(const std::vector<std::string>& patterns, const std::string& base_directory,
                                          base::Problems& problems) {
  std::vector<RuleText> texts;
  if (patterns.empty()) {
    problems.push_back({base::Problem::Severity::error, "", 0, "rules.files", "names no rule file",
                        "write files = [\"rules/*.toml\"]"});
  }
  std::set<std::string> read;
  for (const std::string& pattern : patterns) {
    for (const std::string& path : expand_file_pattern(pattern, base_directory, problems)) {
      if (!read.insert(path).second) continue;
      auto text = base::read_file(base::posix_file_system(), path, kMaximumFileSize);
      if (text) {
        texts.push_back({path, std::move(*text)});
        continue;
      }
      problems.push_back(
          {base::Problem::Severity::error, path, 0, "", "cannot be read", "make it a readable file of at most 16 MiB"});
    }
  }
  return texts;
}

RuleSet RuleSet::parse(const std::vector<RuleText>& texts, base::Problems& problems) {
  RuleSet rules;
  RuleFileReader reader(rules, problems);
  for (const RuleText& text : texts) reader.read(text.text, text.file);
  reader.finish();
  return rules;
}

RuleSet RuleSet::load(const std::vector<std::string>& patterns, const std::string& base_directory,
                      base::Problems& problems) {
  return parse(read_texts(patterns, base_directory, problems), problems);
}

}  // namespace relay::scrub_rules
