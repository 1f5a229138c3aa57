#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "relay/base/ascii.h"
#include "scrub_rules/cell_action.h"
#include "scrub_rules/cell_kind.h"
#include "scrub_rules/number_reader.h"
#include "scrub_rules/pseudonym_form.h"
#include "scrub_rules/pseudonym_key.h"
#include "scrub_rules/text_canonical.h"

namespace relay::scrub_rules {

namespace {

using base::Buffer;
using base::ByteView;
using base::Error;
using base::ErrorKind;
using base::Result;

std::uint64_t mask_of(unsigned bits) { return bits == 64 ? UINT64_MAX : (std::uint64_t{1} << bits) - 1; }

// Numbers are 64 bits, in two's complement where their type has a sign.
std::uint64_t extended(std::uint64_t number, const IntegerRange& range) {
  const bool negative = !range.is_unsigned && (number >> (range.bits - 1) & 1U) != 0;
  return negative ? number | ~mask_of(range.bits) : number;
}

// A permutation of the integers of one type that leaves those of smaller ranges among themselves: a number is permuted
// in the smallest range that has it, again and again until the outcome is in no smaller one.
class IntegerPermutation {
 public:
  // `inner`: the range of encoding. REQUIRES: `own` contains it; `key` is the one of apply().
  IntegerPermutation(const PseudonymKey& key, const IntegerRange& own, std::optional<IntegerRange> inner = std::nullopt)
      : own_(own) {
    std::vector<IntegerRange> ranges{own};
    if (inner && *inner != own) ranges.push_back(*inner);
    if (own != kSharedNumbers && own.contains(kSharedNumbers)) ranges.push_back(kSharedNumbers);
    std::ranges::sort(ranges, {}, &IntegerRange::bits);
    for (const IntegerRange& range : ranges) parts_.push_back({range, key.binary(range.bits)});
  }

  // REQUIRES: holds(value).
  [[nodiscard]] Result<std::uint64_t> apply(const PseudonymKey& key, std::uint64_t value) const {
    const Part& part = part_of(value);
    do {
      RELAY_ASSIGN(const Uint128 number, key.permute(part.domain, value & mask_of(part.range.bits)));
      value = extended(static_cast<std::uint64_t>(number), part.range);
    } while (&part_of(value) != &part);
    return value;
  }
  [[nodiscard]] bool holds(std::uint64_t value) const { return in(own_, value); }

 private:
  struct Part {
    IntegerRange range;
    Ff1::Domain domain;
  };
  [[nodiscard]] bool in(const IntegerRange& range, std::uint64_t value) const {
    const auto number = static_cast<std::int64_t>(value);
    if (range.is_unsigned) return (own_.is_unsigned || number >= 0) && value <= mask_of(range.bits);
    const std::int64_t half = std::int64_t{1} << (std::min(range.bits, 63U) - 1);
    return range.bits == 64 || (number >= -half && number < half);
  }
  [[nodiscard]] const Part& part_of(std::uint64_t value) const {
    return *std::ranges::find_if(parts_,
                                 [&](const Part& part) { return &part == &parts_.back() || in(part.range, value); });
  }

  IntegerRange own_;
  std::vector<Part> parts_;  // the smallest first
};

class HashInteger final : public CellAction {
 public:
  HashInteger(PseudonymKey key, const IntegerRange& own, std::optional<IntegerRange> inner)
      : key_(std::move(key)), own_(own), permutation_(key_, own, inner) {}
  Result<void> apply(ByteView value, Buffer& into) override {
    const std::uint64_t number = extended(read_little_endian(value), own_);
    RELAY_ASSIGN(const std::uint64_t other, permutation_.apply(key_, number));
    into.append_little_endian(other, value.size());
    return {};
  }

 private:
  PseudonymKey key_;
  IntegerRange own_;
  IntegerPermutation permutation_;
};

// BIT, INET4 and INET6: a big-endian number of some bits. Fixed strings come without the zeros at their end.
class HashBits final : public CellAction {
 public:
  HashBits(PseudonymKey key, unsigned bits, bool trimmed)
      : key_(std::move(key)), domain_(key_.binary(bits)), size_((bits + 7) / 8), trimmed_(trimmed) {}
  Result<void> apply(ByteView value, Buffer& into) override {
    if (value.size() > size_) return base::fail(ErrorKind::malformed, "a cell is longer than its type");
    Uint128 number = 0;
    for (std::size_t i = 0; i < size_; ++i) number = number << 8 | (i < value.size() ? value[i] : 0);
    if (domain_.length < 128 && number >> domain_.length != 0) {
      return base::fail(ErrorKind::malformed, "a cell has more bits than its type");
    }
    RELAY_ASSIGN(number, key_.permute(domain_, number));
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = size_; i > 0; --i, number >>= 8) bytes[i - 1] = static_cast<std::uint8_t>(number);
    std::size_t size = size_;
    while (trimmed_ && size > 0 && bytes[size - 1] == 0) --size;
    into.append(ByteView(bytes.data(), size));
    return {};
  }

 private:
  PseudonymKey key_;
  Ff1::Domain domain_;
  std::size_t size_;  // bytes
  bool trimmed_;
};

class HashDecimal final : public CellAction {
 public:
  HashDecimal(PseudonymKey key, std::size_t precision, std::size_t scale)
      : key_(std::move(key)),
        precision_(precision),
        scale_(scale),
        shares_(scale == 0 && precision >= kSharedDigits),
        shared_(key_, kSharedNumbers) {}
  Result<void> apply(ByteView value, Buffer& into) override {
    RELAY_TRY(read_decimal(value, precision_, scale_, number_));
    if (const std::optional<std::uint64_t> number = shared_number()) {
      RELAY_ASSIGN(const std::uint64_t other, shared_.apply(key_, *number));
      const std::string digits = std::to_string(other);
      number_.digits.assign(precision_ - digits.size(), '0').append(digits);
    } else {
      // Minus zero is none, and the shared numbers are permuted among themselves: walk on.
      do {
        RELAY_TRY(key_.permute_digits(number_.digits.data(), number_.digits.size()));
      } while (number_.negative ? number_.digits.find_first_not_of('0') == std::string::npos
                                : shared_number().has_value());
    }
    append_decimal(number_, scale_, into);
    return {};
  }

 private:
  static constexpr std::size_t kSharedDigits = 10;

  [[nodiscard]] std::optional<std::uint64_t> shared_number() const {
    if (!shares_ || number_.negative) return std::nullopt;
    const std::string_view digits = number_.digits;
    const std::size_t zeros = std::min(digits.find_first_not_of('0'), digits.size() - 1);
    if (digits.size() - zeros > kSharedDigits) return std::nullopt;
    std::uint64_t number = 0;
    for (const char c : digits.substr(zeros)) number = number * 10 + static_cast<unsigned>(c - '0');
    return shared_.holds(number) ? std::optional(number) : std::nullopt;
  }

  PseudonymKey key_;
  std::size_t precision_, scale_;
  bool shares_;  // its numbers are like those of integer types
  IntegerPermutation shared_;
  DecimalDigits number_;
};

class HashBytes final : public CellAction {
 public:
  HashBytes(PseudonymKey key, std::size_t size, bool trimmed) : key_(std::move(key)), size_(size), trimmed_(trimmed) {}
  Result<void> apply(ByteView value, Buffer& into) override {
    const PseudonymKey::Digest digest = key_.digest(value);
    std::size_t size = size_;
    while (trimmed_ && size > 0 && digest[size - 1] == 0) --size;
    into.append(ByteView(digest.data(), size));
    return {};
  }

 private:
  PseudonymKey key_;
  std::size_t size_;
  bool trimmed_;
};

// A UUID whose version says that its bits are random (4, RFC 9562).
class HashUuid final : public CellAction {
 public:
  explicit HashUuid(PseudonymKey key) : key_(std::move(key)) {}
  Result<void> apply(ByteView value, Buffer& into) override {
    constexpr std::string_view kDigits = "0123456789abcdef";
    constexpr std::size_t kSize = 16;
    if (value.size() > kSize) return base::fail(ErrorKind::malformed, "a cell is longer than its type");
    text_.clear();
    for (std::size_t i = 0; i < kSize; ++i) {
      const std::uint8_t byte = i < value.size() ? value[i] : 0;
      if (i == 4 || i == 6 || i == 8 || i == 10) text_ += '-';
      text_ += kDigits[byte >> 4];
      text_ += kDigits[byte & 0xf];
    }
    PseudonymKey::Digest digest = key_.digest(ByteView::of(text_));
    digest[6] = static_cast<std::uint8_t>((digest[6] & 0x0f) | 0x40);
    digest[8] = static_cast<std::uint8_t>((digest[8] & 0x3f) | 0x80);
    std::size_t size = kSize;
    while (size > 0 && digest[size - 1] == 0) --size;
    into.append(ByteView(digest.data(), size));
    return {};
  }

 private:
  PseudonymKey key_;
  std::string text_;
};

class HashText final : public CellAction {
 public:
  HashText(PseudonymKey key, TextReader reader, const TextPseudonym& pseudonym, std::optional<Folding> folding)
      : key_(std::move(key)),
        text_(std::move(reader), folding),
        pseudonym_(pseudonym),
        permutation_(key_, pseudonym.numbers.value_or(kSharedNumbers)) {}

  Result<void> apply(ByteView value, Buffer& into) override {
    const std::string& canonical = text_.canonical(value);
    written_.clear();
    RELAY_ASSIGN(const bool number, write_number(canonical));
    if (!number) {
      const PseudonymKey::Digest digest = key_.digest(ByteView::of(canonical));
      append_pseudonym(digest, pseudonym_.form, pseudonym_.characters, written_);
    }
    text_.reader().append_ascii(written_, into);
    return {};
  }

 private:
  [[nodiscard]] Result<bool> write_number(const std::string& canonical) {
    if (pseudonym_.form == PseudonymForm::digits) {
      const bool digits = !canonical.empty() && canonical.size() <= Ff1::kLongestDecimal &&
                          std::ranges::all_of(canonical, base::is_digit);
      if (!digits) return false;
      written_ = canonical;
      RELAY_TRY(key_.permute_digits(written_.data(), written_.size()));
      return true;
    }
    if (!pseudonym_.numbers) return false;
    return pseudonym_.numbers->is_unsigned ? write_integer<std::uint64_t>(canonical)
                                           : write_integer<std::int64_t>(canonical);
  }

  // Only a text that is written as the server writes the number: 5, not 05 or +5.
  template <typename Number>
  [[nodiscard]] Result<bool> write_integer(const std::string& canonical) {
    const std::size_t sign = canonical.starts_with('-') ? 1 : 0;
    const bool zero_first = canonical.size() > sign && canonical[sign] == '0';
    if (zero_first && canonical.size() > 1) return false;
    Number number = 0;
    const char* const end = canonical.data() + canonical.size();
    const auto [stopped, error] = std::from_chars(canonical.data(), end, number);
    if (error != std::errc() || stopped != end || !permutation_.holds(static_cast<std::uint64_t>(number))) return false;
    std::array<char, 24> digits;
    RELAY_ASSIGN(const std::uint64_t other, permutation_.apply(key_, static_cast<std::uint64_t>(number)));
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<Number>(other));
    written_.assign(digits.data(), written.ptr);
    return true;
  }

  PseudonymKey key_;
  CanonicalText text_;
  TextPseudonym pseudonym_;
  IntegerPermutation permutation_;
  std::string written_;
};

tl::unexpected<Error> no_option() {
  return base::fail(Error(ErrorKind::configuration, "the hash has an option that its column's type does not take")
                        .remedy("remove length, encoding and fold: the pseudonym has the column's own range"));
}

bool plain(const Action& action) { return action.encoding.empty() && !action.length && !action.fold; }

template <typename Made, typename... Arguments>
MadeAction made(Arguments&&... arguments) {
  return std::make_unique<Made>(std::forward<Arguments>(arguments)...);
}

MadeAction hash_integer(const Action& action, const ColumnTraits& column, PseudonymKey key) {
  const IntegerRange own{static_cast<unsigned>(8 * integer_width(column.type.code)), column.is_unsigned};
  if (action.length || action.fold) return no_option();
  if (action.encoding.empty()) return made<HashInteger>(std::move(key), own, std::nullopt);
  const std::optional<IntegerRange> inner = integer_range(action.encoding);
  if (inner && own.contains(*inner)) return made<HashInteger>(std::move(key), own, *inner);
  return base::fail(Error(ErrorKind::configuration, "the encoding is no integer type that the column's type holds")
                        .remedy("name an integer type that is not wider than the column's, such as int"));
}

MadeAction hash_bits(const Action& action, const ColumnTraits& column, PseudonymKey key) {
  constexpr unsigned kFewestBits = 7;  // SP 800-38G: at least a hundred values
  if (!plain(action)) return no_option();
  const unsigned bits = (column.type.metadata & 0xffU) + 8U * (column.type.metadata >> 8U);
  if (bits >= kFewestBits) return made<HashBits>(std::move(key), bits, false);
  return base::fail(
      Error(ErrorKind::configuration, "a BIT column of fewer than seven bits has too few values to permute")
          .remedy("drop, null or constant the column"));
}

MadeAction hash_text(const Action& action, const ColumnTraits& column, std::string_view collation, PseudonymKey key) {
  const bool limited = column.declared_type.ends_with("char");
  RELAY_ASSIGN(const TextPseudonym pseudonym,
               text_pseudonym(action, limited ? column.length : std::nullopt, collation));
  RELAY_ASSIGN(TextReader reader, TextReader::make(column.character_set));
  RELAY_ASSIGN(const std::optional<Folding> folding, folding_for(action, column.character_set, collation));
  return made<HashText>(std::move(key), std::move(reader), pseudonym, folding);
}

}  // namespace

MadeAction make_hash_action(const Action& action, const ColumnTraits& column, std::string_view collation,
                            const KeyRing& keys) {
  RELAY_ASSIGN(PseudonymKey key, pseudonym_key(action, keys));
  const bool fixed = column.type.code == binlog::TypeCode::string;
  switch (cell_kind(column)) {
    case CellKind::integer:
      return hash_integer(action, column, std::move(key));
    case CellKind::bits:
      return hash_bits(action, column, std::move(key));
    case CellKind::decimal:
      if (!plain(action)) return no_option();
      return made<HashDecimal>(std::move(key), std::size_t{column.type.metadata} & 0xffU,
                               static_cast<std::size_t>(column.type.metadata >> 8U));
    case CellKind::text:
      return hash_text(action, column, collation, std::move(key));
    case CellKind::bytes: {
      using binlog::TypeCode;
      const TypeCode code = column.type.code;
      const bool limited = fixed || code == TypeCode::varchar || code == TypeCode::var_string;
      RELAY_ASSIGN(
          const std::size_t size,
          binary_pseudonym(action, limited ? std::optional<std::uint64_t>(column.type.metadata) : std::nullopt));
      return made<HashBytes>(std::move(key), size, fixed);
    }
    case CellKind::inet4:
    case CellKind::inet6:
      if (!plain(action)) return no_option();
      return made<HashBits>(std::move(key), cell_kind(column) == CellKind::inet4 ? 32U : 128U, fixed);
    case CellKind::uuid:
      if (!plain(action)) return no_option();
      return made<HashUuid>(std::move(key));
    default:
      return does_not_fit_type();
  }
}

}  // namespace relay::scrub_rules
