#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "relay/base/result.h"
#include "relay/seed/snapshot_schema.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"

namespace relay::seed {

// Sets a connection's session as row_scrubber.h wants it, without limits on how long statements and transactions take.
// Says whether the session lets go of a table when it rolls back to a savepoint (consistent_view.h). REQUIRES: no
// transaction.
[[nodiscard]] base::Result<bool> set_reader_session(source::SourceConnection& connection,
                                                    const source::SourceFacts& facts);

// Begins the transaction whose view of the source is that of now.
[[nodiscard]] base::Result<void> begin_view(source::SourceConnection& connection);

// What came of asking for a lock.
enum class Asked : std::uint8_t {
  had,
  denied,  // the account may not
  busy,    // not in time
};
[[nodiscard]] base::Result<Asked> ask(source::SourceConnection& connection, std::string_view statement);

// LOCK TABLES that lets nobody write any of these.
[[nodiscard]] std::string lock_statement(const SnapshotSchema& schema);

// Runs `work` while another thread sends `statement` on `connection` after each `every`, whatever comes of that.
// REQUIRES: `work` does not use the connection.
[[nodiscard]] base::Result<void> during(source::SourceConnection& connection, std::chrono::milliseconds every,
                                        std::string_view statement, const std::function<base::Result<void>()>& work);

// Whether a statement that has run for some seconds would leave FLUSH TABLES WITH READ LOCK waiting, and all that use
// its tables behind that. Other accounts' statements are seen with PROCESS alone.
[[nodiscard]] base::Result<bool> long_statement_runs(source::SourceConnection& connection);
[[nodiscard]] base::Result<bool> sees_all_statements(source::SourceConnection& connection);

// XA transactions that are prepared: their rows are in no view, and their XA PREPARE, which is all that the binary log
// has of these rows, may lie before the view's position.
class PreparedTransactions {
 public:
  // Errors: those of the connection; peer, naming the GRANT, where the account may not see them and there were any
  // since the source's start.
  [[nodiscard]] static base::Result<PreparedTransactions> begin(source::SourceConnection& connection,
                                                                const source::SourceFacts& facts);
  // Whether it is certain that none was prepared at any moment since begin() and is still open, or was ended since.
  [[nodiscard]] base::Result<bool> none(source::SourceConnection& connection) const;
  // Where they cannot be seen, it is only known that there were none since the source's start.
  [[nodiscard]] bool visible() const { return visible_ || !logged_; }

 private:
  std::uint64_t ended_ = 0;  // XA COMMIT and XA ROLLBACK since the source's start
  bool logged_ = false;      // whether XA PREPARE is in this source's binary log
  bool visible_ = false;
};

// Whether the server refused because the account may not.
[[nodiscard]] bool is_denied(const base::Error& error);

}  // namespace relay::seed
