#include "relay/seed/name_words.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "relay/base/ascii.h"
#include "relay/seed/word_list.h"
#include "relay/sql/utf8.h"

namespace relay::seed {

namespace {

constexpr std::size_t kMostWords = 32;
constexpr std::size_t kMostJoined = 5;       // "national_id_number" ...
constexpr std::size_t kShortestAtEnd = 4;    // letters of a word that may end a longer one: "kundenavn"
constexpr std::size_t kShortestAtBegin = 5;  // and of one that may begin it: "telefonprivat"

// How a Nordic letter is written without it: ø as o in some names, as oe in others.
enum class Spelling : std::uint8_t { one_letter, two_letters };

std::string_view spelled(std::uint32_t letter, Spelling spelling) {
  const bool two = spelling == Spelling::two_letters;
  switch (letter) {
    case 0xc6:  // Æ
      return "AE";
    case 0xe6:
      return "ae";
    case 0xd8:  // Ø
    case 0xd6:  // Ö
      return two ? "OE" : "O";
    case 0xf8:
    case 0xf6:
      return two ? "oe" : "o";
    case 0xc5:  // Å
      return two ? "AA" : "A";
    case 0xe5:
      return two ? "aa" : "a";
    case 0xc4:  // Ä
      return two ? "AE" : "A";
    case 0xe4:
      return two ? "ae" : "a";
    case 0xc9:  // É
      return "E";
    case 0xe9:
      return "e";
    case 0xdc:  // Ü
      return "U";
    case 0xfc:
      return "u";
    default:
      return {};
  }
}

bool is_small(char c) { return c >= 'a' && c <= 'z'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
using base::is_digit;
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// The text with Nordic letters spelled out; other letters stay, and capitals too.
std::string without_nordic_letters(std::string_view text, Spelling spelling) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const auto letter = sql::decode_utf8(text, at);
    if (!letter) {
      plain += text[at++];
      continue;
    }
    const std::string_view other = spelled(*letter, spelling);
    plain += other.empty() ? text.substr(begin, at - begin) : other;
  }
  return plain;
}

// Whether a word begins at `at`: "firstName", "IPAddress", "phone2".
bool begins_word(std::string_view name, std::size_t at) {
  const char before = name[at - 1];
  const char c = name[at];
  if (is_digit(c) != is_digit(before)) return true;
  if (!is_capital(c)) return false;
  return !is_capital(before) || (at + 1 < name.size() && is_small(name[at + 1]));
}

using Words = std::unordered_map<std::string, const ListedWord*>;

const Words& words_by_spelling() {
  static const Words words = [] {
    Words made;
    for (const ListedWord& word : listed_words()) {
      made.emplace(without_nordic_letters(word.word, Spelling::one_letter), &word);
      made.emplace(without_nordic_letters(word.word, Spelling::two_letters), &word);
    }
    return made;
  }();
  return words;
}

const std::unordered_map<std::string, const PlainWord*>& plain_by_spelling() {
  static const std::unordered_map<std::string, const PlainWord*> words = [] {
    std::unordered_map<std::string, const PlainWord*> made;
    for (const PlainWord& word : plain_words()) {
      made.emplace(without_nordic_letters(word.word, Spelling::one_letter), &word);
      made.emplace(without_nordic_letters(word.word, Spelling::two_letters), &word);
    }
    return made;
  }();
  return words;
}

const ListedWord* find_word(const std::string& word) {
  const Words& words = words_by_spelling();
  auto found = words.find(word);
  if (found == words.end() && word.size() > 4 && word.ends_with('s'))
    found = words.find(word.substr(0, word.size() - 1));
  return found == words.end() ? nullptr : found->second;
}

std::string_view languages_text(std::uint8_t languages) {
  static constexpr std::array<std::string_view, 16> kTexts = {"",
                                                              "English",
                                                              "Norwegian",
                                                              "English, Norwegian",
                                                              "Danish",
                                                              "English, Danish",
                                                              "Norwegian, Danish",
                                                              "English, Norwegian, Danish",
                                                              "Swedish",
                                                              "English, Swedish",
                                                              "Norwegian, Swedish",
                                                              "English, Norwegian, Swedish",
                                                              "Danish, Swedish",
                                                              "English, Danish, Swedish",
                                                              "Norwegian, Danish, Swedish",
                                                              "English, Norwegian, Danish, Swedish"};
  return kTexts[languages & 0xfU];
}

NameFinding finding(const ListedWord& word, bool part) {
  return {word.kind, word.word, languages_text(word.languages), part};
}

// Of as many joined words the last is the head: "address_email" is an e-mail address.
const ListedWord* most_joined(const std::vector<std::string>& words) {
  for (std::size_t count = std::min(words.size(), kMostJoined); count > 0; --count) {
    const ListedWord* last = nullptr;
    for (std::size_t begin = 0; begin + count <= words.size(); ++begin) {
      std::string joined;
      for (std::size_t i = begin; i < begin + count; ++i) joined += words[i];
      if (const ListedWord* word = find_word(joined)) last = word;
    }
    if (last != nullptr) return last;
  }
  return nullptr;
}

const ListedWord* longest_inside(const std::vector<std::string>& words) {
  const ListedWord* longest = nullptr;
  std::size_t letters = 0;
  for (const std::string& whole : words) {
    for (const auto& [spelling, word] : words_by_spelling()) {
      if (spelling.size() + 2 > whole.size() || spelling.size() < letters) continue;
      const bool ends = spelling.size() >= kShortestAtEnd && whole.ends_with(spelling);
      const bool begins = spelling.size() >= kShortestAtBegin && whole.starts_with(spelling);
      if (!ends && !begins) continue;
      // The outcome must not depend on the order of the map.
      if (spelling.size() == letters && longest != nullptr && word->word >= longest->word) continue;
      longest = word;
      letters = spelling.size();
    }
  }
  return longest;
}

}  // namespace

std::vector<std::string> words_of(std::string_view name) {
  const std::string plain = without_nordic_letters(name, Spelling::one_letter);
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty() && words.size() < kMostWords) words.push_back(word);
    word.clear();
  };
  for (std::size_t at = 0; at < plain.size(); ++at) {
    const char c = plain[at];
    if (is_ascii(c) && !is_small(c) && !is_capital(c) && !is_digit(c)) {
      end_word();
      continue;
    }
    if (!word.empty() && begins_word(plain, at)) end_word();
    word += is_capital(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  end_word();
  return words;
}

std::optional<NameFinding> find_name(std::string_view name) {
  const std::vector<std::string> words = words_of(name);
  if (const ListedWord* word = most_joined(words)) return finding(*word, false);
  if (const ListedWord* word = longest_inside(words)) return finding(*word, true);
  return std::nullopt;
}

std::optional<PlainName> find_plain_name(std::string_view name) {
  const auto& known = plain_by_spelling();
  const PlainWord* core = nullptr;
  for (const std::string& word : words_of(name)) {
    const auto found = known.find(word);
    if (found == known.end()) return std::nullopt;
    // The head stands last: "deleted_at" is a time, "order_status" a flag.
    if (!found->second->filler) core = found->second;
  }
  if (core == nullptr) return std::nullopt;
  return PlainName{core->use, core->word};
}

bool names_persons(std::string_view table) {
  static const std::unordered_set<std::string> persons = [] {
    std::unordered_set<std::string> made;
    for (const std::string_view word : person_words()) {
      made.insert(without_nordic_letters(word, Spelling::one_letter));
      made.insert(without_nordic_letters(word, Spelling::two_letters));
    }
    return made;
  }();
  return std::ranges::any_of(words_of(table), [&](const std::string& word) {
    return persons.contains(word) || (word.ends_with('s') && persons.contains(word.substr(0, word.size() - 1)));
  });
}

bool has_health_word(std::string_view text) {
  return std::ranges::any_of(words_of(text), [](const std::string& word) {
    const ListedWord* known = find_word(word);
    return known != nullptr && known->kind == DataKind::health;
  });
}

bool names_version(std::string_view name) {
  constexpr std::array<std::string_view, 6> kVersions = {"version", "versjon", "build", "firmware", "release", "ver"};
  return std::ranges::any_of(words_of(name), [&](const std::string& word) {
    return std::ranges::any_of(kVersions,
                               [&](std::string_view known) { return word.find(known) != std::string::npos; });
  });
}

}  // namespace relay::seed
