#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "relay/base/buffer.h"
#include "relay/base/result.h"
#include "relay/sql/table_definition.h"
#include "scrub_rules/action.h"
#include "scrub_rules/pseudonym_key.h"

namespace relay::scrub_rules {

// How the pseudonym of a text is written.
enum class PseudonymForm : std::uint8_t {
  base32,     // a letter of a to p for four bits, then a to z and 2 to 7 for five bits each
  hex,        // 0 to 9, a to f
  base64url,  // A to Z, a to z, 0 to 9, - and _
  digits,     // texts of digits alone stay so, of the same length; others as base32
};

// An integer type of the servers.
struct IntegerRange {
  unsigned bits = 32;
  bool is_unsigned = false;
  friend bool operator==(const IntegerRange&, const IntegerRange&) = default;
  [[nodiscard]] bool contains(const IntegerRange& other) const;
};
// The numbers that have one pseudonym in all integer types that hold them, in texts and in DECIMAL: 0 to 2147483647.
inline constexpr IntegerRange kSharedNumbers{31, true};
// "int", "bigint unsigned" ...; none for another word.
[[nodiscard]] std::optional<IntegerRange> integer_range(std::string_view type);

// Whether a rule may write encoding = "word".
[[nodiscard]] bool is_encoding(std::string_view word);

struct TextPseudonym {
  PseudonymForm form = PseudonymForm::base32;
  std::optional<IntegerRange> numbers;  // texts that are written as numbers of this range have that of the number
  std::size_t characters = 0;           // of base32, hex and base64url
  // Of the digest that the pseudonym shows: two values share one with a probability of 2^-bits, as the collation
  // compares them.
  [[nodiscard]] unsigned bits(std::string_view collation) const;
};

inline constexpr std::size_t kShortestPseudonym = 6;  // characters

// What `action`, a hash, makes of a text column that holds `column_characters` (none: as many as a pseudonym has).
// Errors: configuration, where encoding or length do not fit.
[[nodiscard]] base::Result<TextPseudonym> text_pseudonym(const Action& action,
                                                         std::optional<std::uint32_t> column_characters,
                                                         std::string_view collation);
// Appends the characters of a digest as `form` (base32 for digits) writes them.
void append_pseudonym(const PseudonymKey::Digest& digest, PseudonymForm form, std::size_t characters,
                      std::string& into);
// Bytes of the pseudonym in a binary column of `capacity` bytes. Errors: configuration.
[[nodiscard]] base::Result<std::size_t> binary_pseudonym(const Action& action, std::optional<std::uint64_t> capacity);

// What fold = true makes equal under a collation: only what the collation calls equal too (tests/e2e/test_pseudonyms.py
// asks the servers), though not all of it. None: that is not known.
struct Folding {
  bool narrow = false;  // the capitals of oe, s-caron, y-diaeresis and z-caron do
  bool nordic = false;  // aA is not aa, which is another letter
};
// `collation` is empty where it is the default of utf8mb4, which depends on the server.
[[nodiscard]] std::optional<Folding> folding_of(std::string_view character_set, std::string_view collation);

// What a rule makes of the values of one column, as far as its declaration tells.
struct ActionEffect {
  bool distinct = false;         // different values stay different, but for `bits`
  std::optional<unsigned> bits;  // of a digest; none where the values are permuted
  // Of actions that are made of the value: values that are equal in two columns of one mapping have the same pseudonym.
  // Begins with ~ where the servers call values equal whose bytes differ, or may.
  std::string mapping;
  [[nodiscard]] bool may_collide() const { return bits && *bits < kEnoughBits; }
  // The probability that any two of a billion values collide is at most 1 in 10^9: (10^9)^2 / 2^(bits + 1).
  static constexpr unsigned kEnoughBits = 89;
};
[[nodiscard]] ActionEffect effect_of(const Action& action, const sql::ColumnDefinition& column);

}  // namespace relay::scrub_rules
