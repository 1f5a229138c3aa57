#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "relay/seed/data_kind.h"
#include "relay/seed/name_words.h"

namespace relay::seed {

// Languages that a word belongs to, as bits.
inline constexpr std::uint8_t kEnglish = 1;
inline constexpr std::uint8_t kNorwegian = 2;
inline constexpr std::uint8_t kDanish = 4;
inline constexpr std::uint8_t kSwedish = 8;

// A word of columns' names. Nordic letters are written out; other spellings of them (ø as o or oe) follow from it.
struct ListedWord {
  std::string_view word;
  DataKind kind;
  std::uint8_t languages;
  DataKind otherwise = DataKind::unknown;  // what it means where type or values speak against `kind`
  bool whole = false;                      // not sought inside of longer words: "holder" of "placeholder"
};
[[nodiscard]] std::span<const ListedWord> listed_words();

// Words that say of a thing which one it is, and nothing else: "tlfdag", "adrpriv". They let short words begin a longer
// one.
[[nodiscard]] std::span<const std::string_view> qualifiers();

// Words that, standing last, make a name that of something else: "adresse_id", "aldersgrense", "email_status".
[[nodiscard]] std::span<const std::string_view> other_heads();

// A word that names nothing of a person. Fillers say nothing alone.
struct PlainWord {
  std::string_view word;
  PlainUse use;
  bool filler = false;
};
[[nodiscard]] std::span<const PlainWord> plain_words();

// Words of tables whose rows are persons.
[[nodiscard]] std::span<const std::string_view> person_words();

}  // namespace relay::seed
