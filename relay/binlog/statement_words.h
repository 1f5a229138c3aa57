#pragma once

#include <cstdint>

#include "relay/base/byte_view.h"

namespace relay::binlog {

// The few statements that order a stream into transactions. Servers write them themselves, BEGIN, COMMIT and ROLLBACK
// alone and XA with its words first and one space between, so a compare of words is enough; everything else of SQL is
// somebody else's.
enum class StatementWord : std::uint8_t {
  other,
  begin,                     // BEGIN
  commit,                    // COMMIT
  rollback,                  // ROLLBACK; not ROLLBACK TO a savepoint
  xa_start,                  // XA START, XA BEGIN
  xa_end_of_prepared,        // XA COMMIT, XA ROLLBACK
  create_start_transaction,  // CREATE TABLE ... START TRANSACTION: MySQL's CREATE TABLE ... SELECT, whose rows follow
};

// Letters of either case; space around is passed over.
[[nodiscard]] StatementWord statement_word(base::ByteView statement);

}  // namespace relay::binlog
