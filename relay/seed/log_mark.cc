#include "relay/seed/log_mark.h"

#include <charconv>
#include <chrono>
#include <string>

#include "relay/seed/replica_status.h"
#include "relay/source/client_error.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;
using base::Result;
using source::ChangeScan;
using source::LogPlace;
using source::SourceConnection;

constexpr int kMarkTries = 3;
constexpr std::chrono::milliseconds kUntilOlder{1100};
constexpr int kScanTries = 10;  // until what is being committed is in the log that the source gives
constexpr std::chrono::milliseconds kUntilGiven{200};

constexpr FixedText kNotGiven{"the source does not give its binary log up to the snapshot's place"};
constexpr FixedText kOtherFile{"the source's binary log is another one than before"};
constexpr FixedText kFiltered{"the source's binary log does not have all changes: binlog_do_db or binlog_ignore_db"};
constexpr FixedText kNoReplicaUpdates{
    "the source's binary log may lack what it gets from other servers: log_replica_updates is off"};
constexpr FixedText kNotReadable{"the source's binary log cannot be read from there"};

// The source is away, or a stop was asked for; anything else is about the log.
bool is_lost(const Error& error) {
  if (error.kind() == ErrorKind::interrupted) return true;
  return error.kind() != ErrorKind::malformed && source::worth_retrying(error);
}

Result<bool> scan_once(const ViewSettings& settings, LiveConnections& connections, const LogPlace& from,
                       const LogPlace& to, ChangeScan& scan) {
  LiveConnection dump(connections);
  RELAY_TRY(dump->connect(settings.source, SourceConnection::Purpose::stream));
  return source::read_changes(*dump, settings.facts, from, to, scan);
}

// Whether a server has all that is changed in its log: it gets nothing from others, or logs that, too. Where that may
// not be asked, it has not.
Result<bool> logs_all(SourceConnection& questions, const source::SourceFacts& facts) {
  if (facts.log_replica_updates) return true;
  // A node of a Galera cluster. Servers that cannot be one have no such variable.
  RELAY_ASSIGN(const auto cluster,
               questions.query("SHOW GLOBAL VARIABLES WHERE Variable_name = 'wsrep_on' AND Value = 'ON'"));
  if (!cluster.empty()) return false;
  if (facts.flavor == binlog::Flavor::mariadb) {
    // Set by everything that a replica has got from a MariaDB, also by one that follows nobody any more.
    RELAY_ASSIGN(const auto applied, questions.query_value("SELECT @@GLOBAL.gtid_slave_pos"));
    if (!applied.value_or("").empty()) return false;
  }
  RELAY_ASSIGN(const auto followed, followed_sources(questions, facts));
  return followed && followed->empty();
}

// Why the log does not have all changes; empty where it has. By what the source says now: it may have been started
// again with other settings.
Result<FixedText> gap_of_log(SourceConnection& questions) {
  RELAY_ASSIGN(const source::SourceFacts facts, source::read_source_facts(questions));
  RELAY_ASSIGN(const source::LogPosition end, source::current_log_position(questions, facts));
  if (!end.do_databases.empty() || !end.not_databases.empty()) return kFiltered;
  RELAY_ASSIGN(const bool all, logs_all(questions, facts));
  return all ? FixedText() : kNoReplicaUpdates;
}

Result<LogMark> read_mark(const ViewSettings& settings, LiveConnections& connections, SourceConnection& questions,
                          const base::StopToken& stop) {
  for (int tries = 1;; ++tries) {
    RELAY_ASSIGN(const auto time, questions.query_value("SELECT UNIX_TIMESTAMP()"));
    std::uint64_t now = 0;
    if (time) std::from_chars(time->data(), time->data() + time->size(), now);
    RELAY_ASSIGN(const source::LogPosition end, source::current_log_position(questions, settings.facts));
    LogMark mark{{end.file, end.offset}, 0};
    // A log that has gaps now says nothing later of what is read from now on.
    RELAY_ASSIGN(const FixedText gap, gap_of_log(questions));
    if (!gap.text().empty()) return mark;
    ChangeScan scan(settings.facts.folds_case());
    RELAY_TRY(scan_once(settings, connections, mark.place, mark.place, scan));
    if (scan.first_file_made() < now) {
      mark.file_made = scan.first_file_made();
      return mark;
    }
    if (tries == kMarkTries) return mark;
    if (stop.wait_for(kUntilOlder)) return base::fail(ErrorKind::interrupted, "stopped");
  }
}

// Names of one log's files have its number at their end, which may grow longer.
bool is_later(const std::string& file, const std::string& other) {
  return file.size() != other.size() ? file.size() > other.size() : file > other;
}

}  // namespace

Result<LogMark> read_log_mark(const ViewSettings& settings, LiveConnections& connections, const base::StopToken& stop) {
  LiveConnection questions(connections);
  RELAY_TRY(questions->connect(settings.source, SourceConnection::Purpose::questions));
  auto mark = read_mark(settings, connections, *questions, stop);
  if (mark || is_lost(mark.error())) return mark;
  return LogMark();
}

LogMark earlier_of(const LogMark& mark, const ViewPosition& view) {
  const LogPlace place{view.file, view.offset};
  if (place.file == mark.place.file) return place.offset < mark.place.offset ? LogMark{place, mark.file_made} : mark;
  return is_later(place.file, mark.place.file) ? mark : LogMark{place, 0};
}

Result<std::optional<ScanAhead>> scan_ahead(const ViewSettings& settings, LiveConnections& connections,
                                            const LogMark& from, const LogMark& up_to) {
  std::optional<ScanAhead> none;
  if (from.file_made == 0 || up_to.file_made == 0) return none;
  ScanAhead ahead{up_to, ChangeScan(settings.facts.folds_case())};
  const auto whole = scan_once(settings, connections, from.place, up_to.place, ahead.scan);
  if (!whole && is_lost(whole.error())) return base::fail(whole.error());
  return whole && *whole ? std::optional(std::move(ahead)) : none;
}

Result<std::optional<ChangeScan>> scan_changes(const ViewSettings& settings, LiveConnections& connections,
                                               const base::StopToken& stop, const LogMark& from,
                                               std::optional<ScanAhead> ahead, const ViewPosition& to, FixedText& why) {
  std::optional<ChangeScan> none;
  const auto scanned = [&]() -> Result<std::optional<ChangeScan>> {
    {
      LiveConnection questions(connections);
      RELAY_TRY(questions->connect(settings.source, SourceConnection::Purpose::questions));
      RELAY_ASSIGN(why, gap_of_log(*questions));
      if (!why.text().empty()) return none;
    }
    for (int tries = 1; tries <= kScanTries; ++tries) {
      LogPlace begin = from.place;
      ChangeScan scan(settings.facts.folds_case());
      if (ahead) {
        begin = ahead->up_to.place;
        scan = std::move(ahead->scan);
        ahead.reset();
      }
      if (!scan.why_all()) {
        RELAY_ASSIGN(const bool whole, scan_once(settings, connections, begin, {to.file, to.offset}, scan));
        if (!whole && !scan.why_all()) {
          if (stop.wait_for(kUntilGiven)) return base::fail(ErrorKind::interrupted, "stopped");
          continue;
        }
      }
      why = scan.first_file_made() == from.file_made ? scan.why_all().value_or(FixedText()) : kOtherFile;
      return why.text().empty() ? std::optional(std::move(scan)) : none;
    }
    why = kNotGiven;
    return none;
  }();
  if (scanned || is_lost(scanned.error())) return scanned;
  why = kNotReadable;
  return none;
}

}  // namespace relay::seed
