#include <algorithm>
#include <array>
#include <charconv>

#include "relay/base/ascii.h"
#include "scrub_rules/cell_action.h"
#include "scrub_rules/cell_kind.h"
#include "scrub_rules/masking.h"
#include "scrub_rules/number_reader.h"
#include "scrub_rules/pseudonym_form.h"
#include "scrub_rules/text_canonical.h"

namespace relay::scrub_rules {

namespace {

using base::Buffer;
using base::ByteView;
using base::Result;

// Characters before which a mask begins, and behind which it ends.
struct Kept {
  std::size_t first = 0;
  std::size_t last = 0;
};

class Mask final : public CellAction {
 public:
  Mask(TextReader reader, std::string with, Kept kept)
      : reader_(std::move(reader)), with_(std::move(with)), kept_(kept) {}

  Result<void> apply(ByteView value, Buffer& into) override {
    const std::optional<std::size_t> count = reader_.characters(value);
    if (!count || kept_.first + kept_.last >= *count) {
      // A short value would be kept whole, and of what is no text nothing is known.
      append_mask(with_, covering(reader_, with_, value), into);
      return {};
    }
    // As many characters as bytes: all are of one.
    const bool narrow = *count == value.size();
    const std::size_t behind = *count - kept_.last;
    const std::size_t end = kept_.last == 0 ? value.size() : narrow ? behind : reader_.size_of(value, behind);
    into.append(value.sub(0, narrow ? kept_.first : reader_.size_of(value, kept_.first)));
    append_mask(with_, behind - kept_.first, into);
    into.append(value.sub(end));
    return {};
  }

 private:
  TextReader reader_;
  std::string with_;  // in the column's set
  Kept kept_;
};

// Removes from the end of what was appended behind `start` what a CHAR or BINARY column pads with.
void trim(Buffer& into, std::size_t start, std::size_t unit, std::uint8_t padding, bool little_endian) {
  const auto padded = [&](std::size_t at) {
    for (std::size_t i = 0; i < unit; ++i) {
      const std::size_t sign = little_endian ? 0 : unit - 1;
      if (into.data()[at + i] != (i == sign ? padding : 0)) return false;
    }
    return true;
  };
  std::size_t size = into.size();
  while (size >= start + unit && padded(size - unit)) size -= unit;
  into.resize(size);
}

class TruncateText final : public CellAction {
 public:
  TruncateText(TextReader reader, std::size_t length, bool fixed, bool little_endian)
      : reader_(std::move(reader)), length_(length), fixed_(fixed), little_endian_(little_endian) {}

  Result<void> apply(ByteView value, Buffer& into) override {
    // What is no text is empty.
    const std::optional<std::size_t> count = reader_.characters(value);
    if (!count) return {};
    const std::size_t kept = std::min(length_, *count);
    // As many characters as bytes: all are of one.
    const std::size_t size = *count == value.size() ? kept : reader_.size_of(value, kept);
    const std::size_t start = into.size();
    into.append(value.sub(0, size));
    if (fixed_) trim(into, start, reader_.ascii_size(), ' ', little_endian_);
    return {};
  }

 private:
  TextReader reader_;
  std::size_t length_;
  bool fixed_, little_endian_;
};

class TruncateBytes final : public CellAction {
 public:
  TruncateBytes(std::size_t length, bool fixed) : length_(length), fixed_(fixed) {}
  Result<void> apply(ByteView value, Buffer& into) override {
    const std::size_t start = into.size();
    into.append(value.sub(0, length_));
    if (fixed_) trim(into, start, 1, 0, false);
    return {};
  }

 private:
  std::size_t length_;
  bool fixed_;
};

// The pseudonym of a text that has not the form that an action asks for.
class WholeText {
 public:
  explicit WholeText(std::size_t characters) : characters_(std::min<std::size_t>(characters, 26)) {}
  [[nodiscard]] Result<void> write(const PseudonymKey& key, const std::string& canonical, std::string& into) const {
    const PseudonymKey::Digest digest = key.digest(ByteView::of(canonical));
    append_pseudonym(digest, PseudonymForm::base32, characters_, into);
    return {};
  }

 private:
  std::size_t characters_;
};

class Email final : public CellAction {
 public:
  Email(PseudonymKey key, CanonicalText text, std::size_t room)
      : key_(std::move(key)), text_(std::move(text)), room_(room), whole_(room) {}

  Result<void> apply(ByteView value, Buffer& into) override {
    const std::string& canonical = text_.canonical(value);
    written_.clear();
    // What has no form in UTF-8 is bytes of another set there, in which an @ may be half of a character.
    const std::size_t at = is_text(canonical) ? canonical.find('@') : std::string::npos;
    const std::string_view domain =
        at == std::string::npos ? std::string_view() : std::string_view(canonical).substr(at + 1);
    if (at != 0 && is_domain(domain) && kNameCharacters + 1 + domain.size() <= room_) {
      const PseudonymKey::Digest digest = key_.digest(ByteView::of(canonical));
      append_pseudonym(digest, PseudonymForm::base32, kNameCharacters, written_);
      written_.append("@").append(domain);
    } else {
      RELAY_TRY(whole_.write(key_, canonical, written_));
    }
    text_.reader().append_ascii(written_, into);
    return {};
  }

 private:
  static constexpr std::size_t kNameCharacters = 20;

  // Labels of letters, digits and -, with a point between them.
  static bool is_domain(std::string_view text) {
    constexpr std::size_t kLongest = 253;  // characters, RFC 1035
    const auto is_sign = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    };
    return text.size() <= kLongest && text.find('.') != std::string_view::npos && text.front() != '.' &&
           text.back() != '.' && text.find("..") == std::string_view::npos && std::ranges::all_of(text, is_sign);
  }

  PseudonymKey key_;
  CanonicalText text_;
  std::size_t room_;  // characters of the column
  WholeText whole_;
  std::string written_;
};

class DigitsText final : public CellAction {
 public:
  DigitsText(PseudonymKey key, CanonicalText text, std::size_t room)
      : key_(std::move(key)), text_(std::move(text)), whole_(room) {}

  Result<void> apply(ByteView value, Buffer& into) override {
    constexpr std::string_view kShape = " +-./():#,;";
    const std::string& canonical = text_.canonical(value);
    std::size_t count = 0;
    bool shaped = true;
    digits_.resize(canonical.size());
    for (const char c : canonical) {
      if (base::is_digit(c)) {
        digits_[count++] = c;
      } else {
        shaped = shaped && kShape.find(c) != std::string_view::npos;
      }
    }
    written_.clear();
    if (shaped && count != 0 && count <= Ff1::kLongestDecimal) {
      RELAY_TRY(key_.permute_digits(digits_.data(), count));
      written_ = canonical;
      auto next = digits_.cbegin();
      for (char& c : written_) c = base::is_digit(c) ? *next++ : c;
    } else {
      RELAY_TRY(whole_.write(key_, canonical, written_));
    }
    text_.reader().append_ascii(written_, into);
    return {};
  }

 private:
  PseudonymKey key_;
  CanonicalText text_;
  WholeText whole_;
  std::string digits_;
  std::string written_;
};

// Another number of as many digits, of the same sign, that the type holds.
class DigitsInteger final : public CellAction {
 public:
  DigitsInteger(PseudonymKey key, unsigned bits, bool is_unsigned)
      : key_(std::move(key)), bits_(bits), is_unsigned_(is_unsigned) {}

  Result<void> apply(ByteView value, Buffer& into) override {
    std::uint64_t number = read_little_endian(value);
    const bool negative = !is_unsigned_ && (number >> (bits_ - 1) & 1U) != 0;
    if (negative) number = ~(number | ~mask(bits_)) + 1;
    std::array<char, 20> decimal{};
    digits_.assign(decimal.data(), std::to_chars(decimal.data(), decimal.data() + decimal.size(), number).ptr);
    std::uint64_t other = 0;
    do {
      RELAY_TRY(key_.permute_digits(digits_.data(), digits_.size()));
    } while (!takes(negative, other));
    into.append_little_endian((negative ? ~other + 1 : other) & mask(bits_), value.size());
    return {};
  }

 private:
  static std::uint64_t mask(unsigned bits) { return bits == 64 ? UINT64_MAX : (std::uint64_t{1} << bits) - 1; }
  [[nodiscard]] bool takes(bool negative, std::uint64_t& other) const {
    if (digits_.size() > 1 && digits_.front() == '0') return false;
    Uint128 number = 0;
    for (const char c : digits_) number = number * 10 + static_cast<unsigned>(c - '0');
    if (negative && number == 0) return false;
    const Uint128 most = is_unsigned_ ? Uint128{mask(bits_)} : Uint128{mask(bits_ - 1)} + (negative ? 1 : 0);
    other = static_cast<std::uint64_t>(number);
    return number <= most;
  }

  PseudonymKey key_;
  unsigned bits_;
  bool is_unsigned_;
  std::string digits_;
};

bool is_fixed(const ColumnTraits& column) { return column.type.code == binlog::TypeCode::string; }

// Characters of the column; as many as anybody needs where it is a TEXT.
std::size_t room_of(const ColumnTraits& column) {
  constexpr std::size_t kUnlimited = 65535;
  return column.declared_type.ends_with("char") ? column.length.value_or(1)
         : column.declared_type == "tinytext"   ? std::size_t{63}
                                                : kUnlimited;
}

Result<CanonicalText> text_of(const Action& action, const ColumnTraits& column, std::string_view collation) {
  RELAY_ASSIGN(TextReader reader, TextReader::make(column.character_set));
  RELAY_ASSIGN(const std::optional<Folding> folding, folding_for(action, column.character_set, collation));
  return CanonicalText(std::move(reader), folding);
}

}  // namespace

MadeAction make_mask_action(const Action& action, const ColumnTraits& column) {
  if (cell_kind(column) != CellKind::text) return does_not_fit_type();
  RELAY_ASSIGN(TextReader reader, TextReader::make(column.character_set));
  RELAY_ASSIGN(std::string with, masking_character(action, column, reader));
  if (column.declared_type.ends_with("char") && action.keep_first + action.keep_last >= room_of(column)) {
    return refuse_action("the mask keeps as many characters as the column holds", "keep fewer, or say keep");
  }
  return std::make_unique<Mask>(std::move(reader), std::move(with), Kept{action.keep_first, action.keep_last});
}

MadeAction make_truncate_action(const Action& action, const ColumnTraits& column) {
  const CellKind kind = cell_kind(column);
  if (kind != CellKind::text && kind != CellKind::bytes) return does_not_fit_type();
  const std::size_t length = action.length.value_or(0);
  const bool limited = column.declared_type.ends_with("char") || column.declared_type.ends_with("binary");
  if (limited && length >= column.length.value_or(1)) {
    return refuse_action("truncating leaves as much as the column holds", "write a smaller length, or say keep");
  }
  if (kind == CellKind::bytes) return std::make_unique<TruncateBytes>(length, is_fixed(column));
  RELAY_ASSIGN(TextReader reader, TextReader::make(column.character_set));
  return std::make_unique<TruncateText>(std::move(reader), length, is_fixed(column), column.character_set == "utf16le");
}

MadeAction make_email_action(const Action& action, const ColumnTraits& column, std::string_view collation,
                             const KeyRing& keys) {
  if (cell_kind(column) != CellKind::text || column.character_set == "swe7") return does_not_fit_type();
  if (room_of(column) < 20)
    return refuse_action("the column is too short for an address",
                         "hash the column, or make it 20 characters or longer");
  RELAY_ASSIGN(PseudonymKey key, pseudonym_key(action, keys));
  RELAY_ASSIGN(CanonicalText text, text_of(action, column, collation));
  return std::make_unique<Email>(std::move(key), std::move(text), room_of(column));
}

MadeAction make_digits_action(const Action& action, const ColumnTraits& column, const KeyRing& keys) {
  RELAY_ASSIGN(PseudonymKey key, pseudonym_key(action, keys));
  if (cell_kind(column) == CellKind::integer) {
    return std::make_unique<DigitsInteger>(std::move(key), static_cast<unsigned>(8 * integer_width(column.type.code)),
                                           column.is_unsigned);
  }
  if (cell_kind(column) != CellKind::text) return does_not_fit_type();
  if (room_of(column) < kShortestPseudonym) {
    return refuse_action("the column is too short for what is no number",
                         "drop the column, or make it six characters or longer at the source");
  }
  RELAY_ASSIGN(CanonicalText text, text_of(action, column, ""));
  return std::make_unique<DigitsText>(std::move(key), std::move(text), room_of(column));
}

}  // namespace relay::scrub_rules
