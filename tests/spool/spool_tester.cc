#include "tests/spool/spool_tester.h"

#include <catch2/catch.hpp>

#include "relay/base/byte_reader.h"
#include "relay/binlog/stream_state.h"
#include "relay/spool/transaction_appender.h"

namespace relay::testing {

namespace {

using base::Result;
using binlog::Flavor;

constexpr std::size_t kSmall = 300;
// Its row event comes in two slices, of a third and two thirds, both of which are written from where they lie.
constexpr std::size_t kLarge = 3 * spool::TransactionAppender::kDirectSize + 5000;
constexpr std::size_t kNotHeld = spool::SpoolReader::kLargestHeld + 5000;

}  // namespace

SpoolTester::SpoolTester(std::string log, Flavor flavor, spool::SyncPolicy policy)
    : flavor_(flavor), policy_(policy), format_(golden_format(flavor == Flavor::mysql ? "my97-nopk" : "ma1011-nopk")) {
  spool::SourcePosition position;
  std::uint64_t number = 0;
  std::uint32_t file = 0;
  for (const char letter : log) {
    const bool transaction = letter == 't' || letter == 'l' || letter == 'L' || letter == 'd';
    if (letter == 'F') position = {"binlog." + std::to_string(++file), 4};
    if (transaction) position.offset += 100;
    items_.push_back({letter, transaction ? ++number : 0, position});
  }
}

Result<void> SpoolTester::open() {
  index = std::make_unique<spool::SpoolIndex>(files, kDirectory);
  tail = std::make_unique<spool::PublishedTail>();
  RELAY_ASSIGN(writer_, spool::SpoolWriter::open(files, kDirectory, policy_, 9001, *index, *tail));
  return {};
}

void SpoolTester::close() { writer_.reset(); }

std::size_t SpoolTester::resume_item() const {
  const auto& resume = writer_->resume_point();
  if (!resume) return 0;
  std::size_t next = 0;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const bool passed = items_[i].letter == 'F' || items_[i].number != 0;
    if (passed && items_[i].end == resume->position) next = i + 1;
  }
  return next;
}

Result<void> SpoolTester::play() {
  for (std::size_t i = resume_item(); i < items_.size(); ++i) RELAY_TRY(play_item(items_[i]));
  return {};
}

spool::SpoolFileEntry SpoolTester::entry(std::string source_file) const {
  spool::SpoolFileEntry entry;
  entry.source = {flavor_ == Flavor::mysql ? "01020304-0506-0708-090a-0b0c0d0e0f10" : "mariadb-7", flavor_};
  entry.source_start = {std::move(source_file), 4};
  entry.source_version = format_.server_version;
  return entry;
}

Result<void> SpoolTester::append(std::uint64_t number, std::size_t row_bytes) {
  const auto events =
      flavor_ == Flavor::mysql ? mysql_transaction(number, row_bytes) : mariadb_transaction(number, row_bytes);
  for (const OwnedDraft& event : events) RELAY_TRY(writer_->append(event.draft()));
  return {};
}

Result<void> SpoolTester::commit(std::uint64_t number, std::uint64_t source_end) {
  spool::SpoolWriter::Commit commit;
  if (flavor_ == Flavor::mysql)
    commit.mysql_gtid = binlog::MysqlGtid{sample_uuid(), "", static_cast<std::int64_t>(number)};
  else
    commit.mariadb_gtid = binlog::MariadbGtid{3, 7, number};
  commit.source_end = source_end;
  commit.events_kept = 5;
  RELAY_TRY(writer_->commit(commit));
  acknowledged_.push_back(number);
  return {};
}

Result<void> SpoolTester::start_file(std::size_t at) {
  return writer_->start_file(entry("binlog." + std::to_string(at)), format_);
}

Result<void> SpoolTester::play_item(const Item& item) {
  switch (item.letter) {
    case 'F':
      return writer_->start_file(entry(item.end.file), format_);
    case 't':
    case 'l':
    case 'L':
      RELAY_TRY(append(item.number, item.letter == 't' ? kSmall : item.letter == 'l' ? kLarge : kNotHeld));
      return commit(item.number, item.end.offset);
    case 'd': {
      spool::SpoolWriter::Commit dropped;
      dropped.source_end = item.end.offset;
      dropped.events_dropped = 3;
      return writer_->commit(dropped);
    }
    case 'a':
      RELAY_TRY(append(999, kLarge));
      return writer_->abandon();
    default:
      return writer_->flush();
  }
}

std::vector<std::uint64_t> SpoolTester::all() const {
  std::vector<std::uint64_t> numbers;
  for (const Item& item : items_) {
    if (item.number != 0 && item.letter != 'd') numbers.push_back(item.number);
  }
  return numbers;
}

spool::GtidState SpoolTester::gtids_of(const std::vector<std::uint64_t>& numbers) const {
  spool::GtidState state;
  for (const std::uint64_t number : numbers) {
    if (flavor_ == Flavor::mysql)
      state.mysql.add({sample_uuid(), "", static_cast<std::int64_t>(number)});
    else
      state.mariadb.update({3, 7, number});
  }
  return state;
}

bool SpoolTester::resumes_behind(const std::vector<std::uint64_t>& numbers) const {
  const std::size_t next = resume_item();
  const std::uint64_t last = numbers.empty() ? 0 : numbers.back();
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    if (item.number == 0 || item.letter == 'd') continue;
    if (item.number <= last && i >= next) return false;  // would come twice
    if (item.number > last && i < next) return false;    // would be lost
  }
  return true;
}

std::vector<std::uint64_t> SpoolTester::replica() const {
  return replicated_numbers(const_cast<FaultyFileSystem&>(files), *index, *tail,
                            const_cast<spool::SpoolLeases&>(leases));
}

std::vector<std::uint64_t> replicated_numbers(base::FileSystem& files, const spool::SpoolIndex& index,
                                              const spool::PublishedTail& tail, spool::SpoolLeases& leases) {
  std::vector<std::uint64_t> numbers;
  const auto first = index.first();
  if (!first) return numbers;
  spool::SpoolReader reader(files, index, tail, leases);
  REQUIRE(reader.seek({first->number, 4}));
  binlog::StreamState stream;
  stream.set_initial_checksum(binlog::ChecksumAlgorithm::crc32);
  std::uint64_t length = 0;
  std::uint32_t file = 0;
  std::string bytes;
  while (true) {
    auto event = reader.next();
    if (!event) FAIL(event.error().message());
    if (!*event) break;
    // The crash tests come here a million times: an assertion only for what is wrong.
    const auto read = whole(reader, **event, bytes);
    if (!read) FAIL("an event cannot be read to its end");
    const binlog::EventView& view = *read;
    if (!view.checksum_is_right()) FAIL("the checksum of an event is wrong");
    if (reader.position().file != file && view.type() != binlog::EventType::format_description)
      FAIL("a file does not begin with its format description");
    file = reader.position().file;
    const auto step = stream.advance(view);
    if (!step) FAIL(step.error().message());
    length = step->begins_transaction ? view.bytes().size() : length + view.bytes().size();
    if (!step->ends_transaction) continue;
    if (const auto& gtid = stream.mysql_gtid()) {
      if (gtid->transaction_length != length) FAIL("a transaction is not as long as its GTID event says");
      numbers.push_back(static_cast<std::uint64_t>(gtid->gtid.number));
    } else {
      if (!stream.mariadb_gtid()) FAIL("a transaction has no GTID");
      numbers.push_back(stream.mariadb_gtid()->gtid.sequence);
    }
  }
  REQUIRE(stream.place() == binlog::StreamState::Place::between_transactions);
  REQUIRE(reader.position() == tail.get());
  return numbers;
}

std::optional<binlog::EventView> whole(spool::SpoolReader& reader, const spool::SpoolEvent& event, std::string& into) {
  if (event.whole) return *event.whole;
  constexpr std::size_t kPiece = 100'003;
  into.resize(event.header.event_size);
  auto* const data = reinterpret_cast<std::uint8_t*>(into.data());
  for (std::size_t at = 0; at < into.size(); at += kPiece) {
    if (!reader.read_piece(at, {data + at, std::min(kPiece, into.size() - at)})) return std::nullopt;
  }
  const auto view = binlog::EventView::parse(base::ByteView::of(into), binlog::ChecksumAlgorithm::crc32);
  return view ? std::optional(*view) : std::nullopt;
}

std::uint64_t calls_of_start_file() {
  SpoolTester counter("Ft", Flavor::mysql, {spool::SyncPolicy::When::transaction, {}});
  REQUIRE(counter.open());
  REQUIRE(counter.play());
  const std::uint64_t before = counter.files.calls();
  REQUIRE(counter.start_file(2));
  return counter.files.calls() - before;
}

}  // namespace relay::testing
