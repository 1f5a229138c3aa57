#include "relay/app/server_uuid.h"

#include <random>

#include "relay/binlog/gtid_event.h"

namespace relay::app {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

constexpr std::size_t kUuidLength = 36;

binlog::Uuid random_uuid() {
  std::random_device random;
  binlog::Uuid uuid;
  for (std::uint8_t& byte : uuid) byte = static_cast<std::uint8_t>(random());
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0f) | 0x40);  // version 4, RFC 9562
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3f) | 0x80);
  return uuid;
}

}  // namespace

Result<std::string> own_uuid(base::FileSystem& files, const std::string& directory) {
  const std::string path = directory + "/server_uuid";
  RELAY_ASSIGN(const bool there, files.exists(path));
  if (!there) {
    const std::string made = binlog::uuid_text(random_uuid()) + "\n";
    RELAY_TRY(base::replace_file(files, path, base::ByteView::of(made)));
  }
  RELAY_ASSIGN(const std::string text, base::read_file(files, path, 4096));
  const auto uuid = binlog::parse_uuid(std::string_view(text).substr(0, kUuidLength));
  if (!uuid) {
    return base::fail(
        Error(ErrorKind::malformed, "not a uuid").about(path).remedy("remove the file; the relay makes a new one"));
  }
  return binlog::uuid_text(*uuid);
}

std::string known_uuid(base::FileSystem& files, const std::string& directory) {
  const auto there = files.exists(directory + "/server_uuid");
  if (!there || !*there) return {};
  return own_uuid(files, directory).value_or(std::string());
}

}  // namespace relay::app
