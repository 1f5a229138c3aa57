#include "scrub_rules/json_printer.h"

#include <cmath>
#include <cstring>

#include "relay/binlog/json_value.h"
#include "scrub_rules/number_reader.h"
#include "scrub_rules/number_text.h"

namespace relay::scrub_rules {

namespace {

using base::Buffer;
using base::ByteView;
using base::ErrorKind;
using base::Result;
using binlog::JsonContainer;
using binlog::JsonType;
using binlog::JsonValue;

std::int64_t signed_number(ByteView data) {
  const unsigned unused = 64 - 8 * static_cast<unsigned>(data.size());
  return static_cast<std::int64_t>(read_little_endian(data) << unused) >> unused;
}

Result<void> append_double(ByteView data, Buffer& into) {
  double number = 0;
  std::memcpy(&number, data.data(), sizeof number);
  if (!std::isfinite(number)) return base::fail(ErrorKind::malformed, "a JSON document holds a number that is none");
  const std::size_t start = into.size();
  append_number(number, into);
  // 1 would come back as an integer.
  if (into.view().sub(start).text().find_first_of(".e") == std::string_view::npos) into.append(".0");
  return {};
}

void append_string(ByteView text, Buffer& into) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  into.append_u8('"');
  std::size_t from = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::uint8_t byte = text[at];
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    into.append(text.sub(from, at - from));
    from = at + 1;
    if (byte >= 0x20) {
      into.append_u8('\\');
      into.append_u8(byte);
    } else {
      const char escaped[6] = {'\\', 'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 15]};
      into.append(std::string_view(escaped, sizeof escaped));
    }
  }
  into.append(text.sub(from));
  into.append_u8('"');
}

// Behind the length, seven bits a byte.
ByteView string_of(ByteView data) {
  std::size_t at = 0;
  while (at < data.size() && (data[at] & 0x80U) != 0) ++at;
  return data.sub(at + 1);
}

// The nesting was proved when the document was read.
Result<void> append_value(const JsonValue& value, Buffer& into);

Result<void> append_container(const JsonValue& value, Buffer& into) {
  const bool object = binlog::is_json_object(value.type);
  const JsonContainer container(value);
  into.append_u8(object ? '{' : '[');
  for (std::uint32_t i = 0; i < container.count(); ++i) {
    if (i > 0) into.append_u8(',');
    if (object) {
      append_string(container.key(i), into);
      into.append_u8(':');
    }
    RELAY_TRY(append_value(container.value(i), into));
  }
  into.append_u8(object ? '}' : ']');
  return {};
}

Result<void> append_value(const JsonValue& value, Buffer& into) {
  switch (value.type) {
    case JsonType::literal:
      into.append(value.data[0] == binlog::kJsonNull ? std::string_view("null")
                  : value.data[0] == 1               ? "true"
                                                     : "false");
      return {};
    case JsonType::int16:
    case JsonType::int32:
    case JsonType::int64:
      append_number(signed_number(value.data), into);
      return {};
    case JsonType::uint16:
    case JsonType::uint32:
    case JsonType::uint64:
      append_number(read_little_endian(value.data), into);
      return {};
    case JsonType::double_:
      return append_double(value.data, into);
    case JsonType::string:
      append_string(string_of(value.data), into);
      return {};
    case JsonType::opaque:
      return base::fail(ErrorKind::unsupported, "a JSON document holds a value that no JSON text can say");
    default:
      return append_container(value, into);
  }
}

}  // namespace

Result<void> append_json_text(ByteView document, Buffer& into) {
  RELAY_ASSIGN(const JsonValue root, binlog::read_json_document(document));
  return append_value(root, into);
}

}  // namespace relay::scrub_rules
