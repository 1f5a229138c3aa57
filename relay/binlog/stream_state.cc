#include "relay/binlog/stream_state.h"

#include "relay/binlog/event_error.h"
#include "relay/binlog/rows_event.h"
#include "relay/binlog/stream_role.h"

namespace relay::binlog {

namespace {

tl::unexpected<base::Error> misplaced(const EventView& event) {
  return event_error(base::ErrorKind::malformed, "an event may not stand where it stands in the stream", event.type());
}

}  // namespace

base::Result<StreamState::Step> StreamState::advance(const EventView& event) {
  RELAY_ASSIGN(const StreamRole role, stream_role(event));
  if (place_ == Place::before_format && role != StreamRole::format && role != StreamRole::nothing)
    return misplaced(event);
  RELAY_ASSIGN(Step step, take(role, event));
  step.artificial = is_artificial(event.header());
  return step;
}

base::Result<StreamState::Step> StreamState::take(StreamRole role, const EventView& event) {
  const bool between = place_ == Place::between_transactions;
  const bool inside = place_ == Place::inside_transaction;
  switch (role) {
    case StreamRole::nothing:
      return Step{};
    case StreamRole::format:
      return take_format(event);
    case StreamRole::control:
      if (between) return Step{};
      break;
    case StreamRole::gtid:
      if (between) return take_gtid(event);
      break;
    case StreamRole::part:
      return take_part();
    case StreamRole::rows:
      return take_rows(event);
    case StreamRole::statement:
      return take_statement();
    case StreamRole::opening:
      if (!inside) return take_opening();
      break;
    case StreamRole::creation:
      return inside ? Step{} : take_opening();
    case StreamRole::terminator:
      return take_terminator(event);
    case StreamRole::prepared_xa:
      return inside ? end({}) : take_statement();
  }
  return misplaced(event);
}

base::Result<StreamState::Step> StreamState::take_format(const EventView& event) {
  RELAY_ASSIGN(FormatDescription format, FormatDescription::parse(event.bytes()));
  Step step;
  if (place_ == Place::after_gtid || place_ == Place::inside_transaction) {
    if (format.created == 0) return misplaced(event);
    abandon_transaction();
    step.abandons_transaction = true;
  }
  format_ = std::move(format);
  checksum_ = format_.checksum;
  place_ = Place::between_transactions;
  return step;
}

base::Result<StreamState::Step> StreamState::take_gtid(const EventView& event) {
  if (event.type() == EventType::mariadb_gtid) {
    RELAY_ASSIGN(const MariadbGtidEvent gtid, MariadbGtidEvent::parse(event.body(), event.header().server_id));
    const Step step = begin();
    mariadb_gtid_ = gtid;
    return step;
  }
  RELAY_ASSIGN(MysqlGtidEvent gtid, MysqlGtidEvent::parse(event.header().type_code, event.body()));
  const Step step = begin();
  mysql_gtid_ = std::move(gtid);
  return step;
}

base::Result<StreamState::Step> StreamState::take_rows(const EventView& event) {
  if (at_open_group()) place_ = Place::inside_transaction;
  if (place_ == Place::inside_transaction) return Step{};
  if (!at_standalone()) return misplaced(event);
  if (event.type() == EventType::table_map) return Step{};
  RELAY_ASSIGN(const RowsEvent rows, RowsEvent::parse(event.type(), event.body()));
  return rows.ends_statement() ? end({}) : Step{};
}

base::Result<StreamState::Step> StreamState::take_terminator(const EventView& event) {
  const bool after_mariadb_gtid = at_open_group() || at_standalone();
  if (place_ != Place::inside_transaction && !after_mariadb_gtid) return misplaced(event);
  return end({});
}

StreamState::Step StreamState::take_part() {
  if (place_ == Place::between_transactions) return begin();
  if (at_open_group()) place_ = Place::inside_transaction;
  return {};
}

StreamState::Step StreamState::take_statement() {
  if (at_open_group()) place_ = Place::inside_transaction;
  if (place_ == Place::inside_transaction) return {};
  return end(place_ == Place::between_transactions ? begin() : Step{});
}

StreamState::Step StreamState::take_opening() {
  if (at_standalone()) return end({});
  const Step step = place_ == Place::between_transactions ? begin() : Step{};
  place_ = Place::inside_transaction;
  return step;
}

StreamState::Step StreamState::begin() {
  mysql_gtid_.reset();
  mariadb_gtid_.reset();
  place_ = Place::after_gtid;
  Step step;
  step.begins_transaction = true;
  return step;
}

StreamState::Step StreamState::end(Step step) {
  place_ = Place::between_transactions;
  step.ends_transaction = true;
  return step;
}

bool StreamState::at_standalone() const {
  return place_ == Place::after_gtid && mariadb_gtid_ && mariadb_gtid_->standalone();
}

bool StreamState::at_open_group() const {
  return place_ == Place::after_gtid && mariadb_gtid_ && !mariadb_gtid_->standalone();
}

void StreamState::abandon_transaction() {
  if (place_ != Place::before_format) place_ = Place::between_transactions;
  mysql_gtid_.reset();
  mariadb_gtid_.reset();
}

}  // namespace relay::binlog
