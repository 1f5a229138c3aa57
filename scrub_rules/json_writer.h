#pragma once

#include <cstdint>
#include <vector>

#include "relay/base/buffer.h"
#include "relay/base/result.h"
#include "relay/binlog/json_value.h"
#include "scrub_rules/json_selection.h"

namespace relay::scrub_rules {

// A value of a binary document that may have been changed since it was read. The bytes behind it are borrowed.
struct JsonNode {
  base::ByteView key = {};  // where it is a member
  binlog::JsonType type = binlog::JsonType::literal;
  base::ByteView data = {};  // as JsonValue has it; of no use where `opened`
  // A container whose members (by length of their key, then its bytes) or elements stand in `children`.
  bool opened = false;
  std::vector<JsonNode> children = {};

  explicit JsonNode(const binlog::JsonValue& value) : type(value.type), data(value.data) {}
};

// Writes documents as MySQL does (sql-common/json_binary.cc): in the small form where it holds them, without a gap. So
// they may be longer than a document in the large form whose numbers of 32 bits lay among its entries, by two fifths at
// most. Its memory is used again: 16 bytes for each container of the largest document.
class JsonWriter {
 public:
  // Appends what `selection` (null: everything) lets leave of `root`, a type byte and its data. A root that is gone is
  // the literal null. The time is in proportion to the document. Errors: unsupported, where containers are nested more
  // deeply than servers take or the document is longer than 4 GiB.
  [[nodiscard]] base::Result<void> write(const JsonNode& root, const JsonSelection* selection, base::Buffer& into);

 private:
  class Children;
  // A value, and what it is in: an opened node, or a document that was read.
  struct Part {
    binlog::JsonValue value;
    const JsonNode* node = nullptr;
  };
  // What a container will be.
  struct Measured {
    std::uint64_t size = 0;
    std::uint32_t count = 0;
    bool large = false;
  };
  using Step = JsonSelection::Step;

  [[nodiscard]] static Part part_of(const JsonNode& node);
  [[nodiscard]] Step step(JsonSelection::State state, const Part& part) const;
  // Calls each(index, part, step) for the children of `parent` that leave, in order.
  template <typename Each>
  void for_each_leaving(const Part& parent, const Children& children, const Step& at, Each each) const;
  // The size of a value's data. What is nested too deeply, or too long, has failed.
  std::uint64_t measure(const Part& part, const Step& at, std::size_t depth);
  void write_data(const Part& part, const Step& at, base::Buffer& into);
  [[nodiscard]] binlog::JsonType type_to_write(const Part& part) const;

  const JsonSelection* selection_ = nullptr;
  std::vector<Measured> measured_;  // in the order in which containers are met
  std::size_t next_ = 0;            // of measured_, while writing
  bool failed_ = false;
};

}  // namespace relay::scrub_rules
