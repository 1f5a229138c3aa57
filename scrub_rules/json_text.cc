#include "scrub_rules/json_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "relay/binlog/json_value.h"
#include "scrub_rules/json_string.h"

namespace relay::scrub_rules {

namespace {

using Fate = JsonSelection::Fate;
using NodeKind = JsonSelection::Kind;
using State = JsonSelection::State;
using Step = JsonSelection::Step;

constexpr Step kPassedOver{Fate::gone, 0};

class TextReading {
 public:
  TextReading(std::string_view text, const JsonSelection& selection, JsonTextParts& parts, std::string& scratch)
      : text_(text), selection_(selection), parts_(parts), scratch_(scratch) {}

  JsonTextFate read() {
    skip_space();
    const Step root = selection_.enter(JsonSelection::root(), kind());
    if (!read_value(root)) return JsonTextFate::no_json;
    skip_space();
    if (at_ != text_.size()) return JsonTextFate::no_json;
    return root.fate == Fate::gone ? JsonTextFate::gone : JsonTextFate::selected;
  }

 private:
  [[nodiscard]] char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  // Of the value that begins here; what begins with another sign is a scalar, or none.
  [[nodiscard]] NodeKind kind() const {
    return here() == '{' ? NodeKind::object : here() == '[' ? NodeKind::array : NodeKind::scalar;
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool take(char sign) {
    if (here() != sign) return false;
    ++at_;
    return true;
  }
  // One sign that leaves if the container that it belongs to is a part.
  bool take(char sign, const Step& container) {
    if (!take(sign)) return false;
    if (container.fate == Fate::part) parts_.part(at_ - 1, at_);
    return true;
  }

  // Passes over the value that begins here. False where there is none.
  bool read_value(const Step& step) {
    const std::size_t begin = at_;
    bool good = false;
    switch (here()) {
      case '{':
        good = read_container(step, &TextReading::read_members);
        break;
      case '[':
        good = read_container(step, &TextReading::read_elements);
        break;
      case '"':
        good = read_string();
        break;
      case 't':
        good = read_word("true");
        break;
      case 'f':
        good = read_word("false");
        break;
      case 'n':
        good = read_word("null");
        break;
      default:
        good = read_number();
    }
    if (good && step.fate == Fate::whole) parts_.part(begin, at_);
    return good;
  }

  // What is within a value that leaves whole leaves with it, and not once more.
  bool read_container(const Step& step, bool (TextReading::*inside)(const Step&)) {
    if (depth_ == binlog::kMaximumJsonDepth) return false;
    ++depth_;
    const bool good = (this->*inside)(step.fate == Fate::part ? step : kPassedOver);
    --depth_;
    return good;
  }

  bool read_members(const Step& object) {
    if (!take('{', object)) return false;
    bool first = true;
    skip_space();
    for (bool more = here() != '}'; more; skip_space(), more = take(',')) {
      skip_space();
      const std::size_t begin = at_;
      const auto name = scan_json_string(text_, at_);
      if (!name) return false;
      at_ = name->end;
      skip_space();
      const std::size_t colon = at_;
      if (!take(':')) return false;
      skip_space();
      Step member = kPassedOver;
      if (object.fate == Fate::part) {
        member = selection_.enter(selection_.member(object.state, name_of(begin, *name)), kind());
      }
      if (member.fate != Fate::gone) {
        begin_child(first, begin);
        parts_.part(begin, name->end);
        parts_.part(colon, colon + 1);
      }
      if (!read_value(member)) return false;
    }
    return take('}', object);
  }

  bool read_elements(const Step& array) {
    if (!take('[', array)) return false;
    bool first = true;
    skip_space();
    std::uint64_t index = 0;
    for (bool more = here() != ']'; more; skip_space(), more = take(',')) {
      skip_space();
      Step element = kPassedOver;
      if (array.fate == Fate::part) element = selection_.enter(selection_.element(array.state, index++), kind());
      if (element.fate != Fate::gone) begin_child(first, at_);
      if (!read_value(element)) return false;
    }
    return take(']', array);
  }

  // The comma between what leaves is the one before `begin`.
  void begin_child(bool& first, std::size_t begin) {
    if (!first) {
      const std::size_t comma = text_.rfind(',', begin - 1);
      parts_.part(comma, comma + 1);
    }
    first = false;
  }

  std::string_view name_of(std::size_t begin, const JsonString& name) {
    const std::string_view inside = text_.substr(begin + 1, name.end - begin - 2);
    if (!name.escaped) return inside;
    scratch_.clear();
    unescape_json_string(inside, scratch_);
    return scratch_;
  }

  bool read_string() {
    const auto found = scan_json_string(text_, at_);
    if (found) at_ = found->end;
    return found.has_value();
  }

  bool read_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  bool read_digits() {
    const std::size_t begin = at_;
    while (here() >= '0' && here() <= '9') ++at_;
    return at_ > begin;
  }

  bool read_number() {
    const std::size_t begin = at_;
    return read_digits_and_exponent() && fits_double(text_.substr(begin, at_ - begin));
  }

  // MySQL takes no number beyond the largest double for JSON; what is nearer to 0 than any is 0.
  static bool fits_double(std::string_view number) {
    double value = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
    return read.ec != std::errc::result_out_of_range ||
           std::isfinite(std::strtod(std::string(number).c_str(), nullptr));
  }

  bool read_digits_and_exponent() {
    take('-');
    if (!take('0') && !read_digits()) return false;
    if (take('.') && !read_digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) take('-');
    return read_digits();
  }

  std::string_view text_;
  const JsonSelection& selection_;
  JsonTextParts& parts_;
  std::string& scratch_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace

JsonTextFate select_json_text(std::string_view text, const JsonSelection& selection, JsonTextParts& parts,
                              std::string& scratch) {
  return TextReading(text, selection, parts, scratch).read();
}

}  // namespace relay::scrub_rules
