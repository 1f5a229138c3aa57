#include "scrub_rules/schema_history_file.h"

#include <algorithm>

#include "scrub_rules/history_end.h"
#include "scrub_rules/history_lines.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;
using LineKind = HistoryLine::Kind;

constexpr FixedText kRestore{
    "restore the spool directory, all of its files of one time; where that is not what happened (the source's log was "
    "reset, say), give the stream a new directory and seed the replicas again"};

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

tl::unexpected<Error> broken(FixedText what, const std::string& path, std::uint64_t offset) {
  return base::fail(Error(ErrorKind::malformed, what).about(path).at(offset).remedy(kRestore));
}

// Puts lines together to records, and knows where the last whole one ended.
class Recovery {
 public:
  explicit Recovery(const HistoryPosition& resume) : resume_(resume) {}

  enum class Next : std::uint8_t { more, stop, broken };
  // `end` is the offset behind the line, which is `text`. `done` is set when a record is whole.
  Next take(HistoryLine line, std::string_view text, std::uint64_t end, std::optional<HistoryRecord>& done);
  [[nodiscard]] std::uint64_t good_end() const { return good_end_; }
  [[nodiscard]] std::uint32_t mark() const { return mark_; }
  [[nodiscard]] bool in_baseline() const { return baseline_.has_value(); }

 private:
  HistoryPosition resume_;
  std::optional<HistoryRecord> baseline_;
  std::uint64_t announced_ = 0;
  std::uint64_t good_end_ = 0;
  std::uint32_t mark_ = 0;
};

Recovery::Next Recovery::take(HistoryLine line, std::string_view text, std::uint64_t end,
                              std::optional<HistoryRecord>& done) {
  const bool in_baseline = baseline_.has_value();
  const bool belongs = line.kind == LineKind::table || line.kind == LineKind::baseline_end;
  if (in_baseline != belongs || (line.kind == LineKind::header && good_end_ != 0)) return Next::broken;
  switch (line.kind) {
    case LineKind::header:
      break;
    case LineKind::change:
      if (line.record.position > resume_) return Next::stop;
      done = std::move(line.record);
      mark_ = history_mark(text, mark_);
      break;
    case LineKind::baseline:
      if (line.record.position > resume_) return Next::stop;
      baseline_ = std::move(line.record);
      announced_ = line.count;
      return Next::more;
    case LineKind::table:
      baseline_->tables.push_back(std::move(line.record.tables.front()));
      return Next::more;
    case LineKind::baseline_end:
      if (line.count != announced_ || line.count != baseline_->tables.size()) return Next::broken;
      done = std::move(baseline_);
      baseline_.reset();
      mark_ = line.mark;
      break;
  }
  good_end_ = end;
  return Next::more;
}

// Whether any whole line stands behind a broken one: then it was not a crash that broke it.
base::Result<bool> has_whole_line(LineReader& lines) {
  for (;;) {
    RELAY_ASSIGN(const std::optional<LineReader::Line> line, lines.next());
    if (!line || !line->whole) return false;
    if (parse_history_line(line->text)) return true;
  }
}

// Whether `text` is what a crash can leave of the first line.
bool is_torn_header(const LineReader::Line& line) {
  return !line.whole && history_header_line().starts_with(line.text);
}

}  // namespace

base::Result<HistoryFile> HistoryFile::open(base::FileSystem& files, const std::string& path,
                                            const HistoryPosition& resume, std::optional<std::uint32_t> mark,
                                            const std::function<void(HistoryRecord)>& each) {
  RELAY_ASSIGN(const bool exists, files.exists(path));
  if (!exists && mark && *mark != 0) {
    return base::fail(
        Error(ErrorKind::malformed, "the spool has files but its schema history is gone").about(path).remedy(kRestore));
  }
  RELAY_ASSIGN(std::unique_ptr<base::File> file,
               files.open(path, exists ? base::OpenMode::read_write : base::OpenMode::create));
  HistoryFile history(files, path, std::move(file));
  RELAY_TRY(history.recover(resume, each));
  // An older one, put back alone, may fit every table map and yet take columns for each other.
  if (mark && *mark != history.mark_) {
    return base::fail(Error(ErrorKind::malformed, "the schema history is not the one that the spool was written with")
                          .about(path)
                          .remedy(kRestore));
  }
  RELAY_TRY(history.cut_tail());
  if (history.size_ == 0) RELAY_TRY(history.start());
  return history;
}

base::Result<HistoryFile> HistoryFile::open_to_read(base::FileSystem& files, const std::string& path,
                                                    const HistoryPosition& resume,
                                                    const std::function<void(HistoryRecord)>& each) {
  RELAY_ASSIGN(std::unique_ptr<base::File> file, files.open(path, base::OpenMode::read));
  HistoryFile history(files, path, std::move(file));
  RELAY_TRY(history.recover(resume, each));
  return history;
}

base::Result<void> HistoryFile::recover(const HistoryPosition& resume, const std::function<void(HistoryRecord)>& each) {
  RELAY_ASSIGN(const std::uint64_t confirmed, read_history_end(*files_, path_));
  LineReader lines(*file_);
  Recovery recovery(resume);
  bool all_wanted = true;
  for (;;) {
    RELAY_ASSIGN(const std::optional<LineReader::Line> line, lines.next());
    if (!line) break;
    std::optional<HistoryLine> read = line->whole ? parse_history_line(line->text) : std::nullopt;
    const bool first = recovery.good_end() == 0;
    if (first && (!read || read->kind != LineKind::header)) {
      if (!read && is_torn_header(*line)) break;
      return broken("a file is no schema history", path_, 0);
    }
    if (first && read->count != kHistoryFormat) {
      return base::fail(Error(ErrorKind::unsupported, "a schema history was written by another version").about(path_));
    }
    std::optional<HistoryRecord> record;
    const std::uint64_t end = line->end;
    const Recovery::Next next =
        read ? recovery.take(std::move(*read), line->text, end, record) : Recovery::Next::broken;
    if (record) each(std::move(*record));
    if (next == Recovery::Next::stop) {
      all_wanted = false;
      break;
    }
    if (next == Recovery::Next::broken) {
      RELAY_ASSIGN(const bool damaged, has_whole_line(lines));
      if (damaged && !recovery.in_baseline()) return broken("a schema history is damaged", path_, end);
      break;
    }
  }
  size_ = recovery.good_end();
  mark_ = recovery.mark();
  if (all_wanted && size_ < confirmed) return broken("a schema history lacks what was in it", path_, size_);
  return {};
}

base::Result<void> HistoryFile::cut_tail() {
  // First what is known of it, then the file: the reverse would look like damage.
  RELAY_ASSIGN(const std::uint64_t confirmed, read_history_end(*files_, path_));
  if (confirmed != 0 && confirmed != size_) RELAY_TRY(write_history_end(*files_, path_, size_));
  RELAY_ASSIGN(const std::uint64_t there, file_->size());
  if (there == size_) return {};
  RELAY_TRY(file_->truncate(size_));
  return file_->sync();
}

base::Result<void> HistoryFile::start() {
  RELAY_TRY(write_text(history_header_line()));
  RELAY_TRY(file_->sync());
  return files_->sync_directory(directory_of(path_));
}

base::Result<void> HistoryFile::append(const HistoryRecord& record) {
  if (torn_) {
    RELAY_TRY(write_history_end(*files_, path_, size_));
    RELAY_TRY(file_->truncate(size_));
  }
  const std::uint64_t before = size_;
  torn_ = true;
  const base::Result<std::uint32_t> mark = write(record);
  base::Result<void> written = mark ? file_->sync() : base::fail(mark.error());
  if (written) written = write_history_end(*files_, path_, size_);
  if (written) {
    torn_ = false;
    mark_ = *mark;
  } else {
    size_ = before;
  }
  return written;
}

base::Result<std::uint32_t> HistoryFile::write(const HistoryRecord& record, std::optional<std::uint32_t> mark) {
  constexpr FixedText kNotUtf8{"a table's definition holds a name that is not UTF-8"};
  if (!record.baseline) {
    const std::optional<std::string> line = history_change_line(record);
    if (!line) return base::fail(ErrorKind::unsupported, kNotUtf8);
    RELAY_TRY(write_text(*line));
    return history_mark(std::string_view(*line).substr(0, line->size() - 1), mark_);
  }
  RELAY_ASSIGN(const std::optional<std::uint32_t> behind,
               history_baseline_lines(record, mark, [this](const std::string& text) { return write_text(text); }));
  if (!behind) return base::fail(ErrorKind::unsupported, kNotUtf8);
  return *behind;
}

base::Result<void> HistoryFile::write_text(const std::string& text) {
  const base::ByteView slice = base::ByteView::of(text);
  RELAY_TRY(file_->write_at(size_, {&slice, 1}));
  size_ += text.size();
  return {};
}

base::Result<void> HistoryFile::replace(const HistoryRecord& baseline) {
  const std::string path = path_ + ".new";
  RELAY_ASSIGN(const bool left_over, files_->exists(path));
  if (left_over) RELAY_TRY(files_->remove(path));
  RELAY_ASSIGN(std::unique_ptr<base::File> file, files_->open(path, base::OpenMode::create));
  HistoryFile fresh(*files_, path, std::move(file));
  RELAY_TRY(fresh.start());
  RELAY_ASSIGN(fresh.mark_, fresh.write(baseline, mark_));
  RELAY_TRY(fresh.file_->sync());
  // Right for the old file and for the new one.
  RELAY_TRY(write_history_end(*files_, path_, std::min(size_, fresh.size_)));
  RELAY_TRY(files_->rename(path, path_));
  fresh.path_ = path_;
  RELAY_TRY(files_->sync_directory(directory_of(path_)));
  RELAY_TRY(write_history_end(*files_, path_, fresh.size_));
  *this = std::move(fresh);
  return {};
}

}  // namespace relay::scrub_rules
