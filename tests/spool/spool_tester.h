#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "relay/spool/spool_index.h"
#include "relay/spool/spool_reader.h"
#include "relay/spool/spool_writer.h"
#include "tests/spool/event_samples.h"
#include "tests/support/faulty_file.h"

namespace relay::testing {

// A source, its relay's spool and a replica in a tiny language, a letter for each thing in the source's log:
//   F  the source begins a new log file
//   t  a small transaction
//   l  a larger one, of which parts go to the file before it ends
//   L  one with an event that readers do not hold, of more than a megabyte
//   d  a transaction of which every event is dropped
// and besides, at its place in the log, not part of it:
//   a  a transaction begins, some of it is appended, and it is abandoned
//   s  flush
// Transactions are numbered from 1 as the source commits them; the number is the GTID's.
class SpoolTester {
 public:
  SpoolTester(std::string log, binlog::Flavor flavor, spool::SyncPolicy policy);

  // Opens the spool as a starting process does.
  [[nodiscard]] base::Result<void> open();
  // The process ends: nothing more is written, and everything it held is gone.
  void close();
  // Reads the source's log from where the spool says to its end and writes it down. Stops at the first error.
  [[nodiscard]] base::Result<void> play();

  // The numbers of the transactions that a replica gets from the start of the spool to its tail. Requires what a
  // replica requires: each event right by its checksum, each transaction whole and as long as its GTID event says.
  [[nodiscard]] std::vector<std::uint64_t> replica() const;
  // The numbers of all transactions of the log that are not dropped.
  [[nodiscard]] std::vector<std::uint64_t> all() const;
  // Numbers whose commit() has answered well, in this process or an earlier one.
  [[nodiscard]] const std::vector<std::uint64_t>& acknowledged() const { return acknowledged_; }
  // The state that GTIDs must have when these transactions are in the spool.
  [[nodiscard]] spool::GtidState gtids_of(const std::vector<std::uint64_t>& numbers) const;
  // The source position must be the end of a transaction, no earlier than the last of `numbers`, no later than the next
  // one's start.
  [[nodiscard]] bool resumes_behind(const std::vector<std::uint64_t>& numbers) const;

  // What tests with an own way of writing need.
  [[nodiscard]] base::Result<void> start_file(std::size_t at);
  [[nodiscard]] base::Result<void> append(std::uint64_t number, std::size_t row_bytes);
  [[nodiscard]] base::Result<void> commit(std::uint64_t number, std::uint64_t source_end);
  [[nodiscard]] spool::SpoolFileEntry entry(std::string source_file) const;
  [[nodiscard]] binlog::FormatDescription format() const { return format_; }
  [[nodiscard]] spool::SpoolWriter& writer() { return *writer_; }
  FaultyFileSystem files;
  std::unique_ptr<spool::SpoolIndex> index;
  std::unique_ptr<spool::PublishedTail> tail;
  spool::SpoolLeases leases;
  static constexpr const char* kDirectory = "spool";

 private:
  // One letter of the log and where it ends in the source.
  struct Item {
    char letter;
    std::uint64_t number;  // of a transaction
    spool::SourcePosition end;
  };
  [[nodiscard]] std::size_t resume_item() const;
  [[nodiscard]] base::Result<void> play_item(const Item& item);

  std::vector<Item> items_;
  binlog::Flavor flavor_;
  spool::SyncPolicy policy_;
  binlog::FormatDescription format_;
  std::unique_ptr<spool::SpoolWriter> writer_;
  std::vector<std::uint64_t> acknowledged_;
};

// What reader.next() gave, with all its bytes; those of an event that is not held are read into `into`, piece by piece.
// Nothing where that fails: threads call it, and only the main one may use Catch's assertions.
[[nodiscard]] std::optional<binlog::EventView> whole(spool::SpoolReader& reader, const spool::SpoolEvent& event,
                                                     std::string& into);

// SpoolTester::replica() of any spool.
[[nodiscard]] std::vector<std::uint64_t> replicated_numbers(base::FileSystem& files, const spool::SpoolIndex& index,
                                                            const spool::PublishedTail& tail,
                                                            spool::SpoolLeases& leases);

// How many calls to the disk the start of a second file makes, behind one with a transaction, when nothing fails.
[[nodiscard]] std::uint64_t calls_of_start_file();

}  // namespace relay::testing
