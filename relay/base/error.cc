#include "relay/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace relay::base {

Subject::Subject(std::string_view name) : text_(name.substr(0, kMaximumLength)) {
  std::replace_if(
      text_.begin(), text_.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
}

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
