#include "relay/sql/trigger_copies.h"

#include <array>
#include <optional>

namespace relay::sql {
namespace {

constexpr std::size_t kReference = 3;  // NEW . column

// Reads a body's tokens front to back, and knows which statement an expression stands in.
class BodyReader {
 public:
  explicit BodyReader(const TriggerStatement& trigger) : trigger_(trigger), body_(trigger.body) {}

  std::vector<TriggerCopy> read() {
    while (!at_end()) {
      if (is("insert") || is("replace")) {
        read_insert();
      } else if (is("update")) {
        read_update();
      } else if (is("set")) {
        ++at_;
        read_assignments({});
      } else {
        note_reference({}, {});
      }
    }
    return std::move(copies_);
  }

 private:
  [[nodiscard]] bool at_end(std::size_t ahead = 0) const {
    return at_ + ahead >= body_.size() || body_[at_ + ahead].kind == TokenKind::end;
  }
  [[nodiscard]] bool is(std::string_view word, std::size_t ahead = 0) const {
    return !at_end(ahead) && body_[at_ + ahead].is_word(word);
  }
  [[nodiscard]] bool is_symbol(char c, std::size_t ahead = 0) const {
    return !at_end(ahead) && body_[at_ + ahead].is_symbol(c);
  }
  [[nodiscard]] bool is_name(std::size_t ahead = 0) const {
    return !at_end(ahead) && body_[at_ + ahead].is_identifier();
  }
  // NEW.c or OLD.c stands here.
  [[nodiscard]] bool is_reference() const { return (is("new") || is("old")) && is_symbol('.', 1) && is_name(2); }

  // Takes one token, or a whole reference, which is noted.
  void note_reference(const TableName& into, const std::string& column, std::optional<std::size_t> position = {}) {
    if (!is_reference()) return void(++at_);
    copies_.push_back({body_[at_ + 2].text, into, column, position, false});
    at_ += kReference;
  }

  std::optional<TableName> read_table() {
    if (!is_name()) return std::nullopt;
    TableName name{trigger_.table.database, body_[at_++].text};
    if (!is_symbol('.') || !is_name(1)) return name;
    name = {name.table, body_[at_ + 1].text};
    at_ += 2;
    return name;
  }

  std::vector<std::string> read_names() {
    std::vector<std::string> names;
    for (++at_; !at_end() && !is_symbol(')'); ++at_) {
      if (is_name()) names.push_back(body_[at_].text);
    }
    ++at_;
    return names;
  }

  // Up to a comma, a closing parenthesis or a word that ends the assignment; parentheses inside are taken whole.
  void read_expression(const TableName& into, const std::string& column, std::optional<std::size_t> position = {}) {
    const std::size_t before = copies_.size();
    std::size_t depth = 0;
    std::vector<std::size_t> others;  // tokens that are neither the reference nor parentheses
    while (!at_end() && (depth > 0 || !ends_expression())) {
      if (is_symbol('(')) ++depth;
      if (is_symbol(')')) --depth;
      if (!is_reference() && !is_symbol('(') && !is_symbol(')')) others.push_back(at_);
      note_reference(into, column, position);
    }
    if (copies_.size() == before + 1 && is_name_behind(others)) copies_[before].whole = true;
  }
  // Nothing, or [AS] name or COLLATE name at the end of an expression.
  [[nodiscard]] bool is_name_behind(const std::vector<std::size_t>& tokens) const {
    if (tokens.empty()) return true;
    if (tokens.back() + 1 != at_ || !body_[tokens.back()].is_identifier()) return false;
    const Token& first = body_[tokens.front()];
    return tokens.size() == 1 || (tokens.size() == 2 && (first.is_word("as") || first.is_word("collate")));
  }
  [[nodiscard]] bool ends_expression() const {
    if (at_ > 0 && body_[at_ - 1].is_symbol('.')) return false;  // a name, whatever the word
    return is_symbol(',') || is_symbol(')') || is_symbol(';') || is("where") || is("on") || is("order") ||
           is("limit") || is("from") || is("union") || is("group") || is("having");
  }

  void read_insert() {
    ++at_;
    while (is("ignore") || is("into") || is("low_priority") || is("high_priority") || is("delayed")) ++at_;
    const std::optional<TableName> into = read_table();
    if (!into) return;  // the function INSERT() or REPLACE()
    std::vector<std::string> names;
    if (is_symbol('(')) names = read_names();
    if (is("set")) {
      ++at_;
      return read_assignments(*into);
    }
    if (is("values") || is("value")) {
      ++at_;
      do read_row(*into, names);
      while (take_comma());
    }
    if (is("on") && is("duplicate", 1) && is("key", 2) && is("update", 3)) {
      at_ += 4;
      return read_assignments(*into);
    }
    // Whether a query's list is the row, and not that of a query inside another.
    bool is_row = true;
    while (!at_end() && !is_symbol(';')) {
      if (is_row && is("select")) {
        read_select_list(*into, names);
        is_row = false;
      } else {
        is_row = is("union") || (is_row && (is_symbol('(') || is("all") || is("distinct")));
        note_reference(*into, {});
      }
    }
  }

  void read_row(const TableName& into, const std::vector<std::string>& names) {
    if (!is_symbol('(')) return;
    ++at_;
    for (std::size_t i = 0; !at_end() && !is_symbol(')'); ++i) {
      const std::size_t start = at_;
      read_value(into, names, i);
      take_comma();
      if (is_symbol(';')) return;
      if (at_ == start) ++at_;
    }
    ++at_;
  }

  void read_value(const TableName& into, const std::vector<std::string>& names, std::size_t i) {
    if (names.empty()) return read_expression(into, {}, i);
    read_expression(into, i < names.size() ? names[i] : std::string());
  }

  void read_select_list(const TableName& into, const std::vector<std::string>& names) {
    ++at_;
    while (is("all") || is("distinct") || is("distinctrow") || is("straight_join") || is("high_priority")) ++at_;
    std::size_t i = 0;
    do read_value(into, names, i++);
    while (take_comma());
  }

  void read_update() {
    ++at_;
    while (is("ignore") || is("low_priority")) ++at_;
    const std::optional<TableName> into = read_table();
    while (!at_end() && !is("set") && !is_symbol(';')) note_reference(into.value_or(TableName()), {});
    if (!is("set")) return;
    ++at_;
    read_assignments(into.value_or(TableName()));
  }

  // column = expression [, ...]; of NEW in a plain SET.
  void read_assignments(const TableName& into) {
    do {
      TableName target = into;
      std::string column;
      const bool own = is("new") && is_symbol('.', 1);
      if (own) target = trigger_.table;
      while (!at_end() && !is_symbol('=') && !is_symbol(';')) {
        if (is_name()) column = body_[at_].text;
        ++at_;
      }
      if (!is_symbol('=')) return;
      ++at_;
      if (!own && into.table.empty()) column.clear();
      read_expression(target, column);
    } while (take_comma());
    while (!into.table.empty() && !at_end() && !is_symbol(';')) note_reference({}, {});
  }

  bool take_comma() {
    if (!is_symbol(',')) return false;
    ++at_;
    return true;
  }

  const TriggerStatement& trigger_;
  const TokenList& body_;
  std::size_t at_ = 0;
  std::vector<TriggerCopy> copies_;
};

}  // namespace

std::vector<TriggerCopy> trigger_copies(const TriggerStatement& trigger) { return BodyReader(trigger).read(); }

std::vector<TableName> names_in(const TriggerStatement& trigger) {
  std::vector<TableName> names;
  const TokenList& body = trigger.body;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (!body[i].is_identifier()) continue;
    const bool behind_dot = i >= 2 && body[i - 1].is_symbol('.') && body[i - 2].is_identifier();
    names.push_back({behind_dot ? body[i - 2].text : trigger.table.database, body[i].text});
  }
  return names;
}

}  // namespace relay::sql
