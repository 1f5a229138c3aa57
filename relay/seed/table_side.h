#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/result.h"
#include "relay/seed/row_digest.h"
#include "relay/seed/row_scrubber.h"
#include "relay/seed/table_key.h"
#include "relay/seed/verify_limits.h"
#include "relay/source/source_connection.h"
#include "relay/sql/ddl.h"

namespace relay::seed {

// What a side has at each key.
struct KeyedRows {
  static constexpr std::uint64_t kUsualKeyBytes = std::uint64_t{8} << 20;  // that one is to have, about
  std::map<KeyValues, RowSum> at;
  std::uint64_t rows = 0;
  std::uint64_t key_bytes = 0;
  KeyValues last;  // in the server's order
  [[nodiscard]] RowSum find(const KeyValues& key) const {
    const auto found = at.find(key);
    return found == at.end() ? RowSum() : found->second;
  }
};

// A table's rows at the source or at the replica, as digests of what the scrubbed table has. Borrows all but scrubber
// and key; one thread owns it.
class TableSide {
 public:
  struct Where {
    source::SourceConnection& connection;
    sql::TableName table;
    std::optional<TableKey> key;
    bool has_index = true;  // whether the key's index is there
    bool is_source = false;
  };
  TableSide(Where where, RowScrubber scrubber, const RowHasher& hasher, LoadLimit& limit, VerifyProgress& progress)
      : where_(std::move(where)), scrubber_(std::move(scrubber)), hasher_(hasher), limit_(limit), progress_(progress) {}

  [[nodiscard]] source::SourceConnection& connection() { return where_.connection; }
  [[nodiscard]] const TableKey& key() const { return *where_.key; }

  // The rows of a range in the key's order, the first `most` of them. REQUIRES: a key. Errors: those of the connection
  // and of scrubbing; unsupported where a key's value cannot be said in a statement, or keys are larger than memory is
  // given to them; malformed for more rows than were asked for.
  [[nodiscard]] base::Result<KeyedRows> read(const KeyRange& range, std::uint64_t most);
  // The rows that the server finds at these keys.
  [[nodiscard]] base::Result<KeyedRows> read(const std::vector<KeyValues>& keys);
  // All rows, in no order.
  [[nodiscard]] base::Result<void> read_all(const std::function<void(RowDigest)>& take);
  // The digest of each column of the row at `key`; none where there is not one row. Columns are written_columns().
  [[nodiscard]] base::Result<std::optional<std::vector<RowDigest>>> columns_at(const KeyValues& key);
  [[nodiscard]] std::vector<std::string> written_columns() const { return scrubber_.written_columns(); }

 private:
  [[nodiscard]] std::string select(bool with_key) const;
  base::Result<KeyedRows> read_keyed(const std::string& statement, std::uint64_t most);
  base::Result<void> run(const std::string& statement, const std::function<base::Result<void>(source::RowView)>& take);
  base::Result<RowDigest> digest(source::RowView row);
  [[nodiscard]] std::string name() const { return where_.table.database + '.' + where_.table.table; }

  Where where_;
  RowScrubber scrubber_;
  const RowHasher& hasher_;
  LoadLimit& limit_;
  VerifyProgress& progress_;
  base::Buffer row_;
};

}  // namespace relay::seed
