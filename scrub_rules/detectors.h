#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace relay::scrub_rules {

// What free text can be searched for (docs/pseudonyms.md). Numbers have to pass their own check digits.
enum class Detector : std::uint8_t { national_id, phone, account, organisation, email, iban, card, ip, url };
inline constexpr std::size_t kDetectors = 9;

// "national-id", "phone" ...; none for another word.
[[nodiscard]] std::optional<Detector> detector_named(std::string_view word);

// Bytes of a text, from `begin` to before `end`.
struct TextSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const TextSpan&, const TextSpan&) = default;
};

// Appends a span; one that begins within the last one makes that longer, so that there are never more than the text has
// bytes to hold them.
inline void add_span(TextSpan span, std::vector<TextSpan>& into) {
  if (!into.empty() && span.begin >= into.back().begin && span.begin < into.back().end) {
    into.back().end = span.end > into.back().end ? span.end : into.back().end;
  } else {
    into.push_back(span);
  }
}

// Appends what `detectors` find in `text`, UTF-8; spans may overlap, and come in no order. Takes time in proportion to
// the length of the text, whatever stands in it.
void detect(std::span<const Detector> detectors, std::string_view text, std::vector<TextSpan>& into);

}  // namespace relay::scrub_rules
