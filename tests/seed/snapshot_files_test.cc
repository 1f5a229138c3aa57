#include <zstd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "relay/seed/rows_writer.h"
#include "relay/seed/snapshot_folder.h"
#include "relay/seed/snapshot_names.h"
#include "snapshot_test_folder.h"

namespace relay::seed {

namespace {

std::string decompressed(const std::string& text) {
  std::string sql(std::size_t{8} << 20, '\0');
  const std::size_t size = ZSTD_decompress(sql.data(), sql.size(), text.data(), text.size());
  REQUIRE(ZSTD_isError(size) == 0U);
  sql.resize(size);
  return sql;
}

RowsWriter writer_into(const Folder& folder, std::uint32_t& number) {
  return RowsWriter({base::posix_file_system(), folder.path(), "HEAD;\n", "INSERT INTO `t` (`a`) VALUES", [&number] {
                       return rows_file_name({"shop", "t"}, ++number);
                     }});
}

}  // namespace

TEST_CASE("snapshot_names: plain names stay, others are escaped, and case is no difference", "[seed]") {
  CHECK(rows_file_name({"shop", "order_lines"}, 7) == "shop.order_lines.00007.sql.zst");
  CHECK(rows_file_name({"Shop", "a.b/c%"}, 1) == "%53hop.a%2eb%2fc%25.00001.sql.zst");
  CHECK(rows_file_name({"s", "A"}, 1) != rows_file_name({"s", "a"}, 1));
  CHECK(rows_file_name({"a.b", "c"}, 1) != rows_file_name({"a", "b.c"}, 1));
  CHECK(rows_file_name({"a", "b"}, 123456) == "a.b.123456.sql.zst");
}

TEST_CASE("snapshot_names: the longest names fit a file system, and differ where the tables do", "[seed]") {
  std::string long_name;
  for (int i = 0; i < 64; ++i) long_name += "\xc3\xa5";
  const std::string one = rows_file_name({long_name, long_name + "1"}, 99999);
  const std::string other = rows_file_name({long_name, long_name + "2"}, 99999);
  CHECK(one.size() + kPartEnding.size() <= 255);
  CHECK(one != other);
  CHECK(is_snapshot_file(one));
}

TEST_CASE("snapshot_names: only what a snapshot makes is known as its own", "[seed]") {
  for (const char* own : {"manifest.json", "manifest.json.new", "schema.sql", "unfinished", "journal",
                          "a.b.00001.sql.zst", "a.b.00001.rows", "%41.b~0f.00001.sql.zst.new"}) {
    CHECK(is_snapshot_file(own));
  }
  for (const char* other : {"mine.txt", "a.00001.sql.zst", "a.b.1.sql.zst", "A.b.00001.sql.zst", "a.b.00001.sql",
                            ".new", "a.b.x0001.sql.zst", "..00001.sql.zst"}) {
    CHECK_FALSE(is_snapshot_file(other));
  }
}

TEST_CASE("rows_writer: statements of a mebibyte, a large row alone, and a digest of what lies on the disk", "[seed]") {
  const Folder folder;
  std::uint32_t number = 0;
  RowsWriter writer = writer_into(folder, number);
  const std::string middle = "('" + std::string(400'000, 'x') + "')";
  const std::string large = "('" + std::string(3'000'000, 'y') + "')";
  for (const std::string& row : {std::string("(1)"), std::string("(2)"), large, middle, middle, middle}) {
    REQUIRE(writer.add(base::ByteView::of(row)).has_value());
  }
  REQUIRE(writer.finish().has_value());
  REQUIRE(writer.records().size() == 1);
  const FileRecord& record = writer.records().front();
  const std::string insert = "INSERT INTO `t` (`a`) VALUES\n";
  const std::string expected = "HEAD;\n" + insert + "(1),\n(2);\n" + insert + large + ";\n" + insert + middle + ",\n" +
                               middle + ";\n" + insert + middle + ";\n";
  const std::string stored = folder.text(record.name);
  CHECK(decompressed(stored) == expected);
  CHECK(record.rows == 6);
  CHECK(record.bytes == stored.size());
  CHECK(record.sql_bytes == expected.size());
  CHECK(record.sha256 == base::sha256_hex({base::ByteView::of(stored)}));
  CHECK(folder.names() == std::set<std::string>{"shop.t.00001.sql.zst"});
}

TEST_CASE("rows_writer: what is not finished leaves no file, and no rows make none", "[seed]") {
  const Folder folder;
  std::uint32_t number = 0;
  {
    RowsWriter writer = writer_into(folder, number);
    const std::string large(2'000'000, '1');
    REQUIRE(writer.add(base::ByteView::of(large)).has_value());
    REQUIRE(writer.add(base::ByteView::of("(2)")).has_value());
    CHECK(folder.names() == std::set<std::string>{"shop.t.00001.sql.zst.new"});
  }
  CHECK(folder.names().empty());
  RowsWriter writer = writer_into(folder, number);
  REQUIRE(writer.finish().has_value());
  CHECK(folder.names().empty());
  CHECK(writer.records().empty());
}

TEST_CASE("snapshot_folder: a finished one and a stranger's are refused, an unfinished one goes on", "[seed]") {
  base::FileSystem& files = base::posix_file_system();
  const Folder parent;
  const std::string directory = parent.path() + "/made";
  {
    auto folder = SnapshotFolder::prepare(files, directory);
    REQUIRE(folder.has_value());
    REQUIRE(folder->put("schema.sql", "x").has_value());
    CHECK_FALSE(SnapshotFolder::prepare(files, directory).has_value());  // locked
  }
  {
    auto folder = SnapshotFolder::prepare(files, directory);
    REQUIRE(folder.has_value());
    CHECK(std::filesystem::exists(directory + "/schema.sql"));
    for (const char* name : {"journal", "journal.new", "a.b.00001.sql.zst", "a.c.00001.sql.zst", "a.c.00001.rows"}) {
      REQUIRE(base::replace_file(files, directory + '/' + name, base::ByteView::of("x")).has_value());
    }
    REQUIRE(folder->keep_only({"a.b.00001.sql.zst"}).has_value());
    std::set<std::string> left;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) left.insert(entry.path().filename());
    CHECK(left == std::set<std::string>{"unfinished", "journal", "a.b.00001.sql.zst"});
    REQUIRE(folder->finish("{}").has_value());
    CHECK_FALSE(std::filesystem::exists(directory + "/unfinished"));
    CHECK_FALSE(std::filesystem::exists(directory + "/journal"));
  }
  const auto again = SnapshotFolder::prepare(files, directory);
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error().kind() == base::ErrorKind::configuration);
  const auto strange = SnapshotFolder::prepare(files, parent.path());
  REQUIRE_FALSE(strange.has_value());
  CHECK(strange.error().kind() == base::ErrorKind::configuration);
}

}  // namespace relay::seed
