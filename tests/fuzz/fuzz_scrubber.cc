#include <memory>
#include <string>

#include "relay/binlog/container.h"
#include "relay/binlog/query_event.h"
#include "scrub_rules/event_scrubber.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/support/faulty_file.h"

// A run of events through the scrubber. Under rules that let some columns pass it must stand whatever comes; under
// rules that let no table pass, nothing that the source's users wrote may come out: only transaction control, made
// anew.
namespace relay::fuzz {
namespace {

using scrub_rules::EventScrubber;
using scrub_rules::RuleSet;
using scrub_rules::SchemaHistory;
using scrub_rules::Scrubbed;

constexpr std::size_t kMaximumEvent = std::size_t{1} << 20;

const RuleSet& rules(bool deny) {
  static const auto parse = [](const char* text) {
    base::Problems problems;
    RuleSet set = RuleSet::parse(text, "rules.toml", problems);
    require(!base::has_errors(problems));
    return set;
  };
  static const RuleSet kDeny = parse("[defaults]\ntable = \"deny\"\n");
  static const RuleSet kSome = parse(
      "[[table]]\nname = \"d.*\"\ncolumn_default = \"keep\"\n[table.columns]\n"
      "secret = { action = \"drop\", optional = true }\na = { action = \"drop\", optional = true }\n"
      "v = { action = \"null\", optional = true }\nb = { action = \"null\", optional = true }\n"
      "n = { action = \"constant\", value = 7, optional = true }\n");
  return deny ? kDeny : kSome;
}

bool is_harmless(std::string_view statement) {
  if (statement == "BEGIN" || statement == "COMMIT" || statement == "ROLLBACK" || statement == "# dropped") return true;
  for (const std::string_view verb : {"SAVEPOINT `s", "ROLLBACK TO `s", "RELEASE SAVEPOINT `s"}) {
    if (!statement.starts_with(verb)) continue;
    const std::string_view rest = statement.substr(verb.size());
    return rest.find_first_not_of("0123456789") == rest.size() - 1 && rest.back() == '`';
  }
  if (!statement.starts_with("XA ")) return false;
  // A pseudonym's parts are 32 bytes in hex, or empty.
  for (std::size_t at = statement.find("X'"); at != std::string_view::npos; at = statement.find("X'", at)) {
    const std::size_t end = statement.find('\'', at + 2);
    if (end == std::string_view::npos || (end - at - 2 != 64 && end - at - 2 != 0)) return false;
    at = end;
  }
  return true;
}

void check_denied(const Scrubbed& scrubbed) {
  for (const binlog::EventDraft& draft : scrubbed.drafts) {
    const binlog::EventTypeInfo* info = binlog::find_event_type(draft.header.type_code);
    require(info != nullptr);
    if (info->handling == binlog::EventHandling::group) continue;
    require(draft.header.type() == binlog::EventType::query);
    std::string body;
    for (const base::ByteView slice : draft.body) body += slice.text();
    const auto query = binlog::QueryEvent::parse(base::ByteView::of(body));
    require(query.has_value() && query->database.empty() && is_harmless(query->statement.text()));
  }
}

class Run {
 public:
  Run(bool deny, binlog::Flavor flavor) : deny_(deny) {
    history_ = *SchemaHistory::open(files_, "s/history", {}, false);
    require(history_->set_baseline({}, {}, {}).has_value());
    scrubber_ = std::make_unique<EventScrubber>(rules(deny), *history_, scrub_rules::ScrubberSettings{flavor, false});
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
    const binlog::EventTypeInfo* info = binlog::find_event_type(event.header().type_code);
    if (info != nullptr && info->handling == binlog::EventHandling::control) {
      scrubber_->start_file();
      return {};
    }
    RELAY_ASSIGN(const Scrubbed scrubbed, scrubber_->scrub(event, step, state_));
    // Every byte of every slice is looked at, so that a slice that points elsewhere is found.
    for (const binlog::EventDraft& draft : scrubbed.drafts) {
      for (const base::ByteView slice : draft.body) sum_ += std::string(slice.text()).size();
    }
    if (deny_) check_denied(scrubbed);
    if (step.ends_transaction) RELAY_TRY(history_->commit({1, ++position_}));
    return {};
  }

  bool deny_;
  testing::FaultyFileSystem files_;
  std::unique_ptr<SchemaHistory> history_;
  std::unique_ptr<EventScrubber> scrubber_;
  binlog::StreamState state_;
  std::uint64_t position_ = 0;
  std::size_t sum_ = 0;
};

}  // namespace
}  // namespace relay::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  const fuzz::Input input = fuzz::input(data, size);
  for (const bool deny : {true, false}) {
    fuzz::Run run(deny, input.flavor);
    base::ByteView rest = input.bytes;
    while (run.take(rest)) {
    }
  }
  return 0;
}
