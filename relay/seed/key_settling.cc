#include "relay/seed/key_settling.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <random>

namespace relay::seed {

namespace {

using base::ErrorKind;
using base::Result;
using namespace std::chrono_literals;

// Before each round.
constexpr auto kSettlePauses = std::to_array<std::chrono::milliseconds>({0ms, 100ms, 300ms, 700ms, 1500ms, 2500ms});
constexpr std::size_t kFewKeys = 50;     // of which each state that they pass through may be seen
constexpr std::size_t kLooks = 3;        // at each side in a round
constexpr std::size_t kCloseLooks = 25;  // at few keys
constexpr std::size_t kLooksMeanwhile = 300;

// A row that changes to and fro in time with the looks would be seen in one of its states alone.
std::chrono::milliseconds by_chance(std::chrono::milliseconds pause) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  return pause + std::chrono::milliseconds(std::uniform_int_distribution<long>(0, pause.count() / 2)(random));
}

}  // namespace

Result<SettledKeys> KeySettling::settle(std::vector<KeyValues> keys, const KeyRange& range) {
  Candidates candidates;
  for (KeyValues& key : keys) candidates.emplace(std::move(key), Candidate());
  for (const std::chrono::milliseconds pause : kSettlePauses) {
    if (candidates.empty()) break;
    if (stop_.wait_for(by_chance(pause))) return base::fail(ErrorKind::interrupted, "stopped");
    RELAY_ASSIGN(const Looks looks, look(candidates, range, pause > 0ms));
    judge(candidates, looks);
  }
  return outcome(candidates);
}

Result<KeySettling::Looks> KeySettling::look(const Candidates& candidates, const KeyRange& range, bool closely) {
  std::vector<KeyValues> keys;
  const bool whole = candidates.size() > kMostKeys;
  if (!whole) {
    for (const auto& [key, candidate] : candidates) keys.push_back(key);
  }
  const bool few = closely && keys.size() <= kFewKeys && !whole;
  const std::size_t most = whole ? 1 : few ? kCloseLooks : kLooks;
  Looks looks;
  const auto look_at = [&](TableSide& side, std::vector<KeyedRows>& into) -> Result<void> {
    RELAY_ASSIGN(KeyedRows rows, whole ? side.read(range, kMostRows) : side.read(keys));
    into.push_back(std::move(rows));
    return {};
  };
  for (std::size_t i = 0; i < most; ++i) RELAY_TRY(look_at(source_, looks.source));
  RELAY_ASSIGN(const std::string place, following_.place(source_.connection()));
  RELAY_TRY(following_.wait_for(replica_.connection(), place, [&]() -> Result<void> {
    // What the replica is about to pass through.
    if (!few || looks.source.size() >= kLooksMeanwhile) return {};
    return look_at(source_, looks.source);
  }));
  for (std::size_t i = 0; i < most; ++i) {
    RELAY_TRY(look_at(replica_, looks.replica));
    RELAY_TRY(look_at(source_, looks.source));
  }
  return looks;
}

void KeySettling::judge(Candidates& candidates, const Looks& looks) {
  for (auto& entry : candidates) {
    const KeyValues& key = entry.first;
    Candidate& candidate = entry.second;
    const auto note = [&](const KeyedRows& rows, std::optional<RowSum>& first, bool& has, bool& lacks) {
      const RowSum now = rows.find(key);
      if (!first) first = now;
      candidate.steady = candidate.steady && *first == now;
      has = has && now.rows > 0;
      lacks = lacks && now.rows == 0;
    };
    for (const KeyedRows& rows : looks.source) {
      note(rows, candidate.source, candidate.source_has, candidate.source_lacks);
    }
    for (const KeyedRows& rows : looks.replica) {
      note(rows, candidate.replica, candidate.replica_has, candidate.replica_lacks);
    }
    candidate.matched = std::ranges::any_of(looks.replica, [&](const KeyedRows& replica) {
      return std::ranges::any_of(looks.source,
                                 [&](const KeyedRows& source) { return source.find(key) == replica.find(key); });
    });
  }
  std::erase_if(candidates, [](const auto& entry) { return entry.second.matched; });
}

SettledKeys KeySettling::outcome(const Candidates& candidates) {
  SettledKeys settled;
  for (const auto& [key, candidate] : candidates) {
    if (candidate.source_has && candidate.replica_lacks) {
      settled.different.emplace_back(RowDifference::missing, key);
    } else if (candidate.source_lacks && candidate.replica_has) {
      settled.different.emplace_back(RowDifference::extra, key);
    } else if (candidate.steady) {
      settled.different.emplace_back(RowDifference::changed, key);
    } else {
      ++settled.undecided;
    }
  }
  return settled;
}

}  // namespace relay::seed
