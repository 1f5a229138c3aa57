#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay::base {

// Text that stands in the program itself. Only a literal converts to it, so no byte of a row, a packet or a statement
// can become part of an error.
class FixedText {
 public:
  template <std::size_t N>
  consteval FixedText(const char (&literal)[N]) : text_(literal, N - 1) {}  // NOLINT(google-explicit-constructor)
  constexpr FixedText() = default;
  [[nodiscard]] constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// What an operator may be told about: a file, a table, a column, a key, a server. Control characters are replaced and
// the length is bounded, so a hostile name cannot forge a log line. Never made from a cell or a statement.
class Subject {
 public:
  static constexpr std::size_t kMaximumLength = 512;
  Subject() = default;
  explicit Subject(std::string_view name);
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

// The MySQL client library's own numbers begin here, far above errno's (CR_MIN_ERROR).
inline constexpr int kFirstClientError = 2000;

enum class ErrorKind : std::uint8_t {
  malformed,      // bytes of a peer or a file are not what their format says
  unsupported,    // well-formed, but nothing here knows what to do with it: fail closed
  rule,           // a rule forbids it, or a rule does not fit what it meets
  configuration,  // the operator's files need a change
  io,             // disk, socket or another system call; `system_code` says which errno
  peer,           // the other server answered with an error; `system_code` is its error number
  interrupted,    // a stop was asked for
};

// Why something stopped. Holds fixed text, numbers and names, and has no room for the bytes of a row.
class [[nodiscard]] Error {
 public:
  Error(ErrorKind kind, FixedText what) : kind_(kind), what_(what) {}

  Error& about(std::string_view subject) {
    subject_ = Subject(subject);
    return *this;
  }
  Error& remedy(FixedText remedy) {
    remedy_ = remedy;
    return *this;
  }
  Error& at(std::uint64_t offset) {
    offset_ = offset;
    return *this;
  }
  Error& in_event(std::uint8_t type) {
    event_type_ = type;
    return *this;
  }
  Error& code(int system_code) {
    system_code_ = system_code;
    return *this;
  }

  [[nodiscard]] ErrorKind kind() const { return kind_; }
  [[nodiscard]] std::string_view what() const { return what_.text(); }
  [[nodiscard]] std::string_view remedy() const { return remedy_.text(); }
  [[nodiscard]] const std::string& subject() const { return subject_.text(); }
  [[nodiscard]] std::optional<std::uint64_t> offset() const { return offset_; }
  [[nodiscard]] std::optional<std::uint8_t> event_type() const { return event_type_; }
  [[nodiscard]] int system_code() const { return system_code_; }
  // One line for a person: "what: subject (event type 23, offset 118, errno 28); remedy".
  [[nodiscard]] std::string message() const;

 private:
  ErrorKind kind_;
  FixedText what_;
  FixedText remedy_;
  Subject subject_;
  std::optional<std::uint64_t> offset_;
  std::optional<std::uint8_t> event_type_;
  int system_code_ = 0;
};

}  // namespace relay::base
