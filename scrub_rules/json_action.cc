#include <deque>

#include "scrub_rules/cell_action.h"
#include "scrub_rules/cell_kind.h"
#include "scrub_rules/json_diff.h"
#include "scrub_rules/json_text.h"
#include "scrub_rules/json_writer.h"
#include "scrub_rules/text_reader.h"

namespace relay::scrub_rules {

namespace {

using base::Buffer;
using base::ByteView;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kNull = "null";               // what leaves where nothing does: a document, and no NULL
constexpr std::size_t kKeptText = std::size_t{1} << 20;  // bytes that stay reserved between values

// The JSON columns of MySQL.
class JsonDocument final : public CellAction {
 public:
  explicit JsonDocument(JsonSelection selection) : selection_(std::move(selection)) {}

  Result<void> apply(ByteView value, Buffer& into) override {
    RELAY_ASSIGN(const binlog::JsonValue root, binlog::read_json_document(value));
    return writer_.write(JsonNode(root), &selection_, into);
  }

  Result<void> apply_diffs(ByteView before, ByteView diffs, Buffer& into) override {
    RELAY_ASSIGN(const binlog::JsonValue value, binlog::read_json_document(before));
    JsonNode root(value);
    std::deque<std::string> names;
    RELAY_TRY(apply_json_diffs(diffs, root, names));
    return writer_.write(root, &selection_, into);
  }

 private:
  JsonSelection selection_;
  JsonWriter writer_;
};

std::size_t utf8_size(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

// Appends parts of a text's UTF-8 as the column has them.
class StoredParts final : public JsonTextParts {
 public:
  // `same`: the column has UTF-8.
  StoredParts(const TextReader& reader, std::string_view utf8, ByteView stored, bool same, Buffer& into)
      : reader_(reader), utf8_(utf8), stored_(stored), same_(same), into_(into) {}

  void part(std::size_t begin, std::size_t end) override {
    if (same_) return into_.append(stored_.sub(begin, end - begin));
    go_to(begin);
    const std::size_t from = at_;
    go_to(end);
    into_.append(stored_.sub(from, at_ - from));
  }

  // Whether both are the same characters, one for one, those of ASCII at the same places.
  [[nodiscard]] bool agree() {
    while (in_utf8_ < utf8_.size()) {
      const std::size_t size = reader_.character_size(stored_.sub(at_));
      if (size == 0) return false;
      const char ascii = reader_.ascii(stored_.sub(at_, size));
      const char read = utf8_[in_utf8_];
      if (static_cast<unsigned char>(read) < 0x80 ? ascii != read : ascii != 0) return false;
      step(size);
    }
    const bool whole = at_ == stored_.size();
    at_ = in_utf8_ = 0;
    return whole;
  }

 private:
  void step(std::size_t size) {
    at_ += size;
    in_utf8_ += utf8_size(utf8_[in_utf8_]);
  }
  void go_to(std::size_t place) {
    while (in_utf8_ < place) step(reader_.character_size(stored_.sub(at_)));
  }

  const TextReader& reader_;
  std::string_view utf8_;
  ByteView stored_;
  bool same_;
  Buffer& into_;
  std::size_t at_ = 0, in_utf8_ = 0;
};

// JSON in text columns: MariaDB's JSON, and what older servers and applications keep so. What is no JSON is null.
class JsonText final : public CellAction {
 public:
  JsonText(TextReader reader, JsonSelection selection) : reader_(std::move(reader)), selection_(std::move(selection)) {}

  Result<void> apply(ByteView value, Buffer& into) override {
    const std::size_t start = into.size();
    if (!select(value, into)) {
      into.resize(start);
      reader_.append_ascii(kNull, into);
    }
    if (text_.capacity() > kKeptText) std::string().swap(text_);
    return {};
  }

 private:
  bool select(ByteView value, Buffer& into) {
    text_.clear();
    if (!reader_.well_formed(value)) return false;
    reader_.append_canonical(value, text_);
    const bool same = ByteView::of(text_) == value;
    StoredParts parts(reader_, text_, value, same, into);
    // The canonical form of what cannot be converted begins with a byte that is no UTF-8.
    if (text_.starts_with('\xff') || (!same && !parts.agree())) return false;
    return select_json_text(text_, selection_, parts, name_) == JsonTextFate::selected;
  }

  TextReader reader_;
  JsonSelection selection_;
  std::string text_, name_;
};

}  // namespace

MadeAction make_json_action(const Action& action, const ColumnTraits& column) {
  std::size_t at = 0;
  RELAY_ASSIGN(JsonSelection selection, JsonSelection::make(action, at));
  if (column.type.code == binlog::TypeCode::json) return std::make_unique<JsonDocument>(std::move(selection));
  const CellKind kind = cell_kind(column);
  // Letters stand where swe7 should have brackets; sjis and ujis have a second backslash (0x815f, 0xa1c0), behind which
  // servers see escapes that are not seen here.
  const std::string& set = column.character_set;
  const bool unreadable = set == "swe7" || set == "sjis" || set == "ujis";
  if ((kind != CellKind::text && kind != CellKind::json) || unreadable) return does_not_fit_type();
  if (column.declared_type.ends_with("char") && column.length.value_or(1) < kNull.size()) {
    return base::fail(Error(ErrorKind::configuration, "the column is too short for a JSON document")
                          .remedy("drop the column, or make it four characters or longer at the source"));
  }
  RELAY_ASSIGN(TextReader reader, TextReader::make(column.character_set));
  return std::make_unique<JsonText>(std::move(reader), std::move(selection));
}

}  // namespace relay::scrub_rules
