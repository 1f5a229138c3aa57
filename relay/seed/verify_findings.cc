#include "relay/seed/verify_findings.h"

#include <algorithm>
#include <charconv>

#include "relay/base/sha256.h"
#include "relay/seed/snapshot_schema.h"

namespace relay::seed {

namespace {

constexpr auto kReadable = std::to_array<std::string_view>(
    {"tinyint", "smallint", "mediumint", "int", "bigint", "year", "date", "datetime", "timestamp"});

// Whether `next` is the whole number behind `last`.
bool follows(const std::string& last, const std::string& next) {
  std::int64_t a = 0;
  std::int64_t b = 0;
  const auto read = [](const std::string& text, std::int64_t& number) {
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc() && end == text.data() + text.size();
  };
  return read(last, a) && read(next, b) && a < b && b - 1 == a;
}

}  // namespace

std::string mark_of(std::string_view shown, const std::optional<TableKey>& key) {
  std::string text = same_parts(shown);
  if (key) text += '\n' + key_index_hint(*key) + key_order(*key);
  return base::sha256_hex({base::ByteView::of(text)});
}

std::string_view name_of(RowDifference difference) {
  switch (difference) {
    case RowDifference::missing:
      return "missing";
    case RowDifference::extra:
      return "extra";
    case RowDifference::changed:
      return "changed";
  }
  return "";
}

std::optional<std::string> readable_key(const TableKey& key, const KeyValues& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::ranges::find(kReadable, key.columns[i].type) == kReadable.end()) return {};
    std::string_view value = values[i];
    if (value.size() >= 2 && value.front() == '\'' && value.back() == '\'') value = value.substr(1, value.size() - 2);
    text += (text.empty() ? "" : ", ") + std::string(value);
  }
  return text;
}

void TableFindings::add(RowDifference kind, const TableKey& key, const KeyValues& at) {
  const auto index = static_cast<std::size_t>(kind);
  ++counts[index];
  key_bytes += size_of(at);
  if (keys.size() < kMostDifferences && key_bytes <= kMostKeyBytes) keys.push_back(at);
  if (different_rows() >= kMostDifferences) cut = true;
  const auto text = readable_key(key, at);
  if (!text) return;
  std::vector<KeySpan>& found = spans[index];
  if (!found.empty() && follows(found.back().last, *text)) {
    found.back().last = *text;
  } else if (found.size() < kMostSpans) {
    found.push_back({*text, *text});
  }
}

}  // namespace relay::seed
