#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "relay/app/exit_code.h"

namespace relay::app {

// One function per command of the command line. Each prints to standard output what it is for, and to standard error
// what went wrong.

// The daemon: runs until SIGTERM or SIGINT. REQUIRES: no other thread exists yet (it blocks signals for all of them).
[[nodiscard]] ExitCode command_run(const std::string& configuration_file);
// Prints what would leave and how, and every problem with its remedy.
[[nodiscard]] ExitCode command_check(const std::string& configuration_file);
[[nodiscard]] ExitCode command_status(const std::string& configuration_file, bool json);
struct ScrubArguments {
  std::vector<std::string> files;
  std::string output;
  std::string schema_file;
  bool fold_case = false;
  bool json = false;
};
// Scrubs binary log files into a spool folder.
[[nodiscard]] ExitCode command_scrub(const std::string& configuration_file, const ScrubArguments& arguments);
[[nodiscard]] ExitCode command_inspect(const std::vector<std::string>& files, bool json);
// Records what to do with the transaction that the stream halted at: pass over it, or, with a file, put its statement
// in the place.
[[nodiscard]] ExitCode command_resolve(const std::string& configuration_file, const std::string& replacement_file);
struct DiscoverArguments {
  std::string update;               // a rule file to add to; empty: a new one goes to standard output
  std::string output;               // where the new file goes instead
  std::vector<std::string> tables;  // patterns of database.table; none: all
  std::string key = "person";       // the name in [keys] for pseudonyms
  std::uint64_t rows = 200;         // of a table
  std::uint64_t seconds = 5;        // for a table
};
// Proposes rules from names, types and samples of the source's tables; no value is printed.
[[nodiscard]] ExitCode command_discover(const std::string& configuration_file, const DiscoverArguments& arguments);
// What the command line says of the relay as a replica sees it; empty: what the configuration says.
struct FollowArguments {
  std::string source;                              // HOST:PORT
  std::string source_ca, source_cert, source_key;  // paths at the replica
};
struct LoadArguments {
  std::string to;           // the replica's URL (replica_url.h)
  std::size_t loaders = 4;  // connections that load at once
  bool starts = true;       // sets the replica's position and lets it follow; otherwise the statements are printed
  bool resets = false;      // the replica's own transactions may be forgotten, where they are in the way
  FollowArguments follow;
};
// Loads a snapshot's folder into a replica, which then follows the relay. REQUIRES: as command_snapshot().
[[nodiscard]] ExitCode command_load(const std::string& configuration_file, const std::string& directory,
                                    const LoadArguments& arguments);
struct SnapshotArguments {
  std::string output;       // the folder to write to; may be empty where it is loaded: then a folder beside the spool
  std::size_t readers = 4;  // connections that read at once
  LoadArguments load;       // with an empty URL: the folder is all
};
// Writes a consistent, scrubbed copy of what leaves, and says where the stream goes on from it. REQUIRES: no other
// thread exists yet (it blocks signals for all of them).
[[nodiscard]] ExitCode command_snapshot(const std::string& configuration_file, const SnapshotArguments& arguments);
struct VerifyArguments {
  std::string replica;              // URL
  std::vector<std::string> tables;  // patterns of database.table; none: all
  std::string state;                // the file that a run that was ended goes on from; empty: none
  std::uint64_t max_load = 0;       // rows a second of both sides; 0: no limit
  std::uint64_t max_lag = 30;       // seconds
  std::size_t readers = 2;
  bool repair = false;
  bool json = false;
};
// Compares a replica with what the rules make of the source, while both go on; with `repair`, writes rows that differ
// anew. REQUIRES: no other thread exists yet (it
// blocks signals for all of them).
[[nodiscard]] ExitCode command_verify(const std::string& configuration_file, const VerifyArguments& arguments);
struct AuditOptions {
  bool json = false;
  bool verify = false;
  std::vector<std::string> noted;  // hashes of entries that were written down elsewhere; verify then
};
// Prints the audit record, or checks it.
[[nodiscard]] ExitCode command_audit(const std::string& configuration_file, const AuditOptions& options);

}  // namespace relay::app
