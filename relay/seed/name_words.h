#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/seed/data_kind.h"

namespace relay::seed {

// The words of a name, in small letters: "fødselsDato2" gives "fodsels", "dato", "2". Letters of the Nordic languages
// are written as their nearest of ASCII; other letters stay. At most 32 words.
[[nodiscard]] std::vector<std::string> words_of(std::string_view name);

// What the words of a column's name say of it. Views are of texts that stand in the program: no byte of the name is
// among them.
struct NameFinding {
  DataKind kind = DataKind::unknown;
  std::string_view word;                   // "fødselsnummer"
  std::string_view languages;              // "Norwegian, Danish"
  bool part = false;                       // the word is a part of a longer one
  DataKind otherwise = DataKind::unknown;  // what it means where type or values speak against `kind`
};
// The known word that most words of the name make together ("first_name" has "firstname"), the last of several; else
// the longest that a longer one ends with ("kundetelefon"), or begins with; none where no word is known. Endings of
// number and definiteness do not matter ("adressen"). The kind unknown: a word that says what it is, and that it is no
// person's ("filename", "email_status").
[[nodiscard]] std::optional<NameFinding> find_name(std::string_view name);

// What a name without a personal word may be kept for, where the type fits.
enum class PlainUse : std::uint8_t { time, flag, amount, code };
struct PlainName {
  PlainUse use = PlainUse::flag;
  std::string_view word;
};
// None unless every word of the name is known to be impersonal.
[[nodiscard]] std::optional<PlainName> find_plain_name(std::string_view name);

// Whether any word of the name, or inside of one, is of a kind that says something of a person by itself: health,
// traits, income and their like.
[[nodiscard]] bool has_sensitive_word(std::string_view name);
// Whether a table's name says that its rows are persons.
[[nodiscard]] bool names_persons(std::string_view table);
// Whether any word of the text is one of health.
[[nodiscard]] bool has_health_word(std::string_view text);
// Whether a name says that it counts versions, which are written as IP addresses are.
[[nodiscard]] bool names_version(std::string_view name);

}  // namespace relay::seed
