#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "relay/base/file.h"
#include "relay/base/nesting.h"
#include "scrub_rules/name_pattern.h"
#include "scrub_rules/pseudonym_key.h"
#include "scrub_rules/rule_conflicts.h"
#include "scrub_rules/rule_file_actions.h"
#include "scrub_rules/rule_file_paths.h"
#include "scrub_rules/rule_file_words.h"
#include "scrub_rules/rule_set.h"
#include "scrub_rules/rule_table_name.h"

namespace relay::scrub_rules {

namespace {

constexpr std::size_t kMaximumFileSize = std::size_t{16} << 20;

}  // namespace

// Reads any number of files into one rule set; what belongs to all of them is judged in finish().
class RuleFileReader {
 public:
  RuleFileReader(RuleSet& rules, base::Problems& problems, KeyReader* keys)
      : rules_(rules), problems_(problems), log_(problems), key_reader_(keys) {}

  void read(std::string_view text, const std::string& file);
  void finish();

 private:
  void read_document(const toml::table& document);
  void read_defaults(const toml::table& defaults);
  void read_statements(const toml::table& statements);
  void read_keys(const toml::table& keys);
  void read_key(const std::string& name, const KeySource& source, std::uint32_t line);
  void read_table(const toml::table& table);
  [[nodiscard]] bool read_table_name(const toml::table& table, TableRule& rule);
  void read_columns(const toml::table& columns, TableRule& rule);

  // Nothing where the entry is absent or wrong.
  [[nodiscard]] std::optional<std::size_t> read_word(const toml::table& table, std::string_view key, Words words);
  [[nodiscard]] const toml::table* subtable(const toml::node& node, std::string_view example);
  void problem(const toml::node& node, std::string what, std::string remedy) {
    log_.problem(line_of(node), std::move(what), std::move(remedy));
  }

  RuleSet& rules_;
  base::Problems& problems_;
  RuleFileLog log_;
  KeyReader* key_reader_;
  std::vector<std::size_t> inheriting_;  // rules without a column_default of their own
  std::string_view text_;
};

const toml::table* RuleFileReader::subtable(const toml::node& node, std::string_view example) {
  const toml::table* table = node.as_table();
  if (table == nullptr) problem(node, "is no table", fmt::format("write {}", example));
  return table;
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
  if (base::may_be_deep_toml(text)) {
    log_.enter("");
    log_.problem(0, "has a line with more than a thousand dots", "write keys of fewer parts");
    return;
  }
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
  refuse_unknown_keys(log_, document, kFileKeys);
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
  refuse_unknown_keys(log_, defaults, kDefaultKeys);
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
  refuse_unknown_keys(log_, statements, kStatementKeys);
  const toml::node* node = statements.get("dml");
  if (node == nullptr) return;
  log_.enter("statements.dml");
  if (!log_.first_time(line_of(*node))) return;
  const auto word = read_word(statements, "dml", kDataStatements);
  if (word) rules_.data_statements_ = static_cast<DataStatements>(*word);
}

void RuleFileReader::read_keys(const toml::table& keys) {
  for (auto&& [name, node] : keys) {
    log_.enter("keys");
    if (name.str().size() >= PseudonymKey::kShortestKey) {
      log_.problem(line_of(name), "has a name of 32 bytes or more, which may be a key itself",
                   "give it a shorter name: name = { file = \"name.key\" }");
      continue;
    }
    log_.enter(fmt::format("keys.{}", printable(name.str())));
    const bool first = log_.first_time(line_of(name));
    const toml::table* table = subtable(node, "{ file = \"name.key\" }");
    if (table == nullptr) continue;
    refuse_unknown_keys(log_, *table, kKeySources);
    std::size_t sources = 0;
    std::optional<KeySource> source;
    for (std::size_t i = 0; i < kKeySources.size(); ++i) {
      const toml::node* entry = table->get(kKeySources[i]);
      if (entry == nullptr) continue;
      ++sources;
      const auto text = entry->value_exact<std::string>();
      if (!text || text->empty()) {
        problem(*entry, fmt::format("{} is no text", kKeySources[i]), "write a text in quotes");
      } else {
        source = KeySource{static_cast<KeySource::Kind>(i), *text};
      }
    }
    if (sources != 1) {
      log_.problem(line_of(name), "does not name exactly one place of the key", "write one of file, env or command");
    } else if (first && source) {
      read_key(std::string(name.str()), *source, line_of(name));
    }
  }
}

void RuleFileReader::read_key(const std::string& name, const KeySource& source, std::uint32_t line) {
  rules_.keys_.declare(name);
  if (key_reader_ == nullptr) return;
  const std::string directory = std::filesystem::path(log_.file()).parent_path().string();
  base::Result<base::Secret> key = key_reader_->read(source, directory);
  if (!key) {
    log_.problem(line, std::string(key.error().what()), std::string(key.error().remedy()));
  } else if (source.kind == KeySource::Kind::command && shows_key(source.place, *key)) {
    // Everybody on this machine can see the words of a command that runs.
    log_.problem(line, "the key itself stands in its command",
                 "let the command fetch it, or write it to a file of its own: file = \"name.key\"");
  } else {
    rules_.keys_.put(name, std::move(*key));
  }
}

void RuleFileReader::read_table(const toml::table& table) {
  TableRule rule;
  rule.file = log_.file();
  rule.line = line_of(table);
  const bool named = read_table_name(table, rule);
  refuse_unknown_keys(log_, table, kTableKeys);
  read_flag(log_, table, "optional", rule.optional);
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
    if (ActionReader(log_, text_).read(node, column)) rule.columns.push_back(std::move(column));
  }
  std::ranges::sort(rule.columns, {}, &ColumnRule::line);
  log_.enter(table);
}

void RuleFileReader::finish() {
  for (const std::size_t i : inheriting_) rules_.tables_[i].column_default = rules_.column_default_;
  rules_.index_names();
  for (TableRule& rule : rules_.tables_) {
    for (ColumnRule& column : rule.columns) {
      if (!column.action.keyed() || rules_.keys_.declares(column.action.key)) continue;
      log_.enter_file(rule.file);
      log_.enter(fmt::format("table {}, column {}", printable(rule.name()), printable(column.name)));
      log_.problem(column.line, "names a key that no [keys] has", "add it: [keys] name = { file = \"name.key\" }");
      // It may be the key itself; nobody is to print it.
      column.action.key.clear();
    }
  }
  check_conflicts(rules_.tables_, false, problems_);
}

std::optional<std::string> RuleSet::without_commands(std::string_view text) {
  struct Span {
    std::size_t begin;
    std::size_t end;
  };
  std::vector<Span> commands;
  if (base::may_be_deep_toml(text)) return std::nullopt;
  try {
    const toml::table document = toml::parse(text);
    const toml::table* const keys = document["keys"].as_table();
    if (keys == nullptr) return std::string(text);
    for (auto&& [name, key] : *keys) {
      const toml::node* const command = key.is_table() ? key.as_table()->get("command") : nullptr;
      if (command == nullptr) continue;
      commands.push_back({offset_of(text, command->source().begin), offset_of(text, command->source().end)});
    }
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
  std::ranges::sort(commands, std::ranges::greater(), &Span::begin);
  std::string kept(text);
  for (const Span& command : commands) kept.replace(command.begin, command.end - command.begin, "\"not kept\"");
  return kept;
}

RuleSet RuleSet::parse(std::string_view text, const std::string& file, base::Problems& problems, KeyReader* keys) {
  return parse(std::vector<RuleText>{{file, std::string(text)}}, problems, keys);
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

RuleSet RuleSet::parse(const std::vector<RuleText>& texts, base::Problems& problems, KeyReader* keys,
                       const std::map<std::string, std::string>& fingerprints) {
  RuleSet rules;
  for (const auto& [name, fingerprint] : fingerprints) rules.keys_.put_fingerprint(name, fingerprint);
  RuleFileReader reader(rules, problems, keys);
  for (const RuleText& text : texts) reader.read(text.text, text.file);
  reader.finish();
  return rules;
}

RuleSet RuleSet::load(const std::vector<std::string>& patterns, const std::string& base_directory,
                      base::Problems& problems) {
  SystemKeys keys;
  return parse(read_texts(patterns, base_directory, problems), problems, &keys);
}

}  // namespace relay::scrub_rules
