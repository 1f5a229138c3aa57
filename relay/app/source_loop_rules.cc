#include <fmt/format.h>

#include <ctime>

#include "relay/app/source_loop.h"
#include "relay/base/log.h"
#include "relay/source/schema_reader.h"

// The part of the source loop that decides which rules are in force: what was served once does not change, and replicas
// keep the tables that earlier rules gave them.

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::LogLevel;
using base::Result;

std::string joined(const std::vector<std::string>& texts) { return fmt::format("{}", fmt::join(texts, "; ")); }

std::vector<std::string> names_of(const std::vector<sql::TableName>& tables) {
  std::vector<std::string> names;
  for (const sql::TableName& table : tables) names.push_back(table.database + "." + table.table);
  return names;
}

}  // namespace

void SourceLoop::offer_rules(std::shared_ptr<const Rules> rules) {
  const base::MutexLock lock(connections_mutex_);
  const bool changed = wanted_->digest != rules->digest;
  const bool streams = parts_.status.get().phase == RelayPhase::streaming;
  wanted_ = std::move(rules);
  parts_.status.update([](RelayStatus::Snapshot& snapshot) { snapshot.rules_refused.clear(); });
  if (!changed && streams) return;
  retry_ = true;
  interrupt_connections();
}

bool SourceLoop::take_retry() {
  const base::MutexLock lock(connections_mutex_);
  return std::exchange(retry_, false);
}

bool SourceLoop::wait_to_retry(std::chrono::milliseconds time) {
  constexpr std::chrono::milliseconds kStep{200};
  const auto end = std::chrono::steady_clock::now() + time;
  while (!stop_.stop_requested() && !take_retry()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    static_cast<void>(stop_.wait_for(std::min(left, kStep)));
  }
  return !stop_.stop_requested();
}

Result<void> SourceLoop::settle_rules(const source::SourceFacts& facts) {
  std::shared_ptr<const Rules> wanted;
  {
    const base::MutexLock lock(connections_mutex_);
    wanted = wanted_;
  }
  const auto last = parts_.index.last();
  if (!last) {
    // The schema that was read for a first start is that of the tables which left under other rules.
    if (rules_ && rules_->digest != wanted->digest) first_position_.reset();
    RELAY_TRY(keep_rules(parts_.files, directory(), *wanted));
    return take_rules(wanted, {});
  }
  if (last->last_rules() == wanted->digest) {
    RELAY_TRY(keep_rules(parts_.files, directory(), *wanted));
    return take_rules(wanted, {});
  }
  if (!rules_) {
    RELAY_ASSIGN(rules_, kept_rules(parts_.files, directory(), last->last_rules()));
  }
  if (!rules_) {
    return base::fail(
        Error(ErrorKind::rule, "the rules are not those that the spool was written under, and it does not keep those")
            .remedy(kSeedAgain));
  }
  RELAY_ASSIGN(const auto questions, connect(source::SourceConnection::Purpose::questions));
  RELAY_ASSIGN(const auto databases, source::read_database_names(*questions, facts));
  RELAY_ASSIGN(const auto tables, source::read_table_names(*questions, facts));
  const auto comparison =
      scrub_rules::compare_rules(rules_->set, wanted->set, *history_, databases, tables, facts.folds_case());
  return comparison.refusals.empty() ? take_rules(std::move(wanted), comparison) : refuse_rules(*wanted, comparison);
}

// What was committed under the old rules is made durable first: read again from the source, it would come out
// otherwise.
Result<void> SourceLoop::take_rules(std::shared_ptr<const Rules> wanted,
                                    const scrub_rules::RulesComparison& comparison) {
  const auto last = parts_.index.last();
  if (last && last->last_rules() != wanted->digest) {
    RELAY_TRY(keep_rules(parts_.files, directory(), *wanted));
    RELAY_TRY(parts_.writer.flush());
    const spool::SpoolPosition at = parts_.writer.position();
    RELAY_TRY(counts_.write(at));
    RELAY_TRY(
        parts_.audit.rules_changed(last->last_rules(), wanted->digest, at, names_of(comparison.no_longer_leaving)));
    RELAY_TRY(parts_.index.change_rules({at.offset, wanted->digest, static_cast<std::uint32_t>(std::time(nullptr))}));
    base::log(LogLevel::warning, "other rules are in force from {}:{} on", spool::spool_file_name(at.file), at.offset);
    for (const std::string& name : names_of(comparison.no_longer_leaving)) {
      base::log(LogLevel::warning, "{} no longer leaves; replicas keep what they have of it", name);
    }
  }
  rules_ = std::move(wanted);
  rules_were_taken_ = true;
  parts_.status.update([&](RelayStatus::Snapshot& snapshot) { snapshot.rules = rules_->digest; });
  return {};
}

Result<void> SourceLoop::refuse_rules(const Rules& wanted, const scrub_rules::RulesComparison& comparison) {
  for (const std::string& refusal : comparison.refusals)
    base::log(LogLevel::error, "other rules are refused: {}", refusal);
  RELAY_TRY(parts_.audit.rules_refused(rules_->digest, wanted.digest, comparison.refusals));
  const std::string reasons = joined(comparison.refusals);
  parts_.status.update([&](RelayStatus::Snapshot& snapshot) { snapshot.rules_refused = reasons; });
  if (!rules_were_taken_) {
    rules_.reset();
    return base::fail(Error(ErrorKind::rule, "replicas that follow this spool would not stay right under the new rules")
                          .about(reasons)
                          .remedy(kSeedAgain));
  }
  base::log(LogLevel::error, "the old rules stay in force; {}", kSeedAgain.text());
  const base::MutexLock lock(connections_mutex_);
  if (wanted_->digest == wanted.digest) wanted_ = rules_;  // others may have been offered meanwhile
  return {};
}

}  // namespace relay::app
