#include "scrub_rules/json_path.h"

#include <algorithm>
#include <charconv>

#include "scrub_rules/cell_action.h"
#include "scrub_rules/json_string.h"

namespace relay::scrub_rules {

namespace {

using base::FixedText;
using LegKind = JsonLeg::Kind;

// Of a name without quotes (MySQL's is_ecmascript_identifier, sql-common/json_path.cc, read widely: every letter beyond
// ASCII).
bool is_name_sign(char c, bool first) {
  const auto byte = static_cast<unsigned char>(c);
  const bool digit = c >= '0' && c <= '9';
  return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || (digit && !first);
}

class PathParser {
 public:
  PathParser(std::string_view text, bool of_update) : rest_(text), of_update_(of_update) {}

  base::Result<JsonPath> parse() {
    constexpr FixedText kExample{"write it as the servers do: \"$.person.name\", '$.\"first name\"', \"$.list[*].id\""};
    if (!take("$")) return refuse_action("a JSON path does not begin with $", kExample);
    while (!rest_.empty()) {
      JsonLeg leg;
      if (take("**")) {
        leg.kind = LegKind::any_depth;
        if (!rest_.starts_with('.')) {
          return refuse_action("** in a JSON path does not stand before a member", "write \"$**.name\"");
        }
      } else if (take(".")) {
        if (!read_member(leg)) return refuse_action("a member's name in a JSON path is none", kExample);
      } else if (take("[")) {
        if (!read_element(leg)) {
          return refuse_action("a place in an array of a JSON path is neither a number nor *",
                               "write [0], or [*] for all; ranges and `last` are not known here");
        }
      } else {
        return refuse_action("a JSON path has signs that belong to no part of it", kExample);
      }
      path_.push_back(std::move(leg));
    }
    if (path_.empty())
      return refuse_action("the JSON path $ is the whole document", "write the action keep, null or drop");
    return std::move(path_);
  }

 private:
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool read_member(JsonLeg& leg) {
    if (take("*")) {
      leg.kind = LegKind::any_member;
      return true;
    }
    std::size_t end = 0;
    if (rest_.starts_with('"')) {
      const auto read = scan_json_string(rest_, 0);
      if (!read) return false;
      end = read->end;
      unescape_json_string(rest_.substr(1, end - 2), leg.name);
    } else {
      while (end < rest_.size() && is_name_sign(rest_[end], end == 0)) ++end;
      leg.name = rest_.substr(0, end);
      if (end == 0) return false;
    }
    rest_.remove_prefix(end);
    return true;
  }

  bool read_element(JsonLeg& leg) {
    leg.kind = LegKind::any_element;
    if (take("*")) return take("]");
    leg.kind = LegKind::element;
    if (of_update_ && take("last")) {
      leg.from_end = true;
      if (!take("-")) return take("]");
    }
    const char* const end = rest_.data() + rest_.size();
    const auto read = std::from_chars(rest_.data(), end, leg.index);
    if (read.ec != std::errc() || rest_.front() == '-') return false;
    rest_.remove_prefix(static_cast<std::size_t>(read.ptr - rest_.data()));
    return take("]");
  }

  std::string_view rest_;
  bool of_update_;
  JsonPath path_;
};

bool covers(const JsonLeg& other, const JsonLeg& leg) {
  if (other == leg) return true;
  return (other.kind == LegKind::any_member && leg.kind == LegKind::member) ||
         (other.kind == LegKind::any_element && leg.kind == LegKind::element);
}

}  // namespace

base::Result<JsonPath> parse_json_path(std::string_view text) { return PathParser(text, false).parse(); }

base::Result<JsonPath> parse_json_update_path(std::string_view text) { return PathParser(text, true).parse(); }

bool covers(const JsonPath& other, const JsonPath& path) {
  return other.size() <= path.size() &&
         std::equal(other.begin(), other.end(), path.begin(),
                    [](const JsonLeg& mine, const JsonLeg& leg) { return covers(mine, leg); });
}

base::Result<std::vector<JsonPath>> parse_json_paths(const std::vector<std::string>& texts, std::size_t& at) {
  std::vector<JsonPath> paths;
  for (at = 0; at < texts.size(); ++at) {
    RELAY_ASSIGN(JsonPath path, parse_json_path(texts[at]));
    paths.push_back(std::move(path));
  }
  for (at = 0; at < paths.size(); ++at) {
    for (std::size_t other = 0; other < paths.size(); ++other) {
      if (other == at || !covers(paths[other], paths[at])) continue;
      if (paths[other] == paths[at] && other > at) continue;  // told at the later one
      return refuse_action("a JSON path is part of what another one of the list names", "remove it from the list");
    }
  }
  return paths;
}

}  // namespace relay::scrub_rules
