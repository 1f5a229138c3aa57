#include <fmt/format.h>

#include <algorithm>

#include "relay/app/configuration.h"
#include "relay/app/configuration_files.h"
#include "relay/app/configuration_tunnels.h"
#include "relay/app/configuration_value.h"
#include "relay/app/toml_section.h"
#include "relay/base/nesting.h"

namespace relay::app {

namespace {

using source::TlsMode;

constexpr std::size_t kLargestFile = 1 << 20;
constexpr std::int64_t kLargestServerId = 0xffffffff;
constexpr std::chrono::hours kDefaultKeep{7 * 24};

// Reads the sections one by one; each leaves its problems in the sink and goes on.
class Reader {
 public:
  Reader(base::FileSystem& files, const std::string& path, ConfigurationUse use, ProblemSink& sink)
      : files_(files, path), use_(use), sink_(sink) {}

  Configuration read(const toml::table& document) {
    TomlSection root(&document, "", 1, sink_);
    Configuration configuration;
    configuration.file = sink_.file;
    read_section(root, "source", "name the database to read from",
                 [&](TomlSection& s) { read_source(s, configuration.source); });
    read_section(root, "rules", "name the rule files: files = [\"rules/*.toml\"]",
                 [&](TomlSection& s) { read_rules(s, configuration.rule_files); });
    if (use_ == ConfigurationUse::schema) return configuration;
    read_section(root, "spool", "name its directory", [&](TomlSection& s) { read_spool(s, configuration.spool); });
    configuration.replicas.server_id = configuration.source.server_id;
    read_section(root, "replicas", "say where replicas connect to",
                 [&](TomlSection& s) { read_replicas(s, configuration.replicas); });
    TomlSection admin = root.table("admin");
    read_admin(admin, configuration);
    admin.finish();
    read_canaries(root, configuration.canaries);
    read_all_tunnels(root, configuration);
    root.finish();
    return configuration;
  }

 private:
  template <typename Read>
  void read_section(TomlSection& root, std::string_view key, const char* remedy, Read read) {
    const bool optional =
        (use_ == ConfigurationUse::files && key != "rules") || (use_ == ConfigurationUse::schema && key != "source");
    if (!optional && !root.has(key)) root.missing(key, remedy);
    TomlSection section = root.table(key);
    if (!section.exists()) return;
    read(section);
    section.finish();
  }

  std::string required_text(TomlSection& section, std::string_view key, const char* remedy) {
    if (!section.has(key)) section.missing(key, remedy);
    return section.text(key).value_or("");
  }

  void read_source(TomlSection& section, SourceSection& source) {
    source::SourceSettings& connection = source.connection;
    connection.host = section.text("host").value_or(connection.host);
    connection.port = static_cast<std::uint16_t>(section.integer("port", 1, 65535).value_or(connection.port));
    if (const auto socket = section.text("socket")) connection.socket = files_.resolve(*socket);
    connection.user = required_text(section, "user", "name the source's account for the relay");
    connection.password = files_.password(section, !connection.socket.empty());
    if (!section.has("server_id"))
      section.missing("server_id", "give a number that no other server of the topology has");
    source.server_id = static_cast<std::uint32_t>(section.integer("server_id", 1, kLargestServerId).value_or(0));
    read_source_tls(section, connection);
    read_start(section, source.start);
    if (section.boolean("semi_sync").value_or(false)) {
      section.error("semi_sync", "semi-synchronous replication is not available in this version", "set it to false");
    }
    read_source_times(section, connection);
    if (const auto directory = section.text("plugin_directory"))
      connection.plugin_directory = files_.resolve(*directory);
  }

  void read_source_tls(TomlSection& section, source::SourceSettings& connection) {
    connection.tls = section
                         .word<TlsMode>("tls", {{"off", TlsMode::off},
                                                {"preferred", TlsMode::preferred},
                                                {"required", TlsMode::required},
                                                {"verify_ca", TlsMode::verify_ca},
                                                {"verify_identity", TlsMode::verify_identity}})
                         .value_or(TlsMode::preferred);
    connection.tls_ca = files_.readable(section, "tls_ca");
    connection.tls_cert = files_.readable(section, "tls_cert");
    connection.tls_key = files_.readable(section, "tls_key");
    const bool verifies = connection.tls == TlsMode::verify_ca || connection.tls == TlsMode::verify_identity;
    if (verifies && !section.has("tls_ca"))
      section.missing("tls_ca", "name the certificate authority to verify the source against");
    if (section.has("tls_cert") != section.has("tls_key")) {
      section.error(section.has("tls_cert") ? "tls_cert" : "tls_key", "a certificate and its key go together",
                    "give both, or neither");
    }
  }

  void read_start(TomlSection& section, source::StartSpec& start) {
    const auto text = section.text("start");
    if (!text) return;
    auto spec = source::parse_start(*text);
    if (spec) {
      start = std::move(*spec);
    } else {
      section.error("start", std::string(spec.error().what()), std::string(spec.error().remedy()));
    }
  }

  void read_source_times(TomlSection& section, source::SourceSettings& connection) {
    if (const auto time = positive_duration(section, "heartbeat")) connection.heartbeat = *time;
    if (const auto time = positive_duration(section, "connect_timeout")) {
      connection.connect_timeout = std::chrono::ceil<std::chrono::seconds>(*time);
    }
    if (const auto time = positive_duration(section, "query_timeout")) {
      connection.query_timeout = std::chrono::ceil<std::chrono::seconds>(*time);
    }
  }

  std::optional<std::chrono::milliseconds> positive_duration(TomlSection& section, std::string_view key) {
    const auto time = section.duration(key);
    if (!time || time->count() > 0) return time;
    section.error(key, "is zero", "give a length of time above it");
    return std::nullopt;
  }

  void read_rules(TomlSection& section, std::vector<std::string>& rule_files) {
    if (!section.has("files")) section.missing("files", "name the rule files: files = [\"rules/*.toml\"]");
    rule_files = files_.matching(section, "files", use_ == ConfigurationUse::schema);
  }

  void read_spool(TomlSection& section, SpoolSection& spool) {
    const std::string directory = required_text(section, "directory", "name a folder that only the relay uses");
    if (!directory.empty()) spool.directory = files_.own_directory(section, "directory", directory);
    const std::optional<std::string> sync = section.text("sync");
    if (sync && *sync == "off") {
      spool.sync.when = spool::SyncPolicy::When::never;
    } else if (sync && *sync != "transaction") {
      const auto interval = parse_duration(*sync);
      if (!interval || interval->count() <= 0) {
        section.error("sync", "is neither \"transaction\", \"off\" nor a length of time",
                      "write \"transaction\", or an interval such as \"1s\"");
      }
      spool.sync = {spool::SyncPolicy::When::interval, interval.value_or(std::chrono::seconds(1))};
    }
    if (const auto keep = positive_duration(section, "keep"))
      spool.keep = std::chrono::ceil<std::chrono::seconds>(*keep);
    spool.keep_size = section.size("keep_size");
    if (!section.has("keep") && !section.has("keep_size")) spool.keep = kDefaultKeep;
    spool.prove = section.boolean("prove").value_or(false);
  }

  void read_replicas(TomlSection& section, ReplicasSection& replicas) {
    if (!section.has("listen")) section.missing("listen", "say where replicas connect to: \"127.0.0.1:3307\"");
    replicas.listen = section.endpoint("listen").value_or(Endpoint{"127.0.0.1", 0});
    replicas.tls =
        section
            .word<ReplicaTls>(
                "tls", {{"off", ReplicaTls::off}, {"required", ReplicaTls::required}, {"mutual", ReplicaTls::mutual}})
            .value_or(ReplicaTls::off);
    replicas.tls_cert = files_.readable(section, "tls_cert");
    replicas.tls_key = files_.readable(section, "tls_key");
    replicas.tls_ca = files_.readable(section, "tls_ca");
    replicas.tls_crl = files_.readable(section, "tls_crl");
    check_replica_tls(section, replicas);
    constexpr std::int64_t kMostConnections = 10'000;
    if (const auto most = section.integer("maximum_connections", 1, kMostConnections))
      replicas.maximum_connections = static_cast<std::size_t>(*most);
    if (const auto most = section.integer("maximum_logins", 1, kMostConnections))
      replicas.maximum_logins = static_cast<std::size_t>(*most);
    if (const auto id = section.integer("server_id", 1, kLargestServerId))
      replicas.server_id = static_cast<std::uint32_t>(*id);
    read_accounts(section, replicas);
  }

  void check_replica_tls(TomlSection& section, const ReplicasSection& replicas) {
    if (section.has("tls_ca") && replicas.tls != ReplicaTls::mutual) {
      section.error("tls_ca", "is the authority of replicas' certificates, and replicas show none",
                    "set tls to mutual, or remove it");
    }
    if (section.has("tls_crl") && replicas.tls != ReplicaTls::mutual) {
      section.error("tls_crl", "lists revoked certificates of replicas, and replicas show none",
                    "set tls to mutual, or remove it");
    }
    if (replicas.tls == ReplicaTls::off) {
      if (!replicas.listen.is_loopback()) {
        section.error("tls", "is off although replicas can connect from other machines",
                      "set tls to required or mutual, or listen on 127.0.0.1");
      }
      return;
    }
    if (!section.has("tls_cert")) section.missing("tls_cert", "name the certificate that replicas are shown");
    if (!section.has("tls_key")) section.missing("tls_key", "name the certificate's private key");
    if (replicas.tls == ReplicaTls::mutual && !section.has("tls_ca")) {
      section.missing("tls_ca", "name the authority that replicas' certificates come from");
    }
  }

  void read_account_limits(TomlSection& entry, ReplicaTls tls, server::ReplicaAccount& account) {
    for (const std::string& text : entry.texts("from")) {
      if (const auto range = server::AddressRange::parse(text)) {
        account.from.push_back(*range);
      } else {
        entry.error("from", "has something that is no address and no range of addresses",
                    "write addresses and ranges: from = [\"127.0.0.1\", \"192.0.2.0/24\", \"2001:db8::/32\"]");
      }
    }
    if (entry.has("from") && account.from.empty())
      entry.error("from", "lets nobody in", "name addresses, or remove it");
    account.tls_subject = entry.text("tls_subject").value_or("");
    if (account.tls_subject.starts_with('/') || account.tls_subject.find(", ") != std::string::npos) {
      entry.error("tls_subject", "is not written as RFC 2253 has it",
                  "write it as openssl x509 -noout -subject -nameopt RFC2253 prints it: CN=replica,O=Example");
    }
    account.tls_name = entry.text("tls_name").value_or("");
    for (const char* const key : {"tls_subject", "tls_name"}) {
      if (entry.has(key) && tls != ReplicaTls::mutual)
        entry.error(key, "is of a certificate, and replicas show none", "set replicas.tls to mutual, or remove it");
    }
  }

  void read_accounts(TomlSection& section, ReplicasSection& replicas) {
    auto& accounts = replicas.accounts;
    if (!section.has("accounts")) section.missing("accounts", "add [[replicas.accounts]] with user and password_file");
    for (TomlSection& entry : section.tables("accounts")) {
      server::ReplicaAccount account;
      account.user = required_text(entry, "user", "name the account that a replica logs in with");
      account.password = files_.password(entry, false);
      read_account_limits(entry, replicas.tls, account);
      entry.finish();
      const bool twice =
          std::any_of(accounts.begin(), accounts.end(), [&](const auto& other) { return other.user == account.user; });
      if (twice && !account.user.empty()) entry.error("user", "stands there twice", "keep one account of each name");
      accounts.push_back(std::move(account));
    }
  }

  void read_admin(TomlSection& section, Configuration& configuration) {
    AdminSection& admin = configuration.admin;
    admin.listen = section.endpoint("listen");
    if (admin.listen && *admin.listen == configuration.replicas.listen) {
      section.error("listen", "is where replicas connect to", "give another port");
    }
    if (const auto time = positive_duration(section, "source_lost_after")) {
      admin.source_lost_after = std::chrono::ceil<std::chrono::seconds>(*time);
    }
  }

  void read_canaries(TomlSection& root, std::vector<proof::Canary>& canaries) {
    for (TomlSection& entry : root.tables("canary")) {
      proof::Canary canary;
      canary.name = required_text(entry, "name", "say by what name to report it");
      const std::optional<std::string> value = entry.text("value");
      if (entry.has("value") == entry.has("value_file")) {
        entry.error("value_file", "a canary has one value, from one place", "give value_file, or value");
      }
      canary.value = value ? base::Secret(*value) : files_.secret(entry, "value_file", "value");
      const bool twice =
          std::any_of(canaries.begin(), canaries.end(), [&](const auto& other) { return other.name == canary.name; });
      if (twice && !canary.name.empty()) entry.error("name", "stands there twice", "give each canary its own name");
      entry.finish();
      if (canary.value.empty()) continue;
      canaries.push_back(std::move(canary));
      const auto search = proof::CanarySearch::make(canaries);
      if (search) continue;
      entry.error("name", fmt::format("{}: {}", search.error().subject(), search.error().what()),
                  std::string(search.error().remedy()));
      return;
    }
  }

  void read_all_tunnels(TomlSection& root, Configuration& configuration) {
    configuration.tunnels = read_tunnels(root, files_, configuration.replicas);
    if (!configuration.tunnels.empty() && !root.has("replicas") && use_ != ConfigurationUse::relay)
      root.error("tunnels", "lead to [replicas], which is missing", "add it, or remove [[tunnels]]");
  }

  ConfigurationFiles files_;
  ConfigurationUse use_;
  ProblemSink& sink_;
};

}  // namespace

std::optional<Configuration> read_configuration(base::FileSystem& files, const std::string& path,
                                                base::Problems& problems, ConfigurationUse use) {
  ProblemSink sink{path, problems};
  const base::Result<std::string> text = base::read_file(files, path, kLargestFile);
  if (!text) {
    sink.add(0, "", fmt::format("the configuration cannot be read: {}", text.error().what()),
             "give its path: -c relay.toml");
    return std::nullopt;
  }
  if (base::may_be_deep_toml(*text)) {
    sink.add(0, "", "has a line with more than a thousand dots", "write keys of fewer parts");
    return std::nullopt;
  }
  try {
    const toml::table document = toml::parse(*text, path);
    Configuration configuration = Reader(files, path, use, sink).read(document);
    if (base::has_errors(problems)) return std::nullopt;
    return configuration;
  } catch (const toml::parse_error& error) {
    // The parser's own words may quote the text around the mistake, and so a canary.
    sink.add(error.source().begin.line, "", fmt::format("is not valid TOML (column {})", error.source().begin.column),
             "correct the syntax, or remove what is given twice");
    return std::nullopt;
  }
}

}  // namespace relay::app
