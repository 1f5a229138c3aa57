#include "scrub_rules/table_plan.h"

#include <algorithm>
#include <optional>

#include "relay/sql/character_set.h"
#include "scrub_rules/column_type_of.h"
#include "scrub_rules/pseudonym_form.h"
#include "scrub_rules/table_rules.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;
using binlog::TypeCode;

// BIT_LEN_EXACT, REFERRED_FK_DB, GENERATED_INVISIBLE_PK (MySQL's Table_map_event); MariaDB's TM_BIT_HAS_TRIGGERS.
constexpr std::uint16_t kKnownMapFlags = 0x1 | 0x2 | 0x4 | 0x4000;
// MariaDB's make_unique_invisible_field_name (sql/sql_table.cc).
constexpr std::string_view kRowHashPrefix = "DB_ROW_HASH_";

bool is_row_hash(std::string_view name) {
  if (!name.starts_with(kRowHashPrefix)) return false;
  name.remove_prefix(kRowHashPrefix.size());
  return !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_old_temporal(TypeCode code) {
  return code == TypeCode::timestamp || code == TypeCode::time || code == TypeCode::datetime;
}

// Makes one plan; every step may stop it.
class PlanMaker {
 public:
  PlanMaker(const binlog::TableMap& map, binlog::Flavor flavor, const sql::TableDefinition* definition,
            const RuleView& rules)
      : map_(map), flavor_(flavor), definition_(definition), rules_(rules) {}

  base::Result<TablePlan> make();

 private:
  base::Result<void> read_columns();
  base::Result<void> judge_without_definition();
  base::Result<void> judge_by_definition();
  base::Result<void> judge_in_question();
  base::Result<void> check_column(std::size_t index);
  base::Result<void> set_fate(std::size_t index, const ColumnPlan& column);
  base::Result<void> judge_hidden_columns(std::size_t declared);
  void name_columns();
  base::Result<void> finish();
  [[nodiscard]] std::size_t hidden_columns() const;
  [[nodiscard]] bool key_is_altered() const;
  [[nodiscard]] bool column_keeps(const std::string& name) const;
  [[nodiscard]] bool index_keeps(const sql::IndexDefinition& index) const;
  [[nodiscard]] bool stays_distinct(const sql::IndexDefinition& index) const;
  [[nodiscard]] tl::unexpected<Error> stop(ErrorKind kind, FixedText what, FixedText remedy) const;
  [[nodiscard]] tl::unexpected<Error> stop_at(std::size_t index, ErrorKind kind, FixedText what,
                                              FixedText remedy) const;

  const binlog::TableMap& map_;
  binlog::Flavor flavor_;
  const sql::TableDefinition* definition_;
  const RuleView& rules_;
  binlog::OptionalMetadata metadata_;
  std::vector<ColumnPlan> column_plans_;
  TablePlan plan_;
};

tl::unexpected<Error> PlanMaker::stop(ErrorKind kind, FixedText what, FixedText remedy) const {
  return base::fail(Error(kind, what).about(plan_.name).remedy(remedy));
}

tl::unexpected<Error> PlanMaker::stop_at(std::size_t index, ErrorKind kind, FixedText what, FixedText remedy) const {
  std::string subject = plan_.name;
  if (definition_ != nullptr && index < definition_->columns.size()) subject += "." + definition_->columns[index].name;
  return base::fail(Error(kind, what).about(subject).remedy(remedy));
}

base::Result<TablePlan> PlanMaker::make() {
  plan_.name = std::string(map_.database) + "." + std::string(map_.table);
  plan_.leaves = rules_.table_leaves({std::string(map_.database), std::string(map_.table)}) &&
                 !(definition_ != nullptr && definition_->sequence);
  if (!plan_.leaves) return std::move(plan_);
  if ((map_.flags & ~kKnownMapFlags) != 0) {
    return stop(ErrorKind::unsupported, "a table map has flags that are not known", "upgrade the relay");
  }
  RELAY_ASSIGN(metadata_, binlog::OptionalMetadata::parse(map_, flavor_));
  plan_.columns = map_.columns;
  plan_.fates.assign(map_.columns.size(), CellFate::drop);
  plan_.replacements.resize(map_.columns.size());
  plan_.transforms.resize(map_.columns.size());
  if (definition_ == nullptr) {
    RELAY_TRY(judge_without_definition());
  } else {
    RELAY_TRY(judge_by_definition());
  }
  RELAY_TRY(read_columns());
  RELAY_TRY(finish());
  return std::move(plan_);
}

// A column's cells are sized even where it is dropped: else the walk could not pass them.
base::Result<void> PlanMaker::read_columns() {
  for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
    const base::Result<binlog::CellShape> shape = binlog::cell_shape(plan_.columns[i]);
    if (!shape) {
      return stop_at(i, shape.error().kind(), "a column's cells cannot be sized", "change the column's type");
    }
    plan_.shapes.push_back(*shape);
    if (plan_.columns[i].code == TypeCode::json) ++plan_.json_columns;
  }
  return {};
}

base::Result<void> PlanMaker::judge_without_definition() {
  constexpr FixedText kRemedy{"let the relay read the source's schema again"};
  if (metadata_.names.empty()) {
    return stop(ErrorKind::rule, "a table's column names are not known: it is not in the schema history", kRemedy);
  }
  sql::TableDefinition named;
  named.database = map_.database;
  named.table = map_.table;
  // An operator may have given a column the name of a hidden one, and a rule to it.
  const TableRule* const rule = rules_.find({named.database, named.table});
  for (const std::string_view name : metadata_.names) {
    const bool is_named = rule != nullptr && rule->find(name) != nullptr;
    if (flavor_ == binlog::Flavor::mariadb && is_row_hash(name) && !is_named) continue;
    named.columns.emplace_back().name = name;
  }
  RELAY_ASSIGN(const std::vector<ColumnPlan> plans, column_plans(rules_, named));
  if (!std::ranges::all_of(plans, keeps)) {
    return stop(ErrorKind::rule, "what a table's columns are computed from is not known: it is not in the history",
                kRemedy);
  }
  // It may be another table's that a statement which was passed over has brought under this name.
  const auto unnamed = std::ranges::find(plans, true, &ColumnPlan::by_default);
  if (unnamed != plans.end()) {
    return stop(
        ErrorKind::rule, "a table is not in the schema history, and no rule names one of its columns",
        "name every column in its [[table]], then SIGHUP; for `scrub`, give the --schema; else start a new spool");
  }
  for (const binlog::ColumnType& type : map_.columns) {
    if (flavor_ == binlog::Flavor::mariadb && is_old_temporal(type.code)) {
      return stop(ErrorKind::rule, "the digits of an old temporal column are not known: it is not in the history",
                  kRemedy);
    }
  }
  plan_.fates.assign(map_.columns.size(), CellFate::keep);
  return {};
}

// Of the end of the map: MariaDB's columns for unique keys that it keeps as hashes.
std::size_t PlanMaker::hidden_columns() const {
  if (flavor_ != binlog::Flavor::mariadb) return 0;
  if (metadata_.names.empty()) {
    return static_cast<std::size_t>(std::ranges::count_if(definition_->indexes, &sql::IndexDefinition::hash));
  }
  std::size_t count = 0;
  while (count < metadata_.names.size() && is_row_hash(metadata_.names[metadata_.names.size() - 1 - count])) {
    ++count;
  }
  return count;
}

base::Result<void> PlanMaker::judge_by_definition() {
  const std::size_t declared = definition_->columns.size();
  base::Result<std::vector<ColumnPlan>> plans = column_plans(rules_, *definition_);
  if (!plans) return tl::unexpected(std::move(plans).error());
  column_plans_ = std::move(*plans);
  if (definition_->unverified) RELAY_TRY(judge_in_question());
  if (map_.columns.size() != declared + hidden_columns()) {
    return stop(ErrorKind::rule, "a table map has another number of columns than the schema history says",
                kReadSchemaAgain);
  }
  if (column_plans_.size() != declared) {
    return stop(ErrorKind::rule, "a table's rules could not be brought down to its columns", kReadSchemaAgain);
  }
  for (std::size_t i = 0; i < declared; ++i) {
    RELAY_TRY(check_column(i));
    RELAY_TRY(set_fate(i, column_plans_[i]));
  }
  RELAY_TRY(judge_hidden_columns(declared));
  plan_.key_altered = key_is_altered();
  return {};
}

// Under the name and type that it had, a column may have got the values of one that does not leave: it is generated
// from it now, the two have exchanged their names, or another table has come under this name.
base::Result<void> PlanMaker::judge_in_question() {
  const auto is_kept_by_name = [](const ColumnPlan& plan) { return keeps(plan) && !plan.by_default; };
  if (!metadata_.names.empty() && std::ranges::all_of(column_plans_, is_kept_by_name)) return {};
  return stop(ErrorKind::rule, "a statement that was passed over may have changed a table",
              "start a new spool and seed the replicas again; where rules keep every column by its name, "
              "binlog_row_metadata=FULL at the source is enough");
}

base::Result<void> PlanMaker::check_column(std::size_t index) {
  const sql::ColumnDefinition& declared = definition_->columns[index];
  binlog::ColumnType& type = plan_.columns[index];
  if (!metadata_.names.empty() && !sql::equal_names(metadata_.names[index], declared.name)) {
    return stop_at(index, ErrorKind::rule, "a table map names a column otherwise than the schema history",
                   kReadSchemaAgain);
  }
  if (!column_matches(declared, type, flavor_)) {
    return stop_at(index, ErrorKind::rule, "a column has another type in the table map than in the schema history",
                   kReadSchemaAgain);
  }
  if (map_.nullable(index) != declared.nullable) {
    return stop_at(index, ErrorKind::rule,
                   "the table map and the schema history differ in whether a column may be NULL", kReadSchemaAgain);
  }
  // YEAR counts as unsigned without being declared so.
  if (metadata_.has_signedness && binlog::is_numeric(type) && type.code != TypeCode::year &&
      metadata_.is_unsigned[index] != declared.is_unsigned) {
    return stop_at(index, ErrorKind::rule, "the table map and the schema history differ in a column's sign",
                   kReadSchemaAgain);
  }
  // Their table map carries no fractional digits; MySQL's have none.
  if (flavor_ == binlog::Flavor::mariadb && is_old_temporal(type.code)) {
    type.metadata = static_cast<std::uint16_t>(declared.length.value_or(0));
  }
  return {};
}

base::Result<void> PlanMaker::set_fate(std::size_t index, const ColumnPlan& column) {
  const sql::ColumnDefinition& declared = definition_->columns[index];
  const std::uint32_t collation = metadata_.collations.empty() ? 0 : metadata_.collations[index];
  auto treatment = treat_column(column, declared, plan_.columns[index], flavor_, collation, rules_.rules().keys());
  if (!treatment) return base::fail(std::move(treatment).error().about(plan_.name + "." + declared.name));
  plan_.fates[index] = treatment->fate;
  plan_.replacements[index] = std::move(treatment->replacement);
  plan_.transforms[index] = std::move(treatment->transform);
  return {};
}

bool PlanMaker::column_keeps(const std::string& name) const {
  const std::optional<std::size_t> index = definition_->find(name);
  return index && keeps(column_plans_[*index]);
}

bool PlanMaker::index_keeps(const sql::IndexDefinition& index) const {
  return std::ranges::all_of(index.parts, [this](const sql::IndexPart& part) {
    return (part.column.empty() || column_keeps(part.column)) &&
           std::ranges::all_of(part.depends_on, [this](const std::string& name) { return column_keeps(name); });
  });
}

// Whether rows that differ in the index differ in it at the replica, too.
bool PlanMaker::stays_distinct(const sql::IndexDefinition& index) const {
  return std::ranges::all_of(index.parts, [this](const sql::IndexPart& part) {
    const std::optional<std::size_t> at = definition_->find(part.column);
    if (!at || keeps(column_plans_[*at])) return at.has_value();
    const ActionEffect effect = effect_of(column_plans_[*at].action, definition_->columns[*at]);
    return effect.distinct && !effect.may_collide() && !part.prefix;
  });
}

// A hash of a value is as good as the value. Which hidden column belongs to which key is not told anywhere once there
// are several, so they pass or go together.
base::Result<void> PlanMaker::judge_hidden_columns(std::size_t declared) {
  const std::size_t hidden = plan_.columns.size() - declared;
  if (hidden == 0) return {};
  std::size_t keys = 0;
  std::size_t kept_keys = 0;
  for (const sql::IndexDefinition& index : definition_->indexes) {
    if (!index.hash) continue;
    ++keys;
    if (index_keeps(index)) ++kept_keys;
  }
  const bool all_columns = std::ranges::all_of(column_plans_, keeps);
  const bool keep = all_columns || (keys == hidden && kept_keys == keys);
  const bool drop = keys != hidden || kept_keys == 0;
  if (!keep && !drop) {
    return stop(ErrorKind::rule, "a table has several unique keys kept as hashes, of which the rules keep only some",
                "keep or drop the columns of all of them alike");
  }
  std::fill(plan_.fates.begin() + static_cast<std::ptrdiff_t>(declared), plan_.fates.end(),
            keep ? CellFate::keep : CellFate::drop);
  return {};
}

bool PlanMaker::key_is_altered() const {
  const auto primary = std::ranges::find(definition_->indexes, sql::IndexKind::primary, &sql::IndexDefinition::kind);
  if (primary != definition_->indexes.end()) return !index_keeps(*primary) && !stays_distinct(*primary);
  return std::ranges::any_of(definition_->indexes, [this](const sql::IndexDefinition& index) {
    const bool without_nulls = std::ranges::all_of(index.parts, [this](const sql::IndexPart& part) {
      const std::optional<std::size_t> column = definition_->find(part.column);
      return column && !definition_->columns[*column].nullable;
    });
    return index.kind == sql::IndexKind::unique && without_nulls && !index_keeps(index) && !stays_distinct(index);
  });
}

void PlanMaker::name_columns() {
  const std::size_t declared = definition_ == nullptr ? 0 : definition_->columns.size();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
    const bool is_declared = i < declared;
    if (!is_declared && metadata_.names.empty()) {
      names.push_back(std::string(kRowHashPrefix) + std::to_string(i - declared + 1));
    } else {
      names.emplace_back(is_declared ? definition_->columns[i].name : metadata_.names[i]);
    }
  }
  plan_.column_names = std::make_shared<const std::vector<std::string>>(std::move(names));
}

base::Result<void> PlanMaker::finish() {
  name_columns();
  std::vector<bool> keep;
  for (const CellFate fate : plan_.fates) keep.push_back(fate != CellFate::drop);
  plan_.kept_columns = static_cast<std::size_t>(std::ranges::count(keep, true));
  plan_.identity = std::ranges::all_of(plan_.fates, [](CellFate fate) { return fate == CellFate::keep; });
  if (plan_.kept_columns == 0) {
    return stop(ErrorKind::rule, "the rules leave a table no column",
                "keep a column, or let the table not leave at all");
  }
  base::Buffer body;
  RELAY_TRY(binlog::rewrite_table_map(map_, flavor_, keep, body));
  plan_.table_map = std::string(body.view().sub(binlog::kTableIdSize).text());
  return {};
}

}  // namespace

base::Result<TablePlan> TablePlan::make(const binlog::TableMap& map, binlog::Flavor flavor,
                                        const sql::TableDefinition* definition, const RuleView& rules) {
  return PlanMaker(map, flavor, definition, rules).make();
}

}  // namespace relay::scrub_rules
