#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "scrub_rules/cell_action.h"
#include "scrub_rules/cell_kind.h"
#include "scrub_rules/number_reader.h"
#include "scrub_rules/text_reader.h"

namespace relay::scrub_rules {

namespace {

using base::Buffer;
using base::ByteView;
using base::Result;
using binlog::TypeCode;

// Bits of an address behind the prefix become 0.
void clear_behind(std::uint8_t* bytes, std::size_t size, std::size_t prefix) {
  std::size_t whole = prefix / 8;
  if (prefix % 8 != 0) bytes[whole++] &= static_cast<std::uint8_t>(0xff00U >> (prefix % 8));
  std::fill(bytes + whole, bytes + size, std::uint8_t{0});
}

struct Prefixes {
  std::size_t four = 24;
  std::size_t six = 48;
};

// An IPv4 address inside an IPv6 one (::ffff:0:0/96, or 6to4's 2002::/16) is one of IPv4.
void generalise(std::array<std::uint8_t, 16>& address, Prefixes prefixes) {
  static constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const bool six_to_four = address[0] == 0x20 && address[1] == 0x02;
  if (std::equal(kMapped.begin(), kMapped.end(), address.begin())) {
    clear_behind(address.data() + 12, 4, prefixes.four);
  } else {
    clear_behind(address.data(), address.size(),
                 six_to_four ? std::min(prefixes.six, 16 + prefixes.four) : prefixes.six);
  }
}

// 192.0.2.0; returns the end. REQUIRES: room for 15 characters.
char* write_dotted(const std::array<std::uint8_t, 4>& address, char* into) {
  for (std::size_t i = 0; i < address.size(); ++i) {
    if (i > 0) *into++ = '.';
    into = std::to_chars(into, into + 3, address[i]).ptr;
  }
  return into;
}

// As inet_ntop() of the C library writes it, which takes three times as long: hexadecimal groups without leading zeros,
// the longest run of two or more zero groups as "::" (the first of equal ones), and the last four bytes dotted behind
// six zero groups, or behind five and ffff (RFC 5952, sections 4 and 5). Returns the end. REQUIRES: room for
// INET6_ADDRSTRLEN characters.
char* write_groups(const std::array<std::uint8_t, 16>& address, char* into) {
  constexpr std::size_t kGroups = 8;
  std::array<unsigned, kGroups> groups{};
  for (std::size_t i = 0; i < kGroups; ++i) groups[i] = unsigned{address[2 * i]} << 8U | address[2 * i + 1];
  std::size_t zeros = 0, longest = 1;  // where the run begins; one group alone is written
  for (std::size_t i = 0, run = 0; i < kGroups; ++i) {
    run = groups[i] == 0 ? run + 1 : 0;
    if (run > longest) longest = run, zeros = i + 1 - run;
  }
  if (longest == 1) zeros = kGroups;
  const bool dotted = zeros == 0 && (longest == 6 || (longest == 5 && groups[5] == 0xffff));
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (i == zeros) {
      *into++ = ':';
      i += longest - 1;
      if (i + 1 == kGroups) *into++ = ':';
      continue;
    }
    if (i > 0) *into++ = ':';
    if (dotted && i == 6) return write_dotted({address[12], address[13], address[14], address[15]}, into);
    into = std::to_chars(into, into + 4, groups[i], 16).ptr;
  }
  return into;
}

// INET4, INET6, and BINARY, VARBINARY or BLOB with 4 or 16 bytes (INET6_ATON). Anything else is empty.
class IpBytes final : public CellAction {
 public:
  // `width`: bytes of an address of the column's type; 0: as many as the value has. `trimmed`: zeros at the end are not
  // stored. `padded`: an address of IPv4 may have zeros behind it.
  IpBytes(Prefixes prefixes, std::size_t width, bool trimmed, bool padded)
      : prefixes_(prefixes), width_(width), trimmed_(trimmed), padded_(padded) {}
  Result<void> apply(ByteView value, Buffer& into) override {
    std::array<std::uint8_t, 16> address{};
    const std::size_t size = width_ != 0 ? width_ : value.size();
    if ((size != 4 && size != 16) || value.size() > size) return {};
    std::copy(value.begin(), value.end(), address.begin());
    // BINARY(16) fills up an IPv4 address with zeros, and a VARBINARY may have been one. It could be one of IPv6, too.
    const bool filled_up =
        padded_ && std::all_of(address.begin() + 4, address.end(), [](std::uint8_t byte) { return byte == 0; });
    if (size == 4) {
      clear_behind(address.data(), 4, prefixes_.four);
    } else if (filled_up) {
      clear_behind(address.data(), address.size(), std::min(prefixes_.four, prefixes_.six));
    } else {
      generalise(address, prefixes_);
    }
    std::size_t kept = size;
    while (trimmed_ && kept > 0 && address[kept - 1] == 0) --kept;
    into.append(ByteView(address.data(), kept));
    return {};
  }

 private:
  Prefixes prefixes_;
  std::size_t width_;
  bool trimmed_, padded_;
};

// INT UNSIGNED as INET_ATON makes it.
class IpInteger final : public CellAction {
 public:
  explicit IpInteger(Prefixes prefixes) : prefixes_(prefixes) {}
  Result<void> apply(ByteView value, Buffer& into) override {
    const std::uint64_t mask = prefixes_.four == 0 ? 0 : ~std::uint64_t{0} << (32 - prefixes_.four);
    const std::uint64_t number = read_little_endian(value);
    // More than an address has is none.
    into.append_little_endian(number > UINT32_MAX ? 0 : number & mask, value.size());
    return {};
  }

 private:
  Prefixes prefixes_;
};

// Addresses as text; what is none becomes empty.
class IpText final : public CellAction {
 public:
  IpText(TextReader reader, Prefixes prefixes, std::size_t room)
      : reader_(std::move(reader)), prefixes_(prefixes), room_(room) {}
  Result<void> apply(ByteView value, Buffer& into) override {
    if (!reader_.read_ascii(value, text_)) return {};
    std::array<char, INET6_ADDRSTRLEN> written;
    char* end = written.data();
    std::array<std::uint8_t, 4> four{};
    std::array<std::uint8_t, 16> six{};
    const bool colon = text_.find(':') != std::string::npos;
    if (!colon && ::inet_pton(AF_INET, text_.c_str(), four.data()) == 1) {
      clear_behind(four.data(), four.size(), prefixes_.four);
      end = write_dotted(four, written.data());
    } else if (colon && ::inet_pton(AF_INET6, text_.c_str(), six.data()) == 1) {
      generalise(six, prefixes_);
      end = write_groups(six, written.data());
    }
    const std::string_view made(written.data(), end);
    if (made.size() <= room_) reader_.append_ascii(made, into);
    return {};
  }

 private:
  TextReader reader_;
  Prefixes prefixes_;
  std::size_t room_;
  std::string text_;
};

}  // namespace

MadeAction make_ip_action(const Action& action, const ColumnTraits& column) {
  const Prefixes prefixes{action.prefix4, action.prefix6};
  if (prefixes.four >= 32 || prefixes.six >= 128) {
    return refuse_action("a prefix of all bits leaves the address as it is", "write a smaller prefix, or say keep");
  }
  const bool fixed = column.type.code == TypeCode::string;
  switch (cell_kind(column)) {
    case CellKind::inet4:
      return std::make_unique<IpBytes>(prefixes, 4, fixed, false);
    case CellKind::inet6:
      return std::make_unique<IpBytes>(prefixes, 16, fixed, false);
    case CellKind::bytes:
      if (fixed && column.type.metadata != 4 && column.type.metadata != 16) {
        return refuse_action("an address has 4 or 16 bytes, and those of the column have another number",
                             "drop the column, or truncate it");
      }
      return std::make_unique<IpBytes>(prefixes, fixed ? column.type.metadata : 0, fixed, true);
    case CellKind::integer:
      if (column.type.code == TypeCode::longlong || (column.type.code == TypeCode::long_ && column.is_unsigned)) {
        return std::make_unique<IpInteger>(prefixes);
      }
      return refuse_action("an address needs INT UNSIGNED or BIGINT", "drop the column, or round it");
    case CellKind::text: {
      RELAY_ASSIGN(TextReader reader, TextReader::make(column.character_set));
      const bool limited = column.declared_type.ends_with("char");
      return std::make_unique<IpText>(std::move(reader), prefixes, limited ? column.length.value_or(1) : 255);
    }
    default:
      return does_not_fit_type();
  }
}

}  // namespace relay::scrub_rules
