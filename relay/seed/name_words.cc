#include "relay/seed/name_words.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "relay/base/ascii.h"
#include "relay/seed/word_list.h"
#include "relay/sql/utf8.h"

namespace relay::seed {

namespace {

constexpr std::size_t kMostWords = 32;
constexpr std::size_t kMostJoined = 5;         // "national_id_number" ...
constexpr std::size_t kShortestAtEnd = 4;      // letters of a word that may end a longer one: "kundenavn"
constexpr std::size_t kShortestAtBegin = 5;    // and of one that may begin it: "telefonprivat"
constexpr std::size_t kShortestQualified = 3;  // and of one before a word that only says which one: "tlfdag"
constexpr std::size_t kShortestStem = 4;       // letters that an ending leaves
constexpr std::size_t kShortestHead = 5;       // letters of a head inside of a word: "aldersgrense"

// Shorter ones that no ordinary word ends with.
constexpr auto kAbbreviations = std::to_array<std::string_view>({"adr", "fnr", "nvn", "tlf"});

// Of number and definiteness, the longest first, in the four languages; and what Nynorsk has for -er ("brukar").
constexpr auto kEndings = std::to_array<std::string_view>({"arna", "erna", "orna", "ene", "ane", "ens", "ets", "en",
                                                           "et", "er", "ar", "or", "na", "a", "e", "n", "r", "s", "t"});

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
  if (const auto found = words.find(word); found != words.end()) return found->second;
  for (const std::string_view ending : kEndings) {
    if (word.size() < kShortestStem + ending.size() || !word.ends_with(ending)) continue;
    const std::string stem = word.substr(0, word.size() - ending.size());
    auto found = words.find(stem);
    if (found == words.end() && ending == "ar") found = words.find(stem + "er");
    if (found != words.end()) return found->second;
  }
  return nullptr;
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

// A known word in a name: the place of the last of the words that it is made of, and whether it is less than a whole
// one.
struct Match {
  const ListedWord* word = nullptr;
  std::size_t last = 0;
  bool part = false;
  bool ends = true;  // of a part: the longer word ends with it
};

// Calls each(match) for what neighbouring words make together, more of them before fewer, until it says true.
template <typename Each>
bool any_joined(const std::vector<std::string>& words, std::size_t count, Each each) {
  for (std::size_t begin = 0; begin + count <= words.size(); ++begin) {
    std::string joined;
    for (std::size_t i = begin; i < begin + count; ++i) joined += words[i];
    const ListedWord* word = find_word(joined);
    if (word != nullptr && each(Match{word, begin + count - 1})) return true;
  }
  return false;
}

// Of as many joined words the last is the head: "address_email" is an e-mail address.
Match most_joined(const std::vector<std::string>& words) {
  Match last;
  for (std::size_t count = std::min(words.size(), kMostJoined); count > 0 && last.word == nullptr; --count) {
    any_joined(words, count, [&](const Match& match) {
      last = match;
      return false;
    });
  }
  return last;
}

bool qualifies(std::string_view rest) { return std::ranges::find(qualifiers(), rest) != qualifiers().end(); }

bool may_end(std::string_view spelling) {
  return spelling.size() >= kShortestAtEnd || std::ranges::find(kAbbreviations, spelling) != kAbbreviations.end();
}

// Calls each(match, letters) for all words inside of longer ones.
template <typename Each>
void each_inside(const std::vector<std::string>& words, Each each) {
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string_view whole = words[at];
    for (const auto& [spelling, word] : words_by_spelling()) {
      if (spelling.size() >= whole.size() || word->whole) continue;
      if (may_end(spelling) && whole.ends_with(spelling)) each(Match{word, at, true, true}, spelling.size());
      if (spelling.size() < kShortestQualified || !whole.starts_with(spelling)) continue;
      const std::string_view rest = whole.substr(spelling.size());
      const bool begins = spelling.size() >= kShortestAtBegin && rest.size() > 1;
      if (begins || qualifies(rest)) each(Match{word, at, true, false}, spelling.size());
    }
  }
}

// The head of a compound stands last: what a word ends with comes before what it begins with. A text about somebody's
// health is health, though.
int weight_inside(const Match& match) {
  if (match.ends) return match.word->kind == DataKind::free_text ? 1 : 3;
  return match.word->kind == DataKind::health ? 2 : 0;
}

Match longest_inside(const std::vector<std::string>& words) {
  Match longest;
  std::size_t letters = 0;
  each_inside(words, [&](const Match& match, std::size_t size) {
    const auto rank = [](const Match& of, std::size_t length) {
      return std::tuple(weight_inside(of), length, of.last);
    };
    if (longest.word != nullptr) {
      if (rank(match, size) < rank(longest, letters)) return;
      // The outcome must not depend on the order of the map.
      if (rank(match, size) == rank(longest, letters) && match.word->word >= longest.word->word) return;
    }
    longest = match;
    letters = size;
  });
  return longest;
}

// Whether a word after it, or the end of the word that it begins, makes the name that of something else. What is
// sensitive by itself stays that: the kind of a disease says as much as the disease.
bool is_of_other_head(const std::vector<std::string>& words, const Match& match) {
  if (match.word->kind > DataKind::free_text && match.word->kind != DataKind::image) return false;
  std::size_t last = words.size() - 1;
  while (last > match.last && std::ranges::all_of(words[last], is_digit)) --last;
  const std::string& head = words[last];
  const auto is_head = [&](std::string_view other) { return head == other; };
  const auto ends_as_head = [&](std::string_view other) {
    return other.size() >= kShortestHead && head.size() > other.size() && head.ends_with(other);
  };
  if (last == match.last) return match.part && !match.ends && std::ranges::any_of(other_heads(), ends_as_head);
  return std::ranges::any_of(other_heads(), is_head) || std::ranges::any_of(other_heads(), ends_as_head);
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
  Match match = most_joined(words);
  if (match.word == nullptr) match = longest_inside(words);
  if (match.word == nullptr) return std::nullopt;
  const ListedWord& word = *match.word;
  NameFinding found{word.kind, word.word, languages_text(word.languages), match.part, word.otherwise};
  if (is_of_other_head(words, match)) found.kind = found.otherwise = DataKind::unknown;
  return found;
}

bool has_sensitive_word(std::string_view name) {
  const std::vector<std::string> words = words_of(name);
  const auto is_sensitive = [](const Match& match) { return match.word->kind >= DataKind::free_text; };
  for (std::size_t count = std::min(words.size(), kMostJoined); count > 0; --count) {
    if (any_joined(words, count, is_sensitive)) return true;
  }
  bool inside = false;
  each_inside(words, [&](const Match& match, std::size_t) { inside = inside || is_sensitive(match); });
  return inside;
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
