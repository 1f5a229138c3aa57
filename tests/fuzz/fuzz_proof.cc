#include <cstring>
#include <memory>
#include <string>

#include "relay/binlog/container.h"
#include "relay/proof/egress_proof.h"
#include "relay/spool/spool_writer.h"
#include "scrub_rules/egress_expectations.h"
#include "scrub_rules/event_scrubber.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/support/faulty_file.h"

// A run of events through the scrubber and into a spool, which the second decoder reads: whatever the one lets out, the
// other must understand and expect. A run that the proof stops is a fault of one of the two.
namespace relay::fuzz {
namespace {

using scrub_rules::EventScrubber;
using scrub_rules::RuleSet;
using scrub_rules::SchemaHistory;

constexpr std::size_t kMaximumEvent = std::size_t{1} << 20;

const RuleSet& rules(bool drop_by_default) {
  static const auto parse = [](const char* text) {
    base::Problems problems;
    RuleSet set = RuleSet::parse(text, "rules.toml", problems);
    require(!base::has_errors(problems));
    return set;
  };
  static const RuleSet kKeep = parse(
      "[[table]]\nname = \"d.*\"\ncolumn_default = \"keep\"\n[table.columns]\n"
      "secret = { action = \"drop\", optional = true }\na = { action = \"drop\", optional = true }\n"
      "v = { action = \"null\", optional = true }\nb = { action = \"null\", optional = true }\n"
      "n = { action = \"constant\", value = 7, optional = true }\n");
  static const RuleSet kDrop = parse(
      "[[table]]\nname = \"*.*\"\ncolumn_default = \"drop\"\n[table.columns]\n"
      "id = { action = \"keep\", optional = true }\nk = { action = \"keep\", optional = true }\n"
      "secret = { action = \"null\", optional = true }\n");
  return drop_by_default ? kDrop : kKeep;
}

class Run {
 public:
  Run(bool drop_by_default, binlog::Flavor flavor) : flavor_(flavor) {
    state_.set_initial_checksum(binlog::ChecksumAlgorithm::none);
    auto history = SchemaHistory::open(files_, "history", {}, false);
    require(history.has_value());
    history_ = std::move(*history);
    require(history_->set_baseline({}, {}, {}).has_value());
    const RuleSet& set = rules(drop_by_default);
    scrubber_ =
        std::make_unique<EventScrubber>(set, *history_, scrub_rules::ScrubberSettings{flavor, false, "key", &made_});
    expectations_ = std::make_unique<scrub_rules::EgressExpectations>(set, *history_, flavor, false);
    proof_ = std::make_unique<proof::EgressProof>(*expectations_, made_, nullptr);
    auto writer = spool::SpoolWriter::open(files_, "spool", {spool::SyncPolicy::When::never, {}}, 1, index_, tail_);
    require(writer.has_value());
    writer_ = std::move(*writer);
    writer_->check_with(proof_.get());
  }

  // False when the stream stops.
  bool take(base::ByteView& rest) {
    if (rest.size() < binlog::kEventHeaderSize) return false;
    const auto length = binlog::decode_event_header(rest).event_size;
    const auto event = binlog::EventView::parse(rest.sub(0, length), state_.checksum());
    rest = rest.sub(length);
    if (!event) return false;
    const binlog::EventTypeInfo* info = binlog::find_event_type(event->header().type_code);
    if (info == nullptr || info->handling != binlog::EventHandling::container) return judge(*event).has_value();
    if (event->type() != binlog::EventType::transaction_payload) {
      base::Buffer opened;
      const auto plain = binlog::open_compressed_event(*event, kMaximumEvent, opened);
      return plain && judge(*plain).has_value();
    }
    const auto each = [this](const binlog::EventView& inner) { return judge(inner); };
    return state_.advance(*event) && binlog::for_each_payload_event(event->body(), kMaximumEvent, each);
  }

 private:
  base::Result<void> judge(const binlog::EventView& event) {
    RELAY_ASSIGN(const binlog::StreamState::Step step, state_.advance(event));
    if (step.abandons_transaction) RELAY_TRY(abandon());
    if (event.type() == binlog::EventType::format_description) return start_file();
    const binlog::EventTypeInfo* info = binlog::find_event_type(event.header().type_code);
    if (info != nullptr && info->handling == binlog::EventHandling::control) return {};
    RELAY_ASSIGN(const auto scrubbed, scrubber_->scrub(event, step, state_));
    for (const binlog::EventDraft& draft : scrubbed.drafts) RELAY_TRY(writer_->append(draft));
    if (!step.ends_transaction) return {};
    RELAY_TRY(history_->commit({1, ++position_}));
    require_proved(writer_->commit({}));
    return {};
  }

  base::Result<void> start_file() {
    // The source's flavour is told beforehand; a file of the other one is none of its.
    if (state_.format().flavor() != flavor_) return base::fail(base::ErrorKind::malformed, "another flavour");
    spool::SpoolFileEntry entry;
    entry.source = {"source", flavor_};
    entry.source_start = {"binlog." + std::to_string(++position_), 4};
    entry.source_version = "1";
    require_proved(writer_->start_file(entry, state_.format()));
    scrubber_->start_file();
    return {};
  }

  base::Result<void> abandon() {
    scrubber_->abandon_transaction();
    history_->rollback();
    return writer_->abandon();
  }

  // The disk in memory has no faults, so every error is the proof's.
  static void require_proved(const base::Result<void>& written) {
    if (!written) std::fprintf(stderr, "%s\n", written.error().message().c_str());
    require(written.has_value());
  }

  binlog::Flavor flavor_;
  testing::FaultyFileSystem files_;
  std::unique_ptr<SchemaHistory> history_;
  proof::MadeStatements made_;
  std::unique_ptr<EventScrubber> scrubber_;
  std::unique_ptr<scrub_rules::EgressExpectations> expectations_;
  std::unique_ptr<proof::EgressProof> proof_;
  spool::SpoolIndex index_{files_, "spool"};
  spool::PublishedTail tail_;
  std::unique_ptr<spool::SpoolWriter> writer_;
  binlog::StreamState state_;
  std::uint64_t position_ = 0;
};

}  // namespace
}  // namespace relay::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  const fuzz::Input input = fuzz::input(data, size);
  for (const bool drop_by_default : {true, false}) {
    fuzz::Run run(drop_by_default, input.flavor);
    base::ByteView rest = input.bytes;
    while (run.take(rest)) {
    }
  }
  return 0;
}
