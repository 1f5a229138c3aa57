#include "relay/seed/replica_error.h"

#include <algorithm>

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;

struct ReplicaText {
  int number;
  FixedText what;
  FixedText remedy;
};

constexpr FixedText kGrant = "grant it what docs/snapshot.md lists";

// Numbers are those of mysqld_error.h and errmsg.h.
constexpr ReplicaText kTexts[] = {
    {1005, "the replica cannot make a table or a foreign key", "see its error log"},
    {1040, "the replica has too many connections", "raise its max_connections, or take fewer --loaders"},
    {1044, "the account may not use this database at the replica", kGrant},
    {1045, "the replica refused user or password", "check the URL's user, the password and the account's host part"},
    {1050, "the replica has a table of this name already", "drop it, or load into another server"},
    {1053, "the replica is shutting down", ""},
    {1062, "the replica has a row with this key already", "has somebody else written to it? load into an empty server"},
    {1114, "a table or the disk of the replica is full", "make room there and load again: it goes on"},
    {1118, "a row is too long for the replica's tables", "set innodb_page_size and the row format as at the source"},
    {1130, "the replica does not let this host in", "create the account for the host that it sees"},
    {1142, "the account lacks a privilege on a table at the replica", kGrant},
    {1153, "a statement is larger than the replica's max_allowed_packet",
     "SET GLOBAL max_allowed_packet = 1073741824 there, and load again: it goes on"},
    {1205, "the replica waited too long for a lock", ""},
    {1213, "the replica ended a transaction for a deadlock", ""},
    {1227, "the account lacks a privilege at the replica", kGrant},
    {1290, "the replica is read-only", "SET GLOBAL super_read_only = OFF, or read_only, until it is loaded"},
    {1317, "the replica ended the connection's work", ""},
    {1927, "the replica killed the connection", ""},
    {2002, "cannot connect to the replica's socket", "is it running, and the URL's socket right?"},
    {2003, "cannot connect to the replica", "is it running, and the URL's host and port right?"},
    {2005, "the replica's host name is not known", "check the URL"},
    {2006, "the replica has gone away", ""},
    {2013, "the connection to the replica was lost", ""},
    {2026, "TLS with the replica failed", "check the URL's tls, tls_ca, tls_cert and tls_key, and its certificate"},
    {2055, "the connection to the replica was lost", ""},
    {3159, "the replica takes encrypted connections only", "put tls=verify_identity and tls_ca= into the URL"},
    {4031, "the replica closed the idle connection", ""},
};

Error renamed(const Error& error, FixedText what, FixedText remedy) {
  Error made(error.kind(), what);
  if (!error.subject().empty()) made.about(error.subject());
  return made.remedy(remedy).code(error.system_code());
}

}  // namespace

Error replica_error(const Error& error) {
  const int code = error.system_code();
  if (error.kind() != ErrorKind::io && error.kind() != ErrorKind::peer) return error;
  const auto* const known = std::ranges::find(kTexts, code, &ReplicaText::number);
  if (known != std::end(kTexts)) return renamed(error, known->what, known->remedy);
  if (error.what().find("the source") == std::string_view::npos) return error;
  if (code >= base::kFirstClientError && error.kind() == ErrorKind::io) {
    return renamed(error, "the connection to the replica failed", "");
  }
  return renamed(error, "the replica answered with an error", "see its error log");
}

}  // namespace relay::seed
