#include "scrub_rules/history_end.h"

#include <fmt/format.h>

#include <charconv>

#include "relay/base/crc32.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t kMaximumSize = 64;

std::string name_of(const std::string& path) { return path + ".end"; }

std::string text_of(std::uint64_t size) {
  const std::string number = std::to_string(size);
  return fmt::format("{} {:08x}\n", number, base::crc32(base::ByteView::of(number)));
}

}  // namespace

base::Result<std::uint64_t> read_history_end(base::FileSystem& files, const std::string& path) {
  RELAY_ASSIGN(const bool there, files.exists(name_of(path)));
  if (!there) return std::uint64_t{0};
  RELAY_ASSIGN(const std::string text, base::read_file(files, name_of(path), kMaximumSize));
  std::uint64_t size = 0;
  std::from_chars(text.data(), text.data() + text.size(), size);
  if (text == text_of(size)) return size;
  return base::fail(
      Error(ErrorKind::malformed, "what is known of a schema history's length is damaged")
          .about(name_of(path))
          .remedy(
              "restore the spool directory from a backup, or give the stream a new one and seed the replicas again"));
}

base::Result<void> write_history_end(base::FileSystem& files, const std::string& path, std::uint64_t size) {
  const std::string text = text_of(size);
  return base::replace_file(files, name_of(path), base::ByteView::of(text));
}

}  // namespace relay::scrub_rules
