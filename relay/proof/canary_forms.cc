#include "relay/proof/canary_forms.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>
#include <optional>

namespace relay::proof {

namespace {

using CodePoints = std::vector<char32_t>;

constexpr std::size_t kShortest = 5;  // bytes; what is shorter turns up by chance
constexpr std::size_t kLeastIntegerDigits = 8;
constexpr std::size_t kMostIntegerDigits = 18;  // of what fits a BIGINT whatever the digits are
constexpr std::size_t kDecimalGroup = 9;        // digits that a packed decimal keeps in four bytes

// None for anything that is not UTF-8 in its shortest form.
std::optional<CodePoints> decode(std::string_view text) {
  constexpr char32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
  CodePoints points;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<std::uint8_t>(text[at++]);
    const int more = lead < 0x80 ? 0 : lead >> 5 == 6 ? 1 : lead >> 4 == 14 ? 2 : lead >> 3 == 30 ? 3 : -1;
    if (more < 0 || text.size() - at < static_cast<std::size_t>(more)) return std::nullopt;
    char32_t point = more == 0 ? lead : lead & (0x3fU >> more);
    for (int i = 0; i < more; ++i) {
      const auto next = static_cast<std::uint8_t>(text[at++]);
      if (next >> 6 != 2) return std::nullopt;
      point = point << 6 | (next & 0x3fU);
    }
    if (point < kLeast[more]) return std::nullopt;
    points.push_back(point);
  }
  return points;
}

// Of ASCII and of Latin-1's letters, whose small and capital forms are 32 apart as well.
char32_t small(char32_t c) {
  const bool capital = (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7);
  return capital ? c + 0x20 : c;
}
char32_t capital(char32_t c) {
  const bool small = (c >= 'a' && c <= 'z') || (c >= 0xe0 && c <= 0xfe && c != 0xf7);
  return small ? c - 0x20 : c;
}

void append_big_endian(std::string& text, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
}

std::string utf8(const CodePoints& points) {
  std::string text;
  for (const char32_t c : points) {
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else if (c < 0x800) {
      append_big_endian(text, 0xc080U | (c & 0x7c0U) << 2 | (c & 0x3fU), 2);
    } else if (c < 0x10000) {
      append_big_endian(text, 0xe08080U | (c & 0xf000U) << 4 | (c & 0xfc0U) << 2 | (c & 0x3fU), 3);
    } else {
      append_big_endian(text,
                        0xf0808080U | (c & 0x1c0000U) << 6 | (c & 0x3f000U) << 4 | (c & 0xfc0U) << 2 | (c & 0x3fU), 4);
    }
  }
  return text;
}

std::string latin1(const CodePoints& points) {
  std::string text;
  for (const char32_t c : points) {
    if (c > 0xff) return {};
    text += static_cast<char>(c);
  }
  return text;
}

std::string utf16(const CodePoints& points) {
  std::string text;
  for (const char32_t c : points) {
    if (c < 0x10000) {
      append_big_endian(text, c, 2);
    } else {
      append_big_endian(text, 0xd800U + ((c - 0x10000U) >> 10), 2);
      append_big_endian(text, 0xdc00U + (c & 0x3ffU), 2);
    }
  }
  return text;
}

std::string utf32(const CodePoints& points) {
  std::string text;
  for (const char32_t c : points) append_big_endian(text, c, 4);
  return text;
}

std::string with_swapped_pairs(std::string text) {
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) std::swap(text[i], text[i + 1]);
  return text;
}

std::string hexadecimal(std::string_view bytes, const char* digits) {
  std::string text;
  for (const char byte : bytes) {
    text += digits[static_cast<std::uint8_t>(byte) >> 4];
    text += digits[static_cast<std::uint8_t>(byte) & 0xf];
  }
  return text;
}

void add_hexadecimal(std::string_view bytes, std::vector<std::string>& forms) {
  forms.push_back(hexadecimal(bytes, "0123456789abcdef"));
  forms.push_back(hexadecimal(bytes, "0123456789ABCDEF"));
}

void add_text(const CodePoints& points, std::vector<std::string>& forms) {
  const std::string wide = utf16(points);
  for (const std::string& form : {utf8(points), latin1(points), wide, with_swapped_pairs(wide), utf32(points)}) {
    forms.push_back(form);
  }
}

void add_eight_bytes(std::uint64_t bits, std::vector<std::string>& forms) {
  std::string form;
  append_big_endian(form, bits, 8);
  std::ranges::reverse(form);
  forms.push_back(form);
}

// A packed decimal (strings/decimal.cc) keeps nine digits in four bytes, counted from the decimal point, and turns the
// first bit of all over. How many bytes the first digits take depends on the column; their last byte does not.
void add_decimal(std::string_view digits, std::vector<std::string>& forms) {
  if (digits.size() <= kDecimalGroup) return;
  const std::size_t head = digits.size() % kDecimalGroup == 0 ? kDecimalGroup : digits.size() % kDecimalGroup;
  const auto number = [&](std::size_t at, std::size_t count) {
    std::uint32_t value = 0;
    std::from_chars(digits.data() + at, digits.data() + at + count, value);
    return value;
  };
  std::string form(1, static_cast<char>(number(0, head)));
  for (std::size_t at = head; at < digits.size(); at += kDecimalGroup) {
    append_big_endian(form, number(at, kDecimalGroup), 4);
  }
  forms.push_back(form);
  form[0] = static_cast<char>(form[0] ^ 0x80);
  forms.push_back(form);
}

void add_numbers(std::string_view digits, std::vector<std::string>& forms) {
  if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return;
  if (digits.size() >= kLeastIntegerDigits && digits.size() <= kMostIntegerDigits) {
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    add_eight_bytes(value, forms);
    add_eight_bytes(std::bit_cast<std::uint64_t>(static_cast<double>(value)), forms);
  }
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  add_decimal(digits, forms);
}

}  // namespace

std::vector<std::string> canary_forms(std::string_view value) {
  std::vector<std::string> forms;
  if (std::optional<CodePoints> points = decode(value)) {
    add_text(*points, forms);
    add_hexadecimal(latin1(*points), forms);
    std::ranges::transform(*points, points->begin(), small);
    add_text(*points, forms);
    std::ranges::transform(*points, points->begin(), capital);
    add_text(*points, forms);
  } else {
    forms.emplace_back(value);
  }
  add_hexadecimal(value, forms);
  add_numbers(value, forms);
  std::erase_if(forms, [](const std::string& form) { return form.size() < kShortest; });
  std::ranges::sort(forms);
  forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
  return forms;
}

}  // namespace relay::proof
