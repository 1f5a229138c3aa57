#include "relay/source/client_error.h"

#include <algorithm>
#include <span>

namespace relay::source {

namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;

struct KnownError {
  unsigned number;
  FixedText what;
  FixedText remedy;
  bool passing;  // goes away by itself
};

// Numbers are those of mysqld_error.h and errmsg.h.
constexpr KnownError kKnown[] = {
    {1040, "the source has too many connections", "raise its max_connections, or wait", true},
    {1044, "the account may not use this database", "grant it what `binlog-relay check` lists", false},
    {1045, "the source refused user or password", "check source.user, the password and the account's host part", false},
    {1049, "the source has no such database", "", false},
    {1053, "the source is shutting down", "", true},
    {1079, "the source is shutting down", "", true},
    {1105, "the source reports an unknown error", "see the source's error log", true},
    {1129, "the source has blocked this host after too many failed connections", "run FLUSH HOSTS there", false},
    {1130, "the source does not let this host in", "create the account for the relay's host", false},
    {1142, "the account lacks a privilege on a table", "grant it what `binlog-relay check` lists", false},
    {1146, "the source has no such table", "", false},
    {1158, "the source had a network read error", "", true},
    {1159, "the source waited too long for the relay", "", true},
    {1160, "the source had a network write error", "", true},
    {1161, "the source waited too long while writing", "", true},
    {1193, "the source does not know a system variable", "", false},
    {1220, "the source cannot list its binary logs", "see the source's error log", true},
    {1227, "the account lacks a privilege", "grant it what `binlog-relay check` lists", false},
    {1236, "the source cannot read its binary log from there", "see the source's error log", false},
    {1251, "the client library cannot authenticate as the source asks",
     "use an account with another authentication plugin", false},
    {1317, "the source ended the connection's work", "", true},
    {1381, "the source writes no binary log", "start it with log_bin", false},
    {1698, "the source refused the account: it may log in over its socket only", "use an account with a password",
     false},
    {1820, "the account's password has to be changed first", "set a new password for it", false},
    {1862, "the account's password has expired", "set a new password for it", false},
    {1927, "the source killed the connection", "", true},
    {2002, "cannot connect to the source's socket", "is the source running, and source.socket right?", true},
    {2003, "cannot connect to the source", "is it running, and are source.host and source.port right?", true},
    {2005, "the source's host name is not known", "check source.host", true},
    {2006, "the source has gone away", "", true},
    {2013, "the connection to the source was lost", "", true},
    {2020, "the source sent a packet larger than the relay takes", "", false},
    // Also what a source that goes down in the middle of a stream, or is slow to shake hands, looks like.
    {2026, "TLS with the source failed", "check source.tls, tls_ca, tls_cert and tls_key, and the source's certificate",
     true},
    {2054, "the source asks for an authentication plugin that the client library does not have",
     "install it, set source.plugin_directory, or use an account with another plugin", false},
    {2055, "the connection to the source was lost", "", true},
    {2058, "the source asks for an authentication plugin that the client library cannot use",
     "use an account with another plugin", false},
    {2059, "the client library cannot load the authentication plugin that the source asks for",
     "install it, set source.plugin_directory, or use an account with another plugin", false},
    {2061, "the authentication plugin wants an encrypted connection", "set source.tls to required or better", false},
    {3118, "the account is locked", "unlock it: ALTER USER ... ACCOUNT UNLOCK", false},
    {3159, "the source takes encrypted connections only", "set source.tls to required or better", false},
    {4031, "the source closed the idle connection", "", true},
};

// Of a number that stands for many things.
struct Cause {
  std::string_view phrase;  // in the message
  FixedText what;
  FixedText remedy;
};

constexpr FixedText kStartElsewhere = "make a new snapshot, or start an empty spool elsewhere: source.start";

// Of 1236 (sql/rpl_binlog_sender.cc, MariaDB sql/sql_repl.cc).
constexpr Cause kDumpCauses[] = {
    {"purged", "the source has purged binary logs that the relay still needs", kStartElsewhere},
    {"first log file name", "the source has no binary log file of that name", kStartElsewhere},
    {"not in the master", "the source's binary log does not have the GTID to start from", kStartElsewhere},
    {"GTID state requested", "the source's binary log no longer has the GTID to start from", kStartElsewhere},
    {"truncated in the middle", "the position to start from lies inside an event of the source's binary log",
     "give source.start the start of an event"},
    {"impossible position", "the position to start from lies past the end of the source's binary log",
     "has the source lost its last transactions? compare with its binary log"},
    {"bogus data", "the source's binary log is damaged, or the position to start from lies inside an event",
     "run mysqlbinlog over the file on the source"},
    {"max_allowed_packet", "an event is larger than the source's max_allowed_packet",
     "raise max_allowed_packet at the source"},
    {"checksum", "the source's binary log has checksums that were not asked for", ""},
    {"AUTO_POSITION", "the source's binary log holds transactions without a GTID, which cannot be followed by GTID",
     "set gtid_mode to ON_PERMISSIVE at the source until the relay has read them, then to ON again"},
    {"anonymous transaction when @@GLOBAL.GTID_MODE",
     "the source's binary log holds transactions without a GTID, which it does not give while its gtid_mode is ON",
     "set gtid_mode to ON_PERMISSIVE at the source until the relay has read them, then to ON again"},
    {"GTID_MODE", "the source's GTID mode does not allow following by GTID", "set source.start to a file and position"},
    {"uuid", "another replica with the relay's server_uuid has connected", ""},
    {"server_id", "another replica with the relay's server_id has connected",
     "make source.server_id unique in the topology"},
};

constexpr FixedText kOtherName = "the source's certificate is for another name than the one that is dialled";
constexpr FixedText kDialThatName = "set source.host to a name in the certificate, or have one issued for source.host";
constexpr FixedText kOtherAuthority = "the source's certificate is of no authority that the relay knows";
constexpr FixedText kKnowAuthority = "put the certificate of the source's authority into source.tls_ca";

// Of 2026: Connector/C's own words and OpenSSL's, libmysqlclient's own words.
constexpr Cause kTlsCauses[] = {
    {"Validation of SSL server certificate failed", kOtherName, kDialThatName},
    {"certificate matching functions", kOtherName, kDialThatName},
    {"certificate has expired", "the source's certificate has expired", "put a new one in its place at the source"},
    {"certificate is not yet valid", "the source's certificate is not good yet", "compare the two machines' clocks"},
    {"self-signed certificate", kOtherAuthority, kKnowAuthority},
    {"unable to get local issuer certificate", kOtherAuthority, kKnowAuthority},
    {"certificate verify failed", "the source's certificate is not good",
     "check source.tls_ca and the source's certificate"},
};

const Cause* find_cause(std::span<const Cause> causes, std::string_view message) {
  const auto found = std::ranges::find_if(
      causes, [&](const Cause& cause) { return message.find(cause.phrase) != std::string_view::npos; });
  return found == causes.end() ? nullptr : &*found;
}

const KnownError* find_known(unsigned number) {
  for (const KnownError& known : kKnown) {
    if (known.number == number) return &known;
  }
  return nullptr;
}

bool is_client_number(unsigned number) { return number >= 2000 && number < 3000; }

}  // namespace

Error client_error(unsigned number, std::string_view message) {
  const ErrorKind kind = is_client_number(number) ? ErrorKind::io : ErrorKind::peer;
  const Cause* cause = nullptr;
  if (number == 1236) cause = find_cause(kDumpCauses, message);
  if (number == 2026) cause = find_cause(kTlsCauses, message);
  if (cause != nullptr) return Error(kind, cause->what).remedy(cause->remedy).code(static_cast<int>(number));
  if (const KnownError* known = find_known(number)) {
    return Error(kind, known->what).remedy(known->remedy).code(static_cast<int>(number));
  }
  if (kind == ErrorKind::io) {
    return Error(kind, "the client library failed").code(static_cast<int>(number));
  }
  return Error(kind, "the source answered with an error").remedy("see its error log").code(static_cast<int>(number));
}

bool worth_retrying(const Error& error) {
  if (error.kind() == ErrorKind::malformed) return true;
  if (error.kind() != ErrorKind::io && error.kind() != ErrorKind::peer) return false;
  const KnownError* known = find_known(static_cast<unsigned>(error.system_code()));
  if (known != nullptr) return known->passing;
  return error.kind() == ErrorKind::io;
}

}  // namespace relay::source
