#include "relay/seed/relay_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "relay/source/dump_command.h"

namespace relay::seed {

namespace {

using base::ErrorKind;
using base::Result;

constexpr int kEventsAtOnce = 1000;
constexpr int kNoSuchLog = 1220;  // ER_ERROR_WHEN_EXECUTING_COMMAND: the file is not there
constexpr std::string_view kGtid = "GTID ";

// "relay-bin.000004" behind "relay-bin.000003".
std::string next_file(const std::string& file) {
  const std::size_t dot = file.rfind('.') + 1;
  std::uint64_t number = 0;
  std::from_chars(file.data() + dot, file.data() + file.size(), number);
  return fmt::format("{}{:0{}}", file.substr(0, dot), number + 1, file.size() - dot);
}

bool is_beyond(const std::string& info, const binlog::MariadbGtidList& position) {
  const std::size_t at = info.find(kGtid);
  if (at == std::string::npos) return false;
  std::string text = info.substr(at + kGtid.size());
  text.resize(std::min(text.find_first_not_of("0123456789-"), text.size()));
  const auto gtid = binlog::MariadbGtidList::parse_text(text);
  return gtid && !covers(position, *gtid);
}

}  // namespace

bool covers(const binlog::MariadbGtidList& list, const binlog::MariadbGtidList& position) {
  return std::ranges::all_of(position.domains(), [&](std::uint32_t domain) {
    const auto* const wanted = position.last_in_domain(domain);
    const auto* const there = list.last_in_domain(domain);
    return wanted == nullptr || (there != nullptr && there->sequence >= wanted->sequence);
  });
}

// The applier looks where it is between transactions: any offset inside the last one stops it behind that.
Result<RelayLogPlace> barrier_at(source::SourceConnection& replica, const RelayLogPlace& place,
                                 const binlog::MariadbGtidList& position) {
  RelayLogPlace barrier = place;
  RelayLogPlace from = place;
  for (;;) {
    const auto events = replica.query_named(fmt::format("SHOW RELAYLOG EVENTS IN {} FROM {} LIMIT {}",
                                                        source::quote_text(from.file), from.offset, kEventsAtOnce));
    if (!events) {
      if (events.error().system_code() == kNoSuchLog) return barrier;
      return base::fail(events.error());
    }
    for (const source::NamedRow& event : *events) {
      const auto offset = event.find("Pos");
      const auto type = event.find("Event_type");
      const auto info = event.find("Info");
      if (offset == event.end() || type == event.end()) {
        return base::fail(ErrorKind::malformed, "the replica shows no events of its relay log");
      }
      std::from_chars(offset->second.data(), offset->second.data() + offset->second.size(), from.offset);
      const bool begins = type->second == "Gtid" && info != event.end();
      if (begins && is_beyond(info->second, position)) return from;
      barrier = {from.file, from.offset + 1};
    }
    // The last one comes once more.
    if (events->size() < kEventsAtOnce) from = {next_file(from.file), 4};
  }
}

}  // namespace relay::seed
