#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/app/configuration_tester.h"

namespace relay::app::testing {

namespace {

std::uint32_t line_of(const std::string& text, const std::string& part) {
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return 1 + static_cast<std::uint32_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

}  // namespace

TEST_CASE("configuration: the documented example is read", "[app]") {
  const Folder folder;
  Problems problems;
  const auto read = folder.read(kExample, problems);
  INFO(lines_of(problems));
  REQUIRE(read);
  CHECK(problems.empty());
  CHECK(read->source.connection.host == "127.0.0.1");
  CHECK(read->source.connection.port == 3306);
  CHECK(read->source.connection.password.reveal() == "s3cret");
  CHECK(read->source.connection.tls == source::TlsMode::preferred);
  CHECK(read->source.server_id == 9001);
  CHECK(read->source.start.kind == source::StartSpec::Kind::earliest);
  CHECK(read->rule_files == std::vector<std::string>{folder.path("rules/a.toml"), folder.path("rules/b.toml")});
  CHECK(read->spool.directory == folder.path("spool"));
  CHECK(read->spool.sync.when == spool::SyncPolicy::When::transaction);
  CHECK(read->spool.keep == std::chrono::hours(7 * 24));
  CHECK_FALSE(read->spool.keep_size);
  CHECK(read->replicas.listen == Endpoint{"127.0.0.1", 3307});
  CHECK(read->replicas.server_id == 9001);
  REQUIRE(read->replicas.accounts.size() == 1);
  CHECK(read->replicas.accounts[0].user == "cloud_replica");
  CHECK(read->replicas.accounts[0].password.reveal() == "r3plica");
  CHECK(read->admin.listen == Endpoint{"127.0.0.1", 9144});
}

TEST_CASE("configuration: other values are read, too", "[app]") {
  const Folder folder;
  ::setenv("RELAY_TEST_PASSWORD", "from-env", 1);
  std::string text = with(kExample, "password_file = \"source.password\"",
                          "password_env = \"RELAY_TEST_PASSWORD\"\nsocket = \"/run/m.sock\"");
  text = with(text, "tls = \"preferred\"",
              "tls = \"verify_ca\"\ntls_ca = \"ca.pem\"\ntls_cert = \"cert.pem\"\ntls_key = \"key.pem\"");
  text = with(text, "\"earliest\"", "\"binlog.000007:4\"\nheartbeat = \"500ms\"\nconnect_timeout = \"3s\"");
  text = with(text, "sync = \"transaction\"\nkeep = \"7d\"", "sync = \"250ms\"\nkeep_size = \"50GiB\"");
  text = with(text, "listen = \"127.0.0.1:3307\"\ntls = \"off\"",
              "listen = \"0.0.0.0:3307\"\ntls = \"mutual\"\ntls_cert = \"cert.pem\"\ntls_key = \"key.pem\"\ntls_ca = "
              "\"ca.pem\"\nserver_id = 9002");
  text = with(text, "[admin]\nlisten = \"127.0.0.1:9144\"\n", "[admin]\nsource_lost_after = \"5m\"\n");
  Problems problems;
  const auto read = folder.read(text, problems);
  INFO(lines_of(problems));
  REQUIRE(read);
  CHECK(read->source.connection.password.reveal() == "from-env");
  CHECK(read->source.connection.socket == "/run/m.sock");
  CHECK(read->source.connection.tls == source::TlsMode::verify_ca);
  CHECK(read->source.connection.tls_ca == folder.path("ca.pem"));
  CHECK(read->source.connection.heartbeat == std::chrono::milliseconds(500));
  CHECK(read->source.connection.connect_timeout == std::chrono::seconds(3));
  CHECK(read->source.start == source::StartSpec{source::StartSpec::Kind::position, "binlog.000007", 4, ""});
  CHECK(read->spool.sync.when == spool::SyncPolicy::When::interval);
  CHECK(read->spool.sync.interval == std::chrono::milliseconds(250));
  CHECK(read->spool.keep_size == std::uint64_t{50} << 30);
  CHECK_FALSE(read->spool.keep);
  CHECK(read->replicas.tls == ReplicaTls::mutual);
  CHECK(read->replicas.server_id == 9002);
  CHECK_FALSE(read->admin.listen);
  CHECK(read->admin.source_lost_after == std::chrono::minutes(5));
}

TEST_CASE("configuration: every mistake has its line, key and remedy", "[app]") {
  struct Case {
    const char* from;
    const char* to;
    const char* at;  // a piece of the line that is to be named
    const char* key;
  };
  const Case cases[] = {
      {"port = 3306", "port = 0", "port = 0", "source.port"},
      {"port = 3306", "port = \"x\"", "port = \"x\"", "source.port"},
      {"user = \"binlog_relay\"\n", "", "[source]", "source.user"},
      {"user = \"binlog_relay\"", "user = \"\"", "user = \"\"", "source.user"},
      {"server_id = 9001\n", "", "[source]", "source.server_id"},
      {"server_id = 9001", "server_id = 0", "server_id", "source.server_id"},
      {"server_id = 9001", "server_id = 4294967296", "server_id", "source.server_id"},
      {"password_file = \"source.password\"\n", "", "[source]", "source.password_file"},
      {"\"source.password\"", "\"missing.password\"", "missing.password", "source.password_file"},
      {"password_file = \"source.password\"", "password_env = \"RELAY_NO_SUCH\"", "RELAY_NO_SUCH",
       "source.password_env"},
      {"password_file = \"source.password\"", "password = \"CANARY\"\npassword_file = \"source.password\"", "CANARY",
       "source.password"},
      {"\"preferred\"", "\"prefered\"", "prefered", "source.tls"},
      {"\"preferred\"", "\"verify_ca\"", "[source]", "source.tls_ca"},
      {"\"preferred\"", "\"required\"\ntls_cert = \"cert.pem\"", "tls_cert", "source.tls_cert"},
      {"\"preferred\"", "\"required\"\ntls_ca = \"nowhere.pem\"", "nowhere.pem", "source.tls_ca"},
      {"\"earliest\"", "\"yesterday\"", "yesterday", "source.start"},
      {"semi_sync = false", "semi_sync = true", "semi_sync", "source.semi_sync"},
      {"semi_sync = false", "semi_sync = \"no\"", "semi_sync", "source.semi_sync"},
      {"semi_sync = false", "heartbeat = \"0s\"", "heartbeat", "source.heartbeat"},
      {"port = 3306", "prot = 3306", "prot", "source.prot"},
      {"rules/*.toml", "rules/*.tml", "rules/*.tml", "rules.files"},
      {"files = [\"rules/*.toml\"]", "files = \"rules/*.toml\"", "files = ", "rules.files"},
      {"files = [\"rules/*.toml\"]\n", "", "[rules]", "rules.files"},
      {"directory = \"spool\"\n", "", "[spool]", "spool.directory"},
      {"sync = \"transaction\"", "sync = \"sometimes\"", "sometimes", "spool.sync"},
      {"keep = \"7d\"", "keep = \"7 weeks\"", "7 weeks", "spool.keep"},
      {"keep = \"7d\"", "keep_size = \"50\"", "keep_size", "spool.keep_size"},
      {"listen = \"127.0.0.1:3307\"", "listen = \"3307\"", "listen = \"3307\"", "replicas.listen"},
      {"listen = \"127.0.0.1:3307\"", "listen = \"0.0.0.0:3307\"", "tls = \"off\"", "replicas.tls"},
      {"tls = \"off\"", "tls = \"required\"\ntls_key = \"key.pem\"", "[replicas]", "replicas.tls_cert"},
      {"tls = \"off\"", "tls = \"mutual\"\ntls_key = \"key.pem\"\ntls_cert = \"cert.pem\"", "[replicas]",
       "replicas.tls_ca"},
      {"user = \"cloud_replica\"\n", "", "[[replicas.accounts]]", "replicas.accounts[1].user"},
      {"[[replicas.accounts]]\nuser = \"cloud_replica\"\npassword_file = \"replica.password\"\n", "", "[replicas]",
       "replicas.accounts"},
      {"\"127.0.0.1:9144\"", "\"127.0.0.1:3307\"", "[admin]", "admin.listen"},
      {"[admin]\n", "[admn]\n", "[admn]", "admn"},
      {"[spool]\ndirectory = \"spool\"\nsync = \"transaction\"\nkeep = \"7d\"\n", "", "", "spool"},
      {"port = 3306", "port = = 3306", "port = =", ""},
  };
  const Folder folder;
  for (const Case& one : cases) {
    const std::string text = with(kExample, one.from, one.to);
    INFO(one.to << " for " << one.from);
    Problems problems;
    CHECK_FALSE(folder.read(text, problems));
    INFO(lines_of(problems));
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].file == folder.path("relay.toml"));
    // The admin listener's mistake stands on its own line below the section's.
    const std::uint32_t below = std::string(one.key) == "admin.listen" ? 1 : 0;
    CHECK(problems[0].line == line_of(text, one.at) + below);
    CHECK(problems[0].key == one.key);
    CHECK_FALSE(problems[0].remedy.empty());
    CHECK(lines_of(problems).find("CANARY") == std::string::npos);
  }
}

TEST_CASE("configuration: all mistakes are told at once", "[app]") {
  const Folder folder;
  Problems problems;
  std::string text = with(kExample, "port = 3306", "port = 99999");
  text = with(text, "\"preferred\"", "\"maybe\"");
  text = with(text, "keep = \"7d\"", "kep = \"7d\"");
  text = with(text, "\"127.0.0.1:9144\"", "9144");
  CHECK_FALSE(folder.read(text, problems));
  REQUIRE(problems.size() == 4);
  CHECK(lines_of(problems).find("did you mean keep?") != std::string::npos);
}

TEST_CASE("configuration: an account twice is a mistake", "[app]") {
  const Folder folder;
  Problems problems;
  const char* account = "[[replicas.accounts]]\nuser = \"cloud_replica\"\npassword_file = \"replica.password\"\n";
  CHECK_FALSE(folder.read(with(kExample, account, std::string(account) + account), problems));
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].key == "replicas.accounts[2].user");
}

TEST_CASE("configuration: a password file that others can read is a warning", "[app]") {
  const Folder folder;
  ::chmod(folder.path("source.password").c_str(), 0644);
  Problems problems;
  CHECK(folder.read(kExample, problems));
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].severity == Problem::Severity::warning);
  CHECK(problems[0].key == "source.password_file");
  CHECK(problems[0].line == 5);
}

TEST_CASE("configuration: a spool directory that others can write to is a warning", "[app]") {
  const Folder folder;
  Problems problems;
  std::filesystem::create_directory(folder.path("spool"));
  ::chmod(folder.path("spool").c_str(), 0755);
  REQUIRE(folder.read(kExample, problems));
  CHECK(problems.empty());
  for (const unsigned mode : {0770U, 0703U}) {
    ::chmod(folder.path("spool").c_str(), mode);
    problems.clear();
    REQUIRE(folder.read(kExample, problems));
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].severity == Problem::Severity::warning);
    CHECK(problems[0].key == "spool.directory");
    CHECK(problems[0].remedy == "chmod 700 " + folder.path("spool"));
  }
}

TEST_CASE("configuration: a file that is not there is a problem, no crash", "[app]") {
  Problems problems;
  CHECK_FALSE(read_configuration(base::posix_file_system(), "/nowhere/relay.toml", problems));
  CHECK(problems.size() == 1);
}

TEST_CASE("configuration: what is no TOML is told by its place, and not repeated", "[app]") {
  const Folder folder;
  for (const std::string text :
       {"[[canary]]\nvalue = 'a secret", "[[canary]]\nvalue = tsecret\n", "a = 1\na = 'secret'"}) {
    Problems problems;
    CHECK_FALSE(folder.read(text, problems));
    REQUIRE(problems.size() == 1);
    const std::string line = base::problem_line(problems.front());
    CHECK(problems.front().line == 2);
    CHECK(line.find("secret") == std::string::npos);
    CHECK(line.find('\n') == std::string::npos);
  }
}

TEST_CASE("configuration: a key of very many parts is a problem, no crash", "[app]") {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += "a.";
  Problems problems;
  CHECK_FALSE(folder.read(text + "a = 1", problems));
  CHECK(problems.size() == 1);
}

}  // namespace relay::app::testing
