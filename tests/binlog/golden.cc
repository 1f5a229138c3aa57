#include "tests/binlog/golden.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "relay/binlog/container.h"

namespace relay::binlog::test {

namespace {

constexpr std::size_t kMagicSize = 4;
constexpr std::size_t kMaximumEvent = std::size_t{1} << 20;

std::vector<Golden> load_all() {
  std::vector<Golden> all;
  for (const auto& entry : std::filesystem::directory_iterator(GOLDEN_FOLDER)) {
    if (entry.path().extension() != ".binlog") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    all.push_back({entry.path().stem(), {std::istreambuf_iterator<char>(file), {}}});
  }
  if (all.empty()) throw std::runtime_error("no golden binary logs");
  std::ranges::sort(all, {}, &Golden::name);
  return all;
}

}  // namespace

const std::vector<Golden>& goldens() {
  static const std::vector<Golden> all = load_all();
  return all;
}

const Golden& golden(const std::string& name) {
  const auto found = std::ranges::find(goldens(), name, &Golden::name);
  if (found == goldens().end()) throw std::runtime_error("no golden binary log " + name);
  return *found;
}

void for_each_event(const Golden& golden, const std::function<void(const EventView&)>& each) {
  const base::ByteView file(golden.bytes.data(), golden.bytes.size());
  for (std::size_t at = kMagicSize; at < file.size();) {
    const EventHeader header = decode_event_header(file.sub(at));
    const auto event = EventView::parse(file.sub(at, header.event_size), ChecksumAlgorithm::crc32);
    if (!event) throw std::runtime_error(golden.name + ": " + event.error().message());
    each(*event);
    at += header.event_size;
  }
}

void open_event(const EventView& event, const std::function<void(const EventView&)>& each) {
  const EventTypeInfo* const info = find_event_type(event.header().type_code);
  if (info == nullptr || info->handling != EventHandling::container) return each(event);
  base::Result<void> done;
  if (event.type() == EventType::transaction_payload) {
    done = for_each_payload_event(event.body(), kMaximumEvent, [&](const EventView& inner) -> base::Result<void> {
      each(inner);
      return {};
    });
  } else {
    base::Buffer buffer;
    const auto opened = open_compressed_event(event, kMaximumEvent, buffer);
    if (opened) return each(*opened);
    done = base::fail(opened.error());
  }
  if (!done) throw std::runtime_error(done.error().message());
}

void for_each_plain_event(const Golden& golden, const std::function<void(const EventView&)>& each) {
  for_each_event(golden, [&](const EventView& event) { open_event(event, each); });
}

}  // namespace relay::binlog::test
