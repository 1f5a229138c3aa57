#include "relay/seed/table_key.h"

#include <catch2/catch.hpp>

namespace relay::seed {

namespace {

sql::ColumnDefinition column(std::string name, std::string type, std::string character_set = {}) {
  sql::ColumnDefinition made;
  made.name = std::move(name);
  made.type = std::move(type);
  made.character_set = std::move(character_set);
  made.nullable = false;
  return made;
}

sql::IndexDefinition index(sql::IndexKind kind, std::string name, std::vector<std::string> columns) {
  sql::IndexDefinition made;
  made.kind = kind;
  made.name = std::move(name);
  for (std::string& each : columns) made.parts.push_back({std::move(each), std::nullopt, {}});
  return made;
}

sql::TableDefinition table() {
  sql::TableDefinition made;
  made.database = "shop";
  made.table = "orders";
  made.columns = {column("a", "int"), column("b", "varchar", "latin1"), column("c", "double"), column("d", "enum")};
  return made;
}

const std::vector<bool> kAll(4, true);

}  // namespace

TEST_CASE("table_key: the primary key comes before a unique one", "[seed]") {
  sql::TableDefinition orders = table();
  orders.indexes = {index(sql::IndexKind::unique, "by_a", {"a"}), index(sql::IndexKind::primary, "", {"b", "a"})};
  const auto key = choose_key(orders, kAll);
  REQUIRE(key.has_value());
  CHECK(key->index == "PRIMARY");
  CHECK(key_order(*key) == " ORDER BY `b`, `a`");
  CHECK(key_index_hint(*key) == " FORCE INDEX (`PRIMARY`)");
  CHECK_FALSE(begins_with_integer(*key));
}

TEST_CASE("table_key: no key of prefixes, floats, NULLs or columns whose values are not needed", "[seed]") {
  sql::TableDefinition orders = table();
  orders.indexes = {index(sql::IndexKind::primary, "", {"c"})};
  CHECK_FALSE(choose_key(orders, kAll).has_value());
  orders.indexes = {index(sql::IndexKind::primary, "", {"b"})};
  orders.indexes[0].parts[0].prefix = 4;
  CHECK_FALSE(choose_key(orders, kAll).has_value());
  orders.indexes = {index(sql::IndexKind::unique, "by_a", {"a"})};
  CHECK(choose_key(orders, kAll).has_value());
  CHECK_FALSE(choose_key(orders, {false, true, true, true}).has_value());
  orders.columns[0].nullable = true;
  CHECK_FALSE(choose_key(orders, kAll).has_value());
  orders.indexes = {index(sql::IndexKind::plain, "by_b", {"b"})};
  CHECK_FALSE(choose_key(orders, kAll).has_value());
}

TEST_CASE("table_key: a value's literal has its bytes, and its column's character set", "[seed]") {
  CHECK(*key_literal(column("k", "bigint"), "-7") == "-7");
  CHECK(*key_literal(column("k", "varchar", "latin1"), "\xf8'\\") == "_latin1 X'f8275c'");
  CHECK(*key_literal(column("k", "varbinary"), std::string_view("\0'", 2)) == "X'0027'");
  CHECK(*key_literal(column("k", "datetime"), "2026-01-02 03:04:05") == "'2026-01-02 03:04:05'");
  CHECK(*key_literal(column("k", "enum"), "2") == "2");
}

TEST_CASE("table_key: what a server sends in the place of a key's value becomes no part of a statement", "[seed]") {
  const std::string digits(256, '7');
  for (const char* type : {"int", "bigint", "decimal", "enum", "bit", "datetime", "year", "uuid", "inet6"}) {
    INFO(type);
    for (const std::string_view bad :
         {std::string_view("1 OR 1"), std::string_view("(SELECT secret FROM shop.customers LIMIT 1)"),
          std::string_view("1;DROP TABLE t"), std::string_view("' OR ''='"), std::string_view("\\"),
          std::string_view("1/**/"), std::string_view("1#"), std::string_view("0x41"), std::string_view("1\0", 2),
          std::string_view("@@port"), std::string_view("NULL"), std::string_view("\xc3\xa4"),
          std::string_view(digits)}) {
      const auto literal = key_literal(column("k", type), bad);
      REQUIRE_FALSE(literal.has_value());
      CHECK(literal.error().kind() == base::ErrorKind::malformed);
      CHECK(literal.error().message().find(bad) == std::string::npos);
    }
  }
  for (const char* bad : {"", "-", "--1", "1-", "1-- ", "1.5", "1e5", " 1", "+1"}) {
    INFO(bad);
    CHECK_FALSE(key_literal(column("k", "int"), bad).has_value());
    CHECK_FALSE(key_literal(column("k", "set"), bad).has_value());
  }
  for (const char* bad : {"", ".", "-.5", "1.", "1..2", "1.2.3", "1.-2", "1-2", "--1"}) {
    INFO(bad);
    CHECK_FALSE(key_literal(column("k", "decimal"), bad).has_value());
    CHECK_FALSE(is_key_literal(bad));
  }
  CHECK_FALSE(key_literal(column("k", "bit"), "-1").has_value());
  CHECK_FALSE(key_literal(column("k", "varbinary"), std::string(5000, 'x')).has_value());
  CHECK_FALSE(key_literal(column("k", "double"), "1").has_value());
  CHECK(*key_literal(column("k", "varbinary"), "' OR 1 -- ") == "X'27204f522031202d2d20'");
  CHECK(*key_literal(column("k", "decimal"), "-0012.50") == "-0012.50");
}

TEST_CASE("table_key: a row's key has all its values", "[seed]") {
  const TableKey key{"PRIMARY", {column("a", "int"), column("b", "varbinary")}};
  using Values = std::vector<std::optional<std::string_view>>;
  CHECK(*key_literals(key, Values{"1", "b"}) == KeyValues{"1", "X'62'"});
  CHECK_FALSE(key_literals(key, Values{"1", std::nullopt}).has_value());
  CHECK_FALSE(key_literals(key, Values{"x", "b"}).has_value());
}

TEST_CASE("table_key: keys stand in the order of their numbers", "[seed]") {
  const std::vector<KeyValues> ordered{{"-10"}, {"-9"}, {"0"}, {"2"}, {"10"}, {"10", "-1"}, {"10", "1"}, {"X'00'"}};
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    for (std::size_t j = 0; j < ordered.size(); ++j) CHECK(is_less(ordered[i], ordered[j]) == (i < j));
  }
}

TEST_CASE("table_key: more values than the key has columns are none of its", "[seed]") {
  const TableKey key{"PRIMARY", {column("a", "int")}};
  const KeyValues values{"1", "2"};
  CHECK(keys_condition(key, {&values, 1}) == " WHERE (`a` = 1)");
  CHECK(key_condition(key, {values, {}}) == " WHERE `a` > 1");
}

TEST_CASE("table_key: what is compared by its number is asked for by its number", "[seed]") {
  sql::TableDefinition orders = table();
  orders.indexes = {index(sql::IndexKind::primary, "", {"a", "d"})};
  CHECK(key_select_list(*choose_key(orders, kAll)) == "`a`, `d` + 0");
  orders.indexes = {index(sql::IndexKind::primary, "", {"d", "a"})};
  CHECK_FALSE(choose_key(orders, kAll).has_value());
}

TEST_CASE("table_key: a SET that servers compare inexactly is in no key", "[seed]") {
  sql::TableDefinition orders = table();
  orders.columns[3] = column("d", "set");
  orders.indexes = {index(sql::IndexKind::primary, "", {"a", "d"})};
  for (int i = 0; i < 53; ++i) orders.columns[3].members.push_back(std::to_string(i));
  CHECK(choose_key(orders, kAll).has_value());
  orders.columns[3].members.emplace_back("one more");
  CHECK_FALSE(choose_key(orders, kAll).has_value());
}

TEST_CASE("table_key: an index that statements cannot name is not read by", "[seed]") {
  sql::TableDefinition orders = table();
  orders.indexes = {index(sql::IndexKind::unique, "hidden", {"a"}), index(sql::IndexKind::unique, "seen", {"b"})};
  orders.indexes[0].visible = false;
  CHECK(choose_key(orders, kAll)->index == "seen");
  orders.indexes.pop_back();
  CHECK_FALSE(choose_key(orders, kAll).has_value());
}

TEST_CASE("table_key: a year has four digits in quotes, and is cut as no integer", "[seed]") {
  CHECK(*key_literal(column("k", "year"), "0000") == "'0000'");
  CHECK(*key_literal(column("k", "year"), "2024") == "'2024'");
  CHECK_FALSE(begins_with_integer({"PRIMARY", {column("k", "year")}}));
}

TEST_CASE("table_key: a range's rows lie behind its beginning, up to its end", "[seed]") {
  const TableKey key{"PRIMARY", {column("a", "int"), column("b", "int"), column("c", "int")}};
  CHECK(key_condition(key, {}).empty());
  CHECK(key_condition(key, {KeyValues{"1", "2", "3"}, {}}) ==
        " WHERE (`a` > 1 OR (`a` = 1 AND (`b` > 2 OR (`b` = 2 AND `c` > 3))))");
  CHECK(key_condition(key, {KeyValues{"1"}, KeyValues{"4", "5", "6"}}) ==
        " WHERE `a` > 1 AND (`a` < 4 OR (`a` = 4 AND (`b` < 5 OR (`b` = 5 AND `c` <= 6))))");
}

}  // namespace relay::seed
