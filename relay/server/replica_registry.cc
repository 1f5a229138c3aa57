#include "relay/server/replica_registry.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace relay::server {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaximumFileSize = std::size_t{16} << 20;
// So many replicas are remembered; a client that makes up identities cannot fill the memory.
constexpr std::size_t kMaximumKnown = 1000;

std::string text_of(const spool::GtidState& gtids) {
  return gtids.mysql.empty() ? gtids.mariadb.position_text() : gtids.mysql.text();
}

std::int64_t now_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

std::string replica_identity(const ReplicaStatus& status) {
  if (!status.uuid.empty()) return status.uuid;
  return status.server_id == 0 ? std::string() : "server-id " + std::to_string(status.server_id);
}

base::Result<void> ReplicaRegistry::load() {
  if (path_.empty()) return {};
  RELAY_ASSIGN(const bool there, files_.exists(path_));
  if (!there) return {};
  RELAY_ASSIGN(const std::string text, base::read_file(files_, path_, kMaximumFileSize));
  const Json document = Json::parse(text, nullptr, false);
  const bool is_right = document.is_object() && document.contains("replicas") && document["replicas"].is_array();
  if (!is_right) {
    return base::fail(base::Error(base::ErrorKind::malformed, "the list of known replicas cannot be read")
                          .about(path_)
                          .remedy("remove it; replicas are entered again when they connect"));
  }
  const base::MutexLock lock(mutex_);
  for (const Json& entry : document["replicas"]) {
    if (!entry.is_object() || !entry.value("identity", Json()).is_string() || known_.size() >= kMaximumKnown) continue;
    auto number = [&entry](const char* key) {
      const auto found = entry.find(key);
      return found != entry.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
    };
    auto text_of = [&entry](const char* key) {
      const auto found = entry.find(key);
      return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    known_[text_of("identity")] = {static_cast<std::uint32_t>(number("server_id")),
                                   text_of("uuid"),
                                   text_of("kind"),
                                   static_cast<std::uint32_t>(number("file")),
                                   number("offset"),
                                   static_cast<std::int64_t>(number("last_seen"))};
  }
  return {};
}

std::uint64_t ReplicaRegistry::enter(ReplicaStatus status, std::function<void()> end) {
  const std::string identity = replica_identity(status);
  const base::MutexLock lock(mutex_);
  for (auto& [other, served] : served_) {
    if (!identity.empty() && replica_identity(served.status) == identity) served.end();
  }
  status.connected = true;
  status.since = std::chrono::system_clock::now();
  served_.emplace(next_handle_, Served{std::move(status), {}, std::move(end)});
  return next_handle_++;
}

void ReplicaRegistry::update(std::uint64_t handle, const spool::SpoolPosition& position,
                             const spool::GtidState& gtids) {
  const base::MutexLock lock(mutex_);
  const auto found = served_.find(handle);
  if (found == served_.end()) return;
  // Only the file matters for purging; writing down every step would cost more than it is worth.
  if (found->second.status.position.file != position.file) changed_ = true;
  found->second.status.position = position;
  found->second.gtids = gtids;
  remember(found->second);
}

ReplicaStatus ReplicaRegistry::leave(std::uint64_t handle) {
  const base::MutexLock lock(mutex_);
  const auto found = served_.find(handle);
  if (found == served_.end()) return {};
  remember(found->second);
  ReplicaStatus status = std::move(found->second.status);
  status.gtids = text_of(found->second.gtids);
  served_.erase(found);
  changed_ = true;
  return status;
}

void ReplicaRegistry::remember(const Served& served) {
  const std::string identity = replica_identity(served.status);
  if (identity.empty() || served.status.position.file == 0) return;
  if (known_.count(identity) == 0 && known_.size() >= kMaximumKnown) return;
  known_[identity] = {
      served.status.server_id,       served.status.uuid, served.status.kind, served.status.position.file,
      served.status.position.offset, now_seconds()};
}

std::string ReplicaRegistry::encode() const {
  Json list = Json::array();
  for (const auto& [identity, known] : known_) {
    list.push_back({{"identity", identity},
                    {"server_id", known.server_id},
                    {"uuid", known.uuid},
                    {"kind", known.kind},
                    {"file", known.file},
                    {"offset", known.offset},
                    {"last_seen", known.last_seen}});
  }
  // Texts came from clients: what is no UTF-8 is replaced, not thrown over.
  return Json{{"replicas", std::move(list)}}.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

base::Result<void> ReplicaRegistry::store() {
  const base::MutexLock one_writer(store_mutex_);
  std::string text;
  {
    const base::MutexLock lock(mutex_);
    if (!changed_ || path_.empty()) return {};
    changed_ = false;
    text = encode();
  }
  auto done = base::replace_file(files_, path_, base::ByteView::of(text));
  if (!done) {
    const base::MutexLock lock(mutex_);
    changed_ = true;
  }
  return done;
}

std::vector<ReplicaStatus> ReplicaRegistry::snapshot() const {
  const base::MutexLock lock(mutex_);
  std::vector<ReplicaStatus> all;
  std::vector<std::string> present;
  for (const auto& [handle, served] : served_) {
    all.push_back(served.status);
    all.back().gtids = text_of(served.gtids);
    present.push_back(replica_identity(served.status));
  }
  for (const auto& [identity, known] : known_) {
    if (std::find(present.begin(), present.end(), identity) != present.end()) continue;
    ReplicaStatus away;
    away.server_id = known.server_id;
    away.uuid = known.uuid;
    away.kind = known.kind;
    away.position = {known.file, known.offset};
    away.since = std::chrono::system_clock::time_point(std::chrono::seconds(known.last_seen));
    all.push_back(std::move(away));
  }
  return all;
}

std::optional<std::uint32_t> ReplicaRegistry::lowest_file_needed() const {
  const base::MutexLock lock(mutex_);
  std::optional<std::uint32_t> lowest;
  auto take = [&lowest](std::uint32_t file) {
    if (file != 0 && (!lowest || file < *lowest)) lowest = file;
  };
  for (const auto& [handle, served] : served_) take(served.status.position.file);
  for (const auto& [identity, known] : known_) take(known.file);
  return lowest;
}

}  // namespace relay::server
