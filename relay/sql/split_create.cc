#include "relay/sql/split_create.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "relay/sql/definition_maker.h"
#include "relay/sql/lexer.h"
#include "relay/sql/printer.h"
#include "relay/sql/scrubbed_table.h"

namespace relay::sql {
namespace {

using base::Result;

enum class ElementKind : std::uint8_t { other, index, foreign_key };

// One of the comma separated parts between a CREATE TABLE's parentheses.
struct Element {
  ElementKind kind = ElementKind::other;
  std::string name;  // of the index
  std::string_view text;
};

struct Elements {
  std::size_t begin = 0;  // behind the opening parenthesis
  std::size_t end = 0;    // at the closing one
  std::vector<Element> list;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

// What the element that begins with this token is. A column begins with a quoted name.
void classify(const Token* token, Element& element) {
  const auto any = [&](std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return token->is_word(word); });
  };
  if (any({"constraint"})) {
    if (token[1].is_identifier() && token[2].is_word("foreign")) element.kind = ElementKind::foreign_key;
    return;
  }
  if (any({"foreign"})) element.kind = ElementKind::foreign_key;
  if (!any({"unique", "fulltext", "spatial", "vector", "key", "index"})) return;
  if (any({"unique", "fulltext", "spatial", "vector"})) ++token;
  if (any({"key", "index"})) ++token;
  if (token->kind != TokenKind::name) return;  // the server would choose the name
  element.kind = ElementKind::index;
  element.name = token->text;
}

std::optional<Elements> find_elements(std::string_view text, const TokenList& tokens) {
  Elements found;
  std::size_t depth = 0;
  std::size_t first = 0;  // token of the element that is being read
  const auto end_element = [&](std::size_t at) {
    Element element;
    const std::size_t begin = tokens[first - 1].offset + 1;
    element.text = trimmed(text.substr(begin, tokens[at].offset - begin));
    classify(&tokens[first], element);
    found.list.push_back(std::move(element));
    first = at + 1;
  };
  for (std::size_t at = 0; tokens[at].kind != TokenKind::end; ++at) {
    if (tokens[at].is_symbol('(') && depth++ == 0) {
      first = at + 1;
      found.begin = tokens[at].offset + 1;
    }
    if (tokens[at].is_symbol(',') && depth == 1) end_element(at);
    if (tokens[at].is_symbol(')') && (depth == 0 || --depth == 0)) {
      if (first == 0) return {};
      end_element(at);
      found.end = tokens[at].offset;
      return found;
    }
  }
  return {};
}

// A database with one table.
class OneTable final : public Catalog {
 public:
  explicit OneTable(const Catalog& databases) : databases_(databases) {}
  [[nodiscard]] const TableDefinition* find(const TableName& name) const override {
    return table_ && name == table_->name() ? &*table_ : nullptr;
  }
  [[nodiscard]] std::vector<TableName> tables_of(std::string_view) const override { return {}; }
  [[nodiscard]] std::vector<const TableDefinition*> tables_with_foreign_keys() const override { return {}; }
  [[nodiscard]] std::pair<std::string, std::string> database_character_set(std::string_view database) const override {
    return databases_.database_character_set(database);
  }
  // Whether the statement makes the table, or changes it.
  bool run(std::string_view text, const SqlContext& context) {
    const auto statement = read_statement(text, context);
    if (!statement || (*statement)->why_unread() != nullptr) return false;
    auto changes = apply(**statement, *this);
    if (!changes || changes->size() != 1 || (*changes)[0].definition == nullptr) return false;
    table_ = std::move(*(*changes)[0].definition);
    return true;
  }
  [[nodiscard]] const TableDefinition& table() const { return *table_; }

 private:
  const Catalog& databases_;
  std::optional<TableDefinition> table_;
};

bool same_key(const ForeignKeyDefinition& a, const ForeignKeyDefinition& b) {
  return a.name == b.name && a.columns == b.columns && a.referenced_database == b.referenced_database &&
         a.referenced_table == b.referenced_table && a.referenced_columns == b.referenced_columns &&
         a.on_delete == b.on_delete && a.on_update == b.on_update;
}

// The index that an AUTO_INCREMENT column of the table needs, where that is not the primary key.
const IndexDefinition* counting_index(const TableDefinition& table) {
  const IndexDefinition* found = nullptr;
  for (const IndexDefinition& index : table.indexes) {
    if (index.parts.empty() || index.kind == IndexKind::fulltext || index.kind == IndexKind::spatial) continue;
    const auto column = table.find(index.parts[0].column);
    if (!column || !table.columns[*column].auto_increment) continue;
    if (index.kind == IndexKind::primary) return nullptr;
    if (found == nullptr) found = &index;
  }
  return found;
}

bool has_primary_key(const TableDefinition& table) {
  return std::ranges::any_of(table.indexes,
                             [](const IndexDefinition& index) { return index.kind == IndexKind::primary; });
}

class Splitter {
 public:
  Splitter(std::string_view text, const SqlContext& context, const Catalog& databases)
      : text_(text), context_(context), databases_(databases) {}

  // None where the statement has to stay whole.
  std::optional<SplitCreate> run() {
    OneTable whole(databases_);
    if (!whole.run(text_, context_)) return {};
    const auto tokens = lex(text_, context_);
    if (!tokens) return {};
    const auto elements = find_elements(text_, *tokens);
    if (!elements) return {};
    SplitCreate split = part(whole.table(), *elements);
    if (split.indexes.empty() && split.foreign_keys.empty()) return {};
    if (!makes(split, whole.table())) return {};
    return split;
  }

 private:
  SplitCreate part(const TableDefinition& table, const Elements& elements) {
    SplitCreate split;
    std::string kept, indexes, keys;
    std::vector<std::string> alone;
    for (const Element& element : elements.list) {
      const IndexDefinition* index = element.kind == ElementKind::index ? find_index(table, element.name) : nullptr;
      if (element.kind == ElementKind::foreign_key) {
        add(keys, element.text);
      } else if (index == nullptr || stays(table, *index)) {
        kept += kept.empty() ? "\n  " : ",\n  ";
        kept += element.text;
      } else if (index->kind == IndexKind::fulltext || index->kind == IndexKind::vector) {
        // InnoDB makes one at a time, or copies the whole table.
        add(alone.emplace_back(), element.text);
      } else {
        add(indexes, element.text);
      }
    }
    const std::string alter = alter_head(table.name());
    if (!indexes.empty()) split.indexes.push_back(alter + indexes);
    for (const std::string& one : alone) split.indexes.push_back(alter + one);
    if (!keys.empty()) split.foreign_keys = alter + keys;
    split.create = std::string(text_.substr(0, elements.begin)) + kept + "\n" + std::string(text_.substr(elements.end));
    return split;
  }

  static void add(std::string& list, std::string_view element) {
    list += list.empty() ? " ADD " : ",\n  ADD ";
    list += element;
  }

  [[nodiscard]] std::string alter_head(const TableName& table) const {
    Printer printer(context_);
    printer.text("ALTER TABLE ").table(table);
    return printer.piece();
  }

  static bool stays(const TableDefinition& table, const IndexDefinition& index) {
    if (index.kind == IndexKind::unique && (index.hash || !has_primary_key(table))) return true;
    const IndexDefinition* counting = counting_index(table);
    return counting != nullptr && counting->name == index.name;
  }

  [[nodiscard]] bool makes(const SplitCreate& split, const TableDefinition& table) const {
    OneTable replica(databases_);
    if (!replica.run(split.create, context_)) return false;
    for (const std::string& alter : split.indexes) {
      if (!replica.run(alter, context_)) return false;
    }
    if (!split.foreign_keys.empty() && !replica.run(split.foreign_keys, context_)) return false;
    return same_table(table, replica.table()) &&
           std::ranges::equal(table.foreign_keys, replica.table().foreign_keys, same_key);
  }

  std::string_view text_;
  const SqlContext& context_;
  const Catalog& databases_;
};

}  // namespace

SplitCreate split_create(std::string_view create, const SqlContext& context, const Catalog& databases) {
  if (auto split = Splitter(create, context, databases).run()) return std::move(*split);
  return {std::string(create), {}, ""};
}

}  // namespace relay::sql
