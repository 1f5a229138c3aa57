#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "relay/binlog/json_value.h"
#include "scrub_rules/cell_encoders.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;
using Json = nlohmann::json;

// Type bytes (sql-common/json_binary.cc, JSONB_TYPE_*).
enum Type : std::uint8_t {
  kSmallObject = 0,
  kLargeObject = 1,
  kSmallArray = 2,
  kLargeArray = 3,
  kLiteral = 4,
  kInt16 = 5,
  kUint16 = 6,
  kInt32 = 7,
  kUint32 = 8,
  kInt64 = 9,
  kUint64 = 10,
  kDouble = 11,
  kString = 12,
};

constexpr std::size_t kMaximumDepth = 100;  // of arrays and objects (JSON_DOCUMENT_MAX_DEPTH)
constexpr std::size_t kMaximumKey = 65535;

struct Encoded {
  std::uint8_t type = kLiteral;
  std::string data;
};

struct Member {
  std::string_view key;
  Encoded value;
};

bool fits_signed(std::int64_t value, unsigned bits) {
  const std::int64_t limit = std::int64_t{1} << (bits - 1);
  return value >= -limit && value < limit;
}

Encoded integer(std::uint8_t type, std::uint64_t value, std::size_t width) {
  Encoded encoded{type, {}};
  append_little_endian(encoded.data, value, width);
  return encoded;
}

Encoded encode_signed(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  if (fits_signed(value, 16)) return integer(kInt16, bits, 2);
  if (fits_signed(value, 32)) return integer(kInt32, bits, 4);
  return integer(kInt64, bits, 8);
}

// Positive numbers of up to 32 bits are signed ones to the server's parser.
Encoded encode_unsigned(std::uint64_t value) {
  if (value <= std::numeric_limits<std::uint32_t>::max()) return encode_signed(static_cast<std::int64_t>(value));
  return integer(kUint64, value, 8);
}

Encoded encode_string(const std::string& text) {
  Encoded encoded{kString, {}};
  // Seven bits a byte, low ones first; the top bit says that more follow.
  std::size_t length = text.size();
  do {
    const std::size_t more = length > 0x7f ? 0x80 : 0;
    encoded.data += static_cast<char>((length & 0x7f) | more);
    length >>= 7;
  } while (length > 0);
  encoded.data += text;
  return encoded;
}

bool is_inlined(std::uint8_t type, bool large) {
  return type == kLiteral || type == kInt16 || type == kUint16 || (large && (type == kInt32 || type == kUint32));
}

// Count, size, entries of keys, entries of values, keys, values. Offsets count from the count. Nothing when it does not
// fit the small form.
std::optional<std::string> container(const std::vector<Member>& members, bool object, bool large) {
  const std::size_t width = large ? 4 : 2;
  const std::size_t limit =
      large ? std::numeric_limits<std::uint32_t>::max() : std::numeric_limits<std::uint16_t>::max();
  std::size_t offset = 2 * width + members.size() * (binlog::kJsonTypeSize + width + (object ? width + 2 : 0));
  std::string key_entries;
  std::string value_entries;
  std::string keys;
  std::string values;
  for (const Member& member : members) {
    if (!object) break;
    append_little_endian(key_entries, offset, width);
    append_little_endian(key_entries, member.key.size(), 2);
    keys += member.key;
    offset += member.key.size();
  }
  for (const Member& member : members) {
    value_entries += static_cast<char>(member.value.type);
    if (is_inlined(member.value.type, large)) {
      // Servers extend the sign.
      const bool is_signed = member.value.type == kInt16 || member.value.type == kInt32;
      const bool negative = is_signed && (static_cast<unsigned char>(member.value.data.back()) & 0x80U) != 0;
      value_entries += member.value.data;
      value_entries.append(width - member.value.data.size(), negative ? '\xff' : '\0');
      continue;
    }
    append_little_endian(value_entries, offset, width);
    values += member.value.data;
    offset += member.value.data.size();
  }
  if (offset > limit || members.size() > limit) return std::nullopt;
  std::string data;
  append_little_endian(data, members.size(), width);
  append_little_endian(data, offset, width);
  return data + key_entries + value_entries + keys + values;
}

tl::unexpected<Error> too_large() {
  return base::fail(Error(ErrorKind::configuration, "the JSON constant is nested too deeply or too large")
                        .remedy("write a smaller document"));
}

base::Result<Encoded> encode_value(const Json& document, std::size_t depth);

// Keys stand by length, then by their bytes.
std::vector<Member> sorted_members(const Json& document) {
  std::vector<Member> members;
  for (const auto& entry : document.items()) members.push_back({document.find(entry.key()).key(), {}});
  std::ranges::sort(members, [](const Member& a, const Member& b) {
    return a.key.size() != b.key.size() ? a.key.size() < b.key.size() : a.key < b.key;
  });
  return members;
}

base::Result<Encoded> encode_container(const Json& document, std::size_t depth) {
  if (depth > kMaximumDepth) return too_large();
  const bool object = document.is_object();
  std::vector<Member> members;
  if (object) {
    members = sorted_members(document);
    for (Member& member : members) {
      if (member.key.size() > kMaximumKey) return too_large();
      RELAY_ASSIGN(member.value, encode_value(document.at(std::string(member.key)), depth + 1));
    }
  } else {
    for (const Json& element : document) {
      members.emplace_back();
      RELAY_ASSIGN(members.back().value, encode_value(element, depth + 1));
    }
  }
  // What holds a large container is large itself.
  const bool holds_large = std::ranges::any_of(members, [](const Member& member) {
    return member.value.type == kSmallObject + 1 || member.value.type == kSmallArray + 1;
  });
  for (const bool large : {false, true}) {
    if (holds_large && !large) continue;
    std::optional<std::string> data = container(members, object, large);
    const auto type = static_cast<std::uint8_t>((object ? kSmallObject : kSmallArray) + (large ? 1 : 0));
    if (data) return Encoded{type, std::move(*data)};
  }
  return too_large();
}

base::Result<Encoded> encode_value(const Json& document, std::size_t depth) {
  switch (document.type()) {
    case Json::value_t::null:
      return Encoded{kLiteral, std::string(1, '\0')};
    case Json::value_t::boolean:
      return Encoded{kLiteral, std::string(1, document.get<bool>() ? '\1' : '\2')};
    case Json::value_t::number_integer:
      return encode_signed(document.get<std::int64_t>());
    case Json::value_t::number_unsigned:
      return encode_unsigned(document.get<std::uint64_t>());
    case Json::value_t::number_float: {
      const double number = document.get<double>();
      std::uint64_t bits = 0;
      std::memcpy(&bits, &number, sizeof bits);
      return integer(kDouble, bits, 8);
    }
    case Json::value_t::string:
      return encode_string(document.get_ref<const std::string&>());
    case Json::value_t::array:
    case Json::value_t::object:
      return encode_container(document, depth);
    default:
      return too_large();
  }
}

}  // namespace

bool is_json(std::string_view text) { return Json::accept(text); }

base::Result<std::string> encode_json(std::string_view text) {
  const Json document = Json::parse(text, nullptr, false);
  if (document.is_discarded()) {
    return base::fail(Error(ErrorKind::configuration, "the constant is no JSON document")
                          .remedy("write a document, a text in it in double quotes: '\"text\"'"));
  }
  RELAY_ASSIGN(const Encoded encoded, encode_value(document, 1));
  return static_cast<char>(encoded.type) + encoded.data;
}

}  // namespace relay::scrub_rules
