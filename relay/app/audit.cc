#include "relay/app/audit.h"

#include <unistd.h>

#include <chrono>

#include "relay/app/user_name.h"
#include "relay/app/utc_time.h"
#include "relay/base/sha256.h"
#include "relay/spool/journal_sum.h"

namespace relay::app {

using base::Result;
using spool::AuditEntry;

namespace {

AuditEntry& add_transaction(AuditEntry& entry, const TransactionName& name) {
  return entry.add("source_id", name.source_id).add("source_position", name.start).add("gtid", name.gtid);
}

// Not the id alone: a request that somebody made up under the id of a used one has to be told too.
std::string name_of(const Resolution& resolution) {
  const TransactionName& name = resolution.transaction;
  const std::string place = std::to_string(name.start.offset);
  const std::string digest = base::sha256_hex(
      {base::ByteView::of(name.source_id), base::ByteView::of(" "), base::ByteView::of(name.start.file),
       base::ByteView::of(" "), base::ByteView::of(place), base::ByteView::of(" "), base::ByteView::of(name.gtid),
       base::ByteView::of(" "), base::ByteView::of(resolution.replacement)});
  return resolution.id + "-" + digest.substr(0, 16);
}

AuditEntry& add_resolution(AuditEntry& entry, const Resolution& resolution) {
  entry.add("how", resolution.replacement.empty() ? "skip" : "replace");
  if (!resolution.replacement.empty())
    entry.add("statement_sha256", base::sha256_hex({base::ByteView::of(resolution.replacement)}));
  add_transaction(entry, resolution.transaction);
  return entry.add("user", resolution.user).add("uid", resolution.uid).add("requested", resolution.requested);
}

}  // namespace

Result<void> Audit::append(const AuditEntry& entry) {
  return record_.append(entry, utc_time(std::chrono::system_clock::now()));
}

Result<void> Audit::started(const Start& start, base::FileSystem& files, const spool::SpoolIndex& index) {
  const spool::AuditHead known = head();
  AuditEntry entry("started");
  entry.add("version", start.version).add("user", user_name()).add("uid", std::uint64_t{::getuid()});
  entry.add("configuration", start.configuration).add("rules", start.rules_digest).add("spool", start.tail);
  if (record_.cut_bytes() > 0) entry.add("torn_bytes_cut", record_.cut_bytes());
  if (known.counted_to > start.tail) entry.add("counted_twice_from", start.tail);
  if (known.counted_to < start.tail) {
    RELAY_ASSIGN(const spool::JournalSum sum, spool::sum_journals(files, index, known.counted_to, start.tail));
    if (sum.transactions > 0) {
      entry.add("not_counted_from", known.counted_to).add("not_counted_transactions", sum.transactions);
      entry.add("not_counted_events_kept", sum.events_kept).add("not_counted_events_replaced", sum.events_replaced);
      entry.add("not_counted_events_dropped", sum.events_dropped);
    }
  }
  return append(entry);
}

Result<void> Audit::stopped(std::string_view why, const spool::SpoolPosition& tail) {
  return append(AuditEntry("stopped").add("why", why).add("spool", tail));
}

Result<void> Audit::source(std::string_view id, std::string_view version, std::string_view address) {
  const std::string text = std::string(id) + " at " + std::string(address) + ", " + std::string(version);
  if (head().source == text) return {};
  return append(AuditEntry("source").add("source", text));
}

Result<void> Audit::halted(const HaltNote& note) {
  AuditEntry entry("halted");
  entry.add("reason", note.reason);
  return append(add_transaction(entry, note.transaction));
}

bool Audit::has_resolved(const Resolution& resolution) const { return head().resolution == name_of(resolution); }

Result<void> Audit::resolved(const Resolution& resolution) {
  if (has_resolved(resolution)) return {};
  AuditEntry entry("resolved");
  entry.add("resolution", name_of(resolution));
  return append(add_resolution(entry, resolution));
}

Result<void> Audit::resolution_void(const Resolution& resolution, std::string_view why) {
  AuditEntry entry("resolution void");
  entry.add("resolution", name_of(resolution)).add("why", why);
  return append(add_resolution(entry, resolution));
}

Result<void> Audit::rules_changed(std::string_view before, std::string_view after, const spool::SpoolPosition& at,
                                  const std::vector<std::string>& no_longer_leaving) {
  if (head().rules == after) return {};
  AuditEntry entry("rules changed");
  entry.add("rules_before", before).add("rules", after).add("spool", at);
  if (!no_longer_leaving.empty()) entry.add("no_longer_leaving", no_longer_leaving);
  return append(entry);
}

Result<void> Audit::rules_refused(std::string_view in_force, std::string_view refused,
                                  const std::vector<std::string>& reasons) {
  return append(AuditEntry("rules refused").add("rules", in_force).add("refused", refused).add("reasons", reasons));
}

Result<void> Audit::purged(std::uint32_t first, std::uint32_t last) {
  return append(
      AuditEntry("purged").add("first", spool::spool_file_name(first)).add("last", spool::spool_file_name(last)));
}

Result<void> Audit::replica(std::string_view kind, const server::ReplicaStatus& status) {
  AuditEntry entry(kind);
  entry.add("account", status.user).add("address", status.address).add("server", status.kind);
  entry.add("server_id", status.server_id).add("uuid", status.uuid).add("connection", status.connection_id);
  if (status.position.file != 0) entry.add("spool", status.position).add("gtids", status.gtids);
  return append(entry);
}

}  // namespace relay::app
