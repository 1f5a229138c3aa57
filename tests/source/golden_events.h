#pragma once

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/source/event_builder.h"

namespace relay::source::testing {

// The events of a binary log file as a source would send them: behind an artificial ROTATE.
inline std::vector<Bytes> golden_events(const std::string& file) {
  std::ifstream stream(std::string(GOLDEN_FOLDER) + '/' + file, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  REQUIRE(content.size() > 4);
  std::vector<Bytes> events = {
      build_event({binlog::EventType::rotate, 0, 0, binlog::kFlagArtificial, rotate_body(4, file)}, true)};
  for (std::size_t at = 4; at + binlog::kEventHeaderSize <= content.size();) {
    const auto view = base::ByteView::of(content).sub(at);
    const std::size_t size = binlog::decode_event_header(view).event_size;
    REQUIRE(size <= view.size());
    events.emplace_back(view.begin(), view.begin() + size);
    at += size;
  }
  return events;
}

}  // namespace relay::source::testing
