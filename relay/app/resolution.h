#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/spool/spool_types.h"
#include "scrub_rules/event_scrubber.h"
#include "scrub_rules/schema_history.h"

namespace relay::app {

// One transaction of a source by every name it has. Two are the same only when all of them agree.
struct TransactionName {
  std::string source_id;  // spool::SourceIdentity::id
  spool::SourcePosition start;
  std::string gtid;  // empty when it has none
  friend bool operator==(const TransactionName&, const TransactionName&) = default;
};

// "binlog.000007:154, transaction 0-1-100", for messages.
[[nodiscard]] std::string text_of(const TransactionName& name);

// Where the stream stands still, for `resolve`, which may run without the daemon: "halt.json" in the spool directory.
// There from the halt until the next transaction is in the spool.
struct HaltNote {
  TransactionName transaction;
  bool at_transaction = false;  // else there is nothing that could be passed over
  std::string reason;           // Error::message()
  // What a statement in the transaction's place is judged with.
  scrub_rules::ScrubberSettings settings;
  std::uint32_t server_version = 0;
  scrub_rules::HistoryPosition history;
  friend bool operator==(const HaltNote&, const HaltNote&) = default;
};

// What the operator decided about one transaction: "resolve.json" in the spool directory. Used once, and void at any
// other transaction.
struct Resolution {
  std::string id;  // random, so that a record of its use can be told from another one's
  TransactionName transaction;
  std::string replacement;  // a statement in the transaction's place; empty: nothing
  std::string user;         // of the operating system
  std::uint32_t uid = 0;
  std::string requested;  // UTC
  friend bool operator==(const Resolution&, const Resolution&) = default;
};

// Both kinds of file in `directory`. Reading: none when it is not there. Errors: io; malformed. Writing and removing is
// durable; configuration: a replacement that is not UTF-8.
[[nodiscard]] base::Result<std::optional<HaltNote>> read_halt_note(base::FileSystem& files,
                                                                   const std::string& directory);
[[nodiscard]] base::Result<void> write_halt_note(base::FileSystem& files, const std::string& directory,
                                                 const HaltNote& note);
[[nodiscard]] base::Result<void> remove_halt_note(base::FileSystem& files, const std::string& directory);
[[nodiscard]] base::Result<std::optional<Resolution>> read_resolution(base::FileSystem& files,
                                                                      const std::string& directory);
[[nodiscard]] base::Result<void> write_resolution(base::FileSystem& files, const std::string& directory,
                                                  const Resolution& resolution);
[[nodiscard]] base::Result<void> remove_resolution(base::FileSystem& files, const std::string& directory);

}  // namespace relay::app
