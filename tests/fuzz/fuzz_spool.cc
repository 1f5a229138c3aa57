#include <string>

#include "relay/spool/spool_reader.h"
#include "relay/spool/spool_writer.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/signing.h"
#include "tests/support/faulty_file.h"

// A spool whose last file and journal hold any bytes. Opening it fails, or leaves a spool that a second opening finds
// as the first one left it, and whose every event up to the tail can be read.
namespace relay::fuzz {
namespace {

constexpr const char* kFile = "spool/spool.000001";
constexpr const char* kJournal = "spool/spool.000001.journal";

std::string index_text(binlog::Flavor flavor) {
  spool::SpoolFileEntry entry;
  entry.number = 1;
  entry.source = {flavor == binlog::Flavor::mysql ? "01020304-0506-0708-090a-0b0c0d0e0f10" : "mariadb-7", flavor};
  entry.source_start = {"binlog.000001", 4};
  return spool::encode_index({entry});
}

// What an opened spool shows of itself.
struct Opened {
  spool::SpoolPosition position;
  std::optional<spool::ResumePoint> resume;
};

void read_to_the_tail(testing::FaultyFileSystem& files, const spool::SpoolIndex& index,
                      const spool::PublishedTail& tail) {
  spool::SpoolLeases leases;
  spool::SpoolReader reader(files, index, tail, leases);
  require(reader.seek({1, spool::kFirstEventOffset}).has_value());
  for (;;) {
    const auto event = reader.next();
    require(event.has_value());
    if (!*event) break;
    require((*event)->whole &&
            (*event)->whole->checksum_is_right());  // no input is large enough for an event in pieces
  }
  require(reader.position() == tail.get());
}

std::optional<Opened> open(testing::FaultyFileSystem& files) {
  spool::SpoolIndex index(files, "spool");
  spool::PublishedTail tail;
  const auto writer = spool::SpoolWriter::open(files, "spool", {}, 9001, index, tail);
  if (!writer) {
    require(writer.error().kind() == base::ErrorKind::malformed);
    return std::nullopt;
  }
  read_to_the_tail(files, index, tail);
  require((*writer)->position() == tail.get());
  return Opened{(*writer)->position(), (*writer)->resume_point()};
}

}  // namespace
}  // namespace relay::fuzz

// First byte: flavour, and whether checksums are made right. Then two bytes, the journal's length; the journal; the
// file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  if (size < 3) return 0;
  const fuzz::Input input = fuzz::input(data, size);
  const std::size_t length = input.bytes[0] | static_cast<std::size_t>(input.bytes[1]) << 8;
  std::string journal(input.bytes.sub(2, length).text());
  std::string file(input.bytes.sub(2 + std::min(length, input.bytes.size() - 2)).text());
  if ((data[0] & 2) == 0) {
    fuzz::sign_journal(journal);
    fuzz::sign_events(file);
  }
  testing::FaultyFileSystem files;
  static_cast<void>(files.create_directory("spool"));
  files.set_content("spool/spool.index", fuzz::index_text(input.flavor));
  files.set_content(fuzz::kJournal, journal);
  files.set_content(fuzz::kFile, file);
  const auto first = fuzz::open(files);
  if (!first) return 0;
  fuzz::require(file.starts_with(files.content(fuzz::kFile)));
  const auto second = fuzz::open(files);
  fuzz::require(second.has_value() && second->position == first->position);
  fuzz::require(second->resume->position == first->resume->position && second->resume->gtids == first->resume->gtids);
  return 0;
}
