#include "relay/binlog/container.h"

#include <zlib.h>
#include <zstd.h>

#include <catch2/catch.hpp>
#include <optional>
#include <vector>

#include "relay/binlog/event_maker.h"
#include "relay/binlog/query_event.h"
#include "tests/binlog/golden.h"

namespace relay::binlog::test {

namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::size_t kMaximum = 1000;

Bytes bytes_of(base::ByteView view) { return {view.begin(), view.end()}; }

Bytes event(EventType type, const Bytes& body) {
  base::Buffer into;
  EventHeader header;
  header.type_code = static_cast<std::uint8_t>(type);
  header.timestamp = 9;
  header.server_id = 7;
  std::uint8_t encoded[kEventHeaderSize];
  encode_event_header(header, encoded);
  into.append({encoded, sizeof encoded});
  into.append({body.data(), body.size()});
  seal_event(into, 0, ChecksumAlgorithm::none);
  return bytes_of(into.view());
}

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes zstd(const Bytes& plain) {
  Bytes packed(ZSTD_compressBound(plain.size()));
  packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 3));
  return packed;
}

// A payload event's body.
Bytes payload(std::uint8_t compression, const Bytes& data, std::size_t uncompressed) {
  base::Buffer into;
  into.append_length_encoded(2);
  into.append_length_encoded(compression < 0xfb ? 1 : 3);
  into.append_length_encoded(compression);
  into.append_length_encoded(3);
  into.append_length_encoded(9);
  into.append_u8(0xfe);
  into.append_u64(uncompressed);
  into.append_length_encoded(1);
  into.append_length_encoded(3);
  into.append_u8(0xfc);
  into.append_u16(static_cast<std::uint16_t>(data.size()));
  into.append_length_encoded(0);
  into.append({data.data(), data.size()});
  return bytes_of(into.view());
}

struct Outcome {
  std::vector<Bytes> events;
  base::Result<void> result;
  [[nodiscard]] bool failed(base::ErrorKind kind) const { return !result && result.error().kind() == kind; }
};

Outcome open(const Bytes& body, std::size_t maximum = kMaximum) {
  Outcome outcome;
  outcome.result = for_each_payload_event({body.data(), body.size()}, maximum, [&](const EventView& inner) {
    outcome.events.push_back(bytes_of(inner.bytes()));
    return base::Result<void>();
  });
  return outcome;
}

// MariaDB's head and zlib stream of the bytes.
Bytes deflated(const Bytes& plain, std::size_t length_bytes = 2) {
  Bytes packed(compressBound(plain.size()));
  auto size = static_cast<uLongf>(packed.size());
  REQUIRE(compress(packed.data(), &size, plain.data(), plain.size()) == Z_OK);
  packed.resize(size);
  Bytes head = {static_cast<std::uint8_t>(0x80 | length_bytes)};
  for (std::size_t i = length_bytes; i > 0; --i)
    head.push_back(static_cast<std::uint8_t>(plain.size() >> (8 * (i - 1))));
  return joined({head, packed});
}

const Bytes kRowsHead = {1, 0, 0, 0, 0, 0, 1, 0, 1, 0xff};  // table 1, end of statement, one column, present

base::Result<Bytes> open_compressed(const Bytes& packed, std::size_t maximum = kMaximum) {
  const auto view = EventView::parse({packed.data(), packed.size()}, ChecksumAlgorithm::none);
  REQUIRE(view);
  base::Buffer into;
  RELAY_ASSIGN(const EventView opened, open_compressed_event(*view, maximum, into));
  return bytes_of(opened.bytes());
}

}  // namespace

TEST_CASE("transaction_payload: the events inside come out one by one, compressed or not", "[binlog]") {
  const std::vector<Bytes> inner = {event(EventType::query, Bytes(300, 'q')), event(EventType::stop, {}),
                                    event(EventType::xid, Bytes(8, 1))};
  const Bytes plain = joined(inner);
  for (const Bytes& body : {payload(0, zstd(plain), plain.size()), payload(255, plain, plain.size())}) {
    const Outcome outcome = open(body);
    REQUIRE(outcome.result);
    CHECK(outcome.events == inner);
  }
  const Bytes two_frames = joined({zstd(inner[0]), zstd(joined({inner[1], inner[2]}))});
  CHECK(open(payload(0, two_frames, plain.size())).events == inner);
}

TEST_CASE("transaction_payload: a payload far above the maximum of an event streams through", "[binlog]") {
  Bytes plain;
  for (int i = 0; i < 20000; ++i) {
    const Bytes one = event(EventType::query, Bytes(static_cast<std::size_t>(i % 700), 'q'));
    plain.insert(plain.end(), one.begin(), one.end());
  }
  const Outcome outcome = open(payload(0, zstd(plain), plain.size()));
  REQUIRE(outcome.result);
  CHECK(outcome.events.size() == 20000);
  CHECK(joined(outcome.events) == plain);
}

TEST_CASE("transaction_payload: what is too large, nested or not known is unsupported", "[binlog]") {
  using base::ErrorKind;
  const Bytes large = event(EventType::query, Bytes(kMaximum, 'q'));
  CHECK(open(payload(0, zstd(large), large.size())).failed(ErrorKind::unsupported));
  CHECK(open(payload(0, zstd(large), large.size()), large.size()).result);
  Bytes claims = event(EventType::query, {});
  claims[9 + 3] = 0x40;  // a gigabyte, refused before the first of it
  CHECK(open(payload(255, claims, claims.size())).failed(ErrorKind::unsupported));
  const Bytes nested = event(EventType::transaction_payload, payload(255, {}, 0));
  CHECK(open(payload(255, nested, nested.size())).failed(ErrorKind::unsupported));
  CHECK(open(payload(1, {}, 0)).failed(ErrorKind::unsupported));
  Bytes unknown_field = payload(255, {}, 0);
  unknown_field[0] = 7;
  CHECK(open(unknown_field).failed(ErrorKind::unsupported));
}

TEST_CASE("transaction_payload: a payload that is cut or says a wrong size is malformed", "[binlog]") {
  using base::ErrorKind;
  const Bytes plain = joined({event(EventType::query, Bytes(30, 'q')), event(EventType::xid, Bytes(8, 1))});
  const Bytes packed = zstd(plain);
  CHECK(open(payload(0, packed, plain.size() + 1)).failed(ErrorKind::malformed));
  for (std::size_t size = 0; size < packed.size(); ++size) {
    const Bytes shorter(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(open(payload(0, shorter, plain.size())).failed(ErrorKind::malformed));
  }
  for (std::size_t size = 1; size < plain.size(); ++size) {
    if (size == plain.size() - 27) continue;  // between the two events
    const Bytes shorter(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(size));
    INFO(size);
    CHECK(open(payload(255, shorter, size)).failed(ErrorKind::malformed));
  }
  Bytes short_size = event(EventType::query, {});
  short_size[9] = 3;
  CHECK(open(payload(255, short_size, short_size.size())).failed(ErrorKind::malformed));
  Bytes wrong_size = payload(255, plain, plain.size());
  wrong_size.push_back(0);
  CHECK(open(wrong_size).failed(ErrorKind::malformed));
  CHECK(open({}).failed(ErrorKind::malformed));
}

TEST_CASE("transaction_payload: the caller's error ends it", "[binlog]") {
  const Bytes plain = joined({event(EventType::stop, {}), event(EventType::stop, {})});
  const Bytes body = payload(255, plain, plain.size());
  int calls = 0;
  const auto result =
      for_each_payload_event({body.data(), body.size()}, kMaximum, [&](const EventView&) -> base::Result<void> {
        ++calls;
        return base::fail(base::ErrorKind::rule, "no");
      });
  REQUIRE_FALSE(result);
  CHECK(result.error().kind() == base::ErrorKind::rule);
  CHECK(calls == 1);
}

TEST_CASE("transaction_payload: the server's own payloads open to whole transactions", "[binlog]") {
  std::size_t payloads = 0;
  for_each_event(golden("my97-compressed"), [&](const EventView& outer) {
    if (outer.type() != EventType::transaction_payload) return;
    ++payloads;
    std::vector<EventType> types;
    open_event(outer, [&](const EventView& inner) { types.push_back(inner.type()); });
    REQUIRE(types.size() > 3);
    CHECK(types.front() == EventType::query);
    CHECK(types.back() == EventType::xid);
  });
  CHECK(payloads == 3);
}

TEST_CASE("compressed_event: rows and queries open to the plain event with the same head", "[binlog]") {
  const Bytes rows(500, 'r');
  for (const int code : {166, 167, 168}) {
    Bytes head = kRowsHead;
    if (code == 167) head.push_back(0xff);
    const auto opened = open_compressed(event(static_cast<EventType>(code), joined({head, deflated(rows)})));
    REQUIRE(opened);
    CHECK(*opened == event(static_cast<EventType>(code - 143), joined({head, rows})));
  }
  const Bytes v2 = {1, 0, 0, 0, 0, 0, 1, 0, 2, 0, 1, 0xff};
  const auto opened = open_compressed(event(EventType::delete_rows_compressed, joined({v2, deflated(rows, 4)})));
  REQUIRE(opened);
  CHECK(*opened == event(EventType::delete_rows_v2, joined({v2, rows})));
  const Bytes query_head = {1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 'd', 0};
  const Bytes text(400, 'x');
  const auto query = open_compressed(event(EventType::query_compressed, joined({query_head, deflated(text)})));
  REQUIRE(query);
  CHECK(*query == event(EventType::query, joined({query_head, text})));
}

TEST_CASE("compressed_event: what is too large, cut or not known is refused", "[binlog]") {
  using base::ErrorKind;
  const auto kind_of = [](const Bytes& tail, std::size_t maximum = kMaximum) -> std::optional<ErrorKind> {
    const auto opened = open_compressed(event(EventType::write_rows_compressed_v1, joined({kRowsHead, tail})), maximum);
    return opened ? std::nullopt : std::optional(opened.error().kind());
  };
  const Bytes rows(500, 'r');
  const Bytes good = deflated(rows);
  CHECK_FALSE(kind_of(good));
  CHECK_FALSE(kind_of(good, kEventHeaderSize + kRowsHead.size() + rows.size()));
  CHECK(kind_of(good, kEventHeaderSize + kRowsHead.size() + rows.size() - 1) == ErrorKind::unsupported);
  CHECK(kind_of({0x84, 0xff, 0xff, 0xff, 0xff, 1, 2, 3}) == ErrorKind::unsupported);
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK(kind_of({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}) == ErrorKind::malformed);
  }
  const auto changed = [&](std::size_t at, std::uint8_t value) {
    Bytes bytes = good;
    bytes[at] = value;
    return bytes;
  };
  CHECK(kind_of(changed(0, 0x02)) == ErrorKind::malformed);    // no mark
  CHECK(kind_of(changed(0, 0x92)) == ErrorKind::unsupported);  // another algorithm
  CHECK(kind_of(changed(0, 0x80)) == ErrorKind::malformed);    // no length
  CHECK(kind_of(changed(0, 0x85)) == ErrorKind::malformed);    // too long a length
  CHECK(kind_of(changed(2, static_cast<std::uint8_t>(good[2] - 1))) == ErrorKind::malformed);
  CHECK(kind_of(changed(2, static_cast<std::uint8_t>(good[2] + 1))) == ErrorKind::malformed);
  CHECK(kind_of(joined({good, {0}})) == ErrorKind::malformed);
  const auto plain = open_compressed(event(EventType::write_rows_v1, joined({kRowsHead, rows})));
  REQUIRE_FALSE(plain);
  CHECK(plain.error().kind() == ErrorKind::unsupported);
}

}  // namespace relay::binlog::test
