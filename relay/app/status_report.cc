#include "relay/app/status_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "relay/app/utc_time.h"

namespace relay::app {

namespace {

using nlohmann::ordered_json;

std::string dump(const ordered_json& document) {
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

ordered_json position_json(const spool::SourcePosition& position) {
  return {{"file", position.file}, {"offset", position.offset}};
}

ordered_json holds_json(const std::vector<spool::SpoolHold>& holds) {
  ordered_json array = ordered_json::array();
  for (const spool::SpoolHold& hold : holds) {
    const std::chrono::system_clock::time_point until{std::chrono::seconds(hold.until)};
    array.push_back({{"from", spool::spool_file_name(hold.from)}, {"until", utc_time(until)}});
  }
  return array;
}

ordered_json position_json(const spool::SpoolPosition& position) {
  return {{"file", spool::spool_file_name(position.file)}, {"offset", position.offset}};
}

class Metrics {
 public:
  void add(std::string_view name, std::string_view type, std::string_view help, double value,
           std::string_view labels = {}) {
    if (name != last_)
      text_ += fmt::format("# HELP binlog_relay_{0} {1}\n# TYPE binlog_relay_{0} {2}\n", name, help, type);
    last_ = name;
    text_ += fmt::format("binlog_relay_{}{} {}\n", name, labels, value);
  }
  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  std::string text_;
  std::string last_;
};

// As a value of a label, where quotation marks and backslashes have a meaning.
std::string label_text(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted;
}

ordered_json tunnel_json(const tunnel::TunnelStatus& tunnel) {
  ordered_json document = {{"name", tunnel.name},
                           {"remote_listen", tunnel.remote_listen},
                           {"state", tunnel::tunnel_state_name(tunnel.state)},
                           {"since", utc_time(tunnel.since)},
                           {"last_error", tunnel.last_error},
                           {"connections", tunnel.connections},
                           {"bytes_out", tunnel.bytes_to_host},
                           {"bytes_in", tunnel.bytes_from_host},
                           {"reconnects", tunnel.reconnects},
                           {"host_key", tunnel.host_key}};
  if (tunnel.round_trip) document["round_trip_microseconds"] = tunnel.round_trip->count();
  return document;
}

std::string tunnel_label(const tunnel::TunnelStatus& tunnel) {
  return fmt::format("tunnel=\"{}\",remote_listen=\"{}\"", label_text(tunnel.name), label_text(tunnel.remote_listen));
}

void add_tunnels(Metrics& metrics, const std::vector<tunnel::TunnelStatus>& tunnels) {
  // One name after the other, as the format wants it.
  const auto add = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
    for (const tunnel::TunnelStatus& tunnel : tunnels)
      metrics.add(name, type, help, static_cast<double>(value(tunnel)), fmt::format("{{{}}}", tunnel_label(tunnel)));
  };
  using Status = tunnel::TunnelStatus;
  add("tunnel_up", "gauge", "1 while a tunnel is open",
      [](const Status& t) { return t.state == tunnel::TunnelState::open ? 1 : 0; });
  add("tunnel_connections", "gauge", "connections through a tunnel", [](const Status& t) { return t.connections; });
  add("tunnel_reconnects_total", "counter", "sessions of a tunnel that were lost",
      [](const Status& t) { return t.reconnects; });
  for (const tunnel::TunnelStatus& tunnel : tunnels) {
    const std::string label = tunnel_label(tunnel);
    metrics.add("tunnel_bytes_total", "counter", "payload bytes through a tunnel",
                static_cast<double>(tunnel.bytes_to_host), fmt::format("{{{},direction=\"out\"}}", label));
    metrics.add("tunnel_bytes_total", "counter", "", static_cast<double>(tunnel.bytes_from_host),
                fmt::format("{{{},direction=\"in\"}}", label));
  }
  for (const tunnel::TunnelStatus& tunnel : tunnels) {
    if (tunnel.round_trip)
      metrics.add("tunnel_round_trip_seconds", "gauge", "how long the last probe through a tunnel took",
                  std::chrono::duration<double>(*tunnel.round_trip).count(),
                  fmt::format("{{{}}}", tunnel_label(tunnel)));
  }
}

std::string tunnel_text(const ordered_json& tunnel) {
  std::string text =
      fmt::format("{} {} since {}, {} there, {} connections, {} bytes out", tunnel.value("name", ""),
                  tunnel.value("state", ""), tunnel.value("since", ""), tunnel.value("remote_listen", ""),
                  tunnel.value("connections", std::uint64_t{0}), tunnel.value("bytes_out", std::uint64_t{0}));
  if (tunnel.contains("round_trip_microseconds")) {
    text += fmt::format(", round trip {:.1f} ms",
                        static_cast<double>(tunnel.value("round_trip_microseconds", std::int64_t{0})) / 1000);
  }
  const std::string error = tunnel.value("last_error", "");
  return tunnel.value("state", "") == "open" || error.empty() ? text : text + ": " + error;
}

std::string halt_text(const RelayStatus::Snapshot& snapshot) {
  if (!snapshot.halt) return snapshot.detail;
  return fmt::format("{} [source {}]", snapshot.detail, text_of(snapshot.halt->transaction));
}

}  // namespace

std::string status_json(const StatusReport& report) {
  const RelayStatus::Snapshot& relay = report.relay;
  ordered_json document;
  document["phase"] = phase_name(relay.phase);
  document["detail"] = relay.detail;
  document["since"] = utc_time(relay.phase_since);
  document["lag_seconds"] = RelayStatus::lag_now(relay);
  document["source"] = {{"id", relay.source_id},
                        {"version", relay.source_version},
                        {"position", position_json(relay.source_position)},
                        {"reconnects", relay.reconnects},
                        {"bytes", relay.source_bytes},
                        {"last_contact", utc_time(relay.last_contact)}};
  document["spool"] = {{"tail", position_json(report.spool.tail)},
                       {"files", report.spool.files},
                       {"bytes", report.spool.bytes},
                       {"gtids", relay.gtids},
                       {"held_for_snapshots", holds_json(report.spool.holds)}};
  if (!report.spool.holds_error.empty()) document["spool"]["not_purged"] = report.spool.holds_error;
  document["transactions"] = relay.transactions;
  document["events"] = {{"kept", relay.scrub.events_kept},
                        {"replaced", relay.scrub.events_replaced},
                        {"dropped", relay.scrub.events_dropped}};
  document["rows_events"] = {{"rewritten", relay.scrub.rows_events_rewritten},
                             {"denied", relay.scrub.rows_events_denied}};
  document["statements"] = {{"rewritten", relay.scrub.statements_rewritten},
                            {"dropped", relay.scrub.statements_dropped}};
  document["rules"] = {{"in_force", relay.rules}, {"refused", relay.rules_refused}};
  document["audit"] = {{"entries", report.audit.entries}, {"hash", report.audit.hash}};
  if (relay.halt) {
    document["halt"] = {{"reason", relay.halt->reason},
                        {"source", relay.halt->transaction.source_id},
                        {"gtid", relay.halt->transaction.gtid},
                        {"transaction_start", position_json(relay.halt->transaction.start)},
                        {"event_end", position_json(relay.halt->event_end)}};
  }
  document["replicas"] = ordered_json::array();
  for (const server::ReplicaStatus& replica : report.replicas) {
    document["replicas"].push_back({{"address", replica.address},
                                    {"connected", replica.connected},
                                    {"kind", replica.kind},
                                    {"server_id", replica.server_id},
                                    {"uuid", replica.uuid},
                                    {"position", position_json(replica.position)},
                                    {"gtids", replica.gtids},
                                    {"bytes_behind", replica.lag_bytes},
                                    {"since", utc_time(replica.since)}});
  }
  document["tunnels"] = ordered_json::array();
  for (const tunnel::TunnelStatus& tunnel : report.tunnels) document["tunnels"].push_back(tunnel_json(tunnel));
  return dump(document);
}

std::string metrics_text(const StatusReport& report) {
  const RelayStatus::Snapshot& relay = report.relay;
  Metrics metrics;
  for (const RelayPhase phase :
       {RelayPhase::starting, RelayPhase::connecting, RelayPhase::streaming, RelayPhase::waiting, RelayPhase::halted}) {
    metrics.add("phase", "gauge", "1 for the phase that the relay is in", relay.phase == phase ? 1 : 0,
                fmt::format("{{phase=\"{}\"}}", phase_name(phase)));
  }
  metrics.add("lag_seconds", "gauge", "how far the spool is behind the source", RelayStatus::lag_now(relay));
  metrics.add("transactions_total", "counter", "transactions read from the source",
              static_cast<double>(relay.transactions));
  metrics.add("source_bytes_total", "counter", "bytes of events read from the source",
              static_cast<double>(relay.source_bytes));
  metrics.add("source_reconnects_total", "counter", "connections to the source that were lost",
              static_cast<double>(relay.reconnects));
  metrics.add("events_total", "counter", "events by what was done to them",
              static_cast<double>(relay.scrub.events_kept), "{verdict=\"kept\"}");
  metrics.add("events_total", "counter", "", static_cast<double>(relay.scrub.events_replaced),
              "{verdict=\"replaced\"}");
  metrics.add("events_total", "counter", "", static_cast<double>(relay.scrub.events_dropped), "{verdict=\"dropped\"}");
  metrics.add("statements_total", "counter", "statements by what was done to them",
              static_cast<double>(relay.scrub.statements_rewritten), "{verdict=\"rewritten\"}");
  metrics.add("statements_total", "counter", "", static_cast<double>(relay.scrub.statements_dropped),
              "{verdict=\"dropped\"}");
  metrics.add("spool_files", "gauge", "files in the spool", static_cast<double>(report.spool.files));
  metrics.add("spool_bytes", "gauge", "bytes in the spool", static_cast<double>(report.spool.bytes));
  const auto is_connected = [](const server::ReplicaStatus& replica) { return replica.connected; };
  const auto connected = std::count_if(report.replicas.begin(), report.replicas.end(), is_connected);
  metrics.add("replicas", "gauge", "replicas that are connected", static_cast<double>(connected));
  for (const server::ReplicaStatus& replica : report.replicas) {
    metrics.add("replica_bytes_behind", "gauge", "bytes of the spool that a replica has not been sent",
                static_cast<double>(replica.lag_bytes), fmt::format("{{server_id=\"{}\"}}", replica.server_id));
  }
  add_tunnels(metrics, report.tunnels);
  return std::move(metrics).text();
}

std::string status_text(const std::string& document) {
  const ordered_json status = ordered_json::parse(document, nullptr, false);
  if (!status.is_object()) return {};
  std::string text;
  const auto line = [&text](std::string_view name, const std::string& value) {
    text += fmt::format("{:<14}{}\n", name, value);
  };
  const auto place = [](const ordered_json& position) {
    return fmt::format("{}:{}", position.value("file", ""), position.value("offset", std::uint64_t{0}));
  };
  const std::string detail = status.value("detail", "");
  line("phase", fmt::format("{} since {}{}", status.value("phase", ""), status.value("since", ""),
                            detail.empty() ? "" : ": " + detail));
  if (status.contains("halt")) {
    const ordered_json& halt = status["halt"];
    line("halted before", fmt::format("{} {}", place(halt["transaction_start"]), halt.value("gtid", "")));
    line("to go on", "mend the cause, or `binlog-relay resolve --skip` or `--replace FILE` past that one transaction");
  }
  line("lag", fmt::format("{:.1f} s", status.value("lag_seconds", 0.0)));
  line("source", fmt::format("{} {}", status["source"].value("version", ""), place(status["source"]["position"])));
  line("spool",
       fmt::format("{}, {} files, {} bytes", place(status["spool"]["tail"]),
                   status["spool"].value("files", std::uint64_t{0}), status["spool"].value("bytes", std::uint64_t{0})));
  const std::string not_purged = status["spool"].value("not_purged", "");
  if (!not_purged.empty()) line("not purged", not_purged);
  for (const ordered_json& hold : status["spool"].value("held_for_snapshots", ordered_json::array())) {
    line("snapshot", fmt::format("needs the spool from {} on, until a replica is made of it or {}",
                                 hold.value("from", ""), hold.value("until", "")));
  }
  const ordered_json& events = status["events"];
  line("events", fmt::format("{} kept, {} replaced, {} dropped", events.value("kept", std::uint64_t{0}),
                             events.value("replaced", std::uint64_t{0}), events.value("dropped", std::uint64_t{0})));
  if (status.contains("rules")) {
    line("rules", status["rules"].value("in_force", ""));
    const std::string refused = status["rules"].value("refused", "");
    if (!refused.empty()) line("rules refused", refused);
  }
  if (status.contains("audit")) {
    const auto& audit = status["audit"];
    line("audit", fmt::format("{} entries, the last one's hash {}", audit.value("entries", std::uint64_t{0}),
                              audit.value("hash", "")));
  }
  for (const ordered_json& replica : status["replicas"]) {
    line("replica", fmt::format("{} {}{} server_id {} at {}, {} bytes behind", replica.value("kind", ""),
                                replica.value("address", ""), replica.value("connected", false) ? "" : " (away)",
                                replica.value("server_id", 0U), place(replica["position"]),
                                replica.value("bytes_behind", std::uint64_t{0})));
  }
  if (status.contains("tunnels")) {
    for (const ordered_json& tunnel : status["tunnels"]) line("tunnel", tunnel_text(tunnel));
  }
  return text;
}

AdminAnswers::Health health(const RelayStatus::Snapshot& snapshot, std::chrono::seconds source_lost_after) {
  switch (snapshot.phase) {
    case RelayPhase::halted:
      return {false, "halted: " + halt_text(snapshot)};
    case RelayPhase::waiting:
      return {false, "waiting for the spool: " + snapshot.detail};
    case RelayPhase::stopping:
      return {false, "stopping"};
    case RelayPhase::streaming:
      return {true, {}};
    case RelayPhase::starting:
    case RelayPhase::connecting:
      break;
  }
  if (RelayStatus::Clock::now() - snapshot.last_contact <= source_lost_after) return {true, {}};
  return {false, "the source is lost: " + snapshot.detail};
}

AdminAnswers::Health readiness(const RelayStatus::Snapshot& snapshot, double max_lag) {
  const bool stopped = snapshot.phase == RelayPhase::halted || snapshot.phase == RelayPhase::waiting ||
                       snapshot.phase == RelayPhase::stopping;
  if (stopped) return {false, fmt::format("{}: {}", phase_name(snapshot.phase), snapshot.detail)};
  if (!snapshot.connected_once) return {false, "not connected to the source yet"};
  const double lag = RelayStatus::lag_now(snapshot);
  if (lag > max_lag) return {false, fmt::format("{:.1f} s behind the source", lag)};
  return {true, {}};
}

}  // namespace relay::app
