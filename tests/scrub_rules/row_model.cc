#include "tests/scrub_rules/row_model.h"

#include <stdexcept>

namespace relay::scrub_rules::testing {

namespace {

using binlog::EventType;
using binlog::RowsKind;

constexpr std::size_t kJsonPrefix = 4;

std::string little_endian(std::uint64_t value, std::size_t width) {
  std::string text;
  for (std::size_t i = 0; i < width; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

std::string length_encoded(std::size_t value) {
  if (value < 0xfb) return little_endian(value, 1);
  return "\xfc" + little_endian(value, 2);
}

std::string with_length(const std::string& bytes, std::size_t prefix) {
  return little_endian(bytes.size(), prefix) + bytes;
}

// Bits, and drawn ones up to the next whole byte.
std::string bitmap(Random& random, const std::vector<bool>& bits) {
  std::string text;
  for (std::size_t i = 0; i < (bits.size() + 7) / 8 * 8; ++i) {
    if (i % 8 == 0) text += '\0';
    const bool bit = i < bits.size() ? bits[i] : one_in(random, 2);
    if (bit) text.back() = static_cast<char>(text.back() | 1 << (i % 8));
  }
  return text;
}

struct Reader {
  const std::string& text;
  std::size_t position = 0;
  std::string take(std::size_t count) {
    if (count > text.size() - position) throw std::runtime_error("cut short");
    position += count;
    return text.substr(position - count, count);
  }
  std::uint64_t number(std::size_t width) {
    std::uint64_t value = 0;
    const std::string bytes = take(width);
    for (std::size_t i = 0; i < width; ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    return value;
  }
  std::size_t length() {
    const std::uint64_t first = number(1);
    if (first < 0xfb) return first;
    if (first != 0xfc) throw std::runtime_error("length");
    return number(2);
  }
  std::vector<bool> bits(std::size_t count) {
    const std::string bytes = take((count + 7) / 8);
    std::vector<bool> all;
    for (std::size_t i = 0; i < count; ++i) {
      all.push_back((static_cast<unsigned char>(bytes[i / 8]) >> (i % 8) & 1) != 0);
    }
    return all;
  }
  std::string cell(std::size_t prefix, std::size_t size) {
    if (prefix == 0) return take(size);
    const std::size_t start = position;
    const std::size_t count = number(prefix);
    take(count);
    return text.substr(start, position - start);
  }
};

std::vector<bool> present_bits(const ModelImage& image) {
  std::vector<bool> bits;
  for (const ModelCell& cell : image) bits.push_back(cell.present);
  return bits;
}

std::string encode_image(Random& random, const ModelImage& image, const std::vector<ModelColumn>& columns,
                         bool partial) {
  std::string text;
  std::vector<bool> nulls;
  std::vector<bool> diffs;
  std::string cells;
  bool any_diff = false;
  for (std::size_t i = 0; i < image.size(); ++i) {
    if (columns[i].is_json()) diffs.push_back(image[i].diff);
    if (image[i].diff) any_diff = true;
    if (!image[i].present) continue;
    nulls.push_back(image[i].null);
    cells += image[i].bytes;
  }
  // Options may announce diffs where no cell is one.
  if (partial && (any_diff || (!diffs.empty() && one_in(random, 4)))) {
    text += '\1' + bitmap(random, diffs);
  } else if (partial) {
    text += '\0';
  }
  return text + bitmap(random, nulls) + cells;
}

ModelImage decode_image(Reader& reader, const std::vector<bool>& present, const std::vector<ModelColumn>& columns,
                        bool partial) {
  std::size_t json_columns = 0;
  std::size_t in_image = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].is_json()) ++json_columns;
    if (present[i]) ++in_image;
  }
  std::vector<bool> diffs(json_columns);
  if (partial) {
    const std::size_t options = reader.length();
    if (options > 1) throw std::runtime_error("options");
    if (options == 1) diffs = reader.bits(json_columns);
  }
  const std::vector<bool> nulls = reader.bits(in_image);
  ModelImage image(columns.size());
  std::size_t json = 0;
  std::size_t next = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const bool diff = columns[i].is_json() && diffs[json++];
    if (!present[i]) {
      if (diff) throw std::runtime_error("a diff of an absent column");
      continue;
    }
    image[i].present = true;
    image[i].null = nulls[next++];
    image[i].diff = diff && !image[i].null;
    if (!image[i].null) image[i].bytes = reader.cell(diff ? kJsonPrefix : columns[i].prefix, columns[i].size);
  }
  return image;
}

std::vector<bool> random_present(Random& random, std::size_t count, bool full) {
  std::vector<bool> present(count, true);
  if (full) return present;
  for (std::size_t i = 0; i < count; ++i) present[i] = one_in(random, 2);
  return present;
}

ModelImage random_image(Random& random, const std::vector<bool>& present, const std::vector<ModelColumn>& columns,
                        bool partial) {
  ModelImage image(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    ModelCell& cell = image[i];
    cell.present = present[i];
    if (!cell.present) continue;
    cell.null = columns[i].nullable && one_in(random, 3);
    if (cell.null) continue;
    cell.diff = partial && columns[i].is_json() && one_in(random, 2);
    cell.bytes =
        cell.diff ? with_length(random_bytes(random, pick(random, 30)), kJsonPrefix) : random_cell(random, columns[i]);
  }
  return image;
}

}  // namespace

std::size_t pick(Random& random, std::size_t below) {
  return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
}
bool one_in(Random& random, std::size_t count) { return pick(random, count) == 0; }

std::string random_bytes(Random& random, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += static_cast<char>(pick(random, 256));
  return text;
}

EventType ModelEvent::type() const {
  if (partial) return EventType::partial_update_rows;
  const auto first = static_cast<std::uint8_t>(version_2 ? EventType::write_rows_v2 : EventType::write_rows_v1);
  return static_cast<EventType>(first + static_cast<std::uint8_t>(kind));
}

ModelColumn random_column(Random& random) {
  const auto digits = static_cast<char>(pick(random, 7));
  const std::size_t fraction = (static_cast<std::size_t>(digits) + 1) / 2;
  const auto bytes = static_cast<char>(1 + pick(random, 8));
  const auto width = static_cast<char>(1 + pick(random, 4));
  const std::size_t most = width == 1 ? 200 : 600;
  const ModelColumn kinds[] = {
      {1, "", 0, 1},                                  // TINYINT
      {2, "", 0, 2},                                  // SMALLINT
      {9, "", 0, 3},                                  // MEDIUMINT
      {3, "", 0, 4},                                  // INT
      {8, "", 0, 8},                                  // BIGINT
      {13, "", 0, 1},                                 // YEAR
      {4, "\4", 0, 4},                                // FLOAT
      {5, std::string(1, '\10'), 0, 8},               // DOUBLE
      {246, std::string("\12\4"), 0, 5},              // DECIMAL(10,4): 6 and 4 digits
      {246, std::string("\101\36"), 0, 30},           // DECIMAL(65,30): 35 and 30 digits
      {16, std::string("\1\2"), 0, 3},                // BIT(17)
      {16, std::string("\0\1", 2), 0, 1},             // BIT(8)
      {10, "", 0, 3},                                 // DATE
      {17, std::string(1, digits), 0, 4 + fraction},  // TIMESTAMP
      {18, std::string(1, digits), 0, 5 + fraction},  // DATETIME
      {19, std::string(1, digits), 0, 3 + fraction},  // TIME
      {7, "", 0, 4},                                  // TIMESTAMP before MySQL 5.6
      {11, "", 0, 3},                                 // TIME before MySQL 5.6
      {12, "", 0, 8},                                 // DATETIME before MySQL 5.6
      {15, std::string("\144\0", 2), 1, 100},         // VARCHAR of 100 bytes
      {15, std::string("\220\1"), 2, 400},            // VARCHAR of 400 bytes
      {254, std::string("\376\50"), 1, 40},           // CHAR of 40 bytes
      {254, std::string("\356\220"), 2, 400},         // CHAR of 400 bytes: two bits of it in the type byte
      {254, std::string("\367\1"), 0, 1},             // ENUM
      {254, std::string("\367\2"), 0, 2},             // ENUM of more than 255 members
      {254, std::string("\370") + bytes, 0, static_cast<std::size_t>(bytes)},  // SET
      {252, std::string(1, width), static_cast<std::size_t>(width), most},     // BLOB, TEXT
      {140, std::string(1, width), static_cast<std::size_t>(width), most},     // MariaDB BLOB COMPRESSED
      {141, std::string("\220\1"), 2, 400},                                    // MariaDB VARCHAR COMPRESSED
      {245, "\4", 4, 300},                                                     // JSON
      {245, "\4", 4, 300},                                                     // JSON, so that tables have several
      {255, "\4", 4, 60},                                                      // GEOMETRY
      {242, "\4", 4, 60},                                                      // VECTOR
  };
  ModelColumn column = kinds[pick(random, std::size(kinds))];
  column.nullable = !one_in(random, 3);
  return column;
}

std::string random_cell(Random& random, const ModelColumn& column) {
  if (column.prefix == 0) return random_bytes(random, column.size);
  const std::size_t most = one_in(random, 4) ? column.size : 12;
  return with_length(random_bytes(random, pick(random, most + 1)), column.prefix);
}

ModelEvent random_event(Random& random, const std::vector<ModelColumn>& columns) {
  ModelEvent event;
  event.kind = static_cast<RowsKind>(pick(random, 3));
  event.version_2 = !one_in(random, 3);
  event.partial = event.kind == RowsKind::update && event.version_2 && one_in(random, 2);
  event.table_id = pick(random, std::size_t{1} << 47);
  event.flags = static_cast<std::uint16_t>(pick(random, 32));
  if (event.version_2 && one_in(random, 3)) event.extra_data = random_bytes(random, 3);
  const bool full = one_in(random, 2);
  std::vector<bool> present = random_present(random, columns.size(), full);
  present[pick(random, columns.size())] = true;
  const std::vector<bool> after = random_present(random, columns.size(), full);
  const std::size_t rows = 1 + pick(random, 5);
  for (std::size_t i = 0; i < rows; ++i) {
    event.images.push_back(random_image(random, present, columns, false));
    if (event.kind == RowsKind::update) event.images.push_back(random_image(random, after, columns, event.partial));
  }
  return event;
}

std::string encode_table_map(const std::vector<ModelColumn>& columns) {
  std::string text = little_endian(77, 6) + little_endian(1, 2);
  text += std::string("\1d\0\1t\0", 6) + length_encoded(columns.size());
  std::string metadata;
  std::string nulls((columns.size() + 7) / 8, '\0');
  for (std::size_t i = 0; i < columns.size(); ++i) {
    text += static_cast<char>(columns[i].type);
    metadata += columns[i].metadata;
    if (columns[i].nullable) nulls[i / 8] = static_cast<char>(nulls[i / 8] | 1 << (i % 8));
  }
  return text + length_encoded(metadata.size()) + metadata + nulls;
}

std::string encode_event(Random& random, const ModelEvent& event, const std::vector<ModelColumn>& columns) {
  std::string text = little_endian(event.table_id, 6) + little_endian(event.flags, 2);
  if (event.version_2) text += little_endian(2 + event.extra_data.size(), 2) + event.extra_data;
  text += length_encoded(columns.size());
  const bool update = event.kind == RowsKind::update;
  text += bitmap(random, present_bits(event.images[0]));
  if (update) text += bitmap(random, present_bits(event.images[1]));
  for (std::size_t i = 0; i < event.images.size(); ++i) {
    text += encode_image(random, event.images[i], columns, event.partial && i % 2 == 1);
  }
  return text;
}

ModelEvent decode_event(EventType type, const std::string& body, const std::vector<ModelColumn>& columns) {
  ModelEvent event;
  event.partial = type == EventType::partial_update_rows;
  event.version_2 = type >= EventType::write_rows_v2;
  const auto first = static_cast<int>(event.version_2 ? EventType::write_rows_v2 : EventType::write_rows_v1);
  event.kind = event.partial ? RowsKind::update : static_cast<RowsKind>(static_cast<int>(type) - first);
  Reader reader{body};
  event.table_id = reader.number(6);
  event.flags = static_cast<std::uint16_t>(reader.number(2));
  if (event.version_2) event.extra_data = reader.take(reader.number(2) - 2);
  if (reader.length() != columns.size()) throw std::runtime_error("width");
  const std::vector<bool> present = reader.bits(columns.size());
  std::vector<bool> after;
  if (event.kind == RowsKind::update) after = reader.bits(columns.size());
  while (reader.position < body.size()) {
    event.images.push_back(decode_image(reader, present, columns, false));
    if (event.kind == RowsKind::update) event.images.push_back(decode_image(reader, after, columns, event.partial));
  }
  return event;
}

ModelEvent expected_event(const ModelEvent& event, const TablePlan& plan) {
  ModelEvent expected = event;
  expected.extra_data.clear();
  for (ModelImage& image : expected.images) {
    ModelImage rewritten;
    for (std::size_t i = 0; i < image.size(); ++i) {
      if (plan.fates[i] == CellFate::drop) continue;
      ModelCell cell = image[i];
      const bool set = plan.fates[i] != CellFate::keep && (cell.present || event.kind == RowsKind::write);
      if (set && plan.fates[i] == CellFate::null) cell = {true, true, false, ""};
      if (set && plan.fates[i] == CellFate::replace) cell = {true, false, false, plan.replacements[i]};
      if (plan.fates[i] == CellFate::transform && cell.present && !cell.null) {
        for (std::size_t at = plan.shapes[i].prefix; at < cell.bytes.size(); ++at)
          cell.bytes[at] = static_cast<char>(~cell.bytes[at]);
      }
      rewritten.push_back(cell);
    }
    image = rewritten;
  }
  return expected;
}

std::vector<ModelColumn> kept_columns(const std::vector<ModelColumn>& columns, const TablePlan& plan) {
  std::vector<ModelColumn> kept;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (plan.fates[i] != CellFate::drop) kept.push_back(columns[i]);
  }
  return kept;
}

}  // namespace relay::scrub_rules::testing
