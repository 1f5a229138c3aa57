#include "relay/proof/written_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "relay/base/byte_reader.h"

namespace relay::proof {

namespace {

using base::ByteReader;
using base::ByteView;
using Step = JsonForm::Step;

constexpr std::size_t kDeepest = 100;

// Where a value is, from the root down: a member's name, or an element.
struct Place {
  bool element = false;
  std::string name;
};
using Places = std::vector<Place>;

enum class Kind : std::uint8_t { object, array, null, scalar };

class Judge {
 public:
  explicit Judge(const JsonForm& form) : form_(form) {}
  void enter_member(std::string name) { places_.push_back({false, std::move(name)}); }
  void enter_element() { places_.push_back({true, {}}); }
  void leave() { places_.pop_back(); }
  [[nodiscard]] std::size_t depth() const { return places_.size(); }

  // Whether a value may be at the place that was entered.
  [[nodiscard]] bool allows(Kind kind) const {
    if (places_.empty() && kind == Kind::null) return true;
    const bool container = kind == Kind::object || kind == Kind::array;
    for (const std::vector<Step>& path : form_.paths) {
      if (form_.keeps ? is_kept(path, container) : leads_here(path, kind != Kind::array)) return form_.keeps;
    }
    return !form_.keeps;
  }

 private:
  static bool fits(const Step& step, const Place& place) {
    switch (step.kind) {
      case Step::Kind::member:
        return !place.element && step.name == place.name;
      case Step::Kind::any_member:
        return !place.element;
      default:
        return place.element;
    }
  }

  // Inside what the path names; or, a container, on the way there.
  [[nodiscard]] bool is_kept(const std::vector<Step>& path, bool container) const {
    if (places_.size() < path.size() && !container) return false;
    for (std::size_t i = 0; i < path.size() && i < places_.size(); ++i) {
      if (!fits(path[i], places_[i])) return false;
    }
    return true;
  }

  // Whether the value is what the path names: an array's elements have its members, and what is no array is one
  // element.
  [[nodiscard]] bool leads_here(const std::vector<Step>& path, bool no_array) const {
    std::vector<bool> at(path.size() + 1), next(path.size() + 1);  // the steps that may come next
    at[0] = true;
    for (const Place& place : places_) {
      stay(path, at, !place.element);
      std::fill(next.begin(), next.end(), false);
      for (std::size_t step = 0; step < path.size(); ++step) {
        if (!at[step]) continue;
        const Step::Kind kind = path[step].kind;
        const bool is_member = kind == Step::Kind::member || kind == Step::Kind::any_member;
        if (kind == Step::Kind::any_depth || (is_member && place.element)) {
          next[step] = true;
          if (kind == Step::Kind::any_depth) continue;
        }
        // Which element it was is not to be seen: others have moved.
        if (kind != Step::Kind::element && fits(path[step], place)) next[step + 1] = true;
      }
      at.swap(next);
    }
    stay(path, at, no_array);
    return at[path.size()];
  }

  // Steps that need no place.
  static void stay(const std::vector<Step>& path, std::vector<bool>& at, bool no_array) {
    for (std::size_t step = 0; step < path.size(); ++step) {
      const Step::Kind kind = path[step].kind;
      if (at[step] && (kind == Step::Kind::any_depth || (kind == Step::Kind::any_element && no_array)))
        at[step + 1] = true;
    }
  }

  const JsonForm& form_;
  Places places_;
};

// The calls of nlohmann-json's parser; false stops it.
class TextJudge {
 public:
  explicit TextJudge(const JsonForm& form) : judge_(form) {}

  bool null() { return value(Kind::null); }
  bool boolean(bool) { return value(Kind::scalar); }
  bool number_integer(std::int64_t) { return value(Kind::scalar); }
  bool number_unsigned(std::uint64_t) { return value(Kind::scalar); }
  bool number_float(double, const std::string&) { return value(Kind::scalar); }
  bool string(std::string&) { return value(Kind::scalar); }
  bool binary(std::vector<std::uint8_t>&) { return false; }
  bool start_object(std::size_t) { return start(Kind::object); }
  bool start_array(std::size_t) { return start(Kind::array); }
  bool end_object() { return end(); }
  bool end_array() { return end(); }
  bool key(std::string& name) {
    judge_.enter_member(name);
    return true;
  }
  // Also for a number that is larger than any double: the parser has no value for it.
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) { return false; }

 private:
  bool value(Kind kind) {
    enter();
    const bool good = judge_.allows(kind);
    leave();
    return good;
  }
  bool start(Kind kind) {
    enter();
    arrays_.push_back(kind == Kind::array);
    return arrays_.size() <= kDeepest && judge_.allows(kind);
  }
  bool end() {
    arrays_.pop_back();
    leave();
    return true;
  }
  void enter() {
    if (!arrays_.empty() && arrays_.back()) judge_.enter_element();
  }
  void leave() {
    if (!arrays_.empty()) judge_.leave();
  }

  Judge judge_;
  std::vector<bool> arrays_;  // of the containers around: whether they are arrays
};

class DocumentJudge {
 public:
  explicit DocumentJudge(const JsonForm& form) : judge_(form) {}

  // Reads one value of `type` from the front of `rest`, which moves behind it.
  bool value(std::uint8_t type, ByteView& rest) {
    if (type <= kLargeArray) return container(type, rest);
    ByteReader reader(rest);
    const bool good = scalar(type, reader) && reader.ok();
    if (!good || !judge_.allows(is_null(type, rest) ? Kind::null : Kind::scalar)) return false;
    rest = rest.sub(reader.position());
    return true;
  }

 private:
  static constexpr std::uint8_t kLargeObject = 1, kLargeArray = 3, kLiteral = 4, kInt16 = 5, kUint16 = 6, kInt32 = 7,
                                kUint32 = 8, kDouble = 11, kString = 12, kOpaque = 15;

  static bool is_null(std::uint8_t type, ByteView data) { return type == kLiteral && !data.empty() && data[0] == 0; }

  static bool scalar(std::uint8_t type, ByteReader& reader) {
    if (type == kLiteral) return reader.u8() <= 2;
    if (type == kOpaque) reader.skip(1);
    if (type == kString || type == kOpaque) {
      std::uint64_t length = 0;
      std::uint8_t byte = 0x80;
      for (unsigned shift = 0; (byte & 0x80U) != 0 && shift < 35; shift += 7) {
        byte = reader.u8();
        length |= std::uint64_t{byte & 0x7fU} << shift;
      }
      reader.skip(length);
      return (byte & 0x80U) == 0;
    }
    if (type < kInt16 || type > kDouble) return false;
    reader.skip(type <= kUint16 ? 2 : type <= kUint32 ? 4 : 8);
    return true;
  }

  // An entry's own value: one that leaves no byte of the entry to anything else.
  bool inlined(std::uint8_t type, std::uint32_t entry, unsigned width) {
    if (type == kLiteral) return entry <= 2 && judge_.allows(entry == 0 ? Kind::null : Kind::scalar);
    if (width == 4 && type == kInt16 && static_cast<std::int32_t>(entry) != static_cast<std::int16_t>(entry))
      return false;
    if (width == 4 && type == kUint16 && entry > 0xffff) return false;
    return judge_.allows(Kind::scalar);
  }

  bool container(std::uint8_t type, ByteView& rest) {
    const bool object = type <= kLargeObject;
    const unsigned width = (type & 1U) != 0 ? 4 : 2;
    if (++depth_ > kDeepest || !judge_.allows(object ? Kind::object : Kind::array)) return false;
    ByteReader head(rest);
    const std::uint64_t count = head.little_endian(width);
    const std::uint64_t size = head.little_endian(width);
    const std::uint64_t keys_end = 2 * width + (object ? count * (width + 2) : 0);
    const std::uint64_t entries_end = keys_end + count * (1 + width);
    if (!head.ok() || size > rest.size() || entries_end > size) return false;
    const ByteView all = rest.sub(0, static_cast<std::size_t>(size));
    ByteReader keys(all.sub(2 * width));
    ByteReader entries(all.sub(static_cast<std::size_t>(keys_end)));
    ByteView left = all.sub(static_cast<std::size_t>(entries_end));
    std::vector<std::string> names;
    for (std::uint64_t i = 0; object && i < count; ++i) {
      const std::uint64_t place = keys.little_endian(width);
      const std::size_t length = keys.u16();
      if (place != all.size() - left.size() || length > left.size()) return false;
      names.emplace_back(left.sub(0, length).text());
      left = left.sub(length);
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      if (object) {
        judge_.enter_member(std::move(names[static_cast<std::size_t>(i)]));
      } else {
        judge_.enter_element();
      }
      const std::uint8_t child = entries.u8();
      const auto entry = static_cast<std::uint32_t>(entries.little_endian(width));
      const bool here = child == kLiteral || child == kInt16 || child == kUint16 ||
                        (width == 4 && (child == kInt32 || child == kUint32));
      const bool good = here ? inlined(child, entry, width) : entry == all.size() - left.size() && value(child, left);
      judge_.leave();
      if (!good) return false;
    }
    rest = rest.sub(all.size());
    --depth_;
    return left.empty();
  }

  Judge judge_;
  std::size_t depth_ = 0;
};

}  // namespace

bool is_json_text(ByteView text, const JsonForm& form) {
  // The parser takes a NUL for the end, and passes over a byte order mark.
  if (text.empty() || text[0] == 0xef || text.text().find('\0') != std::string_view::npos) return false;
  TextJudge judge(form);
  return nlohmann::json::sax_parse(text.begin(), text.end(), &judge);
}

bool is_json_document(ByteView document, const JsonForm& form) {
  if (document.empty()) return false;
  ByteView rest = document.sub(1);
  return DocumentJudge(form).value(document[0], rest) && rest.empty();
}

}  // namespace relay::proof
