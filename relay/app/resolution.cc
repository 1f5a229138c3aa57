#include "relay/app/resolution.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "relay/base/json_number.h"

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using Json = nlohmann::json;

constexpr std::size_t kMaximumResolution = std::size_t{256} << 20;  // a statement, with every byte escaped
constexpr const char* kHaltName = "/halt.json";
constexpr const char* kResolutionName = "/resolve.json";

Json to_json(const TransactionName& name) {
  return {{"source", name.source_id},
          {"source_file", name.start.file},
          {"source_offset", name.start.offset},
          {"gtid", name.gtid}};
}

TransactionName transaction_from(const Json& from) {
  return {from.at("source").get<std::string>(),
          {from.at("source_file").get<std::string>(), base::whole_number<std::uint64_t>(from.at("source_offset"))},
          from.at("gtid").get<std::string>()};
}

Json to_json(const HaltNote& note) {
  return {{"binlog_relay_halt", 1},
          {"transaction", to_json(note.transaction)},
          {"at_transaction", note.at_transaction},
          {"reason", note.reason},
          {"mariadb", note.settings.flavor == binlog::Flavor::mariadb},
          {"folds_case", note.settings.fold_case},
          {"server_version", note.server_version},
          {"history", {note.history.spool_file, note.history.source_end}}};
}

HaltNote halt_note_from(const Json& from) {
  HaltNote note;
  note.transaction = transaction_from(from.at("transaction"));
  note.at_transaction = from.at("at_transaction").get<bool>();
  note.reason = from.at("reason").get<std::string>();
  note.settings.flavor = from.at("mariadb").get<bool>() ? binlog::Flavor::mariadb : binlog::Flavor::mysql;
  note.settings.fold_case = from.at("folds_case").get<bool>();
  note.server_version = base::whole_number<std::uint32_t>(from.at("server_version"));
  note.history = {base::whole_number<std::uint32_t>(from.at("history").at(0)),
                  base::whole_number<std::uint64_t>(from.at("history").at(1))};
  return note;
}

Json to_json(const Resolution& resolution) {
  return {{"binlog_relay_resolution", 1},
          {"id", resolution.id},
          {"transaction", to_json(resolution.transaction)},
          {"replacement", resolution.replacement},
          {"user", resolution.user},
          {"uid", resolution.uid},
          {"requested", resolution.requested}};
}

Resolution resolution_from(const Json& from) {
  return {from.at("id").get<std::string>(),
          transaction_from(from.at("transaction")),
          from.at("replacement").get<std::string>(),
          from.at("user").get<std::string>(),
          base::whole_number<std::uint32_t>(from.at("uid")),
          from.at("requested").get<std::string>()};
}

// What `decode` makes of the file; none when it is not there.
template <typename Decode>
auto read(base::FileSystem& files, const std::string& path, Decode decode)
    -> Result<std::optional<decltype(decode(Json()))>> {
  using Value = decltype(decode(Json()));
  RELAY_ASSIGN(const bool there, files.exists(path));
  if (!there) return std::optional<Value>();
  RELAY_ASSIGN(const std::string text, base::read_file(files, path, kMaximumResolution));
  try {
    return std::optional<Value>(decode(Json::parse(text)));
  } catch (const Json::exception&) {
    return base::fail(
        Error(ErrorKind::malformed, "a file of the spool directory is damaged").about(path).remedy("remove it"));
  }
}

Result<void> write(base::FileSystem& files, const std::string& path, const Json& value) {
  const std::string text = value.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  return base::replace_file(files, path, base::ByteView::of(text));
}

Result<void> remove(base::FileSystem& files, const std::string& directory, const char* name) {
  RELAY_ASSIGN(const bool there, files.exists(directory + name));
  if (!there) return {};
  RELAY_TRY(files.remove(directory + name));
  return files.sync_directory(directory);
}

}  // namespace

std::string text_of(const TransactionName& name) {
  if (name.start.file.empty()) return "before the first transaction";
  return fmt::format("{}:{}, transaction {}", name.start.file, name.start.offset,
                     name.gtid.empty() ? "without GTID" : name.gtid);
}

Result<std::optional<HaltNote>> read_halt_note(base::FileSystem& files, const std::string& directory) {
  return read(files, directory + kHaltName, halt_note_from);
}

Result<void> write_halt_note(base::FileSystem& files, const std::string& directory, const HaltNote& note) {
  return write(files, directory + kHaltName, to_json(note));
}

Result<void> remove_halt_note(base::FileSystem& files, const std::string& directory) {
  return remove(files, directory, kHaltName);
}

Result<std::optional<Resolution>> read_resolution(base::FileSystem& files, const std::string& directory) {
  return read(files, directory + kResolutionName, resolution_from);
}

// A statement is carried out as it was given, or not at all.
Result<void> write_resolution(base::FileSystem& files, const std::string& directory, const Resolution& resolution) {
  try {
    static_cast<void>(Json(resolution.replacement).dump());
  } catch (const Json::exception&) {
    return base::fail(Error(ErrorKind::configuration, "the statement is not UTF-8"));
  }
  return write(files, directory + kResolutionName, to_json(resolution));
}

Result<void> remove_resolution(base::FileSystem& files, const std::string& directory) {
  return remove(files, directory, kResolutionName);
}

}  // namespace relay::app
