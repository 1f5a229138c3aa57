#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "relay/base/buffer.h"
#include "relay/binlog/event_draft.h"
#include "relay/binlog/event_view.h"
#include "relay/binlog/query_event.h"

namespace relay::scrub_rules {

// Stands for a statement that does not leave, where MariaDB wants exactly one event.
inline constexpr std::string_view kDroppedStatement = "# dropped";

// Collects the events that go in the place of one event. Drafts are valid until the next clear().
class DraftMaker {
 public:
  void clear();
  // The event as it came.
  void keep(const binlog::EventView& event);
  // `header`, and a body of slices that outlive the drafts.
  void add(const binlog::EventHeader& header, std::span<const base::ByteView> body);
  // For bodies made here: append them to the scratch buffer, then name them.
  base::Buffer& scratch() { return scratch_; }
  void add_scratch(const binlog::EventHeader& header, std::size_t from,
                   std::optional<std::size_t> transaction_length_offset = {});
  // A QUERY event without session, database and status, as servers write BEGIN and COMMIT.
  void add_plain_query(const binlog::EventHeader& like, std::string_view statement);
  // A QUERY event made here.
  void add_query(const binlog::EventHeader& like, const binlog::QueryEvent& query);
  // A rows event that belongs to no table and only ends the statement. Of version 2 when `like` is.
  void add_statement_end(const binlog::EventHeader& like, bool version_2);

  [[nodiscard]] std::span<const binlog::EventDraft> finish();
  [[nodiscard]] bool overflowed() const { return scratch_.overflowed(); }

 private:
  struct Part {
    binlog::EventDraft draft;
    std::size_t from = 0, size = 0;  // in the scratch buffer, when the draft has no body of its own
    bool in_scratch = false;
    base::ByteView slice;
  };
  base::Buffer scratch_;
  std::vector<Part> parts_;
  std::vector<binlog::EventDraft> drafts_;
};

}  // namespace relay::scrub_rules
