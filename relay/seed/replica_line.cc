#include "relay/seed/replica_line.h"

#include <algorithm>

#include "relay/base/back_off.h"
#include "relay/base/log.h"
#include "relay/seed/replica_error.h"
#include "relay/source/client_error.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using source::SourceConnection;
using source::SourceSettings;

constexpr std::chrono::milliseconds kFirstPause{250}, kLongestPause{15'000};
constexpr int kLostConnection = 2013;  // CR_SERVER_LOST
constexpr std::chrono::seconds kLongestStatement{7 * 24 * 3600};

// Waited too long for a lock; was the victim of a deadlock; definition of the table changed between two statements.
constexpr int kLockErrors[] = {1205, 1213, 1412};

// With another limit to how long a statement may take.
SourceSettings settings_for(const SourceSettings& from, ReplicaLine::Statements statements) {
  SourceSettings settings;
  settings.host = from.host;
  settings.port = from.port;
  settings.socket = from.socket;
  settings.user = from.user;
  settings.password = base::Secret(from.password.reveal());
  settings.tls = from.tls;
  settings.tls_ca = from.tls_ca;
  settings.tls_cert = from.tls_cert;
  settings.tls_key = from.tls_key;
  settings.plugin_directory = from.plugin_directory;
  settings.connect_timeout = from.connect_timeout;
  settings.query_timeout = statements == ReplicaLine::Statements::long_ones
                               ? std::max(kLongestStatement, from.query_timeout)
                               : from.query_timeout;
  return settings;
}

Result<void> set_loading_session(SourceConnection& connection) {
  RELAY_TRY(connection.query("SET SESSION sql_log_bin = 0"));
  RELAY_TRY(connection.query("SET SESSION wait_timeout = 60, innodb_lock_wait_timeout = 100, foreign_key_checks = 0"));
  // Of versions that have them: no keys are asked for, or made, that the source's tables have not, and no limits kept
  // that are for other statements.
  RELAY_ASSIGN(const source::Rows rows,
               connection.query("SHOW SESSION VARIABLES WHERE Variable_name IN ('sql_require_primary_key', "
                                "'sql_generate_invisible_primary_key', 'max_statement_time')"));
  for (const source::Row& row : rows) {
    if (!row.empty() && row[0]) RELAY_TRY(connection.query("SET SESSION " + *row[0] + " = 0"));
  }
  return {};
}

}  // namespace

bool passes(const Error& error) {
  // Not what the snapshot's own files have in the way.
  const bool of_files = error.kind() == ErrorKind::io && error.system_code() < base::kFirstClientError;
  if (of_files || error.kind() == ErrorKind::malformed) return false;
  return source::worth_retrying(error) || std::ranges::find(kLockErrors, error.system_code()) != std::end(kLockErrors);
}

void ReplicaLines::stop(const Error& why) {
  {
    const base::MutexLock lock(mutex_);
    if (!why_) why_ = why;
  }
  stop_.request_stop();
}

Error ReplicaLines::why_stopped() const {
  const base::MutexLock lock(mutex_);
  return why_.value_or(Error(ErrorKind::interrupted, "stopped"));
}

Result<SourceConnection*> ReplicaLine::connected() {
  SourceConnection* connection = nullptr;
  {
    const base::MutexLock lock(mutex_);
    if (connection_ != nullptr) return connection_.get();
    connection_ = std::make_unique<SourceConnection>();
    connection = connection_.get();
  }
  RELAY_TRY(connection->connect(settings_for(lines_.settings(), statements_), SourceConnection::Purpose::questions));
  RELAY_TRY(set_loading_session(*connection));
  return connection;
}

void ReplicaLine::forget() {
  const base::MutexLock lock(mutex_);
  connection_.reset();
}

void ReplicaLine::drop() {
  const base::MutexLock lock(mutex_);
  if (connection_ != nullptr) connection_->interrupt();
}

Result<void> ReplicaLine::run_once(const Work& work) {
  if (lines_.stop_token().stop_requested()) return base::fail(lines_.why_stopped());
  const auto connection = connected();
  Result<void> done = connection ? work(**connection) : base::fail(connection.error());
  if (done) return done;
  forget();  // with whatever transaction is open
  if (lines_.stop_token().stop_requested()) return base::fail(lines_.why_stopped());
  if (done.error().kind() == ErrorKind::interrupted) {
    return base::fail(Error(ErrorKind::io, "the connection to the replica was lost").code(kLostConnection));
  }
  return base::fail(replica_error(done.error()));
}

Result<void> ReplicaLine::run(const Work& work) {
  base::BackOff pauses(kFirstPause, kLongestPause);
  std::chrono::steady_clock::time_point first_failed;
  for (int tries = 1;; ++tries) {
    Result<void> done = run_once(work);
    if (done || !passes(done.error())) return done;
    const auto now = std::chrono::steady_clock::now();
    if (tries == 1) {
      base::log(base::LogLevel::info, "{}: it is tried again", done.error().message());
      first_failed = now;
    }
    if (now - first_failed > kPatience && tries >= kTries) return done;
    if (lines_.stop_token().wait_for(pauses.next())) return base::fail(lines_.why_stopped());
  }
}

}  // namespace relay::seed
