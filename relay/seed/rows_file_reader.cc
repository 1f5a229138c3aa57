#include "relay/seed/rows_file_reader.h"

#include <zstd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "relay/base/buffer.h"
#include "relay/seed/rows_statement_check.h"
#include "relay/seed/rows_writer.h"

namespace relay::seed {

namespace {

using base::ByteView;
using base::Error;
using base::ErrorKind;
using base::FixedText;
using base::Result;

constexpr std::size_t kPiece = std::size_t{128} << 10;        // of the file, and of what is unpacked of it
constexpr std::size_t kKeptStatement = std::size_t{4} << 20;  // bytes that stay reserved between statements

struct FreeUnpacking {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

}  // namespace

struct RowsFileReader::State {
  State(const FileRecord& expected, const std::string& table) : record(expected), check(table) {}

  [[nodiscard]] tl::unexpected<Error> refuse(FixedText what) const {
    return base::fail(Error(ErrorKind::malformed, what).about(record.name).remedy("make a new snapshot"));
  }

  // Reads the next piece of the file; none at its end.
  Result<ByteView> read_piece() {
    RELAY_ASSIGN(const std::size_t size, file->read_at(offset, piece.data(), piece.size()));
    offset += size;
    if (offset > record.bytes) return refuse("a file of the snapshot is longer than its manifest says");
    const ByteView read(piece.data(), size);
    digest.add(read);
    return read;
  }

  // At the file's end: whether it is the one of the manifest. The next read begins anew.
  Result<void> end_pass() {
    const base::Sha256 found = digest.finish();
    const bool same = offset == record.bytes && base::hexadecimal({found.data(), found.size()}) == record.sha256;
    offset = 0;
    if (!same) return refuse("a file of the snapshot is not the one of its manifest");
    return {};
  }

  // Adds some more SQL to `sql`; nothing at the end.
  Result<void> unpack() {
    const std::size_t before = sql.size();
    while (sql.size() == before && !ended) {
      if (in.pos == in.size && !packed_end) {
        RELAY_ASSIGN(const ByteView read, read_piece());
        in = {read.data(), read.size(), 0};
        packed_end = read.empty();
      }
      if (packed_end && left == 0) {
        ended = true;
        break;
      }
      ZSTD_outBuffer out{unpacked.data(), unpacked.size(), 0};
      left = ZSTD_decompressStream(stream.get(), &out, &in);
      if (ZSTD_isError(left) != 0 || (packed_end && left != 0 && out.pos == 0)) {
        return refuse("a file of the snapshot cannot be unpacked");
      }
      sql.append(ByteView(unpacked.data(), out.pos));
      sql_bytes += out.pos;
      if (sql_bytes > record.sql_bytes) return refuse("a file of the snapshot holds more than its manifest says");
      if (sql.overflowed()) return refuse("a statement of the snapshot is too long");
    }
    return {};
  }

  // Takes the statement before away, and with it what was unpacked in vain.
  void forget(std::size_t size) {
    const std::string rest(sql.view().sub(size).text());
    sql.clear();
    sql.shrink(kKeptStatement);
    sql.append(rest);
  }

  Result<void> read_head() {
    const std::string head = rows_file_head();
    while (sql.size() < head.size() && !ended) RELAY_TRY(unpack());
    if (!sql.view().text().starts_with(head)) return refuse("a file of the snapshot does not begin as it has to");
    given = head.size();
    return {};
  }

  FileRecord record;
  RowsStatementCheck check;
  std::unique_ptr<base::File> file;
  std::unique_ptr<ZSTD_DStream, FreeUnpacking> stream{ZSTD_createDStream()};
  std::vector<std::uint8_t> piece = std::vector<std::uint8_t>(kPiece);
  std::vector<std::uint8_t> unpacked = std::vector<std::uint8_t>(kPiece);
  ZSTD_inBuffer in{nullptr, 0, 0};
  base::Sha256Stream digest;
  std::uint64_t offset = 0;
  std::uint64_t sql_bytes = 0;
  base::Buffer sql;
  std::size_t left = 0;   // of the packed frame, as far as is known; 0: it is whole
  std::size_t given = 0;  // bytes at the beginning of `sql` that are done with
  bool packed_end = false;
  bool ended = false;
};

RowsFileReader::RowsFileReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
RowsFileReader::RowsFileReader(RowsFileReader&& other) noexcept = default;
RowsFileReader& RowsFileReader::operator=(RowsFileReader&& other) noexcept = default;
RowsFileReader::~RowsFileReader() = default;

Result<RowsFileReader> RowsFileReader::open(base::FileSystem& files, const std::string& path, const FileRecord& record,
                                            const std::string& table) {
  auto state = std::make_unique<State>(record, table);
  RELAY_ASSIGN(state->file, files.open(path, base::OpenMode::read));
  RELAY_ASSIGN(const std::uint64_t size, state->file->size());
  if (size != record.bytes) return state->refuse("a file of the snapshot is not the one of its manifest");
  for (;;) {
    RELAY_ASSIGN(const ByteView read, state->read_piece());
    if (read.empty()) break;
  }
  RELAY_TRY(state->end_pass());
  RELAY_TRY(state->read_head());
  return RowsFileReader(std::move(state));
}

Result<std::optional<std::string_view>> RowsFileReader::next() {
  State& state = *state_;
  state.forget(std::exchange(state.given, 0));
  for (;;) {
    const auto end = state.check.scan(state.sql.view().text());
    if (!end) return base::fail(Error(end.error()).about(state.record.name).remedy("make a new snapshot"));
    if (*end != std::string_view::npos) {
      state.given = *end;
      return std::optional(state.sql.view().text().substr(0, *end - std::string_view(";\n").size()));
    }
    const std::size_t before = state.sql.size();
    RELAY_TRY(state.unpack());
    if (state.sql.size() == before) break;
  }
  if (state.sql.size() > 0) return state.refuse("a file of the snapshot ends in the middle of a statement");
  RELAY_TRY(state.end_pass());
  if (state.sql_bytes != state.record.sql_bytes || state.check.rows() != state.record.rows) {
    return state.refuse("a file of the snapshot has other rows than its manifest says");
  }
  return std::optional<std::string_view>();
}

std::uint64_t RowsFileReader::rows() const { return state_->check.rows(); }

}  // namespace relay::seed
