#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/file.h"
#include "relay/base/problem.h"
#include "relay/base/result.h"
#include "scrub_rules/rule_set.h"

namespace relay::app {

// Rules with the files that they were read from, so that a later start can tell what has changed. Immutable.
struct Rules {
  scrub_rules::RuleSet set;
  std::vector<scrub_rules::RuleText> texts;
  std::string digest;  // set.digest()
};

// What to do where replicas that follow a spool would not stay right under other rules.
inline constexpr base::FixedText kSeedAgain{
    "put the old rules back; or give the new ones a new [spool] directory and seed the replicas again"};

// Reads rule files; the result is of use only when no problem is an error.
[[nodiscard]] std::shared_ptr<const Rules> read_rules(const std::vector<std::string>& files, base::Problems& problems);

// Keeps the texts, but for the commands of keys, in "rules.DIGEST" of `directory`; durable. Nothing when they are
// there. Errors: io; unsupported for a text that is not UTF-8.
[[nodiscard]] base::Result<void> keep_rules(base::FileSystem& files, const std::string& directory, const Rules& rules);
[[nodiscard]] std::string kept_rules_path(const std::string& directory, const std::string& digest);
// The rules that were kept under `digest`; null when they were not. Errors: io; malformed.
[[nodiscard]] base::Result<std::shared_ptr<const Rules>> kept_rules(base::FileSystem& files,
                                                                    const std::string& directory,
                                                                    const std::string& digest);

}  // namespace relay::app
