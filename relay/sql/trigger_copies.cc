#include "relay/sql/trigger_copies.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "relay/sql/character_set.h"

namespace relay::sql {
namespace {

using Words = std::initializer_list<std::string_view>;

constexpr std::size_t kReference = 3;       // NEW . column
constexpr std::size_t kMaximumTables = 61;  // that a statement joins (ER_TOO_MANY_TABLES)

// As the server compares names of tables.
std::string table_text(const TriggerStatement& trigger, const std::string& name) {
  return trigger.folds_names ? folded(name) : name;
}

// Where a value goes. No table: the text does not show it.
struct Place {
  TableName table;
  std::string column;  // empty: one of the table's
  std::optional<std::size_t> position;
};

// Reads a body's tokens front to back, and knows which statement an expression stands in.
class BodyReader {
 public:
  explicit BodyReader(const TriggerStatement& trigger) : trigger_(trigger), body_(trigger.body) {}

  std::optional<std::vector<TriggerCopy>> read() {
    while (!at_end() && copies_.size() <= kMaximumTriggerCopies) {
      if (is_symbol(';')) query_names_.clear();
      if (is("insert") || is("replace")) {
        read_insert();
      } else if (is("update") && (at_ == 0 || !body_[at_ - 1].is_word("for"))) {
        read_update();
      } else if (is_set()) {
        ++at_;
        read_assignments({});
      } else if (is_reference() && is_symbol(':', kReference) && is_symbol('=', kReference + 1)) {  // as Oracle has it
        const std::string column = body_[at_ + 2].text;
        at_ += kReference + 2;
        read_expression({trigger_.table, column, {}});
      } else if (begins_with_list()) {
        skip_with_list({});
      } else {
        note_reference({});
      }
    }
    if (copies_.size() > kMaximumTriggerCopies) return std::nullopt;
    return std::move(copies_);
  }

 private:
  [[nodiscard]] bool at_end(std::size_t ahead = 0) const {
    return at_ + ahead >= body_.size() || body_[at_ + ahead].kind == TokenKind::end;
  }
  [[nodiscard]] bool is(std::string_view word, std::size_t ahead = 0) const {
    return !at_end(ahead) && body_[at_ + ahead].is_word(word);
  }
  [[nodiscard]] bool is_any(Words words, std::size_t ahead = 0) const {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return is(word, ahead); });
  }
  [[nodiscard]] bool is_symbol(char c, std::size_t ahead = 0) const {
    return !at_end(ahead) && body_[at_ + ahead].is_symbol(c);
  }
  [[nodiscard]] bool is_name(std::size_t ahead = 0) const {
    return !at_end(ahead) && body_[at_ + ahead].is_identifier();
  }
  // NEW.c or OLD.c stands here; quotes make no difference to the servers.
  [[nodiscard]] bool is_reference(std::size_t ahead = 0) const {
    if (!is_name(ahead) || !is_symbol('.', ahead + 1) || !is_name(ahead + 2)) return false;
    return equal_names(body_[at_ + ahead].text, "new") || equal_names(body_[at_ + ahead].text, "old");
  }
  // And not of CHARACTER SET.
  [[nodiscard]] bool is_set() const {
    return is("set") && (at_ == 0 || !(body_[at_ - 1].is_word("character") || body_[at_ - 1].is_word("char")));
  }
  [[nodiscard]] bool ends_statement() const { return at_end() || is_symbol(';'); }
  void accept_any(Words words) {
    while (is_any(words)) ++at_;
  }
  bool take_comma() {
    if (!is_symbol(',')) return false;
    ++at_;
    return true;
  }

  // Takes one token, or a whole reference, which is noted.
  void note_reference(const Place& into) {
    if (!is_reference()) return void(++at_);
    copies_.push_back({body_[at_ + 2].text, into.table, into.column, into.position, false});
    at_ += kReference;
  }

  std::optional<TableName> read_table() {
    if (!is_name()) return std::nullopt;
    TableName name{trigger_.table.database, table_text(trigger_, body_[at_++].text)};
    if (!is_symbol('.') || !is_name(1)) return name;
    name = {name.table, table_text(trigger_, body_[at_ + 1].text)};
    at_ += 2;
    return name;
  }

  // Columns, which may be qualified.
  std::vector<std::string> read_names() {
    std::vector<std::string> names;
    for (++at_; !at_end() && !is_symbol(')'); ++at_) {
      if (!is_name()) continue;
      if (!names.empty() && body_[at_ - 1].is_symbol('.')) {
        names.back() = body_[at_].text;
      } else {
        names.push_back(body_[at_].text);
      }
    }
    ++at_;
    return names;
  }
  void skip_partitions() {
    if (!is("partition") || !is_symbol('(', 1)) return;
    ++at_;
    static_cast<void>(read_names());
  }

  // WITH name [(columns)] AS (query) [, ...] in front of a statement or query.
  [[nodiscard]] bool begins_with_list() const {
    if (!is("with")) return false;
    return is("recursive", 1) || (is_name(1) && (is_symbol('(', 2) || (is("as", 2) && is_symbol('(', 3))));
  }
  void skip_with_list(const Place& into) {
    bool is_next = true;
    ++at_;
    accept_any({"recursive"});
    for (std::size_t depth = 0; !ends_statement();) {
      if (depth == 0 && is_any({"select", "values", "table", "update", "insert", "replace", "delete"})) return;
      if (is_next && is_name() && query_names_.size() < kMaximumTables) query_names_.push_back(folded(body_[at_].text));
      if (is_symbol('(')) ++depth;
      if (is_symbol(')') && depth > 0) --depth;
      is_next = depth == 0 && is_symbol(',');
      note_reference(into);
    }
  }

  // Up to a comma, a closing parenthesis or a word that ends it; parentheses inside are taken whole.
  void read_expression(const Place& into) {
    const std::size_t before = copies_.size();
    std::size_t depth = 0;
    std::vector<std::size_t> others;  // tokens that are neither the reference nor parentheses
    while (!at_end() && (depth > 0 || !ends_expression())) {
      if (is_symbol('(')) ++depth;
      if (is_symbol(')')) --depth;
      const bool sign = is_symbol('(') || is_symbol(')') || (is_symbol(':') && is_reference(1));  // Oracle's :NEW.c
      if (!is_reference() && !sign) others.push_back(at_);
      note_reference(into);
    }
    if (copies_.size() == before + 1 && is_name_behind(others)) copies_[before].whole = true;
  }
  // Nothing, or a name, or COLLATE name at the end of an expression.
  [[nodiscard]] bool is_name_behind(const std::vector<std::size_t>& tokens) const {
    if (tokens.empty()) return true;
    const Token& last = body_[tokens.back()];
    if (tokens.back() + 1 != at_ || !(last.is_identifier() || last.kind == TokenKind::string)) return false;
    return tokens.size() == 1 || (tokens.size() <= 3 && body_[tokens.front()].is_word("collate"));
  }
  [[nodiscard]] bool ends_expression() const {
    if (at_ > 0 && body_[at_ - 1].is_symbol('.')) return false;  // a name, whatever the word
    return is_symbol(',') || is_symbol(')') || is_symbol(';') ||
           is_any({"as", "where", "on", "order", "limit", "from", "union", "except", "intersect", "group", "having"});
  }

  [[nodiscard]] bool is_values(std::size_t ahead = 0) const {
    return is_any({"values", "value"}, ahead) && (is_symbol('(', ahead + 1) || is("row", ahead + 1));
  }

  void read_insert() {
    ++at_;
    accept_any({"ignore", "into", "low_priority", "high_priority", "delayed"});
    const std::optional<TableName> into = read_table();
    if (!into) return;  // the function INSERT() or REPLACE()
    skip_partitions();
    const bool is_query = is_any({"select", "with", "table"}, 1) || is_values(1);
    std::vector<std::string> names;
    if (is_symbol('(') && (is_symbol(')', 1) || (is_name(1) && !is_query))) names = read_names();
    // Whether a query's list is the row, and not that of a query inside another.
    bool is_row = true;
    if (is("set")) {
      ++at_;
      read_assignments({{*into, into->table}});
      is_row = false;
    }
    while (!ends_statement()) {
      if (is("on") && is("duplicate", 1) && is("key", 2) && is("update", 3)) {
        at_ += 4;
        return read_assignments({{*into, into->table}});
      }
      if (is_row && begins_with_list()) {
        skip_with_list({*into, {}, {}});
      } else if (is_row && is("select")) {
        read_select_list(*into, names);
        is_row = false;
      } else if (is_row && is_values()) {
        ++at_;
        do read_row(*into, names);
        while (take_comma());
        is_row = false;
      } else {
        is_row =
            is_any({"union", "except", "intersect"}) || (is_row && (is_symbol('(') || is_any({"all", "distinct"})));
        note_reference({*into, {}, {}});
      }
    }
  }

  void read_row(const TableName& into, const std::vector<std::string>& names) {
    if (is("row")) ++at_;
    if (!is_symbol('(')) return;
    ++at_;
    for (std::size_t i = 0; !at_end() && !is_symbol(')'); ++i) {
      const std::size_t start = at_;
      read_expression(place(into, names, i));
      take_comma();
      if (is_symbol(';')) return;
      if (at_ == start) ++at_;
    }
    ++at_;
  }

  static Place place(const TableName& into, const std::vector<std::string>& names, std::size_t i) {
    if (names.empty()) return {into, {}, i};
    return {into, i < names.size() ? names[i] : std::string(), {}};
  }

  void read_select_list(const TableName& into, const std::vector<std::string>& names) {
    ++at_;
    accept_any({"all", "distinct", "distinctrow", "straight_join", "high_priority", "sql_small_result",
                "sql_big_result", "sql_buffer_result", "sql_no_cache", "sql_cache", "sql_calc_found_rows"});
    bool is_known = true;
    std::size_t i = 0;
    do {
      is_known = is_known && !is_all_columns();
      read_expression(is_known ? place(into, names, i++) : Place{into, {}, {}});
      if (is("as")) at_ += at_end(1) ? 1 : 2;
    } while (take_comma());
  }
  // * or table.*: any number of columns.
  [[nodiscard]] bool is_all_columns() const {
    std::size_t ahead = 0;
    while (is_name(ahead) && is_symbol('.', ahead + 1)) ahead += 2;
    return is_symbol('*', ahead);
  }

  // A table of UPDATE and the name that its columns are qualified by.
  struct Target {
    TableName table;
    std::string qualifier;
  };

  // table [PARTITION (names)] [[AS] name] [{, | JOIN} ...] up to SET; tables of a query in parentheses are not changed.
  std::vector<Target> read_targets() {
    std::vector<Target> targets;
    bool is_next = true;
    for (std::size_t depth = 0; !ends_statement() && !(depth == 0 && is_set());) {
      if (is_symbol('{')) {  // { OJ tables }
        at_ += at_end(1) ? 1 : 2;
        continue;
      }
      if (is_next && depth == 0 && is_name() && !is_symbol('(', 1)) {
        read_target(targets);
        is_next = false;
        continue;
      }
      if (is_symbol('(')) {
        // A list of tables, or a query, a function or a condition.
        if (!is_next || is_any({"select", "with", "values", "value", "table"}, 1)) ++depth;
      } else if (is_symbol(')') && depth > 0) {
        --depth;
        is_next = false;
      } else if (depth == 0 && is_name() && is_symbol('(', 1)) {
        is_next = false;
      } else if (depth == 0 && (is_symbol(',') || is_any({"join", "straight_join"}))) {
        is_next = at_ == 0 || !body_[at_ - 1].is_word("for");  // not USE INDEX FOR JOIN
      }
      note_reference({});
    }
    return targets;
  }
  void read_target(std::vector<Target>& targets) {
    const bool may_be_query = !is_symbol('.', 1);
    const std::string first = folded(body_[at_].text);
    const TableName table = *read_table();
    skip_partitions();
    if (is("as")) ++at_;
    Target target{table, is_name_of_table() ? body_[at_++].text : table.table};
    if (may_be_query && std::find(query_names_.begin(), query_names_.end(), first) != query_names_.end()) return;
    if (targets.size() < kMaximumTables) targets.push_back(std::move(target));
  }
  [[nodiscard]] bool is_name_of_table() const {
    return is_name() && !is_any({"set", "join", "straight_join", "inner", "cross", "left", "right", "natural", "on",
                                 "using", "use", "force", "ignore"});
  }

  void read_update() {
    ++at_;
    accept_any({"ignore", "low_priority"});
    std::vector<Target> targets = read_targets();
    if (!is("set")) return;
    ++at_;
    if (targets.empty()) targets.emplace_back();  // not the trigger's own row
    read_assignments(targets);
    while (!ends_statement()) note_reference({});
  }

  // column = expression [, ...]; of NEW where there are no targets.
  void read_assignments(const std::vector<Target>& targets) {
    do {
      std::string column;
      std::string qualifier;
      while (!ends_statement() && !is_symbol('=')) {
        if (is_name()) {
          std::string& part = is_symbol('.', 1) ? qualifier : column;
          part = body_[at_].text;
        }
        ++at_;
      }
      if (!is_symbol('=')) return;
      ++at_;
      read_assigned(targets, qualifier, column);
    } while (take_comma());
  }

  void read_assigned(const std::vector<Target>& targets, const std::string& qualifier, const std::string& column) {
    if (targets.empty()) {
      const bool own = equal_names(qualifier, "new");
      return read_expression(own ? Place{trigger_.table, column, {}} : Place{});
    }
    // Where the column's table is not said, or not found, it may be any of them.
    std::vector<Target> meant;
    std::copy_if(targets.begin(), targets.end(), std::back_inserter(meant),
                 [&](const Target& target) { return !qualifier.empty() && equal_names(qualifier, target.qualifier); });
    if (meant.empty()) meant = targets;
    const std::size_t first = copies_.size();
    read_expression({meant.front().table, column, {}});
    const std::size_t end = copies_.size();
    for (std::size_t i = 1; i < meant.size() && copies_.size() <= kMaximumTriggerCopies; ++i) {
      for (std::size_t at = first; at < end; ++at) {
        TriggerCopy again = copies_[at];
        again.into = meant[i].table;
        copies_.push_back(std::move(again));
      }
    }
  }

  const TriggerStatement& trigger_;
  const TokenList& body_;
  std::size_t at_ = 0;
  std::vector<std::string> query_names_;  // of WITH, folded
  std::vector<TriggerCopy> copies_;
};

// SET NEW.c = ..., NEW.c := ..., or NEW.c as an argument of a procedure, which may change it.
bool may_change_row(const TriggerStatement& trigger) {
  const TokenList& body = trigger.body;
  bool calls = false;
  for (std::size_t i = 0; i + 2 < body.size(); ++i) {
    if (body[i].is_symbol(';')) calls = false;
    if (body[i].is_word("call")) calls = true;
    if (i == 0 || !body[i].is_identifier() || !equal_names(body[i].text, "new") || !body[i + 1].is_symbol('.'))
      continue;
    const bool set = body[i - 1].is_word("set") || body[i - 1].is_symbol(',');
    const bool assigned = i + 3 < body.size() && (body[i + 3].is_symbol(':') || (set && body[i + 3].is_symbol('=')));
    if (calls || assigned) return true;
  }
  return false;
}

}  // namespace

std::optional<std::vector<TriggerCopy>> trigger_copies(const TriggerStatement& trigger) {
  return BodyReader(trigger).read();
}

std::vector<TableName> names_in(const TriggerStatement& trigger) {
  std::vector<TableName> names;
  const TokenList& body = trigger.body;
  if (may_change_row(trigger)) names.push_back(trigger.table);
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (!body[i].is_identifier()) continue;
    const bool behind_dot = i >= 2 && body[i - 1].is_symbol('.') && body[i - 2].is_identifier();
    names.push_back({behind_dot ? table_text(trigger, body[i - 2].text) : trigger.table.database,
                     table_text(trigger, body[i].text)});
  }
  return names;
}

}  // namespace relay::sql
