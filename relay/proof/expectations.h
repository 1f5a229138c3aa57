#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/result.h"

namespace relay::proof {

// A column's type as a table map tells it: the real type behind the type byte (ENUM and SET behind STRING, every BLOB
// and TEXT as 252, VAR_STRING as VARCHAR), and its metadata as a number: most bytes of a string, bytes of an ENUM's or
// SET's values, bytes of a length, precision | scale << 8, bits % 8 | bits / 8 << 8, fractional digits.
struct ExpectedType {
  std::uint8_t code = 0;
  std::uint16_t metadata = 0;
  friend bool operator==(const ExpectedType&, const ExpectedType&) = default;
};

// What the cells of a column may hold.
enum class Cells : std::uint8_t {
  any,
  null,    // nothing
  fixed,   // one value
  shaped,  // values of some form
  json,    // JSON documents of some form, as text or in MySQL's binary form
};

// What the cells of a shaped column have in common; NULL is one of them.
struct CellForm {
  std::size_t least = 0;  // bytes, without the length
  std::size_t most = SIZE_MAX;
  std::bitset<256> bytes = std::bitset<256>().set();  // that they consist of
};

// Which places of a JSON document may hold anything.
struct JsonForm {
  struct Step {
    enum class Kind : std::uint8_t { member, any_member, element, any_element, any_depth };
    Kind kind = Kind::member;
    std::string name = {};  // member: UTF-8
  };
  // The paths are those of what may be there; else of what may not. An element is one of any: others have moved.
  bool keeps = true;
  std::vector<std::vector<Step>> paths = {};
};

struct ExpectedColumn {
  std::string name;
  std::vector<ExpectedType> types;  // one of these; empty: not known
  std::optional<bool> nullable;     // none: not known
  std::uint8_t digits = 0;          // of old temporal types, whose table map does not tell
  Cells cells = Cells::any;
  std::string value;   // of fixed ones: the cell without its length
  CellForm form = {};  // of shaped ones
  JsonForm json = {};
};

// The columns of a table that may leave, in order.
struct ExpectedTable {
  std::vector<ExpectedColumn> columns;
};

// What a written table map says of itself besides types; empty where it does not.
struct WrittenMap {
  std::string_view database;
  std::string_view table;
  std::vector<std::string_view> names;
  std::vector<std::uint32_t> collations;  // 0 for columns that have none
};

// Answers what may leave, made from rules and schema by whoever knows them.
class Expectations {
 public:
  virtual ~Expectations() = default;
  // None: nothing of the table may leave. Errors: rule where it cannot be told.
  [[nodiscard]] virtual base::Result<std::optional<ExpectedTable>> table(const WrittenMap& map) const = 0;
  // Whether a statement may name the database as its default.
  [[nodiscard]] virtual bool database_leaves(std::string_view database) const = 0;
  // Answers of table() hold as long as this does not change.
  [[nodiscard]] virtual std::uint64_t version() const = 0;
};

}  // namespace relay::proof
