#include "relay/server/source_facts.h"

#include <charconv>

#include "relay/binlog/gtid_event.h"

namespace relay::server {

namespace {

using binlog::EventType;

bool has_mysql_gtid(EventType type) { return binlog::is_mysql_gtid(type) && type != EventType::anonymous_gtid; }

// Looks at the events of one file up to the first that tells: a GTID, or a transaction without one.
base::Result<std::optional<bool>> gtid_mode_of_file(const SpoolAccess& spool, std::uint32_t file) {
  spool::SpoolReader reader(spool.files, spool.index, spool.tail, spool.leases);
  RELAY_TRY(reader.seek({file, spool::kFirstEventOffset}));
  for (;;) {
    RELAY_ASSIGN(const auto event, reader.next());
    if (!event || reader.position().file != file) return std::optional<bool>();
    if (has_mysql_gtid(event->type())) return std::optional<bool>(true);
    switch (event->type()) {
      case EventType::format_description:
      case EventType::previous_gtids:
      case EventType::rotate:
      case EventType::stop:
        continue;
      default:
        return std::optional<bool>(false);
    }
  }
}

base::Result<std::optional<bool>> gtid_mode(const SpoolAccess& spool) {
  const auto entries = spool.index.entries();
  // Newest first: the mode may have been changed, and what counts is what comes now.
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    RELAY_ASSIGN(const std::optional<bool> mode, gtid_mode_of_file(spool, entry->number));
    if (mode) return mode;
    if (!entry->gtids_before.mysql.empty()) return std::optional<bool>(true);
  }
  return std::optional<bool>();
}

}  // namespace

std::uint32_t version_number(std::string_view version) {
  std::uint32_t parts[3] = {0, 0, 0};
  const char* at = version.data();
  const char* end = version.data() + version.size();
  for (std::uint32_t& part : parts) {
    const auto [next, error] = std::from_chars(at, end, part);
    if (error != std::errc()) break;
    at = next;
    if (at == end || *at != '.') break;
    ++at;
  }
  return parts[0] * 10000 + (parts[1] % 100) * 100 + parts[2] % 100;
}

std::string SourceFacts::greeting_version() const {
  if (mariadb() && version_number < 110000) return "5.5.5-" + version;
  return version;
}

std::string SourceFacts::name() const {
  return (mariadb() ? "MariaDB " : "MySQL ") + version.substr(0, version.find_first_not_of("0123456789."));
}

base::Result<std::optional<SourceFacts>> read_source_facts(const SpoolAccess& spool) {
  const auto last = spool.index.last();
  if (!last || spool.tail.get().file == 0) return std::optional<SourceFacts>();
  SourceFacts facts;
  facts.flavor = last->source.flavor;
  facts.version = last->source_version;
  facts.version_number = version_number(facts.version);
  if (!facts.mariadb()) {
    RELAY_ASSIGN(facts.gtid_mode, gtid_mode(spool));
  }
  return std::optional<SourceFacts>(std::move(facts));
}

base::Result<void> add_gtid(const binlog::EventView& event, spool::GtidState& state) {
  if (has_mysql_gtid(event.type())) {
    RELAY_ASSIGN(const auto gtid, binlog::MysqlGtidEvent::parse(event.header().type_code, event.body()));
    state.mysql.add(gtid.gtid);
  }
  if (event.type() == EventType::mariadb_gtid) {
    RELAY_ASSIGN(const auto gtid, binlog::MariadbGtidEvent::parse(event.body(), event.header().server_id));
    state.mariadb.update(gtid.gtid);
  }
  return {};
}

base::Result<spool::GtidState> gtids_before(const SpoolAccess& spool, const spool::SpoolPosition& position) {
  const auto entry = spool.index.find(position.file);
  if (!entry) return base::fail(base::ErrorKind::unsupported, "the spool has no such file");
  spool::GtidState state = entry->gtids_before;
  spool::SpoolReader reader(spool.files, spool.index, spool.tail, spool.leases);
  RELAY_TRY(reader.seek({position.file, spool::kFirstEventOffset}));
  while (reader.position() < position) {
    RELAY_ASSIGN(const auto event, reader.next());
    if (!event || reader.position().file != position.file) break;
    if (event->whole) RELAY_TRY(add_gtid(*event->whole, state));  // a GTID event is never a large one
  }
  return state;
}

}  // namespace relay::server
