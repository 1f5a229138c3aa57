#pragma once

#include <functional>
#include <string>
#include <vector>

#include "relay/binlog/event_view.h"
#include "relay/binlog/stream_state.h"

namespace relay::binlog::test {

// A binary log of tests/golden, whole, with its name ("my97-nopk").
struct Golden {
  std::string name;
  std::vector<std::uint8_t> bytes;
  [[nodiscard]] bool mariadb() const { return name.starts_with("ma"); }
  [[nodiscard]] Flavor flavor() const { return mariadb() ? Flavor::mariadb : Flavor::mysql; }
};

// All of them, in the order of their names; throws when there are none.
const std::vector<Golden>& goldens();
const Golden& golden(const std::string& name);

// Calls `each` with every event of the file, first to last.
void for_each_event(const Golden& golden, const std::function<void(const EventView&)>& each);
// The same, but containers are opened: `each` gets the events inside them instead.
void for_each_plain_event(const Golden& golden, const std::function<void(const EventView&)>& each);
// Opens the event if it is a container, else hands it on.
void open_event(const EventView& event, const std::function<void(const EventView&)>& each);

}  // namespace relay::binlog::test
