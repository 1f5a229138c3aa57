#include "relay/spool/spool_hold.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace relay::spool {

namespace {

using base::Result;
using Json = nlohmann::json;

constexpr std::string_view kBegin = "hold.";
constexpr std::string_view kEnd = ".json";
constexpr std::size_t kLongestFile = 4096;
constexpr std::size_t kMostHolds = 1000;

std::optional<std::uint32_t> small_number(const Json& document, const char* key) {
  const auto found = document.find(key);
  if (found == document.end() || !found->is_number_unsigned()) return {};
  const auto value = found->get<std::uint64_t>();
  if (value > std::numeric_limits<std::uint32_t>::max()) return {};
  return static_cast<std::uint32_t>(value);
}

Result<SpoolHold> read_hold(base::FileSystem& files, const std::string& path, std::string name) {
  RELAY_ASSIGN(const std::string text, base::read_file(files, path, kLongestFile));
  const Json document = Json::parse(text, nullptr, false);
  const auto from = document.is_object() ? small_number(document, "from") : std::nullopt;
  const auto until = document.is_object() ? small_number(document, "until") : std::nullopt;
  if (from && until) return SpoolHold{std::move(name), *from, *until};
  return base::fail(base::Error(base::ErrorKind::malformed, "what a snapshot needs of the spool cannot be read")
                        .about(path)
                        .remedy("remove the file, if no replica is to be made of that snapshot any more"));
}

}  // namespace

std::string hold_path(const std::string& directory, const std::string& name) {
  return directory + '/' + std::string(kBegin) + name + std::string(kEnd);
}

Result<void> place_hold(base::FileSystem& files, const std::string& directory, const SpoolHold& hold) {
  const std::string text = Json{{"from", hold.from}, {"until", hold.until}}.dump() + '\n';
  return base::replace_file(files, hold_path(directory, hold.name), base::ByteView::of(text));
}

Result<void> release_hold(base::FileSystem& files, const std::string& directory, const std::string& name) {
  const std::string path = hold_path(directory, name);
  RELAY_ASSIGN(const bool there, files.exists(path));
  if (!there) return {};
  RELAY_TRY(files.remove(path));
  return files.sync_directory(directory);
}

Result<std::vector<SpoolHold>> read_holds(base::FileSystem& files, const std::string& directory) {
  RELAY_ASSIGN(std::vector<std::string> names, files.list(directory));
  std::erase_if(names, [](const std::string& name) {
    return name.size() <= kBegin.size() + kEnd.size() || !name.starts_with(kBegin) || !name.ends_with(kEnd);
  });
  if (names.size() > kMostHolds) {
    return base::fail(base::Error(base::ErrorKind::malformed, "the spool is held for more snapshots than can be")
                          .about(directory)
                          .remedy("remove the files hold.*.json of snapshots that no replica is to be made of"));
  }
  std::ranges::sort(names);
  std::vector<SpoolHold> holds;
  for (const std::string& file : names) {
    std::string name = file.substr(kBegin.size(), file.size() - kBegin.size() - kEnd.size());
    auto hold = read_hold(files, directory + '/' + file, std::move(name));
    if (hold) {
      holds.push_back(std::move(*hold));
      continue;
    }
    // It may have been released since.
    RELAY_ASSIGN(const bool there, files.exists(directory + '/' + file));
    if (there) return base::fail(std::move(hold).error());
  }
  return holds;
}

}  // namespace relay::spool
