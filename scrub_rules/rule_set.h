#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "relay/base/problem.h"
#include "scrub_rules/action.h"
#include "scrub_rules/key_ring.h"
#include "scrub_rules/shadow_name.h"

namespace relay::scrub_rules {

enum class ColumnDefault : std::uint8_t { drop, keep, halt };
enum class TableDefault : std::uint8_t { deny, pass };
// What becomes of a statement that changes rows as text: the stream halts; or it is dropped where it is certain that
// every table that it touches does not leave, and halts otherwise.
enum class DataStatements : std::uint8_t { halt, drop_if_denied };

struct ColumnRule {
  std::string name;
  Action action;
  bool optional = false;  // no error when the table has no such column
  std::uint32_t line = 0;
};

// One [[table]]: `database` and `table` may hold * and ?.
struct TableRule {
  std::string database;
  std::string table;
  ColumnDefault column_default = ColumnDefault::drop;
  std::vector<ColumnRule> columns;
  bool optional = false;  // no error when the source has no such table
  std::string file;
  std::uint32_t line = 0;

  // Without regard to case, as the servers compare column names; null when no rule names it.
  [[nodiscard]] const ColumnRule* find(std::string_view column) const;
  // Whether a table of this rule may leave: not when it drops by default and keeps or fills no column by name.
  [[nodiscard]] bool leaves() const;
  // "shop.customers", for messages.
  [[nodiscard]] std::string name() const { return database + "." + table; }
};

// A rule file as it was read.
struct RuleText {
  std::string file;
  std::string text;
  friend bool operator==(const RuleText&, const RuleText&) = default;
};

// All rules of the operator; immutable once made, so any thread may read it.
class RuleSet {
 public:
  // Reads rule files (`patterns` may hold * and ? in the file name; relative to `base_directory`). Every mistake of
  // every file is added to `problems`, with file, line, key and remedy; the set is usable only when none of them is an
  // error.
  [[nodiscard]] static RuleSet load(const std::vector<std::string>& patterns, const std::string& base_directory,
                                    base::Problems& problems);
  // The texts of those files, each once.
  [[nodiscard]] static std::vector<RuleText> read_texts(const std::vector<std::string>& patterns,
                                                        const std::string& base_directory, base::Problems& problems);
  // A rule file's text with other words in the place of each key's command: those may hold what is secret. The rules
  // mean the same where keys are not fetched. Nothing where the text is not valid TOML.
  [[nodiscard]] static std::optional<std::string> without_commands(std::string_view text);
  // Keys' files are sought beside the texts' own. Without `keys` the bytes of keys are not fetched, and pseudonyms
  // cannot be made. `fingerprints`: what is known of keys whose bytes are not fetched, by name; they are part of the
  // digest.
  [[nodiscard]] static RuleSet parse(const std::vector<RuleText>& texts, base::Problems& problems,
                                     KeyReader* keys = nullptr,
                                     const std::map<std::string, std::string>& fingerprints = {});
  // One file's text; `file` is for messages.
  [[nodiscard]] static RuleSet parse(std::string_view text, const std::string& file, base::Problems& problems,
                                     KeyReader* keys = nullptr);

  // The rule for a table: of those whose name matches, the most exact (fewest wildcards, then longest literal text; a
  // tie is an error of load). Null: no [[table]] names it. `fold_case` is the source's lower_case_table_names > 0. The
  // servers' own schemas (mysql, sys, information_schema, performance_schema) never match a wildcard. A name that a
  // schema change tool gives to its copy of a table (shadow_name.h) has the rule of that table, unless a rule without
  // wildcards names it; the tool's own notes have none and do not leave.
  [[nodiscard]] const TableRule* find(std::string_view database, std::string_view table, bool fold_case) const;
  // Whether two rules name the table equally exactly. Load refuses that but for names that differ in case alone, which
  // are two tables or one depending on the source; then find() must not be relied on.
  [[nodiscard]] bool ambiguous(std::string_view database, std::string_view table, bool fold_case) const;
  // Whether a table of this name leaves. A table that no rule names leaves only under [defaults] table = "pass", with
  // its columns under [defaults].column, and never from the servers' own schemas. A [[table]] that drops by default and
  // keeps or fills no column by name says that the table does not leave.
  [[nodiscard]] bool table_leaves(std::string_view database, std::string_view table, bool fold_case) const;
  // Whether a rule without wildcards names the table.
  [[nodiscard]] bool names(std::string_view database, std::string_view table, bool fold_case) const;
  // The table of the same database whose rule is this one's, where its name says that it is a copy; none for others.
  [[nodiscard]] std::optional<std::string> followed(std::string_view database, std::string_view table,
                                                    bool fold_case) const;
  // Whether any table of this database may leave.
  [[nodiscard]] bool database_leaves(std::string_view database, bool fold_case) const;

  [[nodiscard]] const std::vector<TableRule>& tables() const { return tables_; }
  [[nodiscard]] TableDefault table_default() const { return table_default_; }
  [[nodiscard]] ColumnDefault column_default() const { return column_default_; }
  [[nodiscard]] DataStatements data_statements() const { return data_statements_; }
  [[nodiscard]] const KeyRing& keys() const { return keys_; }
  // Hex SHA-256 over the rules' meaning, without constants' values being recoverable from it (they are hashed with the
  // rest). Of keys it has what tells two of them apart (PseudonymKey::fingerprint).
  [[nodiscard]] std::string digest() const;

 private:
  friend class RuleFileReader;
  using Matches = std::vector<std::size_t>;  // rules of equal and best exactness, as indexes into tables_
  [[nodiscard]] Matches best_matches(std::string_view database, std::string_view table, bool fold_case) const;
  [[nodiscard]] Matches exact_matches(std::string_view database, std::string_view table, bool fold_case) const;
  [[nodiscard]] Matches pattern_matches(std::string_view database, std::string_view table, bool fold_case) const;
  // The rules of the tables that a working table's name may stand for.
  [[nodiscard]] Matches base_matches(std::string_view database, const ShadowName& shadow, bool fold_case) const;
  // Adds to `best` what is as exact, or puts it in its place.
  void prefer_exact(Matches& best, const Matches& more) const;
  void index_names();

  TableDefault table_default_ = TableDefault::deny;
  ColumnDefault column_default_ = ColumnDefault::drop;
  DataStatements data_statements_ = DataStatements::halt;
  std::vector<TableRule> tables_;
  KeyRing keys_;
  std::unordered_map<std::string, std::vector<std::size_t>> exact_;  // by folded name, of rules without wildcards
  std::vector<std::size_t> patterns_;                                // the others
};

}  // namespace relay::scrub_rules
