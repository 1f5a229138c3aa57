#include "relay/base/error.h"

#include <fmt/format.h>

#include <cstring>

#include "relay/base/ascii.h"

namespace relay::base {

Subject::Subject(std::string_view name) : text_(without_control(std::string(name.substr(0, kMaximumLength)))) {}

std::string Error::message() const {
  std::string text(what());
  if (!subject_.empty()) text += ": " + subject_.text();
  std::string place;
  auto add = [&place](std::string part) { place += (place.empty() ? "" : ", ") + part; };
  if (event_type_) add(fmt::format("event type {}", *event_type_));
  if (offset_) add(fmt::format("offset {}", *offset_));
  const bool is_errno = kind_ == ErrorKind::io && system_code_ < kFirstClientError;
  if (system_code_ != 0 && is_errno) add(fmt::format("{}", std::strerror(system_code_)));
  if (kind_ == ErrorKind::io && !is_errno) add(fmt::format("client error {}", system_code_));
  if (system_code_ != 0 && kind_ != ErrorKind::io) add(fmt::format("server error {}", system_code_));
  if (!place.empty()) text += " (" + place + ")";
  if (!remedy().empty()) text += "; " + std::string(remedy());
  return text;
}

}  // namespace relay::base
