#include "relay/app/binlog_file.h"

#include <array>
#include <cstring>

namespace relay::app {

using base::ByteView;
using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

constexpr std::array<std::uint8_t, 4> kMagic = {0xfe, 'b', 'i', 'n'};
constexpr std::size_t kKeepBuffer = std::size_t{1} << 20;

}  // namespace

Result<BinlogFile> BinlogFile::open(base::FileSystem& files, const std::string& path) {
  RELAY_ASSIGN(auto file, files.open(path, base::OpenMode::read));
  std::array<std::uint8_t, 4> magic{};
  RELAY_ASSIGN(const std::size_t got, file->read_at(0, magic.data(), magic.size()));
  if (got < magic.size() || magic != kMagic) {
    return base::fail(Error(ErrorKind::malformed, "not a binary log file")
                          .about(path)
                          .remedy("encrypted binary logs cannot be read as files"));
  }
  return BinlogFile(std::move(file), path);
}

Result<std::optional<binlog::EventView>> BinlogFile::next(binlog::ChecksumAlgorithm checksum) {
  const auto torn = [this] {
    return base::fail(Error(ErrorKind::malformed, "the file ends inside an event").about(path_).at(offset_));
  };
  std::array<std::uint8_t, binlog::kEventHeaderSize> head{};
  RELAY_ASSIGN(const std::size_t got, file_->read_at(offset_, head.data(), head.size()));
  if (got == 0) return std::nullopt;
  if (got < head.size()) return torn();
  const binlog::EventHeader header = binlog::decode_event_header(ByteView(head.data(), head.size()));
  if (header.event_size < head.size())
    return base::fail(Error(ErrorKind::malformed, "an event shorter than its header").about(path_).at(offset_));
  RELAY_ASSIGN(const std::uint64_t file_size, file_->size());
  if (header.event_size > file_size - offset_) return torn();

  buffer_.shrink(kKeepBuffer);
  buffer_.resize(header.event_size);
  if (buffer_.overflowed())
    return base::fail(Error(ErrorKind::malformed, "an event above 1 GiB").about(path_).at(offset_));
  RELAY_ASSIGN(const std::size_t body, file_->read_at(offset_, buffer_.data(), header.event_size));
  if (body < header.event_size) return torn();
  // A format description's footer is always there, and says itself whether it counts.
  const bool is_format = header.type() == binlog::EventType::format_description;
  const ByteView bytes = buffer_.view();
  const bool format_has_checksum = is_format && bytes.size() > 5 && bytes[bytes.size() - 5] == 1;
  const auto footer =
      is_format ? (format_has_checksum ? binlog::ChecksumAlgorithm::crc32 : binlog::ChecksumAlgorithm::none) : checksum;
  auto event = binlog::EventView::parse(bytes, footer);
  if (!event) return base::fail(event.error().about(path_).at(offset_));
  event_offset_ = offset_;
  offset_ += header.event_size;
  return *event;
}

}  // namespace relay::app
