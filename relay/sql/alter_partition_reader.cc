#include "relay/sql/readers.h"

namespace relay::sql {
namespace {

using base::Result;

Result<void> read_names(TokenCursor& cursor, AlterClause& clause) {
  if (cursor.accept("all")) {
    clause.all_partitions = true;
    return {};
  }
  do {
    RELAY_ASSIGN(std::string name, cursor.identifier());
    clause.partition_names.push_back(std::move(name));
  } while (cursor.accept_symbol(','));
  return {};
}

Result<void> skip_binlog_choice(TokenCursor& cursor) {
  if (cursor.accept_any({"no_write_to_binlog", "local"})) return cursor.unread("a statement that is not logged");
  return {};
}

Result<void> read_add_partition(TokenCursor& cursor, AlterTable& alter) {
  AlterClause& clause = add_clause(alter, ClauseKind::add_partition);
  RELAY_ASSIGN(clause.conditional, cursor.if_not_exists());
  RELAY_TRY(skip_binlog_choice(cursor));
  if (cursor.accept("partitions")) {
    RELAY_ASSIGN(clause.count, cursor.unsigned_number());
    return {};
  }
  RELAY_ASSIGN(clause.partition.partitions, read_partition_list(cursor));
  return {};
}

Result<void> read_drop_partition(TokenCursor& cursor, AlterTable& alter) {
  AlterClause& clause = add_clause(alter, ClauseKind::drop_partition);
  RELAY_ASSIGN(clause.conditional, cursor.if_exists());
  return read_names(cursor, clause);
}

Result<void> read_reorganize(TokenCursor& cursor, AlterTable& alter) {
  AlterClause& clause = add_clause(alter, ClauseKind::reorganize_partition);
  RELAY_TRY(skip_binlog_choice(cursor));
  if (cursor.at_end()) return {};
  RELAY_TRY(read_names(cursor, clause));
  RELAY_TRY(cursor.expect("into"));
  RELAY_ASSIGN(clause.partition.partitions, read_partition_list(cursor));
  return {};
}

Result<void> read_counted(TokenCursor& cursor, AlterTable& alter) {
  AlterClause& clause = add_clause(alter, ClauseKind::coalesce_partition);
  RELAY_TRY(skip_binlog_choice(cursor));
  RELAY_ASSIGN(clause.count, cursor.unsigned_number());
  return {};
}

Result<void> read_maintenance(TokenCursor& cursor, AlterTable& alter) {
  AlterClause& clause = add_clause(alter, ClauseKind::partition_maintenance);
  RELAY_TRY(skip_binlog_choice(cursor));
  RELAY_TRY(read_names(cursor, clause));
  while (cursor.accept_any({"quick", "fast", "medium", "extended", "changed", "use_frm"}) ||
         cursor.accept({"for", "upgrade"})) {
  }
  return {};
}

Result<void> read_truncate_partition(TokenCursor& cursor, AlterTable& alter) {
  AlterClause& clause = add_clause(alter, ClauseKind::truncate_partition);
  return read_names(cursor, clause);
}

bool accept_maintenance(TokenCursor& cursor) {
  return cursor.accept({"optimize", "partition"}) || cursor.accept({"analyze", "partition"}) ||
         cursor.accept({"check", "partition"}) || cursor.accept({"repair", "partition"}) ||
         cursor.accept({"rebuild", "partition"});
}

std::optional<bool> accept_validation(TokenCursor& cursor) {
  if (cursor.accept({"with", "validation"})) return true;
  if (cursor.accept({"without", "validation"})) return false;
  return std::nullopt;
}

Result<void> read_exchange(TokenCursor& cursor, AlterTable& alter) {
  AlterClause& clause = add_clause(alter, ClauseKind::exchange_partition);
  RELAY_ASSIGN(clause.name, cursor.identifier());
  RELAY_TRY(cursor.expect("with"));
  RELAY_TRY(cursor.expect("table"));
  RELAY_ASSIGN(clause.table, cursor.table_name());
  clause.validation = accept_validation(cursor);
  return {};
}

// CONVERT PARTITION p TO TABLE t, CONVERT TABLE t TO PARTITION p VALUES ...
Result<void> read_conversion(TokenCursor& cursor, AlterTable& alter) {
  const bool to_table = cursor.take().is_word("partition");
  AlterClause& clause = add_clause(alter, to_table ? ClauseKind::convert_partition : ClauseKind::convert_table);
  if (to_table) {
    RELAY_ASSIGN(clause.name, cursor.identifier());
    RELAY_TRY(cursor.expect("to"));
    RELAY_TRY(cursor.expect("table"));
    RELAY_ASSIGN(clause.table, cursor.table_name());
  } else {
    RELAY_ASSIGN(clause.table, cursor.table_name());
    RELAY_TRY(cursor.expect("to"));
    RELAY_ASSIGN(PartitionDefinition partition, read_partition(cursor));
    clause.name = partition.name;
    clause.partition.partitions.push_back(std::move(partition));
  }
  clause.validation = accept_validation(cursor);
  return {};
}

// DISCARD and IMPORT [PARTITION names] TABLESPACE
Result<void> read_tablespace(TokenCursor& cursor, AlterTable& alter) {
  AlterClause& clause = add_clause(alter, ClauseKind::move_tablespace);
  cursor.take();
  if (cursor.accept("partition")) RELAY_TRY(read_names(cursor, clause));
  return cursor.expect("tablespace");
}

}  // namespace

Result<bool> read_partition_clause(TokenCursor& cursor, AlterTable& alter) {
  if (cursor.accept({"partition", "by"})) {
    RELAY_ASSIGN(PartitionSpec partition, read_partitioning(cursor));
    add_clause(alter, ClauseKind::partition_by).partition = std::move(partition);
    return true;
  }
  if (cursor.accept({"remove", "partitioning"})) {
    add_clause(alter, ClauseKind::remove_partitioning);
    return true;
  }
  Result<void> done;
  if (cursor.accept({"add", "partition"})) {
    done = read_add_partition(cursor, alter);
  } else if (cursor.accept({"drop", "partition"})) {
    done = read_drop_partition(cursor, alter);
  } else if (cursor.accept({"reorganize", "partition"})) {
    done = read_reorganize(cursor, alter);
  } else if (cursor.accept({"coalesce", "partition"})) {
    done = read_counted(cursor, alter);
  } else if (cursor.accept({"truncate", "partition"})) {
    done = read_truncate_partition(cursor, alter);
  } else if (accept_maintenance(cursor)) {
    done = read_maintenance(cursor, alter);
  } else if (cursor.accept({"exchange", "partition"})) {
    done = read_exchange(cursor, alter);
  } else if (cursor.is_sequence({"convert", "partition"}) || cursor.is_sequence({"convert", "table"})) {
    cursor.take();
    done = read_conversion(cursor, alter);
  } else if (cursor.is("discard") || cursor.is("import")) {
    done = read_tablespace(cursor, alter);
  } else {
    return false;
  }
  RELAY_TRY(std::move(done));
  return true;
}

}  // namespace relay::sql
