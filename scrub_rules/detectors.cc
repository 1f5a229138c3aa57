#include "scrub_rules/detectors.h"

#include <algorithm>
#include <array>

#include "scrub_rules/address_detector.h"
#include "scrub_rules/email_detector.h"
#include "scrub_rules/number_detector.h"
#include "scrub_rules/plain_text.h"
#include "scrub_rules/url_detector.h"

namespace relay::scrub_rules {

namespace {

constexpr std::array<std::string_view, kDetectors> kDetectorNames = {
    "national-id", "phone", "account", "organisation", "email", "iban", "card", "ip", "url"};

// Signs without which some detectors find nothing: one look at a text tells which have to search it.
constexpr unsigned kDigit = 1, kColon = 2, kPoint = 4, kAt = 8, kPlus = 16, kSlash = 32;
// The first bytes of what a plain text has in another form: separators of digits, and any sign.
constexpr unsigned kSeparator = 64, kWide = 128;
constexpr std::array<std::uint8_t, 256> kSigns = [] {
  std::array<std::uint8_t, 256> signs{};
  for (std::size_t digit = '0'; digit <= '9'; ++digit) signs[digit] = kDigit;
  signs[':'] = kColon;
  signs['.'] = kPoint;
  signs['@'] = kAt;
  signs['+'] = kPlus;
  signs['/'] = kSlash;
  signs[0xe2] = signs[0xe3] = kSeparator;
  signs[0xef] = kWide;
  return signs;
}();

unsigned signs_in(std::string_view text) {
  unsigned seen = 0;
  for (const char c : text) seen |= kSigns[static_cast<unsigned char>(c)];
  return seen;
}

// `seen` are the signs in `text`.
void search(std::span<const Detector> detectors, std::string_view text, unsigned seen, std::vector<TextSpan>& into) {
  const auto has = [seen](unsigned signs) { return (seen & signs) == signs; };
  NumberDetectors numbers;
  for (const Detector detector : detectors) {
    switch (detector) {
      case Detector::email:
        if (has(kAt)) detect_emails(text, into);
        break;
      case Detector::iban:
        if (has(kDigit)) detect_ibans(text, into);
        break;
      case Detector::ip:
        if (has(kColon) || has(kDigit | kPoint)) detect_addresses(text, into);
        break;
      case Detector::url:
        if (has(kAt | kColon | kSlash)) detect_urls(text, into);
        break;
      case Detector::phone:
        if (has(kDigit | kPlus)) detect_international_phones(text, into);
        [[fallthrough]];
      default:
        numbers.add(detector);
    }
  }
  if (has(kDigit) && numbers.any()) numbers.detect(text, into);
}

}  // namespace

std::optional<Detector> detector_named(std::string_view word) {
  const auto found = std::ranges::find(kDetectorNames, word);
  if (found == kDetectorNames.end()) return std::nullopt;
  return static_cast<Detector>(found - kDetectorNames.begin());
}

void detect(std::span<const Detector> detectors, std::string_view text, std::vector<TextSpan>& into) {
  const unsigned seen = signs_in(text);
  const bool separated = (seen & kSeparator) != 0 && (seen & kDigit) != 0;
  if (!separated && (seen & kWide) == 0) return search(detectors, text, seen, into);
  // As it is, too: what stands beside a number or name may be a digit or letter in one of them alone.
  search(detectors, text, seen, into);
  const PlainText plain(text);
  std::vector<TextSpan> found;
  search(detectors, plain.view(), signs_in(plain.view()), found);
  for (const TextSpan& span : found) into.push_back(plain.in_text(span));
}

}  // namespace relay::scrub_rules
