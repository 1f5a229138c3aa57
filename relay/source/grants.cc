#include "relay/source/grants.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "relay/source/dump_command.h"

namespace relay::source {

namespace {

constexpr std::uint32_t kBinlogMonitorSince = 100502;  // MariaDB 10.5.2 splits REPLICATION CLIENT

// Walks over one line of SHOW GRANTS.
class GrantReader {
 public:
  explicit GrantReader(std::string_view line) : rest_(line) {}

  // Takes `word` and the space behind it; upper case as servers print.
  bool accept(std::string_view word) {
    if (rest_.substr(0, word.size()) != word) return false;
    rest_.remove_prefix(word.size());
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
    return true;
  }

  // "SELECT, INSERT (`a`, `b`), REPLICATION SLAVE ON": the names, up to " ON ".
  std::set<std::string> privileges() {
    std::set<std::string> found;
    std::string name;
    bool on_columns = false;
    while (!rest_.empty() && !accept(" ON ")) {
      const char c = take();
      if (c == '(') {
        on_columns = true;
        skip_columns();
      } else if (c == ',') {
        add(found, name, on_columns);
        on_columns = false;
      } else {
        name += c;
      }
    }
    add(found, name, on_columns);
    return found;
  }

  // "`shop`", "*" or an unquoted name, up to a dot or space.
  std::string name() {
    std::string found;
    if (rest_.empty() || rest_.front() != '`') {
      while (!rest_.empty() && rest_.front() != '.' && rest_.front() != ' ') found += take();
      return found;
    }
    take();
    while (!rest_.empty()) {
      const char c = take();
      if (c != '`') {
        found += c;
      } else if (!rest_.empty() && rest_.front() == '`') {
        found += take();
      } else {
        break;
      }
    }
    return found;
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  void skip_columns() {
    while (!rest_.empty() && rest_.front() != ')') {
      if (rest_.front() == '`') {
        (void)name();
      } else {
        take();
      }
    }
    if (!rest_.empty()) take();
  }
  static void add(std::set<std::string>& found, std::string& name, bool on_columns) {
    const std::size_t first = name.find_first_not_of(' ');
    if (first != std::string::npos && !on_columns)
      found.insert(name.substr(first, name.find_last_not_of(' ') + 1 - first));
    name.clear();
  }

  std::string_view rest_;
};

bool has_wildcard(const std::string& pattern) { return pattern.find_first_of("*?") != std::string::npos; }

// One character of a LIKE pattern: how much of the pattern it takes, and whether it stands for `c`.
std::size_t step_length(std::string_view pattern) { return pattern[0] == '\\' && pattern.size() > 1 ? 2 : 1; }
bool step_matches(std::string_view pattern, char c) {
  if (step_length(pattern) == 2) return pattern[1] == c;
  return pattern[0] == '_' || pattern[0] == c;
}

// LIKE as grants use it on database names: % any run, _ one character, \ takes the next as it is. Going back to the
// last % alone is enough, so the time is bounded by the product of the lengths.
bool matches_like(std::string_view pattern, std::string_view name) {
  std::optional<std::string_view> after_percent;
  std::string_view retry;
  while (!name.empty()) {
    if (!pattern.empty() && pattern[0] == '%') {
      pattern.remove_prefix(1);
      after_percent = pattern;
      retry = name;
    } else if (!pattern.empty() && step_matches(pattern, name[0])) {
      pattern.remove_prefix(step_length(pattern));
      name.remove_prefix(1);
    } else if (after_percent) {
      retry.remove_prefix(1);
      name = retry;
      pattern = *after_percent;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('%') == std::string_view::npos;
}

bool covers(const Grant& grant, const TablePattern& tables) {
  if (grant.database == "*") return true;
  if (has_wildcard(tables.database) || !matches_like(grant.database, tables.database)) return false;
  return grant.table == "*" || (!has_wildcard(tables.table) && grant.table == tables.table);
}

bool holds(const Grant& grant, const std::string& privilege) {
  return grant.privileges.count(privilege) != 0 || grant.privileges.count("ALL PRIVILEGES") != 0 ||
         grant.privileges.count("ALL") != 0;
}

void add_missing(base::Problems& problems, const std::string& privilege, const std::string& on,
                 std::string_view account, std::string what) {
  problems.push_back({base::Problem::Severity::error, "", 0, fmt::format("source, privilege {} on {}", privilege, on),
                      std::move(what), fmt::format("GRANT {} ON {} TO {}", privilege, on, quoted_account(account))});
}

std::string grant_object(const TablePattern& tables) {
  if (has_wildcard(tables.database)) return "*.*";
  return quote_name(tables.database) + '.' + (has_wildcard(tables.table) ? "*" : quote_name(tables.table));
}

}  // namespace

std::string quoted_account(std::string_view account) {
  const std::size_t at = account.rfind('@');
  if (at == std::string_view::npos) return quote_text(account);
  return quote_text(account.substr(0, at)) + '@' + quote_text(account.substr(at + 1));
}

std::optional<Grant> parse_grant(std::string_view line) {
  GrantReader reader(line);
  Grant grant;
  grant.revokes = reader.accept("REVOKE ");
  if (!grant.revokes && !reader.accept("GRANT ")) return std::nullopt;
  grant.privileges = reader.privileges();
  for (const char* object : {"PROCEDURE ", "FUNCTION ", "PACKAGE "}) {
    if (reader.accept(object)) return std::nullopt;
  }
  (void)reader.accept("TABLE ");
  grant.database = reader.name();
  if (!reader.accept(".")) return std::nullopt;  // a role, which stands without ON
  grant.table = reader.name();
  if (grant.privileges.empty() || grant.table.empty()) return std::nullopt;
  return grant;
}

bool Privileges::has_global(const std::string& privilege) const {
  return std::any_of(grants_.begin(), grants_.end(), [&](const Grant& grant) {
    return !grant.revokes && grant.database == "*" && holds(grant, privilege);
  });
}

bool Privileges::has_on(const std::string& privilege, const TablePattern& tables) const {
  bool given = false;
  bool by_global = false;
  bool revoked = false;
  for (const Grant& grant : grants_) {
    if (!holds(grant, privilege)) continue;
    if (grant.revokes) {
      // A revoke on a database cuts a global grant there.
      revoked = revoked || has_wildcard(tables.database) || matches_like(grant.database, tables.database);
    } else if (covers(grant, tables)) {
      (grant.database == "*" ? by_global : given) = true;
    }
  }
  return given || (by_global && !revoked);
}

base::Problems judge_privileges(const Privileges& privileges, const SourceFacts& facts, std::string_view account,
                                const std::vector<TablePattern>& tables) {
  base::Problems problems;
  if (!privileges.has_global("REPLICATION SLAVE")) {
    add_missing(problems, "REPLICATION SLAVE", "*.*", account, "the account may not read the binary log");
  }
  const bool monitor = facts.flavor == binlog::Flavor::mariadb && facts.version_number >= kBinlogMonitorSince;
  const bool sees_log = privileges.has_global("REPLICATION CLIENT") || privileges.has_global("BINLOG MONITOR") ||
                        privileges.has_global("SUPER");
  if (!sees_log) {
    add_missing(problems, monitor ? "BINLOG MONITOR" : "REPLICATION CLIENT", "*.*", account,
                "the account may not ask for the binary log's files and position");
  }
  std::set<std::string> told;
  for (const TablePattern& pattern : tables) {
    const std::string object = grant_object(pattern);
    if (privileges.has_on("SELECT", pattern) || !told.insert(object).second) continue;
    add_missing(problems, "SELECT", object, account, "the account may not read the definitions of tables that leave");
  }
  return problems;
}

}  // namespace relay::source
