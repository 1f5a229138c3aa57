// What `load` reads: manifests, files with rows, files with statements. All of it may be hostile.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "relay/base/sha256.h"
#include "relay/seed/manifest_reader.h"
#include "relay/seed/rows_file_reader.h"
#include "relay/seed/rows_statement_check.h"
#include "relay/seed/rows_writer.h"
#include "relay/seed/schema_statements.h"
#include "relay/seed/snapshot_names.h"
#include "relay/seed/snapshot_schema.h"
#include "snapshot_test_folder.h"

namespace relay::seed {

namespace {

using nlohmann::json;

const std::string kDigest(64, 'a');

json good_manifest() {
  return {
      {"format", kManifestFormat},
      {"source",
       {{"flavor", "mysql"},
        {"version", "9.7.4"},
        {"server_id", 7},
        {"server_uuid", "u"},
        {"lower_case_table_names", 0}}},
      {"position", {{"file", "binlog.000003"}, {"offset", 157}, {"gtids", ""}}},
      {"rules", "r"},
      {"schema", {{"file", "schema.sql"}, {"bytes", 1}, {"sha256", kDigest}}},
      {"indexes", {{"file", "indexes.sql"}, {"bytes", 1}, {"sha256", kDigest}}},
      {"tables",
       {{{"database", "shop"},
         {"table", "orders"},
         {"rows", 3},
         {"files",
          {{{"file", "shop.orders.00001.sql.zst"}, {"rows", 2}, {"bytes", 9}, {"sql_bytes", 20}, {"sha256", kDigest}},
           {{"file", "shop.orders.00002.sql.zst"},
            {"rows", 1},
            {"bytes", 8},
            {"sql_bytes", 10},
            {"sha256", kDigest}}}}}}}};
}

base::ErrorKind refusal(const json& manifest) {
  const auto read = read_manifest(manifest.dump());
  REQUIRE_FALSE(read.has_value());
  return read.error().kind();
}

// Where the statement ends, or nothing where it is refused; given in pieces of `size` bytes.
std::optional<std::size_t> scanned(const std::string& text, std::size_t size) {
  RowsStatementCheck check("`d`.`t`");
  for (std::size_t at = 0; at < text.size();) {
    at = std::min(text.size(), at + size);
    const auto end = check.scan(std::string_view(text).substr(0, at));
    if (!end) return std::nullopt;
    if (*end != std::string_view::npos) return *end;
  }
  return std::string_view::npos;
}

const std::string kInsert = "INSERT INTO `d`.`t` (`a`, `b``,\\'x`) VALUES\n";

struct Made {
  std::string name = "d.t.00001.sql.zst";
  FileRecord record;
};

Made write_rows(const Folder& folder, const std::vector<std::string>& rows) {
  RowsWriter writer({base::posix_file_system(), folder.path(), rows_file_head(), "INSERT INTO `d`.`t` (`a`) VALUES",
                     [] { return std::string("d.t.00001.sql.zst"); }});
  for (const std::string& row : rows) REQUIRE(writer.add(base::ByteView::of(row)));
  REQUIRE(writer.finish());
  REQUIRE(writer.records().size() == 1);
  return {"d.t.00001.sql.zst", writer.records()[0]};
}

// All statements; or the error's text.
std::string read_rows(const Folder& folder, const Made& made, const std::string& table = "`d`.`t`") {
  auto reader = RowsFileReader::open(base::posix_file_system(), folder.path() + '/' + made.name, made.record, table);
  if (!reader) return std::string(reader.error().what());
  std::string all;
  for (;;) {
    const auto statement = reader->next();
    if (!statement) return std::string(statement.error().what());
    if (!*statement) return all;
    all += std::string(**statement) + "|";
  }
}

KnownSnapshot shop() {
  KnownSnapshot snapshot;
  snapshot.version_number = 90704;
  snapshot.tables = {{"d", "t", "", 0, {}}, {"d", "u", "", 0, {}}};
  return snapshot;
}

const std::string kTables =
    "CREATE DATABASE IF NOT EXISTS `d` DEFAULT CHARACTER SET latin1;\nUSE `d`;\n"
    "CREATE TABLE `d`.`t` (\n  `a` int DEFAULT ';\\n'\n) ENGINE=InnoDB;\n"
    "CREATE TABLE `d`.`u` (`;\n` int, `b` varchar(9) DEFAULT 'it''s;\n\\';\n') ENGINE=InnoDB;\n";

}  // namespace

TEST_CASE("manifest_reader: reads what a snapshot's manifest says", "[seed]") {
  const auto read = read_manifest(good_manifest().dump());
  REQUIRE(read.has_value());
  CHECK(read->version_number == 90704);
  CHECK(read->position.start() == "binlog.000003:157");
  CHECK(read->bytes() == 17);
  CHECK(read->has({"shop", "orders"}));
  CHECK_FALSE(read->has({"shop", "order"}));
  CHECK(read->tables[0].files[1].rows == 1);
}

TEST_CASE("manifest_reader: names of other files, and what does not fit together, are refused", "[seed]") {
  for (const char* name : {"../shop.orders.00001.sql.zst", "/etc/passwd", "shop.other.00001.sql.zst", "manifest.json",
                           "shop.orders.00002.sql.zst", "shop.orders.1.sql.zst", "shop.orders.00001.sql.zst.new", ""}) {
    INFO(name);
    json manifest = good_manifest();
    manifest["tables"][0]["files"][0]["file"] = name;
    CHECK(refusal(manifest) == base::ErrorKind::malformed);
  }
  for (const char* database : {"mysql", "SYS", "performance_schema", "binlog_relay_seed"}) {
    json manifest = good_manifest();
    manifest["tables"][0]["database"] = database;
    manifest["tables"][0]["rows"] = 0;
    manifest["tables"][0]["files"] = json::array();
    CHECK(refusal(manifest) == base::ErrorKind::malformed);
  }
  const auto with = [](const json::json_pointer& at, json value) {
    json manifest = good_manifest();
    manifest[at] = std::move(value);
    return refusal(manifest);
  };
  using Pointer = json::json_pointer;
  CHECK(with(Pointer("/format"), 99) == base::ErrorKind::unsupported);
  CHECK(with(Pointer("/schema/file"), "/dev/sda") == base::ErrorKind::malformed);
  CHECK(with(Pointer("/schema/sha256"), "abc") == base::ErrorKind::malformed);
  CHECK(with(Pointer("/tables/0/files/0/sha256"), std::string(64, 'g')) == base::ErrorKind::malformed);
  CHECK(with(Pointer("/tables/0/files/0/bytes"), -1) == base::ErrorKind::malformed);
  CHECK(with(Pointer("/tables/0/files/0/bytes"), "9") == base::ErrorKind::malformed);
  CHECK(with(Pointer("/tables/0/rows"), 4) == base::ErrorKind::malformed);
  CHECK(with(Pointer("/tables"), 4) == base::ErrorKind::malformed);
  CHECK(with(Pointer("/position"), nullptr) == base::ErrorKind::malformed);
  CHECK_FALSE(read_manifest("").has_value());
  CHECK_FALSE(read_manifest(std::string(100'000, '[')).has_value());
}

TEST_CASE("rows_statement_check: the writer's own statements pass, in whatever pieces they come", "[seed]") {
  for (const std::string& text : {
           kInsert + "(1,NULL);\n",
           kInsert + "(-12.50,'a\\'b\\\\'),\n(0,_utf8mb4'{\"a\": 1}'),\n(7,_binary'\\0;\\n(SELECT');\n",
           kInsert + "('','),(');\n",
       }) {
    for (const std::size_t size : {1, 2, 7, 1000}) CHECK(scanned(text, size) == text.size());
  }
  RowsStatementCheck check("`d`.`t`");
  const std::string two = kInsert + "(1,2),\n(3,4);\n" + kInsert + "(5,6);\n";
  const auto first = check.scan(two);
  REQUIRE(first.has_value());
  CHECK(check.scan(std::string_view(two).substr(*first)) == two.size() - *first);
  CHECK(check.rows() == 3);
}

TEST_CASE("rows_statement_check: everything else is refused", "[seed]") {
  for (const std::string& text : {
           std::string("DROP TABLE `d`.`t`;\n"),
           std::string("INSERT INTO `d`.`u` (`a`) VALUES\n(1);\n"),
           std::string("INSERT INTO `d`.`t` (`a`) SELECT 1;\n"),
           std::string("INSERT INTO `d`.`t` (`a`, b) VALUES\n(1,2);\n"),
           std::string("INSERT INTO `d`.`t` (`a`) VALUES (1);\n"),
           kInsert + "(1,(SELECT 1));\n",
           kInsert + "(1,LOAD_FILE('x'));\n",
           kInsert + "(1,NULLIF(1,1));\n",
           kInsert + "(1,@a);\n",
           kInsert + "(1,0x41);\n",
           kInsert + "(1,1e5);\n",
           kInsert + "(1,1-1);\n",
           kInsert + "(1,'a''b');\n",
           kInsert + "(1,'a' 'b');\n",
           kInsert + "(1,\"a\");\n",
           kInsert + "(1,/* */2);\n",
           kInsert + "(1,2) ON DUPLICATE KEY UPDATE a=1;\n",
           kInsert + "(1,2); DROP TABLE t;\n",
           kInsert + "(1,2),(3,4);\n",
           kInsert + "(1,2)\n;\n",
           kInsert + "(,2);\n",
           kInsert + "(-,2);\n",
           kInsert + "();\n",
           kInsert + "(1,_'x');\n",
       }) {
    INFO(text);
    CHECK_FALSE(scanned(text, 1000).has_value());
  }
}

TEST_CASE("rows_file_reader: gives the statements that were written, one by one", "[seed]") {
  const Folder folder;
  const std::string large = "('" + std::string(700'000, 'x') + "')";
  const Made made = write_rows(folder, {large, large, "(1)", "(2)"});
  const std::string insert = "INSERT INTO `d`.`t` (`a`) VALUES\n";
  CHECK(read_rows(folder, made) == insert + large + "|" + insert + large + ",\n(1),\n(2)|");
  CHECK(read_rows(folder, made, "`d`.`u`") == "a file with rows holds something else than the table's rows");
}

TEST_CASE("rows_file_reader: a file that is not the manifest's is refused before any statement", "[seed]") {
  const Folder folder;
  const Made made = write_rows(folder, {"(1)", "(2)"});
  const std::string path = folder.path() + '/' + made.name;
  const std::string bytes = folder.text(made.name);
  const auto put = [&](const std::string& text) { std::ofstream(path, std::ios::binary) << text; };
  std::string changed = bytes;
  changed[changed.size() / 2] ^= 1;
  for (const std::string& text :
       {changed, bytes.substr(1), bytes.substr(0, bytes.size() - 1), bytes + "x", std::string()}) {
    put(text);
    const auto reader = RowsFileReader::open(base::posix_file_system(), path, made.record, "`d`.`t`");
    CHECK_FALSE(reader.has_value());
  }
  put(bytes);
  for (auto change : {+[](FileRecord& record) { ++record.rows; }, +[](FileRecord& record) { --record.sql_bytes; },
                      +[](FileRecord& record) { ++record.sql_bytes; }}) {
    Made other = made;
    change(other.record);
    CHECK(read_rows(folder, other).find("manifest says") != std::string::npos);
  }
  // Whole by its digest, and cut where it was packed.
  Made cut = made;
  put(bytes.substr(0, bytes.size() - 6));
  cut.record.bytes -= 6;
  cut.record.sha256 = base::sha256_hex({base::ByteView::of(bytes.substr(0, bytes.size() - 6))});
  CHECK(read_rows(folder, cut) == "a file of the snapshot cannot be unpacked");
}

TEST_CASE("schema_statements: the statements of a snapshot are told apart and known", "[seed]") {
  const auto read = read_schema_statements(schema_head() + kTables, shop());
  REQUIRE(read.has_value());
  REQUIRE(read->size() == 4);
  CHECK(read->at(1).text == "USE `d`");
  CHECK(read->at(3).table == sql::TableName{"d", "u"});
  const auto indexes =
      read_index_statements(schema_head() +
                                "ALTER TABLE `d`.`t` ADD UNIQUE KEY `x` (`a`),\n  ADD KEY `y` (`a`);\n"
                                "ALTER TABLE `d`.`u` ADD CONSTRAINT `k` FOREIGN KEY (`b`) REFERENCES `d`.`t` (`a`);\n",
                            shop());
  REQUIRE(indexes.has_value());
  CHECK(indexes->at(0).indexes == std::vector<std::string>{"x", "y"});
  CHECK(indexes->at(0).foreign_keys.empty());
  CHECK(indexes->at(1).foreign_keys == std::vector<std::string>{"k"});
  CHECK(read_index_statements(schema_head(), shop())->empty());
}

TEST_CASE("schema_statements: what a snapshot does not do is refused", "[seed]") {
  // The last table's options.
  const auto with = [](const std::string& options) {
    std::string tables = kTables;
    return schema_head() + tables.replace(tables.rfind("ENGINE=InnoDB"), std::string("ENGINE=InnoDB").size(), options);
  };
  CHECK(read_schema_statements(with("ENGINE=InnoDB COMMENT='/* # -- '"), shop()).has_value());
  for (const std::string& text : {
           kTables,  // without its head
           schema_head() + kTables + "DROP TABLE `d`.`t`;\n",
           schema_head() + kTables + "CREATE TABLE `d`.`t` (`a` int) ENGINE=InnoDB;\n",  // twice
           schema_head() + kTables + "CREATE TABLE `mysql`.`t` (`a` int) ENGINE=InnoDB;\n",
           schema_head() + kTables + "USE `mysql`;\n",
           schema_head() + kTables + "GRANT ALL ON *.* TO x;\n",
           schema_head() + kTables + "SET GLOBAL general_log = 1;\n",
           schema_head() + kTables.substr(0, kTables.size() - 2),             // no end
           schema_head() + kTables.substr(0, kTables.rfind("CREATE TABLE")),  // a table is missing
           schema_head() + "CREATE TABLE `d`.`t` LIKE `mysql`.`user`;\n",
           schema_head() + "CREATE TABLE `d`.`t` (`a` int) ENGINE=FEDERATED;\n",
           schema_head() + "CREATE TABLE `d`.`t` (`a` int) ENGINE=InnoDB SELECT * FROM `mysql`.`user`;\n",
           with("ENGINE=InnoDB /*!80000 SELECT 1 */"),
           with("ENGINE=InnoDB /*!99999 SELECT 1 */"),
           with("ENGINE=InnoDB /* words */"),
           with("ENGINE=InnoDB # words\n"),
           with("ENGINE=InnoDB -- words\n"),
           with("ENGINE=InnoDB DATA DIRECTORY='/tmp'"),
           with("ENGINE=InnoDB INDEX DIRECTORY='/tmp'"),
           with("ENGINE=InnoDB PARTITION BY HASH (`a`) (PARTITION p DATA DIRECTORY='/tmp')"),
           schema_head() + "CREATE DATABASE IF NOT EXISTS `mysql`;\n" + kTables,
           schema_head() + "CREATE DATABASE IF NOT EXISTS `Binlog_relay_seed`;\n" + kTables,
       }) {
    INFO(text);
    CHECK_FALSE(read_schema_statements(text, shop()).has_value());
  }
  for (const char* text :
       {"ALTER TABLE `d`.`t` DROP COLUMN `a`;\n", "ALTER TABLE `mysql`.`user` ADD KEY `a` (`a`);\n",
        "ALTER TABLE `d`.`t` ADD KEY `a` (`a`) /*!80000 , RENAME TO `d`.`z` */;\n",
        "ALTER TABLE `d`.`t` ADD KEY `a` (`a`), RENAME TO `d`.`z`;\n", "DROP TABLE `d`.`t`;\n",
        "ALTER TABLE `d`.`t` ADD KEY `a` (`a`), ADD CONSTRAINT `k` FOREIGN KEY (`b`) REFERENCES `d`.`u` (`a`);\n"}) {
    INFO(text);
    CHECK_FALSE(read_index_statements(schema_head() + text, shop()).has_value());
  }
}

}  // namespace relay::seed
