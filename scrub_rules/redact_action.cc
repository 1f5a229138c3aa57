#include <re2/re2.h>

#include <algorithm>
#include <vector>

#include "scrub_rules/cell_action.h"
#include "scrub_rules/cell_kind.h"
#include "scrub_rules/detectors.h"
#include "scrub_rules/masking.h"
#include "scrub_rules/text_canonical.h"

namespace relay::scrub_rules {

namespace {

using base::Buffer;
using base::ByteView;
using base::Error;
using base::ErrorKind;
using base::Result;

bool begins_character(std::string_view utf8, std::size_t at) {
  return at >= utf8.size() || (static_cast<unsigned char>(utf8[at]) & 0xc0U) != 0x80U;
}

// Searches for an operator's own pattern in windows, so that a text takes time in proportion to its length: a search
// from each match on could look at the whole rest each time.
class OwnPattern {
 public:
  // `pattern` stands between slashes. Null where RE2 does not take it.
  static std::shared_ptr<OwnPattern> make(std::string_view pattern) {
    RE2::Options options;
    options.set_log_errors(false);
    auto own = std::make_shared<OwnPattern>(std::string(pattern.substr(1, pattern.size() - 2)), options);
    return own->expression_.ok() ? own : nullptr;
  }
  OwnPattern(const std::string& pattern, const RE2::Options& options) : expression_(pattern, options) {}

  void find(std::string_view utf8, std::vector<TextSpan>& into) const {
    constexpr std::size_t kWindow = 4096;  // bytes; matches of half of it and less are found
    const re2::StringPiece text(utf8.data(), utf8.size());
    for (std::size_t at = 0; at < utf8.size();) {
      std::size_t end = std::min(at + kWindow, utf8.size());
      while (!begins_character(utf8, end)) ++end;
      re2::StringPiece match;
      const bool found = expression_.Match(text, at, end, RE2::UNANCHORED, &match, 1);
      const std::size_t begin = found ? static_cast<std::size_t>(match.data() - utf8.data()) : end;
      // Behind the middle the window may cut a match off.
      const std::size_t middle = at + kWindow / 2;
      if (end < utf8.size() && begin > middle) {
        at = middle;
      } else if (found && !match.empty()) {
        into.push_back({begin, begin + match.size()});
        at = begin + match.size();
      } else {
        at = begin + 1;
      }
      while (!begins_character(utf8, at)) ++at;
    }
  }

 private:
  RE2 expression_;
};

class Redact final : public CellAction {
 public:
  Redact(TextReader reader, std::string with) : reader_(std::move(reader)), with_(std::move(with)) {}
  void add_all_detectors() {
    for (std::size_t i = 0; i < kDetectors; ++i) detectors_.push_back(static_cast<Detector>(i));
  }
  // False where it is neither the name of a detector nor a regular expression between slashes.
  [[nodiscard]] bool add(const std::string& pattern) {
    if (const auto detector = detector_named(pattern)) {
      detectors_.push_back(*detector);
      return true;
    }
    if (pattern.size() < 3 || pattern.front() != '/' || pattern.back() != '/') return false;
    own_.push_back(OwnPattern::make(pattern));
    return own_.back() != nullptr;
  }

  Result<void> apply(ByteView value, Buffer& into) override {
    text_.clear();
    spans_.clear();
    reader_.append_canonical(value, text_);
    // Most texts are UTF-8 as they are stored.
    const bool same = ByteView::of(text_) == value;
    if (!same && !has_characters_of(value)) {
      append_mask(with_, covering(reader_, with_, value), into);
      return {};
    }
    detect(detectors_, text_, spans_);
    for (const auto& own : own_) own->find(text_, spans_);
    std::ranges::sort(spans_, {}, &TextSpan::begin);
    if (spans_.empty()) {
      into.append(value);
    } else if (same) {
      blank_utf8(value, into);
    } else {
      blank(value, into);
    }
    return {};
  }

 private:
  // Whether text_ has the characters of `value`, one for one. Not so where `value` is no text.
  [[nodiscard]] bool has_characters_of(ByteView value) const {
    if (!is_text(text_)) return false;
    return reader_.characters(value) == utf8_characters(text_);
  }
  static std::size_t utf8_characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
  }

  void blank_utf8(ByteView value, Buffer& into) const {
    std::size_t at = 0;
    for (const TextSpan& span : spans_) {
      // Whole characters, and none twice.
      std::size_t begin = std::max(span.begin, at);
      std::size_t end = span.end;
      while (begin > at && !begins_character(text_, begin)) --begin;
      while (!begins_character(text_, end)) ++end;
      if (end <= at) continue;
      into.append(value.sub(at, begin - at));
      append_mask(with_, utf8_characters(value.sub(begin, end - begin).text()), into);
      at = end;
    }
    into.append(value.sub(at));
  }

  void blank(ByteView value, Buffer& into) {
    std::size_t utf8 = 0;
    std::size_t end = 0;  // of the spans that begin at `utf8` or before
    auto next = spans_.begin();
    for (std::size_t at = 0; at < value.size();) {
      const std::size_t size = reader_.character_size(value.sub(at));
      std::size_t after = utf8 + 1;
      while (!begins_character(text_, after)) ++after;
      // A span may begin or end within a character.
      for (; next != spans_.end() && next->begin < after; ++next) end = std::max(end, next->end);
      into.append(end > utf8 ? ByteView::of(with_) : value.sub(at, size));
      at += size;
      utf8 = after;
    }
  }

  TextReader reader_;
  std::string with_;  // in the column's set
  std::vector<Detector> detectors_;
  std::vector<std::shared_ptr<OwnPattern>> own_;
  std::string text_;
  std::vector<TextSpan> spans_;
};

}  // namespace

MadeAction make_redact_action(const Action& action, const ColumnTraits& column) {
  if (cell_kind(column) != CellKind::text) return does_not_fit_type();
  RELAY_ASSIGN(TextReader reader, TextReader::make(column.character_set));
  RELAY_ASSIGN(std::string with, masking_character(action, column, reader));
  auto redact = std::make_unique<Redact>(std::move(reader), std::move(with));
  if (action.patterns.empty()) redact->add_all_detectors();
  for (const std::string& pattern : action.patterns) {
    if (redact->add(pattern)) continue;
    return base::fail(
        Error(ErrorKind::configuration,
              "a pattern is neither the name of a detector nor a regular expression of RE2 between slashes")
            .remedy(
                "write patterns = [\"national-id\", \"/[A-Z]{2}[0-9]{5}/\"]; docs/pseudonyms.md names the detectors"));
  }
  return redact;
}

}  // namespace relay::scrub_rules
