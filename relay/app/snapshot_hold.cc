#include "relay/app/snapshot_hold.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <system_error>

#include "relay/base/sha256.h"
#include "relay/spool/spool_hold.h"
#include "relay/spool/spool_index.h"

namespace relay::app {

namespace {

using base::Result;

// Of the folder, wherever the command is called from.
std::string hold_name(const std::string& folder) {
  std::error_code failure;
  const std::filesystem::path path = std::filesystem::weakly_canonical(folder, failure);
  const std::string text = failure ? folder : path.lexically_normal().string();
  return base::sha256_hex({base::ByteView::of(text)}).substr(0, 16);
}

// The relay has to read it, whoever makes the snapshot.
Result<void> give_to_owner(const std::string& directory, const std::string& path) {
  struct stat status {};
  if (::geteuid() != 0 || ::stat(directory.c_str(), &status) != 0) return {};
  if (::chown(path.c_str(), status.st_uid, status.st_gid) == 0) return {};
  return base::fail(
      base::Error(base::ErrorKind::io, "cannot give a file to the owner of the spool").about(path).code(errno));
}

}  // namespace

Result<void> hold_spool(base::FileSystem& files, const Configuration& configuration, const std::string& folder) {
  const std::string& directory = configuration.spool.directory;
  RELAY_ASSIGN(const bool there, files.exists(directory));
  if (!there) return {};
  spool::SpoolIndex index(files, directory);
  RELAY_TRY(index.load());
  const auto last = index.last();
  const auto now = static_cast<std::uint32_t>(std::time(nullptr));
  const auto longest = std::chrono::duration_cast<std::chrono::seconds>(spool::kLongestHold).count();
  const std::string name = hold_name(folder);
  RELAY_TRY(
      spool::place_hold(files, directory, {name, last ? last->number : 1, static_cast<std::uint32_t>(now + longest)}));
  return give_to_owner(directory, spool::hold_path(directory, name));
}

Result<void> release_spool(base::FileSystem& files, const Configuration& configuration, const std::string& folder) {
  RELAY_ASSIGN(const bool there, files.exists(configuration.spool.directory));
  return there ? spool::release_hold(files, configuration.spool.directory, hold_name(folder)) : Result<void>();
}

}  // namespace relay::app
