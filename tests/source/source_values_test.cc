// What needs no server: errors, commands, start texts.
#include <catch2/catch.hpp>

#include "relay/source/client_error.h"
#include "relay/source/dump_command.h"
#include "relay/source/start_spec.h"

namespace relay::source::testing {

TEST_CASE("client_error: no word of the message is kept", "[source]") {
  for (const unsigned number : {1064U, 1045U, 1236U, 1146U, 2013U, 2026U, 9999U}) {
    const base::Error error = client_error(number, "You have an error near 'CANARY-7731' purged CANARY-7731");
    CHECK(error.message().find("CANARY") == std::string::npos);
    CHECK(error.system_code() == static_cast<int>(number));
  }
}

TEST_CASE("client_error: the causes of 1236 are told apart", "[source]") {
  const auto purged = client_error(1236, "Cannot replicate because the source purged required binary logs.");
  const auto no_file = client_error(1236, "Could not find first log file name in binary log index file");
  const auto inside = client_error(1236, "binlog truncated in the middle of event; consider ...");
  const auto anonymous =
      client_error(1236, "Cannot replicate anonymous transaction when @@GLOBAL.GTID_MODE = ON, at ...");
  CHECK(anonymous.remedy().find("ON_PERMISSIVE") != std::string::npos);
  CHECK(purged.message() != no_file.message());
  CHECK(no_file.message() != inside.message());
  CHECK_FALSE(purged.remedy().empty());
  CHECK_FALSE(worth_retrying(purged));
}

TEST_CASE("client_error: what is wrong with the source's certificate is told apart", "[source]") {
  const auto name = client_error(2026, "TLS/SSL error: Validation of SSL server certificate failed");
  const auto authority = client_error(2026, "TLS/SSL error: self-signed certificate in certificate chain");
  const auto no_issuer = client_error(2026, "TLS/SSL error: unable to get local issuer certificate");
  const auto expired = client_error(2026, "TLS/SSL error: certificate has expired");
  const auto other = client_error(2026, "SSL connection error: Failed to set up SSL");
  CHECK(name.remedy().find("source.host") != std::string_view::npos);
  CHECK(authority.remedy().find("source.tls_ca") != std::string_view::npos);
  CHECK(no_issuer.message() == authority.message());
  CHECK(expired.what().find("expired") != std::string_view::npos);
  CHECK(other.what() == "TLS with the source failed");
  CHECK(worth_retrying(name));
}

TEST_CASE("client_error: a lost connection is retried, a refused password is not", "[source]") {
  const std::pair<unsigned, bool> expected[] = {{2013, true},  {2003, true},  {1053, true}, {1040, true},
                                                {1045, false}, {1227, false}, {2026, true}, {2059, false},
                                                {1064, false}, {2999, true}};
  for (const auto& [number, retried] : expected) {
    INFO(number);
    CHECK(worth_retrying(client_error(number, "")) == retried);
  }
  CHECK(client_error(2013, "").kind() == base::ErrorKind::io);
  CHECK(client_error(1045, "").kind() == base::ErrorKind::peer);
  CHECK_FALSE(worth_retrying(base::Error(base::ErrorKind::rule, "x")));
}

TEST_CASE("dump_command: COM_REGISTER_SLAVE has 18 bytes, the server id first", "[source]") {
  base::Buffer body;
  encode_register_replica(0x01020304, body);
  CHECK(body.size() == 17);  // the command byte makes 18
  CHECK(body.view()[0] == 0x04);
  CHECK(body.view()[3] == 0x01);
}

TEST_CASE("dump_command: COM_BINLOG_DUMP is position, flags, server id and file name", "[source]") {
  DumpRequest request;
  request.file = "b.1";
  request.offset = 0xfffffffe;
  request.identity.server_id = 9001;
  request.non_blocking = true;
  base::Buffer body;
  encode_dump(request, body);
  const std::uint8_t expected[] = {0xfe, 0xff, 0xff, 0xff, 0x01, 0x00, 0x29, 0x23, 0x00, 0x00, 'b', '.', '1'};
  CHECK(body.view() == base::ByteView(expected, sizeof expected));
  request.offset = std::uint64_t{1} << 32;  // the file's head, and what lies before the offset is skipped
  CHECK(wire_offset(request) == 4);
}

TEST_CASE("dump_command: quoting leaves no way out of a literal", "[source]") {
  CHECK(quote_text("a'b\\c") == "'a''b\\\\c'");
  CHECK(quote_name("a`b") == "`a``b`");
}

TEST_CASE("start_spec: every form is read", "[source]") {
  CHECK(parse_start("earliest") == StartSpec{StartSpec::Kind::earliest, "", 0, ""});
  CHECK(parse_start("latest") == StartSpec{StartSpec::Kind::latest, "", 0, ""});
  CHECK(parse_start("binlog.000007:4") == StartSpec{StartSpec::Kind::position, "binlog.000007", 4, ""});
  CHECK(parse_start("b.1:5000000000") == StartSpec{StartSpec::Kind::position, "b.1", 5'000'000'000, ""});
  CHECK(parse_start("gtid:0-1-5") == StartSpec{StartSpec::Kind::gtid, "", 0, "0-1-5"});
  CHECK(parse_start("gtid:") == StartSpec{StartSpec::Kind::gtid, "", 0, ""});
}

TEST_CASE("start_spec: what is no start is refused with a remedy", "[source]") {
  const std::string text = GENERATE("", "first", "binlog.000007", "binlog.000007:", ":4", "b.1:3", "b.1:x", "b.1:4x",
                                    "/var/b.1:4", "b.1:99999999999999999999", "gtid:a'b", "b 1:4");
  INFO(text);
  const auto spec = parse_start(text);
  REQUIRE_FALSE(spec);
  CHECK(spec.error().kind() == base::ErrorKind::configuration);
  CHECK_FALSE(spec.error().remedy().empty());
}

}  // namespace relay::source::testing
