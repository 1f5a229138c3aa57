#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "relay/seed/table_key.h"
#include "relay/sql/ddl.h"

namespace relay::seed {

// Stands for a definition as the source shows it, and for the key by which its rows are compared.
[[nodiscard]] std::string mark_of(std::string_view shown, const std::optional<TableKey>& key);

// What a replica's row is, beside the scrubbed source.
enum class RowDifference : std::uint8_t {
  missing,  // not at the replica
  extra,    // not at the source
  changed,  // at both, by its key, and not the same
};
inline constexpr std::size_t kRowDifferences = 3;
[[nodiscard]] std::string_view name_of(RowDifference difference);

// Keys that follow one another, as people read them.
struct KeySpan {
  std::string first, last;
  friend bool operator==(const KeySpan&, const KeySpan&) = default;
};

// Something of a table's definition that is not as the rules make it.
struct SchemaDifference {
  std::string what;  // "column missing", "index differs" ...
  std::string name;  // of the column or index; empty: of the table itself
  friend auto operator<=>(const SchemaDifference&, const SchemaDifference&) = default;
};

// What is known of one table. Bounded, however many rows differ.
struct TableFindings {
  static constexpr std::size_t kMostSpans = 20;
  static constexpr std::size_t kMostKeyBytes = std::size_t{64} << 20;
  static constexpr std::uint64_t kMostDifferences = 100'000;  // then the rest of the table is not looked at

  sql::TableName table;
  std::uint64_t rows = 0;  // of the source that were compared
  std::array<std::uint64_t, kRowDifferences> counts{};
  std::array<std::vector<KeySpan>, kRowDifferences> spans;
  std::set<std::string> columns;  // in which changed rows differ
  std::vector<SchemaDifference> schema;
  bool rows_compared = true;    // not where the definition differs too much
  std::uint64_t undecided = 0;  // rows that changed too often
  std::string failed;           // why the table could not be compared to its end; empty: it was
  // Of the rows that differ, up to kMostDifferences and kMostKeyBytes; none where there is no key to go by.
  std::vector<KeyValues> keys;
  std::size_t key_bytes = 0;
  bool cut = false;          // kMostDifferences was reached
  bool gone = false;         // dropped, renamed, or not to leave any more, while it was compared
  std::string compared_as;   // mark_of() the definition that it was compared by; empty: it did not come to that
  std::string not_repaired;  // why its rows were not written anew; empty: they were, or it was not asked for

  // Adds a row; `key` is one of a key that leaves as it is.
  void add(RowDifference kind, const TableKey& key, const KeyValues& at);
  void add_unnamed(RowDifference kind, std::uint64_t count) { counts[static_cast<std::size_t>(kind)] += count; }
  [[nodiscard]] std::uint64_t different_rows() const { return counts[0] + counts[1] + counts[2]; }
  [[nodiscard]] bool differs() const { return different_rows() > 0 || !schema.empty(); }
  [[nodiscard]] bool is_decided() const { return undecided == 0 && failed.empty(); }
};

// A key's values as people read them; nothing where they are more than numbers and dates.
[[nodiscard]] std::optional<std::string> readable_key(const TableKey& key, const KeyValues& values);

}  // namespace relay::seed
