#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "relay/base/crc32.h"
#include "relay/binlog/event_view.h"

// Checksums for damaged files: without them the fuzzer would never come past the first check.
namespace relay::fuzz {

inline void put_u32(std::string& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
}

// The records of a spool's journal (relay/spool/FORMAT.md).
inline void sign_journal(std::string& bytes) {
  constexpr std::size_t kHeader = 16, kRecord = 40;
  if (bytes.size() < kHeader) return;
  const std::uint32_t seed = base::crc32(base::ByteView::of(bytes).sub(0, kHeader));
  for (std::size_t at = kHeader; at + kRecord <= bytes.size(); at += kRecord) {
    put_u32(bytes, at + kRecord - 4, base::crc32(base::ByteView::of(bytes).sub(at, kRecord - 4), seed));
  }
}

// The events of a binlog file: next positions and checksums, as far as sizes lead.
inline void sign_events(std::string& bytes) {
  constexpr std::size_t kMagic = 4, kNextPosition = 13, kChecksum = 4;
  std::size_t at = kMagic;
  while (at < bytes.size() && bytes.size() - at >= binlog::kEventHeaderSize) {
    const std::size_t size = binlog::decode_event_header(base::ByteView::of(bytes).sub(at)).event_size;
    if (size < binlog::kEventHeaderSize + kChecksum || size > bytes.size() - at) return;
    put_u32(bytes, at + kNextPosition, static_cast<std::uint32_t>(at + size));
    put_u32(bytes, at + size - kChecksum, base::crc32(base::ByteView::of(bytes).sub(at, size - kChecksum)));
    at += size;
  }
}

// Lines of a schema history (scrub_rules/schema_history_file.h): each gets the checksum of its text.
inline std::string signed_lines(std::string_view lines) {
  std::string made;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    made += line;
    made += fmt::format(" {:08x}", base::crc32(base::ByteView::of(line)));
    if (end == std::string_view::npos) break;
    made += '\n';
    lines.remove_prefix(end + 1);
  }
  return made;
}

// An index's lines (relay/spool/FORMAT.md) with the closing line that belongs to them.
inline std::string signed_index(std::string_view lines) {
  std::size_t count = 0;
  for (const char c : lines) count += c == '\n' ? 1 : 0;
  const std::uint32_t crc = base::crc32(base::ByteView::of(lines));
  return fmt::format("{}{{\"crc32\":{},\"files\":{}}}\n", lines, crc, count == 0 ? 0 : count - 1);
}

}  // namespace relay::fuzz
