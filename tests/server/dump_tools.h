#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/support/fake_replica.h"
#include "tests/support/sample_spool.h"

namespace relay::testing {

inline constexpr std::uint8_t kRotate = 4, kFormat = 15, kXid = 16, kHeartbeat = 27, kWriteRowsV2 = 30, kGtid = 33,
                              kPreviousGtids = 35, kHeartbeatV2 = 41, kMariadbGtid = 162, kGtidList = 163;

// The events of a spool file, whole.
inline std::vector<std::string> events_of_file(const std::string& file) {
  std::vector<std::string> events;
  for (std::size_t offset = 4; offset < file.size();) {
    const std::size_t size = ReceivedEvent{file.substr(offset, 19)}.size();
    events.push_back(file.substr(offset, size));
    offset += size;
  }
  return events;
}

// What a stream says, shortly: "R" artificial rotate, "r" real rotate, "F" format description, "P" previous GTIDs, "L"
// GTID list, "l" artificial one, "g7" GTID of number 7, "." any other event.
inline std::string outline(const std::vector<ReceivedEvent>& events) {
  std::string text;
  for (const ReceivedEvent& event : events) {
    const bool artificial = (event.flags() & 0x20) != 0;
    switch (event.type()) {
      case kRotate:
        text += artificial ? "R" : "r";
        break;
      case kFormat:
        text += "F";
        break;
      case kPreviousGtids:
        text += "P";
        break;
      case kGtidList:
        text += artificial ? "l" : "L";
        break;
      case kGtid:
        text += "g" + std::to_string(event.field(19 + 17));
        break;
      case kMariadbGtid:
        text += "g" + std::to_string(event.field(19));
        break;
      default:
        text += ".";
        break;
    }
  }
  return text;
}

inline ClientOptions client_of(ClientSort sort, std::uint64_t heartbeat_nanoseconds = 20'000'000) {
  ClientOptions options;
  options.sort = sort;
  options.heartbeat_nanoseconds = heartbeat_nanoseconds;
  return options;
}

// The code of the error that the server answers with; its message goes to `message`.
inline std::uint16_t error_of(const std::function<void()>& action, std::string* message = nullptr) {
  try {
    action();
  } catch (const ServerError& error) {
    if (message != nullptr) *message = error.what();
    return error.code;
  }
  return 0;
}

// sample_uuid():intervals, binary.
std::string mysql_set(const std::string& intervals);

}  // namespace relay::testing
