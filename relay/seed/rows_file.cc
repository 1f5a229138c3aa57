#include "relay/seed/rows_file.h"

#include <zstd.h>

#include <utility>
#include <vector>

#include "relay/seed/snapshot_names.h"

namespace relay::seed {

namespace {

using base::ByteView;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr int kLevel = 1;  // rows come faster than zstd's usual level takes them

struct FreeStream {
  void operator()(ZSTD_CStream* stream) const { ZSTD_freeCStream(stream); }
};

}  // namespace

struct RowsFile::State {
  State(base::FileSystem& system, std::string in, const std::string& name)
      : files(system), directory(std::move(in)), path(directory + '/' + name), part(path + std::string(kPartEnding)) {
    record.name = name;
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (file != nullptr && !finished) static_cast<void>(files.remove(part));
  }

  Result<void> put(ZSTD_inBuffer& in, ZSTD_EndDirective directive) {
    for (;;) {
      ZSTD_outBuffer out{output.data(), output.size(), 0};
      const std::size_t left = ZSTD_compressStream2(stream.get(), &out, &in, directive);
      if (ZSTD_isError(left) != 0) return base::fail(Error(ErrorKind::io, "rows cannot be compressed").about(path));
      if (out.pos > 0) {
        const ByteView slice(output.data(), out.pos);
        RELAY_TRY(file->write_at(record.bytes, {&slice, 1}));
        digest.add(slice);
        record.bytes += out.pos;
      }
      if (directive == ZSTD_e_end ? left == 0 : in.pos == in.size) return {};
    }
  }

  base::FileSystem& files;
  std::string directory, path, part;
  std::unique_ptr<base::File> file;
  std::unique_ptr<ZSTD_CStream, FreeStream> stream{ZSTD_createCStream()};
  std::vector<std::uint8_t> output = std::vector<std::uint8_t>(ZSTD_CStreamOutSize());
  base::Sha256Stream digest;
  FileRecord record;
  bool finished = false;
};

RowsFile::RowsFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
RowsFile::RowsFile(RowsFile&& other) noexcept = default;
RowsFile& RowsFile::operator=(RowsFile&& other) noexcept = default;
RowsFile::~RowsFile() = default;

Result<RowsFile> RowsFile::create(base::FileSystem& files, const std::string& directory, const std::string& name) {
  auto state = std::make_unique<State>(files, directory, name);
  RELAY_ASSIGN(state->file, files.open(state->part, base::OpenMode::create));
  ZSTD_CStream* const stream = state->stream.get();
  if (stream == nullptr || ZSTD_isError(ZSTD_CCtx_setParameter(stream, ZSTD_c_compressionLevel, kLevel)) != 0 ||
      ZSTD_isError(ZSTD_CCtx_setParameter(stream, ZSTD_c_checksumFlag, 1)) != 0)
    return base::fail(Error(ErrorKind::io, "rows cannot be compressed").about(state->path));
  return RowsFile(std::move(state));
}

Result<void> RowsFile::write(ByteView sql) {
  ZSTD_inBuffer in{sql.data(), sql.size(), 0};
  RELAY_TRY(state_->put(in, ZSTD_e_continue));
  state_->record.sql_bytes += sql.size();
  return {};
}

void RowsFile::count_rows(std::uint64_t rows) { state_->record.rows += rows; }

std::uint64_t RowsFile::sql_bytes() const { return state_->record.sql_bytes; }

Result<FileRecord> RowsFile::finish() {
  ZSTD_inBuffer nothing{nullptr, 0, 0};
  RELAY_TRY(state_->put(nothing, ZSTD_e_end));
  RELAY_TRY(state_->file->sync());
  RELAY_TRY(state_->files.rename(state_->part, state_->path));
  state_->finished = true;
  RELAY_TRY(state_->files.sync_directory(state_->directory));
  const base::Sha256 digest = state_->digest.finish();
  state_->record.sha256 = base::hexadecimal({digest.data(), digest.size()});
  return state_->record;
}

}  // namespace relay::seed
