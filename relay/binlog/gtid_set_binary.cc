#include "relay/base/byte_reader.h"
#include "relay/binlog/gtid_set_reader.h"
#include "relay/binlog/tagged_gtid.h"
#include "relay/binlog/varlen.h"

namespace relay::binlog {

namespace {

// The first eight bytes. Without tags: the count of uuids. With tags: 1 in the lowest and in the highest byte, and the
// count of pairs of uuid and tag in the six between (sql/rpl_gtid_set.cc, Gtid_set::encode_nsids_format).
constexpr std::uint64_t kTaggedMark = std::uint64_t{1} << 56 | 1;
constexpr std::uint64_t kTaggedMarkBits = std::uint64_t{0xff} << 56 | 0xff;

struct Head {
  bool tagged = false;
  std::uint64_t count = 0;
};

Head read_head(base::ByteReader& reader) {
  const std::uint64_t word = reader.u64();
  if (word >> 56 == 0) return {false, word};
  if ((word & kTaggedMarkBits) != kTaggedMark) reader.fail();
  return {true, (word & ~kTaggedMarkBits) >> 8};
}

std::string read_tag(base::ByteReader& reader) {
  const std::string_view tag = reader.bytes(varlen::read(reader)).text();
  if (!tag.empty() && !is_gtid_tag(tag)) reader.fail();
  return reader.ok() ? std::string(tag) : std::string();
}

// Servers write intervals in rising order and never let them touch; only such are taken, so that no input costs more
// than its size.
void read_intervals(base::ByteReader& reader, const Uuid& uuid, const std::string& tag, MysqlGtidSetReader& set) {
  std::int64_t previous_end = 0;
  for (std::uint64_t left = reader.u64(); left > 0 && reader.ok(); --left) {
    const auto first = static_cast<std::int64_t>(reader.u64());
    const auto end = static_cast<std::int64_t>(reader.u64());
    if (first <= previous_end || end <= first) reader.fail();
    if (reader.ok()) set.add(uuid, tag, first, end);
    previous_end = end;
  }
}

void read_source(base::ByteReader& reader, bool tagged, MysqlGtidSetReader& set) {
  Uuid uuid{};
  const base::ByteView bytes = reader.bytes(uuid.size());
  std::copy(bytes.begin(), bytes.end(), uuid.begin());
  const std::string tag = tagged ? read_tag(reader) : std::string();
  if (set.has(uuid, tag)) reader.fail();
  read_intervals(reader, uuid, tag, set);
}

}  // namespace

base::Result<MysqlGtidSet> MysqlGtidSet::parse_binary(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  MysqlGtidSetReader set;
  const Head head = read_head(reader);
  for (std::uint64_t left = head.count; left > 0 && reader.ok(); --left) read_source(reader, head.tagged, set);
  if (!reader.at_end())
    return base::fail(base::ErrorKind::malformed, "a GTID set is cut short or its counts do not fit");
  return set.finish();
}

void MysqlGtidSet::encode_binary(base::Buffer& into) const {
  const bool tagged = has_tags();
  into.append_u64(tagged ? kTaggedMark | static_cast<std::uint64_t>(intervals_.size()) << 8 : intervals_.size());
  for (const auto& [source, intervals] : intervals_) {
    const auto& [uuid, tag] = source;
    into.append({uuid.data(), uuid.size()});
    if (tagged) varlen::append(tag.size(), into);
    into.append(tag);
    into.append_u64(intervals.size());
    for (const Interval& interval : intervals) {
      into.append_u64(static_cast<std::uint64_t>(interval.first));
      into.append_u64(static_cast<std::uint64_t>(interval.end));
    }
  }
}

}  // namespace relay::binlog
