#include "scrub_rules/passed_transaction.h"

#include <algorithm>

#include "relay/base/buffer.h"
#include "relay/binlog/gtid_event.h"
#include "relay/binlog/query_event.h"
#include "relay/sql/statement_tree.h"
#include "scrub_rules/draft_maker.h"
#include "scrub_rules/group_events.h"
#include "scrub_rules/passed_schema.h"
#include "scrub_rules/statement_effect.h"
#include "scrub_rules/statement_policy.h"
#include "scrub_rules/xa_id.h"

namespace relay::scrub_rules {

namespace {

using base::Buffer;
using base::ByteView;
using base::Error;
using base::ErrorKind;
using binlog::EventHeader;
using binlog::EventType;
using binlog::EventView;
using binlog::Flavor;
using sql::StatementKind;

// MariaDB's flags of a GTID that is followed by one statement (sql/log_event.h, Gtid_log_event::FL_STANDALONE, FL_DDL).
constexpr std::uint8_t kStandalone = 0x01;
constexpr std::uint8_t kDdl = 0x20;
constexpr std::size_t kMinimumGtid = 19;  // GTID_HEADER_LEN
constexpr base::FixedText kOneStatement{
    "give one DDL statement, or one that changes nothing, with the database before each table's name"};

// The session of a replacement: the file is utf8mb4, no sql_mode (codes and sizes as relay/binlog/query_status.cc).
void append_session(Buffer& into) {
  constexpr std::uint16_t kUtf8mb4GeneralCi = 45;
  into.append_u8(0);  // flags2
  into.append_u32(0);
  into.append_u8(1);  // sql_mode
  into.append_u64(0);
  into.append_u8(4);  // character sets of client, connection and server
  for (int i = 0; i < 3; ++i) into.append_u16(kUtf8mb4GeneralCi);
}

// Flags that are not known may be what the stream stopped at.
EventHeader without_flags(EventHeader header) {
  header.flags &= binlog::kFlagSuppressUse;
  return header;
}

struct JudgedReplacement {
  JudgedStatement judged;
  std::vector<sql::TableName> defined;  // tables of which it says what columns they have
};

// The tables and the database that the statement is about, the one that it copies too.
std::vector<sql::TableName> named_by(const sql::Statement& statement) {
  std::vector<sql::TableName> names = statement.tables();
  const auto* create = dynamic_cast<const sql::CreateTable*>(&statement);
  if (create != nullptr && create->like) names.push_back(*create->like);
  if (!statement.database().empty()) names.push_back({statement.database(), {}});
  return names;
}

// TRUNCATE, an index, or CREATE ... IF NOT EXISTS of what is there say nothing of the columns.
std::vector<sql::TableName> defined_by(const sql::Statement& statement, const SchemaHistory& history) {
  const auto is_about_columns = [](const sql::AlterClause& clause) {
    return clause.column.has_value() || clause.kind == sql::ClauseKind::drop_column ||
           clause.kind == sql::ClauseKind::rename_column || clause.kind == sql::ClauseKind::rename_table;
  };
  const auto* alter = dynamic_cast<const sql::AlterTable*>(&statement);
  if (alter != nullptr && std::ranges::none_of(alter->clauses, is_about_columns)) return {};
  const auto* create = dynamic_cast<const sql::CreateTable*>(&statement);
  if (create != nullptr && create->if_not_exists && history.find(create->name) != nullptr) return {};
  if (statement.kind() == StatementKind::truncate_table) return {};
  return statement.tables();
}

// The relay takes a table at the source to be as the statement says it. `passed`: what the source's transaction
// did, where it is known.
base::Result<JudgedReplacement> judge(std::string_view text, const Buffer& session, StatementPolicy& policy,
                                      const ScrubberSettings& settings, const SchemaHistory& history,
                                      std::uint32_t server_version, const PassedSchema* passed) {
  binlog::QueryEvent query;
  query.status = session.view();
  query.statement = ByteView::of(text);
  RELAY_ASSIGN(const sql::SqlContext context,
               statement_context(query, settings.flavor, server_version, settings.fold_case));
  RELAY_ASSIGN(const std::unique_ptr<sql::Statement> statement, sql::read_statement(text, context));
  if (statement->kind() < StatementKind::create_table) {
    return base::fail(
        Error(ErrorKind::unsupported, "a transaction's control statement cannot stand for another transaction")
            .remedy(kOneStatement));
  }
  JudgedReplacement result;
  result.defined = defined_by(*statement, history);
  for (const sql::TableName& name : statement->tables()) {
    if (!name.database.empty()) continue;
    return base::fail(Error(ErrorKind::unsupported, "the statement names a table without its database")
                          .about(name.table)
                          .remedy(kOneStatement));
  }
  for (const sql::TableName& name : named_by(*statement)) {
    if (passed == nullptr || passed->may_have_changed(name)) continue;
    return base::fail(
        Error(ErrorKind::unsupported, "the statement is about a table or database that the transaction did not change")
            .about(name.table.empty() ? name.database : name.database + "." + name.table)
            .remedy("give a statement about what the transaction changed, or pass over it with `binlog-relay resolve "
                    "--skip`"));
  }
  RELAY_ASSIGN(result.judged, policy.judge(query, server_version, false));
  return result;
}

}  // namespace

struct PassedTransaction::State {
  State(const RuleSet& rules, SchemaHistory& of, const ScrubberSettings& with)
      : settings(with),
        history(of),
        policy(rules, of, with.flavor, with.fold_case, with.xa_key, with.made),
        schema(rules, of, with) {}

  ScrubberSettings settings;
  SchemaHistory& history;
  StatementPolicy policy;
  PassedSchema schema;
  DraftMaker drafts;
  std::string replacement;
  bool is_xa = false;
  bool made_copying_trigger = false;

  base::Result<void> write_gtid(const EventView& event);
  base::Result<void> write_mariadb_gtid(const EventView& event);
  base::Result<void> take_statement(const EventView& event, std::uint32_t server_version);
  base::Result<void> enter_xa();
  base::Result<void> write_replacement(const EventHeader& like, const JudgedStatement& judged);
  void write_nothing(const EventHeader& like, const binlog::StreamState& stream);
  base::Result<std::vector<sql::TableName>> close(const EventHeader& like, const binlog::StreamState& stream);
  Scrubbed written(Verdict without_drafts);
};

base::Result<void> PassedTransaction::State::write_gtid(const EventView& event) {
  if (event.type() == EventType::mariadb_gtid) return write_mariadb_gtid(event);
  RELAY_ASSIGN(const std::optional<std::size_t> offset,
               binlog::widen_transaction_length(event.header().type_code, event.body(), drafts.scratch()));
  drafts.add_scratch(without_flags(event.header()), 0, offset);
  return {};
}

// Made anew: one statement will follow it, whatever followed the source's. XA transactions keep their own.
base::Result<void> PassedTransaction::State::write_mariadb_gtid(const EventView& event) {
  RELAY_ASSIGN(const auto gtid, binlog::MariadbGtidEvent::parse(event.body(), event.header().server_id));
  Buffer& scratch = drafts.scratch();
  if (gtid.prepared_xa() || gtid.completed_xa()) {
    RELAY_TRY(enter_xa());
    RELAY_TRY(scrub_mariadb_gtid(event.body(), settings.xa_key, scratch));
  } else {
    scratch.append_u64(gtid.gtid.sequence);
    scratch.append_u32(gtid.gtid.domain);
    scratch.append_u8(replacement.empty() ? kStandalone : kStandalone | kDdl);
    scratch.append_fill(kMinimumGtid - scratch.size(), 0);
  }
  drafts.add_scratch(without_flags(event.header()), 0);
  return {};
}

base::Result<void> PassedTransaction::State::enter_xa() {
  if (!replacement.empty()) {
    return base::fail(Error(ErrorKind::unsupported, "a statement cannot stand in the place of an XA transaction")
                          .remedy("pass over it with `binlog-relay resolve --skip`"));
  }
  is_xa = true;
  return {};
}

base::Result<void> PassedTransaction::State::take_statement(const EventView& event, std::uint32_t server_version) {
  const auto query = binlog::QueryEvent::parse(event.body());
  if (!query) {
    schema.take_opaque();
    return {};
  }
  sql::SqlContext context;
  context.dialect = settings.flavor == Flavor::mariadb ? sql::Dialect::mariadb : sql::Dialect::mysql;
  const auto statement = sql::read_statement(query->statement.text(), context);
  const StatementKind kind = statement ? (*statement)->kind() : StatementKind::changes_data;
  if (kind >= StatementKind::xa_start && kind <= StatementKind::xa_rollback) {
    RELAY_TRY(enter_xa());
    RELAY_ASSIGN(const std::string text, pseudonymous_xa_statement(kind, query->statement.text(), settings.xa_key));
    if (ends_empty_xa(text, history)) {
      is_xa = false;  // an empty transaction as any other
      return {};
    }
    drafts.add_plain_query(event.header(), text);
    return {};
  }
  schema.take(*query, server_version, (event.header().flags & binlog::kFlagThreadSpecific) != 0);
  return {};
}

Scrubbed PassedTransaction::State::written(Verdict without_drafts) {
  const auto finished = drafts.finish();
  return {finished.empty() ? without_drafts : Verdict::replace, finished};
}

base::Result<void> PassedTransaction::State::write_replacement(const EventHeader& like, const JudgedStatement& judged) {
  Buffer session;
  append_session(session);
  binlog::QueryEvent query;
  query.status = session.view();
  query.database = judged.database;
  query.statement = ByteView::of(judged.text);
  drafts.add_query(like, query);
  return {};
}

// MySQL 5.6 does not count a GTID whose only statement is a comment; MariaDB breaks off at a transaction under a GTID
// that stands alone.
void PassedTransaction::State::write_nothing(const EventHeader& like, const binlog::StreamState& stream) {
  if (settings.flavor == Flavor::mysql && stream.mysql_gtid()) {
    drafts.add_plain_query(like, "BEGIN");
    drafts.add_plain_query(like, "COMMIT");
  }
  if (settings.flavor == Flavor::mariadb && stream.mariadb_gtid()) drafts.add_plain_query(like, kDroppedStatement);
}

// The tables that the replacement defined.
base::Result<std::vector<sql::TableName>> PassedTransaction::State::close(const EventHeader& like,
                                                                          const binlog::StreamState& stream) {
  if (is_xa) return std::vector<sql::TableName>();
  if (replacement.empty()) {
    write_nothing(like, stream);
    return std::vector<sql::TableName>();
  }
  Buffer session;
  append_session(session);
  RELAY_ASSIGN(JudgedReplacement result,
               judge(replacement, session, policy, settings, history, stream.format().version_number(), &schema));
  if (result.judged.outcome == JudgedStatement::Outcome::rewritten) {
    RELAY_TRY(write_replacement(like, result.judged));
  } else {
    write_nothing(like, stream);
  }
  return std::move(result.defined);
}

PassedTransaction::PassedTransaction(const RuleSet& rules, SchemaHistory& history, const ScrubberSettings& settings)
    : state_(std::make_unique<State>(rules, history, settings)) {}
PassedTransaction::~PassedTransaction() = default;

void PassedTransaction::start(std::string replacement) {
  state_->replacement = std::move(replacement);
  state_->is_xa = state_->made_copying_trigger = false;
  if (state_->settings.made != nullptr) state_->settings.made->clear();
  state_->schema.start();
}

base::Result<Scrubbed> PassedTransaction::take(const EventView& event, const binlog::StreamState& stream) {
  State& state = *state_;
  state.drafts.clear();
  if (binlog::is_mysql_gtid(event.type()) || event.type() == EventType::mariadb_gtid) {
    RELAY_TRY(state.write_gtid(event));
  } else if (event.type() == EventType::query) {
    RELAY_TRY(state.take_statement(event, stream.format().version_number()));
  } else if (event.type() == EventType::xa_prepare) {
    RELAY_TRY(state.enter_xa());
    RELAY_TRY(scrub_xa_prepare(event.body(), state.settings.xa_key, state.settings.flavor == binlog::Flavor::mysql,
                               state.history, state.drafts.scratch()));
    state.drafts.add_scratch(without_flags(event.header()), 0);
  } else {
    const binlog::EventTypeInfo* info = binlog::find_event_type(event.header().type_code);
    const bool is_opaque =
        info == nullptr || event.type() == EventType::incident || event.type() == EventType::query_compressed;
    if (is_opaque) state.schema.take_opaque();
  }
  return state.written(Verdict::drop);
}

void PassedTransaction::take_opaque() { state_->schema.take_opaque(); }

base::Result<Scrubbed> PassedTransaction::finish(const EventHeader& like, const binlog::StreamState& stream) {
  State& state = *state_;
  state.drafts.clear();
  RELAY_ASSIGN(const std::vector<sql::TableName> replaced, state.close(like, stream));
  state.made_copying_trigger = state.schema.made_copying_trigger();
  RELAY_TRY(state.schema.stage(replaced));
  return state.written(Verdict::drop);
}

bool PassedTransaction::made_copying_trigger() const { return state_->made_copying_trigger; }

base::Result<void> judge_replacement(std::string_view statement, const RuleSet& rules, SchemaHistory& history,
                                     const ScrubberSettings& settings, std::uint32_t server_version) {
  Buffer session;
  append_session(session);
  StatementPolicy policy(rules, history, settings.flavor, settings.fold_case, settings.xa_key);
  RELAY_TRY(judge(statement, session, policy, settings, history, server_version, nullptr));
  return {};
}

}  // namespace relay::scrub_rules
