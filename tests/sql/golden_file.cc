#include "golden_file.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace relay::sql::test {
namespace {

struct Server {
  const char* name;
  Dialect dialect;
  std::uint32_t version;
};

constexpr std::array<Server, 5> kServers = {{{"mysql-9.7", Dialect::mysql, 90704},
                                             {"mysql-5.6", Dialect::mysql, 50624},
                                             {"mariadb-10.5", Dialect::mariadb, 100523},
                                             {"mariadb-10.11", Dialect::mariadb, 101119},
                                             {"mariadb-11.8", Dialect::mariadb, 110806}}};

// The bits that sql_mode has in a query event (sql/query_options.h of MySQL, sql/sql_class.h of MariaDB).
std::uint64_t mode_bits(const std::string& name) {
  if (name == "ANSI_QUOTES") return 0x4;
  if (name == "NO_BACKSLASH_ESCAPES") return 0x100000;
  if (name == "REAL_AS_FLOAT") return 0x1;
  if (name == "PIPES_AS_CONCAT") return 0x2;
  if (name == "MAXDB") return 0x1000 | 0x2 | 0x4;
  if (name == "ORACLE") return 0x200 | 0x2 | 0x4;
  if (name == "STRICT_TRANS_TABLES") return 0x200000;
  throw std::runtime_error("sql_mode is not known: " + name);
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> all;
  for (std::string word; stream >> word;) all.push_back(word);
  return all;
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : stream_(path), file_(path.filename()) {}

  std::vector<GoldenRow> read() {
    for (std::string line; std::getline(stream_, line);) {
      ++line_;
      const bool continues = !line.empty() && line.front() == ' ';
      if (!continues) finish();
      take(line, continues);
    }
    finish();
    if (rows_.empty()) fail("no row in the file");
    return std::move(rows_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(file_ + ":" + std::to_string(line_) + ": " + what);
  }

  void take(const std::string& line, bool continues) {
    if (line.empty() || line.front() == '#') return;
    if (continues) {
      if (key_.empty()) fail("a line that goes on after none");
      value_ += "\n" + line.substr(line.find_first_not_of(' '));
      return;
    }
    if (line.front() == '[') {
      if (line.back() != ']') fail("a title without its end");
      section_ = GoldenRow();
      section_.file = file_;
      section_.section = line.substr(1, line.size() - 2);
      servers_.clear();
      mode_ = 0;
      explicit_timestamps_ = true;
      return;
    }
    const auto blank = line.find(' ');
    if (blank == std::string::npos) fail("a key without a value");
    key_ = line.substr(0, blank);
    key_line_ = line_;
    value_ = line.substr(line.find_first_not_of(' ', blank));
  }

  // A key with its whole value was read.
  void finish() {
    const std::string key = std::exchange(key_, "");
    if (key.empty()) return;
    if (key == "on") {
      servers_ = words(value_);
    } else if (key == "rules") {
      section_.rules = value_;
    } else if (key == "before") {
      section_.before.push_back(value_);
    } else if (key == "mode") {
      for (const auto& name : words(value_)) mode_ |= mode_bits(name);
    } else if (key == "timestamps") {
      explicit_timestamps_ = value_ != "implicit";
    } else if (key == "run") {
      section_.statement = value_;
      section_.line = key_line_;
    } else if (key == "gives") {
      add_rows(squeezed(value_));
    } else if (key == "halts") {
      add_rows(squeezed("halt " + value_));
    } else {
      fail("key is not known: " + key);
    }
  }

  void add_rows(const std::string& expected) {
    if (section_.statement.empty()) fail("a result without a statement");
    if (servers_.empty()) fail("a section without servers");
    for (const auto& name : servers_) {
      const auto* server =
          std::find_if(kServers.begin(), kServers.end(), [&](const Server& each) { return each.name == name; });
      if (server == kServers.end()) fail("server is not known: " + name);
      GoldenRow row = section_;
      row.server = name;
      row.context.dialect = server->dialect;
      row.context.server_version = server->version;
      row.context.sql_mode = mode_;
      row.context.default_database = "d";
      row.context.explicit_defaults_for_timestamp = explicit_timestamps_;
      row.expected = expected;
      rows_.push_back(std::move(row));
    }
    section_.statement.clear();
  }

  std::ifstream stream_;
  std::string file_;
  int line_ = 0;
  int key_line_ = 0;
  std::string key_;
  std::string value_;
  GoldenRow section_;
  std::vector<std::string> servers_;
  std::uint64_t mode_ = 0;
  bool explicit_timestamps_ = true;
  std::vector<GoldenRow> rows_;
};

const char* kind_name(base::ErrorKind kind) {
  if (kind == base::ErrorKind::rule) return "rule";
  return kind == base::ErrorKind::unsupported ? "unsupported" : "malformed";
}

}  // namespace

std::vector<GoldenRow> golden_rows(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".golden") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<GoldenRow> rows;
  for (const auto& path : paths) {
    for (auto& row : Reader(path).read()) rows.push_back(std::move(row));
  }
  return rows;
}

std::string rewritten_or_halt(const GoldenRow& row) {
  const auto text = rewritten_text(row.context, row.before, row.rules, row.statement);
  if (!text) return std::string("halt ") + kind_name(text.error().kind()) + ": " + std::string(text.error().what());
  return text->empty() ? "nothing" : *text;
}

}  // namespace relay::sql::test
