#include <sys/prctl.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "relay/app/commands.h"
#include "scrub_rules/pseudonym_key.h"

namespace {

// A core file would hold rows and passwords.
void forbid_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
}

int run_command(int argc, char** argv) {
  using relay::app::ExitCode;
  CLI::App program(
      "A sovereignty filter for MySQL and MariaDB replication: takes personal data out of the binary log while it "
      "streams.",
      "binlog-relay");
  program.set_version_flag("--version", "binlog-relay " BINLOG_RELAY_VERSION);
  program.require_subcommand(1);
  program.footer(
      "Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 stopped by a rule, 4 a difference was found, 130 "
      "interrupted.");

  std::string configuration;
  std::vector<std::string> files;
  bool json = false;
  const auto with_configuration = [&configuration](CLI::App* command) {
    command->add_option("-c,--config", configuration, "the configuration file, relay.toml")->required();
    return command;
  };
  CLI::App* const run =
      with_configuration(program.add_subcommand("run", "Run the relay: source to scrubber to spool to replicas."));
  CLI::App* const check = with_configuration(
      program.add_subcommand("check", "Show, column by column, what would leave; name every problem with its remedy."));
  relay::app::DiscoverArguments discovering;
  CLI::App* const discover = with_configuration(program.add_subcommand(
      "discover",
      "Propose a rule file: find personal data by names, types and samples of the source's tables. Prints no value."));
  CLI::Option* const update =
      discover->add_option("--update", discovering.update, "add to this rule file what it does not say yet");
  discover->add_option("-o,--output", discovering.output, "the rule file to write; it must not be there yet")
      ->excludes(update);
  discover->add_option("--table", discovering.tables, "only tables that fit: database.table, with * and ?");
  discover->add_option("--key", discovering.key, "the name in [keys] for pseudonyms")
      ->capture_default_str()
      ->check([](const std::string& name) {
        return name.size() < relay::scrub_rules::PseudonymKey::kShortestKey ? ""
                                                                            : "a name of 32 bytes or more may be a key";
      });
  discover->add_option("--rows", discovering.rows, "rows to sample of a table; 0: judge by names and types alone")
      ->capture_default_str()
      ->check(CLI::Range(0, 10000));
  discover->add_option("--seconds", discovering.seconds, "time to sample a table in")
      ->capture_default_str()
      ->check(CLI::Range(1, 3600));
  const auto with_loading = [](CLI::App* command, relay::app::LoadArguments& loading) {
    command->add_option("--loaders", loading.loaders, "connections to the replica that load at once")
        ->capture_default_str()
        ->check(CLI::Range(1, 64));
    command->add_option("--source", loading.follow.source, "HOST:PORT, where the replica finds the relay");
    command->add_option("--source-ca", loading.follow.source_ca,
                        "the file, at the replica, of the authority of the relay's certificate");
    command->add_option("--source-cert", loading.follow.source_cert,
                        "the file, at the replica, of the certificate that it shows to the relay");
    command->add_option("--source-key", loading.follow.source_key, "the file of that certificate's key");
    command->add_flag("!--no-start", loading.starts,
                      "print the statements that let the replica follow, and do not run them");
    command->add_flag("--reset", loading.resets,
                      "forget the replica's own binary log and GTIDs where they are in the way of its position");
  };
  relay::app::SnapshotArguments snapshotting;
  CLI::App* const snapshot = with_configuration(program.add_subcommand(
      "snapshot", "Write a consistent, scrubbed copy of the source's tables, and say where the stream goes on."));
  CLI::Option_group* const where = snapshot->add_option_group("where");
  where->add_option("-o,--output", snapshotting.output, "the folder to write to: empty, or not there yet");
  where->add_option("--to", snapshotting.load.to,
                    "the replica to load it into: mysql://USER@HOST:PORT/?KEY=VALUE. Without --output the folder is "
                    "beside the spool, and goes when all is loaded");
  where->require_option(1, 2);
  with_loading(snapshot, snapshotting.load);
  snapshot->add_option("--readers", snapshotting.readers, "connections to the source that read at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  relay::app::LoadArguments loading;
  std::string snapshot_folder;
  CLI::App* const load = with_configuration(program.add_subcommand(
      "load", "Load a snapshot into a replica, which then follows the relay. Interrupted, it goes on."));
  load->add_option("FOLDER", snapshot_folder, "the folder that `binlog-relay snapshot` wrote")->required();
  load->add_option("--to", loading.to, "the replica: mysql://USER@HOST:PORT/?KEY=VALUE")->required();
  with_loading(load, loading);
  relay::app::VerifyArguments verifying;
  CLI::App* const verify = with_configuration(program.add_subcommand(
      "verify", "Compare a replica with the scrubbed source, table by table, while both are live."));
  verify->add_option("--replica", verifying.replica, "the replica's server: mysql://user@host:port/?password_file=FILE")
      ->required();
  verify->add_option("--tables", verifying.tables, "only tables that fit: database.table, with * and ?");
  verify->add_option("--max-load", verifying.max_load, "rows a second to read, of both servers together")
      ->check(CLI::Range(1, 1'000'000'000));
  verify->add_option("--max-lag", verifying.max_lag, "wait while the replica is more seconds behind")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000));
  verify->add_option("--readers", verifying.readers, "tables that are compared at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  verify->add_option("--state", verifying.state, "a file to go on from when the comparison was ended");
  verify->add_flag("--repair", verifying.repair, "write rows that differ anew, and compare their tables again");
  verify->add_flag("--json", verifying.json, "the outcome as a JSON object");
  CLI::App* const status =
      with_configuration(program.add_subcommand("status", "Show what the running relay is doing."));
  status->add_flag("--json", json, "for programs");
  CLI::App* const inspect =
      program.add_subcommand("inspect", "Print the events of binary log files, without values or statements.");
  inspect->add_flag("--json", json, "one JSON object a line");
  inspect->add_option("FILE", files, "binary log or spool files")->required();
  relay::app::ScrubArguments scrubbing;
  CLI::App* const scrub = with_configuration(
      program.add_subcommand("scrub", "Scrub binary log files into a folder, by the rules and without a network."));
  scrub->add_option("FILE", scrubbing.files, "binary log files of one server, in order")->required();
  scrub->add_option("-o,--output", scrubbing.output, "the folder to write to: empty, or not there yet")->required();
  scrub->add_option("--schema", scrubbing.schema_file,
                    "the tables as they are where the first file begins: CREATE TABLE text");
  scrub->add_flag("--fold-case", scrubbing.fold_case, "the server had lower_case_table_names above 0");
  scrub->add_flag("--json", scrubbing.json, "the outcome as a JSON object");

  CLI::App* const resolve =
      with_configuration(program.add_subcommand("resolve", "Go on past the one transaction that stopped the stream."));
  bool skip = false;
  std::string replacement;
  CLI::Option_group* const how = resolve->add_option_group("how");
  how->add_flag("--skip", skip, "nothing of it leaves but its GTID");
  how->add_option("--replace", replacement,
                  "a file with the one statement, of those that change no rows, that goes in its place");
  how->require_option(1);

  CLI::App* const audit =
      with_configuration(program.add_subcommand("audit", "Print what happened and what left, or check that record."));
  relay::app::AuditOptions audit_options;
  audit->add_flag("--json", audit_options.json, "one JSON object a line");
  audit->add_flag("--verify", audit_options.verify, "check that no entry was edited, removed or moved");
  audit->add_option("--noted", audit_options.noted,
                    "check also that an entry has this hash, which was written down elsewhere");

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? static_cast<int>(ExitCode::done) : static_cast<int>(ExitCode::configuration);
  }
  ExitCode code = ExitCode::configuration;
  if (run->parsed()) code = relay::app::command_run(configuration);
  if (check->parsed()) code = relay::app::command_check(configuration);
  if (discover->parsed()) code = relay::app::command_discover(configuration, discovering);
  if (snapshot->parsed()) code = relay::app::command_snapshot(configuration, snapshotting);
  if (load->parsed()) code = relay::app::command_load(configuration, snapshot_folder, loading);
  if (verify->parsed()) code = relay::app::command_verify(configuration, verifying);
  if (status->parsed()) code = relay::app::command_status(configuration, json);
  if (scrub->parsed()) code = relay::app::command_scrub(configuration, scrubbing);
  if (resolve->parsed()) code = relay::app::command_resolve(configuration, replacement);
  if (audit->parsed()) code = relay::app::command_audit(configuration, audit_options);
  if (inspect->parsed()) code = relay::app::command_inspect(files, json);
  return static_cast<int>(code);
}

}  // namespace

int main(int argc, char** argv) {
  forbid_core_dumps();
  try {
    return run_command(argc, argv);
  } catch (const std::exception&) {
    // Its text is not printed: it may be made of what was being read.
    std::fputs("binlog-relay: ended by an exception: no memory, or a defect of this program\n", stderr);
    return static_cast<int>(relay::app::ExitCode::failed);
  }
}
