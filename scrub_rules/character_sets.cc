#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "relay/sql/character_set.h"
#include "scrub_rules/column_type_of.h"

namespace relay::scrub_rules {

namespace {

struct CollationRange {
  std::uint16_t first;
  std::uint16_t last;
  std::string_view character_set;
};

// As information_schema.collations of MySQL 5.6 and 9.7 and of MariaDB 10.5 to 11.8 lists them (strings/ctype*.cc).
constexpr std::array<std::string_view, 100> kFirstCollations = {
    "",       "big5",   "latin2",   "dec8",     "cp850",    "latin1",  "hp8",     "koi8r",   "latin1",  "latin2",
    "swe7",   "ascii",  "ujis",     "sjis",     "cp1251",   "latin1",  "hebrew",  "",        "tis620",  "euckr",
    "latin7", "latin2", "koi8u",    "cp1251",   "gb2312",   "greek",   "cp1250",  "latin2",  "gbk",     "cp1257",
    "latin5", "latin1", "armscii8", "utf8mb3",  "cp1250",   "ucs2",    "cp866",   "keybcs2", "macce",   "macroman",
    "cp852",  "latin7", "latin7",   "macce",    "cp1250",   "utf8mb4", "utf8mb4", "latin1",  "latin1",  "latin1",
    "cp1251", "cp1251", "cp1251",   "macroman", "utf16",    "utf16",   "utf16le", "cp1256",  "cp1257",  "cp1257",
    "utf32",  "utf32",  "utf16le",  "binary",   "armscii8", "ascii",   "cp1250",  "cp1256",  "cp866",   "dec8",
    "greek",  "hebrew", "hp8",      "keybcs2",  "koi8r",    "koi8u",   "utf8mb3", "latin2",  "latin5",  "latin7",
    "cp850",  "cp852",  "swe7",     "utf8mb3",  "big5",     "euckr",   "gb2312",  "gbk",     "sjis",    "tis620",
    "ucs2",   "ujis",   "geostd8",  "geostd8",  "latin1",   "cp932",   "cp932",   "eucjpms", "eucjpms", "cp1250"};

constexpr auto kRanges = std::to_array<CollationRange>({
    {101, 124, "utf16"},   {128, 151, "ucs2"},    {159, 159, "ucs2"},      {160, 183, "utf32"},
    {192, 215, "utf8mb3"}, {223, 223, "utf8mb3"}, {224, 247, "utf8mb4"},   {248, 250, "gb18030"},
    {255, 323, "utf8mb4"}, {576, 607, "utf8mb3"}, {608, 639, "utf8mb4"},   {640, 671, "ucs2"},
    {672, 703, "utf16"},   {736, 767, "utf32"},   {2048, 2303, "utf8mb3"}, {2304, 2559, "utf8mb4"},
    {2560, 2815, "ucs2"},  {2816, 3071, "utf16"}, {3072, 3327, "utf32"},
});

// The default of each character set (IS_DEFAULT there), and for those of Unicode general_ci with its NO PAD twin,
// unicode_ci, unicode_520_ci, 0900_ai_ci and uca1400_ai_ci.
constexpr auto kUsualDefaults = std::to_array<std::uint32_t>(
    {1,   3,   4,   6,   7,   8,   9,   10,  11,  12,   13,   16,   18,   19,   22,   24,   25,   26,   28,  30,  32,
     33,  35,  36,  37,  38,  39,  40,  41,  45,  51,   54,   56,   57,   59,   60,   92,   95,   97,   101, 123, 128,
     150, 160, 182, 192, 214, 224, 246, 248, 255, 1057, 1059, 1069, 1078, 1084, 2048, 2304, 2560, 2816, 3072});

// MariaDB numbers the NO PAD twin of a collation 1024 higher (include/my_sys.h, my_cs_nopad ids).
constexpr std::uint32_t kFirstNoPad = 1024;
constexpr std::uint32_t kLastNoPad = 1024 + 255;

}  // namespace

unsigned maximum_character_bytes(std::string_view character_set) {
  const std::string name = sql::canonical_character_set(character_set);
  return sql::is_character_set(name) ? sql::maximum_bytes(name) : 0;
}

bool is_usual_default(std::uint32_t collation_id) {
  return std::ranges::find(kUsualDefaults, collation_id) != kUsualDefaults.end();
}

std::string_view character_set_of_collation(std::uint32_t collation_id) {
  if (collation_id > kFirstNoPad && collation_id <= kLastNoPad) collation_id -= kFirstNoPad;
  if (collation_id < kFirstCollations.size()) return kFirstCollations[collation_id];
  const auto* range = std::ranges::find_if(kRanges, [collation_id](const CollationRange& candidate) {
    return collation_id >= candidate.first && collation_id <= candidate.last;
  });
  return range == kRanges.end() ? std::string_view() : range->character_set;
}

}  // namespace relay::scrub_rules
