// The relay of `unscrubbed_relay`, a program for tests only: its EventScrubber keeps every event as it came. This
// object stands before the library in the link, so the real one is never taken out of it. What the leak hunt does not
// find behind it, it would not find anywhere.
#include "relay/binlog/gtid_event.h"
#include "scrub_rules/draft_maker.h"
#include "scrub_rules/event_scrubber.h"

namespace relay::scrub_rules {

struct EventScrubber::State {
  DraftMaker drafts;
  ScrubCounters counters;
};

EventScrubber::EventScrubber(const RuleSet&, SchemaHistory&, const ScrubberSettings&)
    : state_(std::make_unique<State>()) {}
EventScrubber::~EventScrubber() = default;

base::Result<Scrubbed> EventScrubber::scrub(const binlog::EventView& event, const binlog::StreamState::Step&,
                                            const binlog::StreamState&) {
  using binlog::EventType;
  DraftMaker& drafts = state_->drafts;
  drafts.clear();
  const EventType type = event.type();
  if (type == EventType::gtid || type == EventType::anonymous_gtid || type == EventType::gtid_tagged) {
    // Payloads are opened on the way, so the length of the transaction changes here too.
    auto offset = binlog::widen_transaction_length(event.header().type_code, event.body(), drafts.scratch());
    if (!offset) return tl::unexpected(std::move(offset).error());
    drafts.add_scratch(event.header(), 0, *offset);
  } else {
    drafts.keep(event);
  }
  ++state_->counters.events_kept;
  return Scrubbed{Verdict::keep, drafts.finish()};
}

void EventScrubber::abandon_transaction() {}
void EventScrubber::count_into(LeavingTally&) {}
void EventScrubber::start_file() {}
ScrubCounters EventScrubber::counters() const { return state_->counters; }

}  // namespace relay::scrub_rules
