#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>

#include "relay/app/commands.h"
#include "relay/app/configuration.h"
#include "relay/app/problem_output.h"
#include "relay/app/progress.h"
#include "relay/seed/rule_merge.h"
#include "relay/seed/rule_text.h"
#include "relay/seed/schema_survey.h"
#include "relay/seed/settling.h"
#include "relay/seed/table_sampler.h"
#include "scrub_rules/name_pattern.h"
#include "scrub_rules/rule_table_name.h"

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using scrub_rules::RuleSet;
using scrub_rules::RuleText;
using seed::TableDraft;

constexpr std::size_t kLongestRuleFile = std::size_t{16} << 20;  // bytes, as for reading rules

// The rule file that is added to, and the other rules that hold.
struct PresentRules {
  std::vector<RuleText> texts;  // the first is the file's
  bool declares_key = false;
};

bool is_same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return std::filesystem::equivalent(a, b, ignored);
}

class Discoverer {
 public:
  Discoverer(Configuration& configuration, const DiscoverArguments& arguments)
      : configuration_(configuration), arguments_(arguments) {}

  ExitCode run() {
    for (const std::string& pattern : arguments_.tables) {
      auto name = scrub_rules::parse_rule_table_name(pattern);
      if (!name) return tell(Error(name.error()).remedy("write --table database.table")), ExitCode::configuration;
      chosen_.push_back(std::move(*name));
    }
    if (!arguments_.update.empty() && !read_present()) return ExitCode::configuration;
    if (const Result<void> looked = look(); !looked) return tell(looked.error()), ExitCode::failed;
    propose();
    const Result<void> written = arguments_.update.empty() ? write_new() : write_update();
    if (!written) return tell(written.error()), ExitCode::failed;
    tell_outcome();
    return ExitCode::done;
  }

 private:
  static void tell(const Error& error) { fmt::print(stderr, "binlog-relay discover: {}\n", error.message()); }

  // What is no file cannot be put another one in the place of.
  [[nodiscard]] Result<void> check_is_file() const {
    struct stat status {};
    if (::stat(arguments_.update.c_str(), &status) != 0 || S_ISREG(status.st_mode)) return {};  // reading says the rest
    return base::fail(Error(ErrorKind::configuration, "the rule file is no regular file")
                          .about(arguments_.update)
                          .remedy("name a file"));
  }

  bool read_present() {
    if (const auto checked = check_is_file(); !checked) return tell(checked.error()), false;
    base::Problems problems;
    present_.texts = RuleSet::read_texts({arguments_.update}, ".", problems);
    std::vector<std::string> others;
    std::ranges::remove_copy_if(configuration_.rule_files, std::back_inserter(others),
                                [&](const std::string& file) { return is_same_file(file, arguments_.update); });
    if (!others.empty() && !present_.texts.empty()) {
      for (RuleText& text : RuleSet::read_texts(others, ".", problems)) present_.texts.push_back(std::move(text));
    }
    rules_ = RuleSet::parse(present_.texts, problems);
    present_.declares_key = rules_.keys().declares(arguments_.key);
    print_problems(problems);
    return !base::has_errors(problems);
  }

  [[nodiscard]] bool is_chosen(const sql::TableName& name, bool fold_case) const {
    return chosen_.empty() || std::ranges::any_of(chosen_, [&](const scrub_rules::RuleTableName& pattern) {
             return scrub_rules::name_matches(pattern.database, name.database, fold_case) &&
                    scrub_rules::name_matches(pattern.table, name.table, fold_case);
           });
  }

  Result<void> look() {
    source::SourceSettings& settings = configuration_.source.connection;
    {
      source::SourceConnection connection;
      RELAY_TRY(connection.connect(settings, source::SourceConnection::Purpose::questions));
      RELAY_TRY(connection.query("SET SESSION autocommit = 1"));  // no transaction over all of it
      RELAY_ASSIGN(facts_, source::read_source_facts(connection));
      RELAY_ASSIGN(tables_, seed::survey_schema(connection, facts_, [this](const sql::TableName& name) {
                     return is_chosen(name, facts_.folds_case());
                   }));
    }
    if (arguments_.rows == 0) return {};
    seed::TableSampler sampler(settings, facts_, {arguments_.rows, std::chrono::seconds(arguments_.seconds)});
    RELAY_TRY(sampler.connect());
    Progress progress("discovering", tables_.size(), "tables");
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      progress.advance_to(i);
      RELAY_TRY(sampler.sample(tables_[i]));
    }
    progress.finish();
    return {};
  }

  // The rule files with the drafts as they are.
  [[nodiscard]] std::vector<RuleText> texts(const std::vector<TableDraft>& tables) const {
    if (arguments_.update.empty()) return {{"rules.toml", seed::rule_file_text(tables, arguments_.key)}};
    std::vector<RuleText> texts = present_.texts;
    auto merged = seed::merge_rules(texts.front().text, tables, arguments_.key, present_.declares_key);
    if (merged) texts.front().text = std::move(merged->text);
    return texts;
  }

  void propose() {
    const bool fold_case = facts_.folds_case();
    if (!arguments_.update.empty()) {
      seed::respect_rules(tables_, rules_, present_.texts.front().file, fold_case);
    }
    seed::draft_actions(tables_, arguments_.key, fold_case);
    const scrub_rules::SourceTraits traits{facts_.flavor, facts_.version_number, facts_.binlog_row_image == "MINIMAL"};
    seed::settle(
        tables_, [this](const std::vector<TableDraft>& tables) { return texts(tables); }, traits, arguments_.key,
        fold_case);
  }

  Result<void> write_new() const {
    const std::string text = seed::rule_file_text(tables_, arguments_.key);
    if (arguments_.output.empty()) {
      fmt::print("{}", text);
      if (std::fflush(stdout) != 0) return base::fail(ErrorKind::io, "cannot write to standard output");
      return {};
    }
    base::FileSystem& files = base::posix_file_system();
    RELAY_ASSIGN(const auto file, files.open(arguments_.output, base::OpenMode::create));
    const base::ByteView slice = base::ByteView::of(text);
    Result<void> written = file->write_at(0, {&slice, 1});
    if (written) written = file->sync();
    if (!written)
      static_cast<void>(files.remove(arguments_.output));  // half a rule file is a mistake for all that read it
    return written;
  }

  Result<void> write_update() {
    const RuleText& before = present_.texts.front();
    RELAY_ASSIGN(merged_, seed::merge_rules(before.text, tables_, arguments_.key, present_.declares_key));
    std::vector<RuleText> after = present_.texts;
    after.front().text = merged_.text;
    if (!seed::keeps_decisions(present_.texts, after)) {
      return base::fail(Error(ErrorKind::unsupported, "the rule file is written in a form that cannot be added to")
                            .about(arguments_.update)
                            .remedy("write each [[table]] and [keys] under a header of its own, or add by hand what "
                                    "`discover` without --update proposes"));
    }
    if (merged_.text == before.text) return {};
    return replace(merged_.text);
  }

  // In the place of the file, with its owner and mode, so that who could read it still can.
  [[nodiscard]] Result<void> replace(const std::string& text) const {
    std::error_code failed;
    const std::string path = std::filesystem::canonical(arguments_.update, failed).string();
    struct stat status {};
    if (failed || ::stat(path.c_str(), &status) != 0) {
      return base::fail(Error(ErrorKind::io, "the rule file cannot be found any more").about(arguments_.update));
    }
    RELAY_TRY(check_is_file());
    RELAY_ASSIGN(const std::string now, base::read_file(base::posix_file_system(), path, kLongestRuleFile));
    if (now != present_.texts.front().text) {
      return base::fail(Error(ErrorKind::configuration, "the rule file was changed meanwhile")
                            .about(arguments_.update)
                            .remedy("run it again"));
    }
    return write_beside(path, status, text);
  }

  // A temporary file of a name that nobody has, with the owner and mode of the old one before it takes its place: there
  // is no time in which others could read it, or its owner could not.
  [[nodiscard]] Result<void> write_beside(const std::string& path, const struct stat& status,
                                          const std::string& text) const {
    base::FileSystem& files = base::posix_file_system();
    const std::string temporary = fmt::format("{}.discover-{}", path, ::getpid());
    RELAY_ASSIGN(const auto file, files.open(temporary, base::OpenMode::create));
    const base::ByteView slice = base::ByteView::of(text);
    Result<void> done = file->write_at(0, {&slice, 1});
    if (done) done = file->sync();
    const bool owned = ::chown(temporary.c_str(), status.st_uid, status.st_gid) == 0;
    if (done && (!owned || ::chmod(temporary.c_str(), status.st_mode & 07777U) != 0)) {
      done = base::fail(Error(ErrorKind::io, "a file of the rule file's owner and mode cannot be made")
                            .about(arguments_.update)
                            .remedy("run it as the owner of the file"));
    }
    if (done) done = files.rename(temporary, path);
    if (!done) static_cast<void>(files.remove(temporary));
    if (!done) return done;
    return files.sync_directory(std::filesystem::path(path).parent_path().string());
  }

  void tell_outcome() const {
    std::size_t columns = 0;
    std::size_t personal = 0;
    std::size_t kept = 0;
    std::size_t unknown = 0;
    std::size_t unsampled = 0;
    for (const TableDraft& table : tables_) {
      if (table.end > seed::SampleEnd::no_rows || table.unreadable) ++unsampled;
      for (const seed::ColumnDraft& column : table.columns) {
        if (!column.written) continue;
        ++columns;
        if (column.proposal.kind == seed::DataKind::unknown) {
          ++unknown;
        } else if (column.proposal.kind != seed::DataKind::impersonal) {
          ++personal;
        }
        if (column.proposal.action.kind == scrub_rules::ActionKind::keep) ++kept;
      }
    }
    fmt::print(stderr,
               "{} tables; proposed for {} columns: {} hold or may hold personal data, {} are unknown and dropped, {} "
               "are kept\n",
               tables_.size(), columns, personal, unknown, kept);
    if (unsampled > 0) {
      fmt::print(stderr, "{} tables were not sampled, or not whole: the comments on them say why\n", unsampled);
    }
    if (arguments_.update.empty()) return;
    fmt::print(stderr, "added to {}: {} columns of tables that it names, {} tables\n",
               base::Subject(arguments_.update).text(), merged_.columns, merged_.tables);
    for (const std::string& lines : merged_.by_hand) {
      fmt::print(stderr, "to be added by hand, since the [[table]] has no [table.columns] of its own: {}", lines);
    }
    for (const std::string& line : seed::kept_against_evidence(tables_, arguments_.key)) {
      fmt::print(stderr, "warning: a rule keeps {}\n", line);
    }
  }

  Configuration& configuration_;
  const DiscoverArguments& arguments_;
  std::vector<scrub_rules::RuleTableName> chosen_;
  PresentRules present_;
  RuleSet rules_;
  source::SourceFacts facts_;
  std::vector<TableDraft> tables_;
  seed::MergedText merged_;
};

}  // namespace

ExitCode command_discover(const std::string& configuration_file, const DiscoverArguments& arguments) {
  base::Problems problems;
  auto configuration =
      read_configuration(base::posix_file_system(), configuration_file, problems, ConfigurationUse::schema);
  print_problems(problems);
  if (!configuration) return ExitCode::configuration;
  return Discoverer(*configuration, arguments).run();
}

}  // namespace relay::app
