#include "relay/seed/schema_statements.h"

#include <optional>
#include <set>
#include <utility>

#include "relay/seed/snapshot_names.h"
#include "relay/seed/snapshot_schema.h"
#include "relay/source/dump_command.h"
#include "relay/sql/lexer.h"
#include "relay/sql/statement_tree.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using sql::ClauseKind;
using sql::StatementKind;

constexpr std::string_view kEnd = ";\n";

tl::unexpected<Error> no_statement(std::string_view file, std::size_t at) {
  return base::fail(Error(ErrorKind::malformed, "a file of the snapshot holds a statement that is none of a snapshot's")
                        .about(file)
                        .at(at)
                        .remedy("make a new snapshot"));
}

// Where a text in quotes ends, behind them; `at` is where they open.
std::size_t behind_quotes(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size() && text[at] != quote; ++at) {
    if (text[at] == '\\' && quote != '`') ++at;
  }
  return at + 1;
}

// Whether a comment begins here. What stands in one, a server of another version may run.
bool is_comment(std::string_view text) {
  return text.starts_with("/*") || text.starts_with('#') ||
         (text.starts_with("--") && text.size() > 2 && static_cast<unsigned char>(text[2]) <= ' ');
}

// Takes the next statement, without its semicolon, off the front; none where that has no end, or a comment in it, which
// snapshot_schema.h writes none of.
std::optional<std::string_view> next_statement(std::string_view& text) {
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '\'' || c == '"' || c == '`') {
      at = behind_quotes(text, at);
    } else if (is_comment(text.substr(at))) {
      return {};
    } else if (text.substr(at).starts_with(kEnd)) {
      const std::string_view statement = text.substr(0, at);
      text.remove_prefix(at + kEnd.size());
      return statement;
    } else {
      ++at;
    }
  }
  return {};
}

class StatementsReader {
 public:
  StatementsReader(std::string_view text, std::string_view file, const KnownSnapshot& snapshot)
      : text_(text), left_(text), file_(file) {
    context_.dialect = snapshot.flavor == binlog::Flavor::mariadb ? sql::Dialect::mariadb : sql::Dialect::mysql;
    context_.server_version = snapshot.version_number;
    context_.lower_case_table_names = snapshot.lower_case_table_names != 0;
    for (const TableRecord& table : snapshot.tables) {
      tables_.emplace(table.database, table.table);
      databases_.insert("USE " + source::quote_name(table.database));
    }
  }

  Result<std::vector<SchemaStatement>> schema() {
    RELAY_TRY(head());
    std::vector<SchemaStatement> statements;
    std::size_t made = 0;
    while (!left_.empty()) {
      RELAY_ASSIGN(SchemaStatement statement, next());
      if (databases_.contains(statement.text)) {
        statements.push_back(std::move(statement));
        continue;
      }
      RELAY_ASSIGN(const auto tree, read(statement));
      if (tree->kind() == StatementKind::create_table) {
        const auto* const create = dynamic_cast<const sql::CreateTable*>(tree.get());
        // Other engines show rows of elsewhere.
        if (create == nullptr || create->like || !sql::equal_keywords(create->options.engine, "innodb"))
          return refused();
        RELAY_TRY(take_table(*tree, statement));
        if (!seen_.insert({statement.table.database, statement.table.table}).second) return refused();
        ++made;
      } else if (tree->kind() != StatementKind::create_database || !may_be_loaded(tree->database())) {
        return refused();
      }
      statements.push_back(std::move(statement));
    }
    if (made != tables_.size()) return refused();
    return statements;
  }

  Result<std::vector<SchemaStatement>> indexes() {
    RELAY_TRY(head());
    std::vector<SchemaStatement> statements;
    while (!left_.empty()) {
      RELAY_ASSIGN(SchemaStatement statement, next());
      RELAY_ASSIGN(const auto tree, read(statement));
      if (tree->kind() != StatementKind::alter_table) return refused();
      RELAY_TRY(take_table(*tree, statement));
      const auto* const alter = dynamic_cast<const sql::AlterTable*>(tree.get());
      if (alter == nullptr) return refused();
      for (const sql::AlterClause& clause : alter->clauses) {
        if (clause.kind == ClauseKind::add_index && clause.index && !clause.index->generated_by_foreign_key) {
          statement.indexes.push_back(clause.index->name);
        } else if (clause.kind == ClauseKind::add_foreign_key && clause.foreign_key) {
          statement.foreign_keys.push_back(clause.foreign_key->name);
        } else if (clause.kind != ClauseKind::add_index) {
          return refused();
        }
      }
      if (statement.indexes.empty() == statement.foreign_keys.empty()) return refused();
      statements.push_back(std::move(statement));
    }
    return statements;
  }

 private:
  [[nodiscard]] tl::unexpected<Error> refused() const { return no_statement(file_, at_); }

  Result<void> head() {
    if (!left_.starts_with(schema_head())) return refused();
    left_.remove_prefix(schema_head().size());
    return {};
  }

  Result<SchemaStatement> next() {
    at_ = text_.size() - left_.size();
    const auto text = next_statement(left_);
    if (!text) return refused();
    return SchemaStatement{std::string(*text), {}, {}, {}};
  }

  Result<std::unique_ptr<sql::Statement>> read(const SchemaStatement& statement) const {
    auto tree = sql::read_statement(statement.text, context_);
    if (!tree || (*tree)->why_unread() != nullptr) return refused();
    RELAY_ASSIGN(const sql::TokenList tokens, sql::lex(statement.text, context_));
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
      // Files elsewhere than the server's own.
      const bool names_folder = tokens[i].is_word("data") || tokens[i].is_word("index");
      if (names_folder && tokens[i + 1].is_word("directory")) return refused();
    }
    return tree;
  }

  Result<void> take_table(const sql::Statement& tree, SchemaStatement& statement) const {
    const std::vector<sql::TableName> names = tree.tables();
    if (names.size() != 1 || !tables_.contains({names[0].database, names[0].table})) return refused();
    statement.table = names[0];
    return {};
  }

  std::string_view text_, left_, file_;
  std::size_t at_ = 0;  // of the statement that is being read
  sql::SqlContext context_;
  std::set<std::pair<std::string, std::string>> tables_, seen_;
  std::set<std::string> databases_;
};

}  // namespace

Result<std::vector<SchemaStatement>> read_schema_statements(std::string_view text, const KnownSnapshot& snapshot) {
  return StatementsReader(text, kSchemaFile, snapshot).schema();
}

Result<std::vector<SchemaStatement>> read_index_statements(std::string_view text, const KnownSnapshot& snapshot) {
  return StatementsReader(text, kIndexesFile, snapshot).indexes();
}

}  // namespace relay::seed
