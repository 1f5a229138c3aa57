#include "scrub_rules/definition_json.h"

#include <nlohmann/json.hpp>

#include "relay/base/json_number.h"

namespace relay::scrub_rules {

namespace {

using Json = nlohmann::json;

void put(Json& to, const char* key, bool flag, bool usual = false) {
  if (flag != usual) to[key] = flag;
}
void put(Json& to, const char* key, const std::string& text) {
  if (!text.empty()) to[key] = text;
}
void put(Json& to, const char* key, const std::vector<std::string>& texts) {
  if (!texts.empty()) to[key] = texts;
}
void put(Json& to, const char* key, std::optional<std::uint32_t> number) {
  if (number) to[key] = *number;
}

template <typename T>
void get(const Json& from, const char* key, T& into) {
  const auto found = from.find(key);
  if (found == from.end()) return;
  if constexpr (std::is_unsigned_v<T> && !std::is_same_v<T, bool>) {
    into = base::whole_number<T>(*found);
  } else {
    into = found->get<T>();
  }
}
void get(const Json& from, const char* key, std::optional<std::uint32_t>& into) {
  const auto found = from.find(key);
  if (found != from.end()) into = base::whole_number<std::uint32_t>(*found);
}

template <typename T, typename Encode>
void put_list(Json& to, const char* key, const std::vector<T>& items, Encode encode) {
  if (items.empty()) return;
  Json& list = to[key] = Json::array();
  for (const T& item : items) list.push_back(encode(item));
}
template <typename T, typename Decode>
void get_list(const Json& from, const char* key, std::vector<T>& into, Decode decode) {
  const auto found = from.find(key);
  if (found == from.end()) return;
  for (const Json& item : found->get_ref<const Json::array_t&>()) into.push_back(decode(item));
}

// One of `words`, in the order of an enumeration. Throws what the library throws.
template <typename Enumeration, std::size_t count>
Enumeration decode_word(const Json& from, const char* const (&words)[count]) {
  const auto word = from.get<std::string>();
  const auto* found = std::find(std::begin(words), std::end(words), word);
  if (found == std::end(words)) throw Json::other_error::create(501, "a word that is not known", nullptr);
  return static_cast<Enumeration>(found - std::begin(words));
}

constexpr const char* kOlderRows[] = {"none", "null", "value"};

Json encode_column(const sql::ColumnDefinition& column) {
  Json to{{"name", column.name}, {"type", column.type}};
  put(to, "length", column.length);
  put(to, "scale", column.scale);
  put(to, "unsigned", column.is_unsigned);
  put(to, "nullable", column.nullable, true);
  put(to, "generated", column.generated);
  put(to, "auto_increment", column.auto_increment);
  put(to, "invisible", column.invisible);
  put(to, "compressed", column.compressed);
  put(to, "implicit", column.implicit);
  put(to, "row_period", column.row_period);
  if (column.older_rows != sql::OlderRows::none)
    to["older_rows"] = kOlderRows[static_cast<std::size_t>(column.older_rows)];
  put(to, "character_set", column.character_set);
  put(to, "collation", column.collation);
  put(to, "members", column.members);
  put(to, "depends_on", column.depends_on);
  return to;
}

sql::ColumnDefinition decode_column(const Json& from) {
  sql::ColumnDefinition column;
  from.at("name").get_to(column.name);
  from.at("type").get_to(column.type);
  get(from, "length", column.length);
  get(from, "scale", column.scale);
  get(from, "unsigned", column.is_unsigned);
  get(from, "nullable", column.nullable);
  get(from, "generated", column.generated);
  get(from, "auto_increment", column.auto_increment);
  get(from, "invisible", column.invisible);
  get(from, "compressed", column.compressed);
  get(from, "implicit", column.implicit);
  get(from, "row_period", column.row_period);
  if (const auto found = from.find("older_rows"); found != from.end())
    column.older_rows = decode_word<sql::OlderRows>(*found, kOlderRows);
  get(from, "character_set", column.character_set);
  get(from, "collation", column.collation);
  get(from, "members", column.members);
  get(from, "depends_on", column.depends_on);
  return column;
}

Json encode_part(const sql::IndexPart& part) {
  Json to = Json::object();
  put(to, "column", part.column);
  put(to, "prefix", part.prefix);
  put(to, "depends_on", part.depends_on);
  return to;
}

sql::IndexPart decode_part(const Json& from) {
  sql::IndexPart part;
  get(from, "column", part.column);
  get(from, "prefix", part.prefix);
  get(from, "depends_on", part.depends_on);
  return part;
}

constexpr const char* kIndexKinds[] = {"primary", "unique", "plain", "fulltext", "spatial", "vector"};

Json encode_index(const sql::IndexDefinition& index) {
  Json to{{"kind", kIndexKinds[static_cast<std::size_t>(index.kind)]}};
  put(to, "name", index.name);
  put(to, "visible", index.visible, true);
  put(to, "generated", index.generated);
  put(to, "hash", index.hash);
  put(to, "without_overlaps", index.without_overlaps);
  put_list(to, "parts", index.parts, encode_part);
  return to;
}

sql::IndexDefinition decode_index(const Json& from) {
  sql::IndexDefinition index;
  index.kind = decode_word<sql::IndexKind>(from.at("kind"), kIndexKinds);
  get(from, "name", index.name);
  get(from, "visible", index.visible);
  get(from, "generated", index.generated);
  get(from, "hash", index.hash);
  get(from, "without_overlaps", index.without_overlaps);
  get_list(from, "parts", index.parts, decode_part);
  return index;
}

Json encode_origin(const sql::KeyOrigin& origin) {
  return {{"key_column", origin.key_column},
          {"database", origin.database},
          {"table", origin.table},
          {"column", origin.column}};
}

sql::KeyOrigin decode_origin(const Json& from) {
  return {base::whole_number<std::size_t>(from.at("key_column")), from.at("database").get<std::string>(),
          from.at("table").get<std::string>(), from.at("column").get<std::string>()};
}

Json encode_foreign_key(const sql::ForeignKeyDefinition& key) {
  Json to = Json::object();
  put(to, "name", key.name);
  put(to, "columns", key.columns);
  put(to, "referenced_database", key.referenced_database);
  put(to, "referenced_table", key.referenced_table);
  put(to, "referenced_columns", key.referenced_columns);
  put(to, "on_delete", key.on_delete);
  put(to, "on_update", key.on_update);
  if (key.origins) {
    to["origins"] = Json::array();
    for (const sql::KeyOrigin& origin : *key.origins) to["origins"].push_back(encode_origin(origin));
  }
  return to;
}

sql::ForeignKeyDefinition decode_foreign_key(const Json& from) {
  sql::ForeignKeyDefinition key;
  get(from, "name", key.name);
  get(from, "columns", key.columns);
  get(from, "referenced_database", key.referenced_database);
  get(from, "referenced_table", key.referenced_table);
  get(from, "referenced_columns", key.referenced_columns);
  get(from, "on_delete", key.on_delete);
  get(from, "on_update", key.on_update);
  if (from.contains("origins")) get_list(from, "origins", key.origins.emplace(), decode_origin);
  return key;
}

Json encode_check(const sql::CheckDefinition& check) {
  Json to = Json::object();
  put(to, "name", check.name);
  put(to, "depends_on", check.depends_on);
  return to;
}

sql::CheckDefinition decode_check(const Json& from) {
  sql::CheckDefinition check;
  get(from, "name", check.name);
  get(from, "depends_on", check.depends_on);
  return check;
}

Json encode_period(const sql::PeriodDefinition& period) {
  return {{"name", period.name}, {"start", period.start}, {"end", period.end}};
}

sql::PeriodDefinition decode_period(const Json& from) {
  return {from.at("name").get<std::string>(), from.at("start").get<std::string>(), from.at("end").get<std::string>()};
}

}  // namespace

Json definition_to_json(const sql::TableDefinition& definition) {
  Json to{{"database", definition.database}, {"table", definition.table}};
  put_list(to, "columns", definition.columns, encode_column);
  put_list(to, "indexes", definition.indexes, encode_index);
  put_list(to, "foreign_keys", definition.foreign_keys, encode_foreign_key);
  put_list(to, "checks", definition.checks, encode_check);
  put_list(to, "periods", definition.periods, encode_period);
  put(to, "partition_columns", definition.partition_columns);
  put(to, "partitioned", definition.partitioned);
  put(to, "system_versioned", definition.system_versioned);
  put(to, "sequence", definition.sequence);
  put(to, "temporary", definition.temporary);
  put(to, "unverified", definition.unverified);
  put(to, "engine", definition.engine);
  put(to, "character_set", definition.character_set);
  put(to, "collation", definition.collation);
  return to;
}

sql::TableDefinition definition_from_json(const Json& from) {
  sql::TableDefinition definition;
  from.at("database").get_to(definition.database);
  from.at("table").get_to(definition.table);
  get_list(from, "columns", definition.columns, decode_column);
  get_list(from, "indexes", definition.indexes, decode_index);
  get_list(from, "foreign_keys", definition.foreign_keys, decode_foreign_key);
  get_list(from, "checks", definition.checks, decode_check);
  get_list(from, "periods", definition.periods, decode_period);
  get(from, "partition_columns", definition.partition_columns);
  get(from, "partitioned", definition.partitioned);
  get(from, "system_versioned", definition.system_versioned);
  get(from, "sequence", definition.sequence);
  get(from, "temporary", definition.temporary);
  get(from, "unverified", definition.unverified);
  get(from, "engine", definition.engine);
  get(from, "character_set", definition.character_set);
  get(from, "collation", definition.collation);
  return definition;
}

}  // namespace relay::scrub_rules
