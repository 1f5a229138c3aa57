#include <array>
#include <limits>

#include "relay/sql/character_set.h"
#include "relay/sql/readers.h"
#include "relay/sql/sql_mode.h"

namespace relay::sql {
namespace {

using base::Result;

enum class Shape : std::uint8_t {
  integer,
  decimal,
  floating,
  sized,
  text,
  blob,
  bare,
  members,
  vector,
  temporal,
  year,
  spatial
};

struct TypeName {
  std::string_view name;
  std::string_view base;
  Shape shape;
};

// sql_yacc.yy of both servers, `type` and `field_type`. Two-word types are handled before the table is asked.
constexpr auto kTypes = std::to_array<TypeName>({
    {"tinyint", "tinyint", Shape::integer},
    {"int1", "tinyint", Shape::integer},
    {"smallint", "smallint", Shape::integer},
    {"int2", "smallint", Shape::integer},
    {"mediumint", "mediumint", Shape::integer},
    {"middleint", "mediumint", Shape::integer},
    {"int3", "mediumint", Shape::integer},
    {"int", "int", Shape::integer},
    {"integer", "int", Shape::integer},
    {"int4", "int", Shape::integer},
    {"bigint", "bigint", Shape::integer},
    {"int8", "bigint", Shape::integer},
    {"decimal", "decimal", Shape::decimal},
    {"dec", "decimal", Shape::decimal},
    {"numeric", "decimal", Shape::decimal},
    {"fixed", "decimal", Shape::decimal},
    {"float", "float", Shape::floating},
    {"float4", "float", Shape::floating},
    {"double", "double", Shape::floating},
    {"float8", "double", Shape::floating},
    {"real", "double", Shape::floating},
    {"bit", "bit", Shape::sized},
    {"char", "char", Shape::text},
    {"character", "char", Shape::text},
    {"nchar", "char", Shape::text},
    {"varchar", "varchar", Shape::text},
    {"varcharacter", "varchar", Shape::text},
    {"nvarchar", "varchar", Shape::text},
    {"binary", "binary", Shape::sized},
    {"varbinary", "varbinary", Shape::sized},
    {"tinytext", "tinytext", Shape::text},
    {"text", "text", Shape::text},
    {"mediumtext", "mediumtext", Shape::text},
    {"longtext", "longtext", Shape::text},
    {"tinyblob", "tinyblob", Shape::blob},
    {"blob", "blob", Shape::blob},
    {"mediumblob", "mediumblob", Shape::blob},
    {"longblob", "longblob", Shape::blob},
    {"enum", "enum", Shape::members},
    {"set", "set", Shape::members},
    {"date", "date", Shape::bare},
    {"time", "time", Shape::temporal},
    {"datetime", "datetime", Shape::temporal},
    {"timestamp", "timestamp", Shape::temporal},
    {"year", "year", Shape::year},
    {"json", "json", Shape::text},
    {"geometry", "geometry", Shape::spatial},
    {"point", "point", Shape::spatial},
    {"linestring", "linestring", Shape::spatial},
    {"polygon", "polygon", Shape::spatial},
    {"multipoint", "multipoint", Shape::spatial},
    {"multilinestring", "multilinestring", Shape::spatial},
    {"multipolygon", "multipolygon", Shape::spatial},
    {"geometrycollection", "geometrycollection", Shape::spatial},
    {"geomcollection", "geometrycollection", Shape::spatial},
    {"vector", "vector", Shape::vector},
    {"inet4", "inet4", Shape::bare},
    {"inet6", "inet6", Shape::bare},
    {"uuid", "uuid", Shape::bare},
    {"bool", "tinyint", Shape::bare},
    {"boolean", "tinyint", Shape::bare},
    {"serial", "bigint", Shape::bare},
    {"long", "mediumtext", Shape::text},
});

// What MariaDB's sql_mode ORACLE adds and changes (sql_yacc.yy, under "oracle"; sql_type.h).
constexpr auto kOracleTypes = std::to_array<TypeName>({
    {"varchar2", "varchar", Shape::text},
    {"raw", "varbinary", Shape::sized},
    {"number", "decimal", Shape::decimal},
    {"clob", "longtext", Shape::text},
    {"blob", "longblob", Shape::blob},
    {"date", "datetime", Shape::bare},
});

template <std::size_t N>
const TypeName* find_type(const Token& token, const std::array<TypeName, N>& types) {
  if (token.kind != TokenKind::word) return nullptr;
  for (const auto& type : types) {
    if (equal_keywords(token.text, type.name)) return &type;
  }
  return nullptr;
}

class TypeReader {
 public:
  explicit TypeReader(TokenCursor& cursor) : cursor_(cursor) {}

  Result<TypeSpec> read(bool& is_serial) {
    const bool national = cursor_.is("nchar") || cursor_.is("nvarchar") || cursor_.accept("national");
    const TypeName* type = find_type(cursor_.peek(), kTypes);
    if (oracle()) {
      if (const TypeName* other = find_type(cursor_.peek(), kOracleTypes)) type = other;
    }
    if (type == nullptr) return cursor_.unread("column type is not known");
    if (national && type->base != "char" && type->base != "varchar") return cursor_.unread("column type is not known");
    const std::string word = folded(cursor_.take().text);
    is_serial = word == "serial";
    spec_.base = std::string(type->base);
    RELAY_TRY(second_words(word));
    if (oracle() && word == "number" && !cursor_.is_symbol('(')) spec_.base = "double";
    spec_.written = spec_.base;
    if (national) {
      spec_.written = "national " + spec_.base;
      spec_.character_set = "utf8mb3";
    }
    if (word == "bool" || word == "boolean") spec_.length = 1;
    if (is_serial) spec_.is_unsigned = true;
    RELAY_TRY(parameters(type->shape));
    RELAY_TRY(suffixes(type->shape));
    finish();
    return std::move(spec_);
  }

 private:
  [[nodiscard]] bool oracle() const { return cursor_.maria() && (cursor_.context().sql_mode & kOracle) != 0; }

  // DOUBLE PRECISION, CHAR VARYING, LONG VARBINARY ...
  Result<void> second_words(const std::string& word) {
    if (word == "double") cursor_.accept("precision");
    if (word == "real" && (cursor_.context().sql_mode & kRealAsFloat) != 0) spec_.base = "float";
    if (word == "timestamp" && (cursor_.context().sql_mode & kMaxDb) != 0) {
      return cursor_.unread("TIMESTAMP means something else under sql_mode MAXDB");
    }
    if (spec_.base == "char" && cursor_.accept("varying")) spec_.base = "varchar";
    if (word == "nchar" && cursor_.accept_any({"varchar", "varcharacter"})) spec_.base = "varchar";
    if (word == "long") {
      if (cursor_.accept("varbinary")) {
        spec_.base = "mediumblob";
      } else if (cursor_.accept_any({"char", "character"})) {
        return cursor_.expect("varying");
      } else {
        cursor_.accept_any({"varchar", "varcharacter"});
      }
    }
    return {};
  }

  Result<void> parameters(Shape shape) {
    if (shape == Shape::members) return members();
    if (!cursor_.is_symbol('(')) return {};
    if (shape == Shape::bare || shape == Shape::spatial || spec_.base == "json") {
      return cursor_.unread("this column type has no parameters");
    }
    cursor_.take();
    RELAY_ASSIGN(spec_.length, number());
    if (cursor_.accept_symbol(',')) {
      if (shape != Shape::decimal && shape != Shape::floating)
        return cursor_.unread("this column type has one parameter");
      RELAY_ASSIGN(spec_.scale, number());
    }
    return cursor_.expect_symbol(')');
  }

  Result<std::uint32_t> number() {
    RELAY_ASSIGN(const std::uint64_t value, cursor_.unsigned_number());
    if (value > std::numeric_limits<std::uint32_t>::max())
      return cursor_.unread("length of the column type is too large");
    return static_cast<std::uint32_t>(value);
  }

  Result<void> members() {
    RELAY_TRY(cursor_.expect_symbol('('));
    do {
      const Token& token = cursor_.peek();
      const bool readable = token.kind == TokenKind::string || token.kind == TokenKind::hex_string;
      if (!readable || !token.introducer.empty()) return cursor_.unread("ENUM or SET member is not a plain string");
      if (token.kind == TokenKind::hex_string) return cursor_.unread("ENUM or SET member is not a plain string");
      const auto encoding = client_encoding(cursor_.context().client_collation);
      if (encoding != ClientEncoding::utf8 && encoding != ClientEncoding::latin1 && !is_ascii(token.text)) {
        return cursor_.unread("ENUM or SET member beyond ASCII in a character set that is not understood");
      }
      spec_.members.push_back(cursor_.take());
    } while (cursor_.accept_symbol(','));
    return cursor_.expect_symbol(')');
  }

  Result<void> suffixes(Shape shape) {
    const bool number =
        shape == Shape::integer || shape == Shape::decimal || shape == Shape::floating || shape == Shape::year;
    while (number) {
      if (cursor_.accept("unsigned")) {
        spec_.is_unsigned = true;
      } else if (cursor_.accept("zerofill")) {
        spec_.zerofill = spec_.is_unsigned = true;
      } else if (!cursor_.accept("signed")) {
        break;
      }
    }
    if (shape == Shape::text || shape == Shape::members) RELAY_TRY(text_attributes());
    if (cursor_.maria() && cursor_.is("compressed")) {
      cursor_.take();
      spec_.compressed = true;
      if (cursor_.accept_symbol('=')) RELAY_TRY(cursor_.plain_name());
      if (shape == Shape::text) RELAY_TRY(text_attributes());
    }
    return {};
  }

  Result<void> text_attributes() {
    while (true) {
      if (cursor_.is("charset") || cursor_.is_sequence({"character", "set"}) || cursor_.is_sequence({"char", "set"})) {
        RELAY_ASSIGN(spec_.character_set, read_character_set(cursor_));
      } else if (cursor_.accept("binary")) {
        spec_.binary_collation = true;
      } else if (cursor_.accept("ascii")) {
        spec_.character_set = "latin1";
      } else if (cursor_.accept("unicode")) {
        spec_.character_set = "ucs2";
      } else if (cursor_.accept("byte")) {
        spec_.character_set = "binary";
      } else {
        return {};
      }
    }
  }

  void finish() {
    if (spec_.base == "float" && spec_.length && !spec_.scale) {
      if (*spec_.length > 24) spec_.written = spec_.base = "double";  // FLOAT(p) is a precision in bits
      spec_.length.reset();
    }
    if (spec_.base == "json" && cursor_.maria()) spec_.base = "longtext";
    if (spec_.character_set == "binary" && (spec_.base == "char" || spec_.base == "varchar")) {
      spec_.written = spec_.base = spec_.base == "char" ? "binary" : "varbinary";
      spec_.character_set.clear();
    }
    if (spec_.character_set == "binary" && spec_.base.size() > 3 &&
        spec_.base.compare(spec_.base.size() - 4, 4, "text") == 0) {
      spec_.base.replace(spec_.base.size() - 4, 4, "blob");
      spec_.written = spec_.base;
      spec_.character_set.clear();
    }
  }

  TokenCursor& cursor_;
  TypeSpec spec_;
};

}  // namespace

Result<TypeSpec> read_type(TokenCursor& cursor, bool& is_serial) { return TypeReader(cursor).read(is_serial); }

Result<std::string> read_character_set(TokenCursor& cursor) {
  if (!cursor.accept("charset")) {
    cursor.take();  // CHARACTER or CHAR
    RELAY_TRY(cursor.expect("set"));
  }
  cursor.accept_symbol('=');
  RELAY_ASSIGN(std::string name, cursor.plain_name());
  const std::string set = canonical_character_set(name);
  if (set == "default") return std::string();
  if (!is_character_set(set)) return cursor.unread("character set is not known");
  return set;
}

}  // namespace relay::sql
