#include <algorithm>
#include <string>

#include "relay/binlog/query_event.h"
#include "scrub_rules/statement_policy.h"
#include "scrub_rules/table_rules.h"
#include "tests/fuzz/sql_input.h"
#include "tests/sql/sql_catalog.h"
#include "tests/support/faulty_file.h"

// The statements of a source, a NUL between each two, judged under rules; a replica carries out what comes of them.
// After every statement the replica has the tables that leave, with the columns that leave, and nothing else.
namespace relay::fuzz {
namespace {

using scrub_rules::JudgedStatement;
using scrub_rules::RuleSet;
using scrub_rules::SchemaHistory;
using scrub_rules::StatementPolicy;

const RuleSet& rules() {
  static const RuleSet kRules = [] {
    base::Problems problems;
    RuleSet set = RuleSet::parse(
        "[[table]]\nname = \"d.*\"\ncolumn_default = \"keep\"\n[table.columns]\n"
        "secret = { action = \"drop\", optional = true }\nb = { action = \"drop\", optional = true }\n"
        "v = { action = \"null\", optional = true }\nc = { action = \"null\", optional = true }\n"
        "n = { action = \"constant\", value = 7, optional = true }\n"
        "[[table]]\nname = \"d.x*\"\n",
        "rules.toml", problems);
    require(!base::has_errors(problems));
    return set;
  }();
  return kRules;
}

// Status variables of a query event (libbinlogevents/include/statement_events.h): flags2, sql_mode, character sets.
void encode_status(const sql::SqlContext& context, base::Buffer& into) {
  constexpr std::uint32_t kExplicitDefaults = std::uint32_t{1} << 24;  // MariaDB
  constexpr std::uint8_t kFlags2 = 0, kSqlMode = 1, kCharset = 4, kExplicitDefaultsOfMysql = 16;
  into.append_u8(kFlags2);
  into.append_u32(context.explicit_defaults_for_timestamp ? kExplicitDefaults : 0);
  into.append_u8(kSqlMode);
  into.append_u64(context.sql_mode);
  into.append_u8(kCharset);
  for (int i = 0; i < 3; ++i) into.append_u16(context.client_collation);
  if (context.dialect == sql::Dialect::mariadb) return;
  into.append_u8(kExplicitDefaultsOfMysql);
  into.append_u8(context.explicit_defaults_for_timestamp ? 1 : 0);
}

class Run {
 public:
  explicit Run(const sql::SqlContext& context)
      : context_(context),
        flavor_(context.dialect == sql::Dialect::mariadb ? binlog::Flavor::mariadb : binlog::Flavor::mysql) {
    static_cast<void>(files_.create_directory("spool"));
    auto history = SchemaHistory::open(files_, "spool/schema.history", {}, context.lower_case_table_names);
    require(history.has_value());
    history_ = std::move(*history);
    require(history_->set_baseline({1, 1}, {}, {{"d", {"latin1", "latin1_swedish_ci"}}}).has_value());
    policy_.emplace(rules(), *history_, flavor_, context.lower_case_table_names, "key of XA pseudonyms");
    encode_status(context, status_);
  }

  // False when the stream halts.
  bool take(std::string_view text) {
    binlog::QueryEvent query;
    query.status = status_.view();
    query.database = context_.default_database;
    query.statement = base::ByteView::of(text);
    const auto judged = policy_->judge(query, context_.server_version, false);
    if (!judged) return false;
    if (judged->outcome == JudgedStatement::Outcome::rewritten) carry_out(*judged);
    compare();
    // A name that is not UTF-8 cannot be kept.
    return history_->commit({1, ++position_}).has_value();
  }

 private:
  // What leaves must be what a replica can carry out.
  void carry_out(const JudgedStatement& judged) {
    sql::SqlContext context = context_;
    context.default_database = judged.database;
    const auto statement = sql::read_statement(judged.text, context);
    require(statement.has_value());
    auto changes = sql::apply(**statement, replica_);
    require(changes.has_value());
    replica_.take(std::move(*changes));
  }

  void compare() const {
    for (const auto& [name, table] : replica_.definitions()) {
      const sql::TableDefinition* source = history_->find({table.database, table.table});
      require(source != nullptr && fates_of(*source).leaves);
      require(same_columns(*source, table));
    }
    for (const sql::TableName& name : history_->tables_of("d")) {
      const sql::TableDefinition* source = history_->find(name);
      const bool leaves = fates_of(*source).leaves && leaves_any_column(*source);
      require(leaves == (replica_.find({source->database, source->table}) != nullptr));
    }
  }

  [[nodiscard]] sql::TableFate fates_of(const sql::TableDefinition& table) const {
    const scrub_rules::RuleView view(rules(), context_.lower_case_table_names, &history_->lineage());
    return scrub_rules::RuleTableFates(view).fate_of(table);
  }
  [[nodiscard]] bool leaves_any_column(const sql::TableDefinition& table) const {
    return std::ranges::any_of(fates_of(table).fates,
                               [](sql::ColumnFate fate) { return fate != sql::ColumnFate::stripped; });
  }
  [[nodiscard]] bool same_columns(const sql::TableDefinition& source, const sql::TableDefinition& replica) const {
    const sql::TableFate fate = fates_of(source);
    std::size_t at = 0;
    for (std::size_t i = 0; i < source.columns.size(); ++i) {
      if (fate.fates[i] == sql::ColumnFate::stripped) continue;
      if (at == replica.columns.size()) return false;
      const sql::ColumnDefinition& left = source.columns[i];
      const sql::ColumnDefinition& right = replica.columns[at++];
      const bool same = left.name == right.name && left.type == right.type && left.is_unsigned == right.is_unsigned &&
                        left.length == right.length && left.scale == right.scale;
      if (!same) return false;
    }
    return at == replica.columns.size();
  }

  sql::SqlContext context_;
  binlog::Flavor flavor_;
  testing::FaultyFileSystem files_;
  std::unique_ptr<SchemaHistory> history_;
  std::optional<StatementPolicy> policy_;
  base::Buffer status_;
  sql::test::MapCatalog replica_;
  std::uint64_t position_ = 1;
};

}  // namespace
}  // namespace relay::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  const fuzz::SqlInput input = fuzz::sql_input(data, size);
  fuzz::Run run(input.context);
  std::string_view rest = input.text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    if (!run.take(rest.substr(0, end))) break;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return 0;
}
