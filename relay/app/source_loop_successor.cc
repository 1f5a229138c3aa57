#include <fmt/format.h>

#include <algorithm>

#include "relay/app/leaving_tables.h"
#include "relay/app/source_loop.h"
#include "relay/base/log.h"
#include "relay/source/known_order.h"
#include "relay/source/schema_reader.h"
#include "relay/sql/character_set.h"

// The part of the source loop that judges another source than before: what the stream knows of the one must hold at the
// other.

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::LogLevel;
using base::Result;

// As far as both are known, and as rows and rules depend on it.
bool is_same_column(const sql::ColumnDefinition& left, const sql::ColumnDefinition& right) {
  const bool same_letters =
      left.character_set.empty() || right.character_set.empty() ||
      sql::canonical_character_set(left.character_set) == sql::canonical_character_set(right.character_set);
  const auto names_all_of = [](const sql::ColumnDefinition& one, const sql::ColumnDefinition& other) {
    return std::ranges::all_of(one.depends_on, [&](const std::string& name) {
      return std::ranges::any_of(other.depends_on,
                                 [&](const std::string& each) { return sql::equal_names(each, name); });
    });
  };
  const bool same_values = left.generated == right.generated &&
                           (!left.generated || (names_all_of(left, right) && names_all_of(right, left)));
  return sql::equal_names(left.name, right.name) && left.type == right.type && left.is_unsigned == right.is_unsigned &&
         same_letters && same_values;
}

bool have_same_columns(const sql::TableDefinition& left, const sql::TableDefinition& right) {
  return std::ranges::equal(left.columns, right.columns, is_same_column);
}

// What was changed there without its log, or before it became a replica, nothing in a stream tells: values would be
// read as another column's. `touched` is by DDL that is still to come.
Result<void> require_same_columns(const scrub_rules::SchemaHistory& history, const source::SourceSchema& schema,
                                  const source::TouchedTables& touched) {
  for (const sql::TableDefinition& table : schema.tables) {
    if (touched.touches(table)) continue;
    const sql::TableDefinition* const known = history.find({table.database, table.table});
    if (known == nullptr || have_same_columns(*known, table)) continue;
    return base::fail(
        Error(ErrorKind::rule, "this source's table has other columns than the stream so far gave it")
            .about(fmt::format("{}.{}", table.database, table.table))
            .remedy("it was changed there without its binary log, or before it was a replica, and rows that it wrote "
                    "since cannot be read: connect to another source, or give the stream a new [spool] directory and "
                    "seed the replicas again"));
  }
  return {};
}

}  // namespace

// Another source than before must have all that the spool has, and nothing of its own before it: a row that it wrote
// before an ALTER which the spool has would be read by the columns behind it. And its tables must be what they are in
// the stream. True where a check was made: it may have taken long.
Result<bool> SourceLoop::check_successor(source::SourceConnection& connection, const source::SourceFacts& facts) {
  const auto& resume = parts_.writer.resume_point();
  const spool::SourceIdentity identity = source_identity(facts);
  if (!resume || resume->source == identity) return false;
  if (!goes_by_gtid(facts)) return false;
  if (!facts.log_replica_updates) {
    return base::fail(
        Error(ErrorKind::rule, "this source's binary log does not have what it applied as a replica of the one before")
            .remedy("connect to a source with log_replica_updates=ON, or give the stream a new [spool] directory and "
                    "seed the replicas again"));
  }
  RELAY_ASSIGN(const source::DumpRequest request, dump_request(facts));
  RELAY_ASSIGN(const bool has_all, source::has_known(connection, request));
  if (!has_all) {
    return base::fail(
        Error(ErrorKind::peer, "this source lacks transactions that the spool has from the one before")
            .remedy("the relay waits until it has them; where that will never be, connect to a source that has, or "
                    "give the stream a new [spool] directory and seed the replicas again"));
  }
  RELAY_ASSIGN(const auto questions, connect(source::SourceConnection::Purpose::questions));
  RELAY_TRY(require_same_server(*questions, identity));
  RELAY_ASSIGN(const source::SourceSchema schema,
               source::read_schema(*questions, facts, leaving_tables(rules_->set, facts)));
  RELAY_ASSIGN(const source::LogPosition end, source::current_log_position(connection, facts));
  RELAY_ASSIGN(auto files, source::log_file_ends(connection));
  RELAY_ASSIGN(const auto dump, connect(source::SourceConnection::Purpose::stream));
  RELAY_TRY(require_same_server(*dump, identity));
  base::log(LogLevel::info, "another source than before: reading what it has that the spool has not");
  dumping_ = true;
  source::BinlogScan unknown(facts.folds_case());
  RELAY_ASSIGN(const bool out_of_order,
               source::writes_before_known(*dump, request, source::KnownOrder(end, std::move(files), facts), unknown));
  dumping_ = false;
  if (!out_of_order) {
    RELAY_TRY(require_same_columns(*history_, schema, unknown.touched()));
    return true;
  }
  return base::fail(
      Error(
          ErrorKind::rule,
          "this source's binary log has transactions that the spool lacks before some that it has from the one before")
          .remedy("a row of them may be older than what made its table what it is in the stream: connect to a source "
                  "that has them in the same order, or give the stream a new [spool] directory and seed the replicas "
                  "again"));
}

// An address may belong to several servers.
Result<void> SourceLoop::require_same_server(source::SourceConnection& connection,
                                             const spool::SourceIdentity& identity) const {
  RELAY_ASSIGN(const auto facts, source::read_source_facts(connection));
  if (source_identity(facts) == identity) return {};
  return base::fail(ErrorKind::peer, "the source's address leads to different servers");
}

}  // namespace relay::app
