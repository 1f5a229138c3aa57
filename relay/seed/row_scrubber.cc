#include "relay/seed/row_scrubber.h"

#include <algorithm>
#include <vector>

#include "relay/source/dump_command.h"
#include "relay/sql/character_set.h"
#include "scrub_rules/cell_kind.h"
#include "scrub_rules/cell_literal.h"
#include "scrub_rules/column_treatment.h"
#include "scrub_rules/column_type_of.h"
#include "scrub_rules/received_value.h"
#include "scrub_rules/text_reader.h"

namespace relay::seed {

namespace {

using base::Buffer;
using base::Error;
using base::ErrorKind;
using base::Result;
using scrub_rules::CellFate;
using scrub_rules::ColumnPlan;
using scrub_rules::ColumnTraits;
using sql::ColumnDefinition;

constexpr std::size_t kKeptCell = std::size_t{1} << 20;  // bytes that stay reserved between values
constexpr std::string_view kNull = "NULL";

enum class Purpose : std::uint8_t { load, compare, mirror };

// A column that is written.
struct Written {
  std::string column;
  CellFate fate = CellFate::keep;
  bool nullable = true;
  std::string name;     // database.table.column, for messages
  std::string literal;  // of `null` and `replace`
  scrub_rules::LiteralForm form;
  // Of text whose character set has byte sequences that are no character: a server cuts those off, without a word.
  std::optional<scrub_rules::TextReader> reader;
  bool ascii = false;  // its set is `ascii`
  // Of `transform`; without one the cell stays as it is.
  ColumnTraits traits;
  std::size_t prefix = 0;
  std::shared_ptr<const scrub_rules::CellTransform> transform;
};

// The server gives these their values. What row_start and row_end say of an inserted row is when it came.
bool computed_by_server(const ColumnDefinition& column) { return column.generated || column.row_period; }

// Of a set with one byte for each character every byte is one to the servers, but for `ascii`.
bool has_ill_formed_text(const Written& column) {
  const scrub_rules::CellKind kind = scrub_rules::cell_kind(column.traits);
  const bool text = kind == scrub_rules::CellKind::text ||
                    (kind == scrub_rules::CellKind::json && column.traits.type.code != binlog::TypeCode::json);
  const bool written = column.fate == CellFate::keep || column.fate == CellFate::transform;
  const std::string& set = column.traits.character_set;
  return text && written && !set.empty() && (set == "ascii" || sql::maximum_bytes(set) > 1);
}

bool well_formed(const Written& column, std::string_view text) {
  if (!column.reader) return true;
  return column.ascii ? sql::is_ascii(text) : column.reader->well_formed(base::ByteView::of(text));
}

void append_name(std::string& list, std::string_view separator, std::string_view name) {
  if (!list.empty()) list += separator;
  list += name;
}

tl::unexpected<Error> refuse(Error error, const std::string& name) { return base::fail(error.about(name)); }

}  // namespace

struct RowScrubber::State {
  std::string select_list;
  std::vector<std::string> selected;  // its expressions
  std::string insert_list;
  std::vector<Written> columns;
  Purpose purpose = Purpose::load;
  Buffer before, after;  // cells

  static Result<std::unique_ptr<State>> make(const sql::TableDefinition& definition, binlog::Flavor flavor,
                                             const scrub_rules::RuleView& rules, Purpose purpose);
  Result<void> add(const ColumnDefinition& declared, const ColumnPlan& plan, binlog::Flavor flavor,
                   const scrub_rules::KeyRing& keys, std::string name);
  Result<void> add_mirror(const ColumnDefinition& declared, binlog::Flavor flavor, const Written& source);
  Result<void> select(const ColumnDefinition& declared, Written& column);
  Result<void> append_transformed(const Written& column, std::string_view value, Buffer& into);
  Result<void> append_value(const Written& column, const std::optional<std::string_view>& value, Buffer& into);
  Result<void> append_comparable(const Written& column, const std::optional<std::string_view>& value, Buffer& into);
};

Result<void> RowScrubber::State::add(const ColumnDefinition& declared, const ColumnPlan& plan, binlog::Flavor flavor,
                                     const scrub_rules::KeyRing& keys, std::string name) {
  const auto named = [&](Error error) { return refuse(std::move(error), name); };
  auto type = scrub_rules::column_type_of(declared, flavor);
  if (!type) return named(std::move(type).error());
  auto treatment = scrub_rules::treat_column(plan, declared, *type, flavor, 0, keys);
  if (!treatment) return named(std::move(treatment).error());
  if (treatment->fate == CellFate::drop || computed_by_server(declared)) return {};
  Written column;
  column.column = declared.name;
  column.fate = treatment->fate;
  column.nullable = declared.nullable;
  column.traits = scrub_rules::column_traits(declared, *type, flavor);
  column.prefix = scrub_rules::cell_prefix_width(column.traits);
  column.transform = std::move(treatment->transform);
  const std::string quoted = source::quote_name(declared.name);
  if (column.fate == CellFate::null) {
    column.literal = kNull;
  } else if (column.fate == CellFate::replace) {
    const auto cell = base::ByteView::of(treatment->replacement).sub(column.prefix);
    Buffer literal;
    if (auto made = scrub_rules::append_cell_literal(column.traits, cell, literal); !made) {
      return named(std::move(made).error());
    }
    column.literal = literal.view().text();
  } else if (auto asked = select(declared, column); !asked) {
    return named(std::move(asked).error());
  }
  if (has_ill_formed_text(column) && (purpose == Purpose::load || column.fate == CellFate::transform)) {
    auto reader = scrub_rules::TextReader::make(column.traits.character_set);
    if (!reader) return named(std::move(reader).error());
    column.reader = std::move(*reader);
    column.ascii = column.traits.character_set == "ascii";
  }
  append_name(insert_list, ", ", quoted);
  column.name = std::move(name);
  columns.push_back(std::move(column));
  return {};
}

Result<void> RowScrubber::State::select(const ColumnDefinition& declared, Written& column) {
  RELAY_ASSIGN(const std::string expression,
               scrub_rules::select_expression(column.traits, source::quote_name(declared.name)));
  append_name(select_list, ", ", expression);
  selected.push_back(expression);
  column.form = scrub_rules::literal_form(column.traits);
  return {};
}

// What is made of a cell at the source has the literal of a cell.
Result<void> RowScrubber::State::add_mirror(const ColumnDefinition& declared, binlog::Flavor flavor,
                                            const Written& source) {
  const auto named = [&](Error error) { return refuse(std::move(error), source.name); };
  auto type = scrub_rules::column_type_of(declared, flavor);
  if (!type) return named(std::move(type).error());
  Written column;
  column.column = declared.name;
  column.fate = source.fate == CellFate::keep || source.fate == CellFate::null ? CellFate::keep : CellFate::transform;
  column.traits = scrub_rules::column_traits(declared, *type, flavor);
  column.prefix = scrub_rules::cell_prefix_width(column.traits);
  if (auto asked = select(declared, column); !asked) return named(std::move(asked).error());
  append_name(insert_list, ", ", source::quote_name(declared.name));
  column.name = source.name;
  columns.push_back(std::move(column));
  return {};
}

Result<void> RowScrubber::State::append_transformed(const Written& column, std::string_view value, Buffer& into) {
  for (Buffer* cell : {&before, &after}) {
    cell->clear();
    cell->shrink(kKeptCell);
  }
  RELAY_TRY(scrub_rules::encode_received(column.traits, value, before));
  if (column.transform != nullptr) RELAY_TRY(column.transform->apply(before.view(), after));
  const Buffer& cell = column.transform == nullptr ? before : after;
  return scrub_rules::append_cell_literal(column.traits, cell.view().sub(column.prefix), into);
}

Result<void> RowScrubber::State::append_value(const Written& column, const std::optional<std::string_view>& value,
                                              Buffer& into) {
  if (!value) {
    // A server would put the time, or the next number, in its place.
    if (!column.nullable && purpose == Purpose::load)
      return base::fail(ErrorKind::malformed, "the server sent NULL for a column that has none");
    into.append(kNull);
    return {};
  }
  if (!well_formed(column, *value)) {
    return base::fail(Error(ErrorKind::unsupported, "a row has text that is ill-formed in its character set")
                          .remedy("mend the text at the source, or drop, null or constant the column"));
  }
  if (column.fate == CellFate::keep) return scrub_rules::append_received_literal(column.form, *value, into);
  return append_transformed(column, *value, into);
}

// append_value(); in a mirror no value is refused.
Result<void> RowScrubber::State::append_comparable(const Written& column, const std::optional<std::string_view>& value,
                                                   Buffer& into) {
  const std::size_t begin = into.size();
  auto done = append_value(column, value, into);
  if (done || purpose != Purpose::mirror) return done;
  constexpr std::string_view kNoLiteral = "!";  // no literal begins with it
  into.resize(begin);
  into.append(kNoLiteral);
  into.append(value.value_or(""));
  return {};
}

Result<std::unique_ptr<RowScrubber::State>> RowScrubber::State::make(const sql::TableDefinition& definition,
                                                                     binlog::Flavor flavor,
                                                                     const scrub_rules::RuleView& rules,
                                                                     Purpose purpose) {
  const std::string table = definition.database + "." + definition.table;
  if (definition.sequence || !rules.table_leaves(definition.name())) {
    return refuse(Error(ErrorKind::rule, "a table does not leave"), table);
  }
  RELAY_ASSIGN(const std::vector<ColumnPlan> plans, scrub_rules::column_plans(rules, definition));
  auto state = std::make_unique<State>();
  state->purpose = purpose;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const ColumnDefinition& declared = definition.columns[i];
    RELAY_TRY(state->add(declared, plans[i], flavor, rules.rules().keys(), table + "." + declared.name));
  }
  if (state->columns.empty()) {
    return refuse(Error(ErrorKind::rule, "the rules leave a table no column that rows could be written to")
                      .remedy("keep a column, or let the table not leave at all"),
                  table);
  }
  state->insert_list = "(" + state->insert_list + ")";
  return state;
}

Result<RowScrubber> RowScrubber::make(const sql::TableDefinition& definition, binlog::Flavor flavor,
                                      const scrub_rules::RuleView& rules) {
  RELAY_ASSIGN(auto state, State::make(definition, flavor, rules, Purpose::load));
  return RowScrubber(std::move(state));
}

Result<RowScrubber> RowScrubber::make_comparing(const sql::TableDefinition& definition, binlog::Flavor flavor,
                                                const scrub_rules::RuleView& rules) {
  RELAY_ASSIGN(auto state, State::make(definition, flavor, rules, Purpose::compare));
  return RowScrubber(std::move(state));
}

Result<RowScrubber> RowScrubber::make_mirror(const sql::TableDefinition& scrubbed, binlog::Flavor flavor,
                                             const RowScrubber& source) {
  auto state = std::make_unique<State>();
  state->purpose = Purpose::mirror;
  for (const Written& column : source.state_->columns) {
    const auto at = scrubbed.find(column.column);
    if (!at) return refuse(Error(ErrorKind::unsupported, "a scrubbed table lacks a column that leaves"), column.name);
    RELAY_TRY(state->add_mirror(scrubbed.columns[*at], flavor, column));
  }
  state->insert_list = "(" + state->insert_list + ")";
  return RowScrubber(std::move(state));
}

RowScrubber::RowScrubber(std::unique_ptr<State> state) : state_(std::move(state)) {}
RowScrubber::RowScrubber(RowScrubber&& other) noexcept = default;
RowScrubber& RowScrubber::operator=(RowScrubber&& other) noexcept = default;
RowScrubber::~RowScrubber() = default;

const std::string& RowScrubber::select_list() const { return state_->select_list; }
std::size_t RowScrubber::selected() const { return state_->selected.size(); }

std::optional<std::size_t> RowScrubber::place_of(std::string_view expression) const {
  const auto at = std::ranges::find(state_->selected, expression);
  if (at == state_->selected.end()) return std::nullopt;
  return static_cast<std::size_t>(at - state_->selected.begin());
}

const std::string& RowScrubber::insert_list() const { return state_->insert_list; }

std::vector<std::string> RowScrubber::written_columns() const {
  std::vector<std::string> names;
  for (const Written& column : state_->columns) names.push_back(column.column);
  return names;
}

Result<void> RowScrubber::append(std::span<const std::optional<std::string_view>> values, Buffer& into,
                                 std::vector<std::size_t>* ends) {
  if (values.size() != state_->selected.size()) {
    return base::fail(ErrorKind::malformed, "the server sent another number of values than was asked for");
  }
  char separator = '(';
  std::size_t next = 0;
  for (const Written& column : state_->columns) {
    into.append_u8(static_cast<std::uint8_t>(separator));
    separator = ',';
    if (column.fate == CellFate::null || column.fate == CellFate::replace) {
      into.append(column.literal);
    } else if (auto done = state_->append_comparable(column, values[next++], into); !done) {
      return refuse(std::move(done).error(), column.name);
    }
    if (ends != nullptr) ends->push_back(into.size());
  }
  into.append_u8(')');
  if (into.overflowed()) return base::fail(ErrorKind::unsupported, "a row is larger than memory is given to it");
  return {};
}

}  // namespace relay::seed
