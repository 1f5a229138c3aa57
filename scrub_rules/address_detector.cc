#include "scrub_rules/address_detector.h"

#include <optional>

#include "scrub_rules/text_signs.h"

namespace relay::scrub_rules {

namespace {

using base::is_digit;
bool is_hex(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

bool word_before(std::string_view text, std::size_t place) { return place > 0 && is_word(text[place - 1]); }

// Where the address of IPv4 ends that begins at `begin`. Zeros may lead its numbers, as some logs write them.
std::optional<std::size_t> quad_end(std::string_view text, std::size_t begin) {
  constexpr int kNumbers = 4;
  std::size_t place = begin;
  for (int numbers = 0; numbers < kNumbers; ++numbers) {
    if (numbers > 0 && at(text, place++) != '.') return std::nullopt;
    const std::size_t first = place;
    int value = 0;
    for (; place - first < 3 && is_digit(at(text, place)); ++place) value = value * 10 + text[place] - '0';
    if (place == first || value > 255 || is_digit(at(text, place))) return std::nullopt;
  }
  return place;
}

// v1.2.3.4 is a version.
bool is_version(std::string_view text, std::size_t begin) {
  return begin > 0 && (text[begin - 1] | 0x20) == 'v' && !word_before(text, begin - 1);
}

// Of more than four numbers any four are one: nothing tells which of them is a port or the end of a date.
void detect_quads(std::string_view text, std::vector<TextSpan>& into) {
  for (std::size_t place = 0; place < text.size();) {
    if (!is_digit(text[place])) {
      ++place;
      continue;
    }
    const bool version = is_version(text, place);
    const auto end = version ? std::nullopt : quad_end(text, place);
    if (end) add_span({place, *end}, into);
    while (is_digit(at(text, place)) || (version && at(text, place) == '.')) ++place;
  }
}

// Where the longest address of IPv6 ends that begins at `begin`.
std::optional<std::size_t> six_end(std::string_view text, std::size_t begin) {
  constexpr int kGroups = 8;
  std::optional<std::size_t> end;
  bool shortened = false;  // by a double colon, for at least one group
  std::size_t place = begin;
  for (int groups = 0; groups <= kGroups;) {
    if (!shortened && text.substr(place, 2) == "::") {
      shortened = true;
      place += 2;
      if (groups > 0 && !is_word(at(text, place))) end = place;
    } else if (groups > 0) {
      if (at(text, place) != ':') break;
      ++place;
    }
    const auto quad = is_digit(at(text, place)) ? quad_end(text, place) : std::nullopt;
    if (quad && (shortened ? groups < kGroups - 2 : groups == kGroups - 2)) return quad;
    const std::size_t first = place;
    while (place - first < 4 && is_hex(at(text, place))) ++place;
    if (place == first || is_word(at(text, place))) break;
    ++groups;
    if (shortened ? groups < kGroups : groups == kGroups) end = place;
  }
  return end;
}

// Where an address may begin whose first colon stands at `colon`: with the group before it, or with a double colon. The
// words of a program stand before a double colon as well.
std::optional<std::size_t> six_begin(std::string_view text, std::size_t colon) {
  std::size_t begin = colon;
  while (begin > 0 && colon - begin < 4 && is_hex(text[begin - 1])) --begin;
  const bool group = begin < colon;
  if (word_before(text, begin) || (!group && at(text, colon + 1) != ':')) return std::nullopt;
  return begin;
}

void detect_sixes(std::string_view text, std::vector<TextSpan>& into) {
  for (std::size_t colon = text.find(':'); colon != std::string_view::npos;) {
    const auto begin = six_begin(text, colon);
    const auto end = begin ? six_end(text, *begin) : std::nullopt;
    if (end) add_span({*begin, *end}, into);
    colon = text.find(':', end ? *end : colon + 1);
  }
}

}  // namespace

void detect_addresses(std::string_view text, std::vector<TextSpan>& into) {
  detect_quads(text, into);
  detect_sixes(text, into);
}

}  // namespace relay::scrub_rules
