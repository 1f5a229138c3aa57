#include "relay/seed/snapshot_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "relay/base/sha256.h"

namespace relay::seed {

namespace {

constexpr std::string_view kRowsEnding = ".sql.zst";
constexpr std::string_view kPileEnding = ".rows";
constexpr std::size_t kLongestPart = 100;  // two of them, number and endings are below the 255 bytes of file systems
constexpr std::size_t kDigestDigits = 32;

bool is_plain_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; }

std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (is_plain_character(c)) {
      text += c;
    } else {
      text += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    }
  }
  if (text.size() <= kLongestPart) return text;
  const std::string digest = base::sha256_hex({base::ByteView::of(name)}).substr(0, kDigestDigits);
  return text.substr(0, kLongestPart - kDigestDigits - 1) + '~' + digest;
}

bool is_name_part(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return is_plain_character(c) || c == '%' || c == '~'; });
}

std::string numbered_name(const sql::TableName& table, std::uint32_t number, std::string_view ending) {
  return fmt::format("{}.{}.{:05}{}", escaped(table.database), escaped(table.table), number, ending);
}

}  // namespace

std::string rows_file_name(const sql::TableName& table, std::uint32_t number) {
  return numbered_name(table, number, kRowsEnding);
}

std::string pile_file_name(const sql::TableName& table, std::uint32_t number) {
  return numbered_name(table, number, kPileEnding);
}

bool is_snapshot_file(std::string_view name) {
  if (name.ends_with(kPartEnding)) name.remove_suffix(kPartEnding.size());
  constexpr std::string_view kOthers[] = {kManifestFile, kSchemaFile, kIndexesFile, kUnfinishedFile, kJournalFile};
  if (std::ranges::find(kOthers, name) != std::end(kOthers)) return true;
  const std::string_view ending = name.ends_with(kPileEnding) ? kPileEnding : kRowsEnding;
  if (!name.ends_with(ending)) return false;
  name.remove_suffix(ending.size());
  const std::size_t first = name.find('.');
  const std::size_t last = name.rfind('.');
  if (first == std::string_view::npos || first == last) return false;
  const std::string_view number = name.substr(last + 1);
  return number.size() >= 5 && std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; }) &&
         is_name_part(name.substr(0, first)) && is_name_part(name.substr(first + 1, last - first - 1));
}

}  // namespace relay::seed
