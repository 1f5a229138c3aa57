// Cells of any bytes through every action: what leaves is one whole cell of the column's type, the same one each time.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "scrub_rules/cell_action.h"
#include "scrub_rules/column_type_of.h"
#include "scrub_rules/rule_set.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/scrub_rules/declared_column.h"

namespace {

using namespace relay;
using scrub_rules::CellTransform;

class OneKey final : public scrub_rules::KeyReader {
 public:
  base::Result<base::Secret> read(const scrub_rules::KeySource&, const std::string&) override {
    return base::Secret(std::string(32, 'k'));
  }
};

struct Subject {
  binlog::ColumnType type;
  std::shared_ptr<CellTransform> transform;
};

void add(std::vector<Subject>& subjects, const std::string& declared, const std::string& action) {
  OneKey key;
  base::Problems problems;
  const auto rules = scrub_rules::RuleSet::parse(
      "[keys]\nk = { env = \"K\" }\n[[table]]\nname = \"d.t\"\n[table.columns]\nc = { action = " + action + " }\n",
      "rules.toml", problems, &key);
  fuzz::require(problems.empty());
  const sql::ColumnDefinition column = scrub_rules::testing::declared_column(declared);
  for (const auto flavor : {binlog::Flavor::mysql, binlog::Flavor::mariadb}) {
    const auto type = scrub_rules::column_type_of(column, flavor);
    if (!type) continue;
    auto made = CellTransform::make(rules.tables()[0].columns[0].action,
                                    scrub_rules::column_traits(column, *type, flavor), "", rules.keys());
    if (made) subjects.push_back({*type, *made});
    return;
  }
}

std::vector<Subject> all() {
  const std::array<std::string, 17> actions = {R"("hash", key = "k")",
                                               R"("hash", key = "k", encoding = "int")",
                                               R"("hash", key = "k", encoding = "digits")",
                                               R"("email", key = "k")",
                                               R"("digits", key = "k")",
                                               R"("mask", keep_first = 1, keep_last = 2)",
                                               R"("truncate", length = 3)",
                                               R"("date", to = "year")",
                                               R"("date", to = "day")",
                                               R"("round", to = 10)",
                                               R"("round", to = 0.5)",
                                               R"("ip")",
                                               R"("redact")",
                                               R"("redact", patterns = ["/a(.*b)?/", "email"])",
                                               R"("json", keep = ["$.a", "$.b[*].c", "$[1].*"])",
                                               R"("json", remove = ["$.a.b", "$.c[0]", "$.*.d"])",
                                               R"("json", remove = ["$**.a"])"};
  std::vector<Subject> subjects;
  for (const char* declared : {"tinyint",
                               "smallint unsigned",
                               "mediumint",
                               "int unsigned",
                               "bigint",
                               "decimal(20,7)",
                               "decimal(12)",
                               "float",
                               "double",
                               "bit(33)",
                               "year",
                               "date",
                               "datetime",
                               "datetime(5)",
                               "timestamp",
                               "timestamp(3)",
                               "char(10) charset utf32",
                               "varchar(40) charset utf8mb4",
                               "varchar(40) charset latin1",
                               "varchar(40) charset utf16le",
                               "varchar(40) charset sjis",
                               "varchar(40) charset gb18030",
                               "varchar(40) charset ujis",
                               "text charset utf8mb4",
                               "binary(16)",
                               "varbinary(20)",
                               "blob",
                               "json",
                               "uuid",
                               "inet4",
                               "inet6"}) {
    for (const std::string& action : actions) add(subjects, declared, action);
  }
  return subjects;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Subject> subjects = all();
  if (size < 2) return 0;
  const Subject& subject = subjects[(std::size_t{data[0]} << 8 | data[1]) % subjects.size()];
  const base::ByteView bytes(data + 2, size - 2);
  const auto length = binlog::cell_length(subject.type, bytes);
  if (!length || *length > bytes.size()) return 0;
  base::Buffer once;
  base::Buffer twice;
  const bool done = subject.transform->apply(bytes.sub(0, *length), once).has_value();
  fuzz::require(subject.transform->apply(bytes.sub(0, *length), twice).has_value() == done);
  if (!done) return 0;
  fuzz::require(once.view() == twice.view());
  const auto left = binlog::cell_length(subject.type, once.view());
  fuzz::require(left.has_value() && *left == once.size());
  return 0;
}
