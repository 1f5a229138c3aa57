#include <catch2/catch.hpp>

#include "relay/wire/answer.h"
#include "relay/wire/greeting.h"
#include "relay/wire/handshake_response.h"

using namespace std::string_literals;
using relay::base::Buffer;
using relay::base::ByteView;
using namespace relay::wire;

namespace {

std::string text_of(const Buffer& buffer) { return std::string(buffer.view().text()); }

std::string little_endian(std::uint32_t value) {
  return {static_cast<char>(value), static_cast<char>(value >> 8), static_cast<char>(value >> 16),
          static_cast<char>(value >> 24)};
}

const std::uint32_t kOffered = offered_capabilities(false, true);
// What a 5.6 replica sends: of these bits the relay offers PLUGIN_AUTH, CONNECT_ATTRS, LENENC, SECURE_CONNECTION,
// PROTOCOL_41 ...
constexpr std::uint32_t kReplicaCapabilities = 0x8038a205;

std::string fixed_part(std::uint32_t capabilities) {
  return little_endian(capabilities) + little_endian(1 << 30) + "\x08" + std::string(23, '\0');
}

const std::string kAttributes = "\x0c_client_name\x08libmysql\x0cprogram_name\x06mysqld"s;
const std::string kWhole = fixed_part(kReplicaCapabilities) + "bob\0"s +
                           "\x03"
                           "abc" +
                           "mysql_native_password\0"s + static_cast<char>(kAttributes.size()) + kAttributes;

}  // namespace

TEST_CASE("greeting: is laid out as HandshakeV10", "[wire]") {
  Greeting greeting;
  greeting.server_version = "9.7.4";
  greeting.connection_id = 0x01020304;
  for (std::size_t i = 0; i < kScrambleSize; ++i) greeting.scramble[i] = static_cast<std::uint8_t>('a' + i);
  greeting.capabilities = 0x003aa20e;
  greeting.collation = 255;
  greeting.plugin = "caching_sha2_password";
  Buffer out;
  encode_greeting(greeting, out);
  CHECK(text_of(out) ==
        "\x0a"
        "9.7.4\0\x04\x03\x02\x01"
        "abcdefgh\0\x0e\xa2\xff\x02\x00\x3a\x00\x15\0\0\0\0\0\0\0\0\0\0ijklmnopqrst\0caching_sha2_password\0"s);
}

TEST_CASE("greeting: offers nothing that would change the form of the packets after it", "[wire]") {
  constexpr std::uint32_t kCompress = 1U << 5, kDeprecateEof = 1U << 24, kZstd = 1U << 26, kQueryAttributes = 1U << 27;
  for (const bool mariadb : {false, true}) {
    for (const bool tls : {false, true}) {
      const std::uint32_t offered = offered_capabilities(mariadb, tls);
      CHECK((offered & (kCompress | kDeprecateEof | kZstd | kQueryAttributes)) == 0);
      CHECK(((offered & kClientLongPassword) != 0) == !mariadb);
      CHECK(((offered & kClientTls) != 0) == tls);
    }
  }
}

TEST_CASE("make_scramble: has no byte at which a client would stop, and is not the same twice", "[wire]") {
  const Scramble first = make_scramble();
  CHECK(first != make_scramble());
  for (int i = 0; i < 200; ++i) {
    for (const std::uint8_t byte : make_scramble()) {
      REQUIRE(byte != 0);
      REQUIRE(byte != '$');
      REQUIRE(byte < 0x80);
    }
  }
}

TEST_CASE("handshake_response: reads what a replica sends", "[wire]") {
  const auto response = parse_handshake_response(ByteView::of(kWhole), kOffered);
  REQUIRE(response);
  CHECK(response->user == "bob");
  CHECK(response->auth_data == "abc");
  CHECK(response->plugin == "mysql_native_password");
  CHECK(response->attribute("_client_name") == "libmysql");
  CHECK(response->attribute("program_name") == "mysqld");
  CHECK(response->attribute("nothing").empty());
  CHECK(response->collation == 8);
  CHECK(response->client_capabilities == kReplicaCapabilities);
  CHECK((response->capabilities & ~kOffered) == 0);
}

TEST_CASE("handshake_response: every cut of a right packet is refused or read, never read beyond", "[wire]") {
  // Fields at the end may be missing as a whole: plugin and attributes.
  const std::size_t after_auth = kWhole.find("mysql_native_password");
  const std::size_t after_plugin = after_auth + 22;
  for (std::size_t size = 0; size < kWhole.size(); ++size) {
    INFO("cut to " << size);
    const std::string cut = kWhole.substr(0, size);
    CHECK(parse_handshake_response(ByteView::of(cut), kOffered).has_value() ==
          (size == after_auth || size == after_plugin));
  }
}

TEST_CASE("handshake_response: refuses what is broken", "[wire]") {
  struct Broken {
    const char* why;
    std::string bytes;
  };
  const std::vector<Broken> samples = {
      {"older than 4.1", fixed_part(kReplicaCapabilities & ~kClientProtocol41) + "bob\0\0"s},
      {"user without end", fixed_part(kReplicaCapabilities) + "bob"},
      {"user of a kilobyte", fixed_part(kReplicaCapabilities) + std::string(1024, 'u') + "\0\0"s},
      {"proof longer than the packet", fixed_part(kReplicaCapabilities) + "bob\0\xfc\xff\xff"s + "abc"},
      {"proof of 2^63 bytes", fixed_part(kReplicaCapabilities) + "bob\0\xfe\xff\xff\xff\xff\xff\xff\xff\x7f"s},
      {"length that is none", fixed_part(kReplicaCapabilities) + "bob\0\xfb"s},
      {"attribute block beyond the end", fixed_part(kReplicaCapabilities) + "bob\0\0p\0\x20"s + "ab"},
      {"attribute beyond its block", fixed_part(kReplicaCapabilities) + "bob\0\0p\0\x03\x01k\x05"s},
      {"attribute without value", fixed_part(kReplicaCapabilities) + "bob\0\0p\0\x02\x01k"s},
  };
  for (const Broken& sample : samples) {
    INFO(sample.why);
    CHECK_FALSE(parse_handshake_response(ByteView::of(sample.bytes), kOffered));
  }
}

TEST_CASE("handshake_response: keeps a bounded number of bounded attributes", "[wire]") {
  std::string attributes;
  for (int i = 0; i < 1000; ++i) attributes += "\x01k\x01v";
  attributes += "\x01k\xfc\x00\x04"s + std::string(1024, 'v');
  std::string size = "\xfd";
  size += static_cast<char>(attributes.size());
  size += static_cast<char>(attributes.size() >> 8);
  size += static_cast<char>(attributes.size() >> 16);
  const std::string packet = fixed_part(kReplicaCapabilities) + "bob\0\0p\0"s + size + attributes;
  const auto response = parse_handshake_response(ByteView::of(packet), kOffered);
  REQUIRE(response);
  CHECK(response->attributes.size() == HandshakeResponse::kMaximumAttributes);
}

TEST_CASE("handshake_response: a request for TLS is the first 32 bytes with the TLS bit", "[wire]") {
  const std::string request = fixed_part(kReplicaCapabilities | kClientTls);
  const std::string without = fixed_part(kReplicaCapabilities & ~kClientTls);
  CHECK(is_tls_request(ByteView::of(request)));
  CHECK_FALSE(is_tls_request(ByteView::of(without)));
  CHECK_FALSE(is_tls_request(ByteView::of(request).sub(1)));
  CHECK_FALSE(is_tls_request(ByteView()));
}

TEST_CASE("answer: packets are laid out as the protocol says", "[wire]") {
  struct Sample {
    const char* name;
    std::function<void(Buffer&)> encode;
    std::string bytes;
  };
  const std::string long_message(2000, 'm');
  const std::vector<Sample> samples = {
      {"ok", [](Buffer& into) { encode_ok(into); }, "\0\0\0\x02\0\0\0"s},
      {"ok with info",
       [](Buffer& into) {
         encode_ok(into,
                   "\x01"
                   "AB");
       },
       "\0\0\0\x02\0\0\0\x03\x01"
       "AB"s},
      {"error", [](Buffer& into) { encode_error(into, 1236, "HY000", "why"); }, "\xff\xd4\x04#HY000why"s},
      {"error before capabilities", [](Buffer& into) { encode_error(into, 1040, "", "why"); }, "\xff\x10\x04why"s},
      {"long error", [&](Buffer& into) { encode_error(into, 1, "", long_message); },
       "\xff\x01\0"s + long_message.substr(0, 512)},
      {"eof", [](Buffer& into) { encode_eof(into); }, "\xfe\0\0\x02\0"s},
      {"column count", [](Buffer& into) { encode_column_count(into, 2); }, "\x02"s},
      {"column", [](Buffer& into) { encode_column(into, "c"); },
       "\x03"
       "def\0\0\0\x01"
       "c\0\x0c\x21\0\0\x04\0\0\xfd\0\0\x1f\0\0"s},
      {"row",
       [](Buffer& into) {
         encode_row(into, {"a", std::nullopt, ""});
       },
       "\x01"
       "a\xfb\0"s},
  };
  for (const Sample& sample : samples) {
    INFO(sample.name);
    Buffer out;
    sample.encode(out);
    CHECK(text_of(out) == sample.bytes);
  }
}
