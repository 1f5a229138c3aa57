#include "relay/app/toml_section.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "relay/app/configuration_value.h"

namespace relay::app {

const toml::node* TomlSection::find(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  return table_ == nullptr ? nullptr : table_->get(key);
}

std::uint32_t TomlSection::line_of(std::string_view key) const {
  const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
  return node == nullptr ? line_ : node->source().begin.line;
}

std::string TomlSection::path_of(std::string_view key) const {
  return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
}

void TomlSection::error(std::string_view key, std::string what, std::string remedy) {
  sink_.add(line_of(key), path_of(key), std::move(what), std::move(remedy));
}

void TomlSection::warning(std::string_view key, std::string what, std::string remedy) {
  sink_.add(line_of(key), path_of(key), std::move(what), std::move(remedy), base::Problem::Severity::warning);
}

void TomlSection::missing(std::string_view key, std::string remedy) { error(key, "is missing", std::move(remedy)); }

std::optional<std::string> TomlSection::text(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* value = node->as_string()) {
    if (!value->get().empty()) return value->get();
    error(key, "is empty", "give it a value, or leave the key out");
  } else {
    error(key, "is not a text", "write it in double quotes");
  }
  return std::nullopt;
}

std::optional<std::int64_t> TomlSection::integer(std::string_view key, std::int64_t least, std::int64_t most) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* value = node->as_integer();
  if (value != nullptr && value->get() >= least && value->get() <= most) return value->get();
  error(key, value == nullptr ? "is not a whole number" : "is out of range",
        fmt::format("give a number from {} to {}", least, most));
  return std::nullopt;
}

std::optional<bool> TomlSection::boolean(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* value = node->as_boolean()) return value->get();
  error(key, "is neither true nor false", "write true or false, without quotes");
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> TomlSection::duration(std::string_view key) {
  const std::optional<std::string> found = text(key);
  if (!found) return std::nullopt;
  const auto value = parse_duration(*found);
  if (!value) error(key, "is not a length of time", "write a whole number and ms, s, m, h or d, such as \"7d\"");
  return value;
}

std::optional<std::uint64_t> TomlSection::size(std::string_view key) {
  const std::optional<std::string> found = text(key);
  if (!found) return std::nullopt;
  const auto value = parse_size(*found);
  if (!value) error(key, "is not a size", "write a whole number and MiB, GiB or TiB, such as \"50GiB\"");
  return value;
}

std::optional<Endpoint> TomlSection::endpoint(std::string_view key) {
  const std::optional<std::string> found = text(key);
  if (!found) return std::nullopt;
  const auto value = parse_endpoint(*found);
  if (!value)
    error(key, "is not an address and a port", "write \"ADDRESS:PORT\", such as \"127.0.0.1:3307\" or \"[::1]:3307\"");
  return value;
}

std::vector<std::string> TomlSection::texts(std::string_view key) {
  std::vector<std::string> found;
  const toml::node* node = find(key);
  if (node == nullptr) return found;
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    error(key, "is not a list of texts", "write it in brackets: [\"...\"]");
    return found;
  }
  for (const toml::node& element : *array) {
    const auto* value = element.as_string();
    if (value != nullptr && !value->get().empty()) {
      found.push_back(value->get());
    } else {
      sink_.add(element.source().begin.line, path_of(key), "has an element that is not a text",
                "write each in double quotes");
    }
  }
  return found;
}

std::vector<TomlSection> TomlSection::tables(std::string_view key) {
  std::vector<TomlSection> found;
  const toml::node* node = find(key);
  if (node == nullptr) return found;
  const toml::array* array = node->as_array();
  if (array == nullptr || !array->is_homogeneous(toml::node_type::table)) {
    error(key, "is not a list of tables", fmt::format("write [[{}]] above each", path_of(key)));
    return found;
  }
  for (std::size_t i = 0; i < array->size(); ++i) {
    const toml::table* table = array->get(i)->as_table();
    found.emplace_back(table, fmt::format("{}[{}]", path_of(key), i + 1), table->source().begin.line, sink_);
  }
  return found;
}

TomlSection TomlSection::table(std::string_view key) {
  const toml::node* node = find(key);
  const toml::table* table = node == nullptr ? nullptr : node->as_table();
  if (node != nullptr && table == nullptr)
    error(key, "is not a table", fmt::format("write [{}] above its keys", path_of(key)));
  return {table, path_of(key), line_of(key), sink_};
}

void TomlSection::unknown_word(std::string_view key, const std::string& found, const std::vector<std::string>& known) {
  const std::string near = nearest_word(found, known);
  const std::string hint = near.empty() ? std::string() : fmt::format("did you mean \"{}\"? ", near);
  error(key, "has a value that is not known", fmt::format("{}it is one of {}", hint, fmt::join(known, ", ")));
}

void TomlSection::finish() {
  if (table_ == nullptr) return;
  for (auto&& [key, node] : *table_) {
    if (std::find(asked_.begin(), asked_.end(), key.str()) != asked_.end()) continue;
    const std::string near = nearest_word(key.str(), asked_);
    sink_.add(key.source().begin.line, path_of(key.str()), "is not a known key",
              near.empty() ? fmt::format("remove it; known here: {}", fmt::join(asked_, ", "))
                           : fmt::format("did you mean {}?", near));
  }
}

}  // namespace relay::app
