#include "scrub_rules/draft_maker.h"

#include "relay/binlog/rows_event.h"

namespace relay::scrub_rules {

namespace {

constexpr std::size_t kKeptMemory = std::size_t{1} << 20;  // bytes that stay reserved between events

// What a made event has of the one whose place it takes: when and where it was written, and no flags.
binlog::EventHeader header_like(const binlog::EventHeader& like, binlog::EventType type, std::uint16_t flags) {
  binlog::EventHeader header;
  header.timestamp = like.timestamp;
  header.server_id = like.server_id;
  header.type_code = static_cast<std::uint8_t>(type);
  header.flags = flags;
  return header;
}

}  // namespace

void DraftMaker::clear() {
  scratch_.clear();
  scratch_.shrink(kKeptMemory);
  parts_.clear();
  drafts_.clear();
}

void DraftMaker::keep(const binlog::EventView& event) {
  Part& part = parts_.emplace_back();
  part.draft.header = event.header();
  part.slice = event.body();
}

void DraftMaker::add(const binlog::EventHeader& header, std::span<const base::ByteView> body) {
  Part& part = parts_.emplace_back();
  part.draft.header = header;
  part.draft.body = body;
}

void DraftMaker::add_scratch(const binlog::EventHeader& header, std::size_t from,
                             std::optional<std::size_t> transaction_length_offset) {
  Part& part = parts_.emplace_back();
  part.draft.header = header;
  part.draft.transaction_length_offset = transaction_length_offset;
  part.from = from;
  part.size = scratch_.size() - from;
  part.in_scratch = true;
}

void DraftMaker::add_plain_query(const binlog::EventHeader& like, std::string_view statement) {
  const std::size_t from = scratch_.size();
  binlog::QueryEvent query;
  query.statement = base::ByteView::of(statement);
  binlog::encode_query_body(query, scratch_);
  add_scratch(header_like(like, binlog::EventType::query, binlog::kFlagSuppressUse), from);
}

void DraftMaker::add_query(const binlog::EventHeader& like, const binlog::QueryEvent& query) {
  const std::size_t from = scratch_.size();
  binlog::encode_query_body(query, scratch_);
  add_scratch(header_like(like, binlog::EventType::query, 0), from);
}

void DraftMaker::add_statement_end(const binlog::EventHeader& like, bool version_2) {
  const std::size_t from = scratch_.size();
  scratch_.append_little_endian(binlog::kDummyTableId, 6);
  scratch_.append_u16(binlog::kRowsFlagStatementEnd);
  if (version_2) scratch_.append_u16(2);  // no extra data: the length counts itself
  scratch_.append_length_encoded(1);      // one column, not present
  scratch_.append_u8(0);
  const auto type = version_2 ? binlog::EventType::write_rows_v2 : binlog::EventType::write_rows_v1;
  add_scratch(header_like(like, type, 0), from);
}

std::span<const binlog::EventDraft> DraftMaker::finish() {
  for (Part& part : parts_) {
    if (part.in_scratch) part.slice = scratch_.view().sub(part.from, part.size);
    if (part.draft.body.empty()) part.draft.body = {&part.slice, 1};
    drafts_.push_back(part.draft);
  }
  return drafts_;
}

}  // namespace relay::scrub_rules
