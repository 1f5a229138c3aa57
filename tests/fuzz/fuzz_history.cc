#include <string>

#include "scrub_rules/schema_history.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/signing.h"
#include "tests/support/faulty_file.h"

// A schema history of any bytes: opening it fails and changes nothing, or leaves a file that holds the same tables when
// it is opened again, and takes changes.
namespace relay::fuzz {
namespace {

using scrub_rules::SchemaHistory;

constexpr const char* kPath = "spool/schema.history";
constexpr scrub_rules::HistoryPosition kEnd{1000, 0};

// What the history holds of one database.
std::string summary(const SchemaHistory& history) {
  std::string text;
  for (const sql::TableName& name : history.tables_of("shop")) {
    const sql::TableDefinition* table = history.find(name);
    require(table != nullptr);
    text += name.table + "(";
    for (const sql::ColumnDefinition& column : table->columns) text += column.name + " " + column.type + ",";
    text += ")";
  }
  const auto [character_set, collation] = history.database_character_set("shop");
  return text + character_set + "/" + collation;
}

void stage_a_table(SchemaHistory& history) {
  auto table = std::make_unique<sql::TableDefinition>();
  table->database = "shop";
  table->table = "made";
  std::vector<sql::CatalogChange> changes;
  changes.push_back({{"shop", "made"}, std::move(table)});
  history.stage(std::move(changes));
}

void try_out(const std::string& content, bool fold_case) {
  testing::FaultyFileSystem files;
  static_cast<void>(files.create_directory("spool"));
  files.set_content(kPath, content);
  std::string before;
  {
    const auto history = SchemaHistory::open(files, kPath, kEnd, fold_case);
    if (!history) {
      require(history.error().kind() == base::ErrorKind::malformed ||
              history.error().kind() == base::ErrorKind::unsupported);
      require(files.content(kPath) == content);
      return;
    }
    stage_a_table(**history);
    require((*history)->commit({1000, 1}).has_value());
    before = summary(**history);
  }
  const auto again = SchemaHistory::open(files, kPath, {1000, 1}, fold_case);
  require(again.has_value() && summary(**again) == before);
}

}  // namespace
}  // namespace relay::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  const base::ByteView whole(data, size);
  if (whole.empty()) return 0;
  const std::string_view text = whole.sub(1).text();
  const bool fold_case = (data[0] & 1) != 0;
  fuzz::try_out(std::string(text), fold_case);
  fuzz::try_out(fuzz::signed_lines(text), fold_case);
  return 0;
}
