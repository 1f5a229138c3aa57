#include "scrub_rules/url_detector.h"

#include <algorithm>

#include "scrub_rules/text_signs.h"

namespace relay::scrub_rules {

namespace {

constexpr std::string_view kEnd = " \t\r\n\"'<>";

// Two slashes, which documents of JSON may write as \/\/.
struct Slashes {
  std::size_t begin;
  std::size_t end;
};

// The first ones from `from` on; where there are none, both at the end.
Slashes next_slashes(std::string_view text, std::size_t from) {
  for (std::size_t slash = text.find('/', from); slash != std::string_view::npos; slash = text.find('/', slash + 1)) {
    if (text.substr(slash + 1, 1) == "/") return {slash, slash + 2};
    if (slash > from && text[slash - 1] == '\\' && text.substr(slash + 1, 2) == "\\/") return {slash - 1, slash + 3};
  }
  return {text.size(), text.size()};
}

std::size_t scheme_begin(std::string_view text, std::size_t slashes) {
  const auto is_of_scheme = [](char c) { return is_word(c) || c == '+' || c == '-' || c == '.'; };
  if (slashes == 0 || text[slashes - 1] != ':') return slashes;
  std::size_t begin = slashes - 1;
  while (begin > 0 && is_of_scheme(text[begin - 1])) --begin;
  return begin;
}

// Where the address begins whose user or password stands before the last @ of `text`, a run without spaces. A password
// may have slashes in it, so that what stands before the first one tells nothing but a colon.
std::size_t credentials_begin(std::string_view text) {
  const std::size_t sign = text.rfind('@');
  if (sign == std::string_view::npos) return text.size();
  for (Slashes slashes = next_slashes(text, 0); slashes.end <= sign; slashes = next_slashes(text, slashes.end)) {
    const std::string_view host = text.substr(slashes.end, text.find('/', slashes.end) - slashes.end);
    const bool scheme = slashes.begin > 0 && text[slashes.begin - 1] == ':';
    if (host.find(':') != std::string_view::npos || (scheme && host.find('@') != std::string_view::npos))
      return scheme_begin(text, slashes.begin);
  }
  return text.size();
}

}  // namespace

void detect_urls(std::string_view text, std::vector<TextSpan>& into) {
  for (std::size_t slashes = next_slashes(text, 0).begin; slashes < text.size();) {
    const std::size_t end = std::min(text.find_first_of(kEnd, slashes), text.size());
    const std::size_t before = text.find_last_of(kEnd, slashes);
    const std::size_t run = before == std::string_view::npos ? 0 : before + 1;
    const std::size_t begin = run + credentials_begin(text.substr(run, end - run));
    if (begin < end) add_span({begin, end}, into);
    slashes = next_slashes(text, end).begin;
  }
}

}  // namespace relay::scrub_rules
