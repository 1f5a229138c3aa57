#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace relay::testing {

// A program that a test started; it is killed when this goes, or when the test program dies.
class ChildProcess {
 public:
  ChildProcess() = default;
  // Standard output and error go to `log_file`, appended. Throws when it cannot be started. `environment` are further
  // variables: "NAME=value".
  ChildProcess(const std::vector<std::string>& command, const std::string& log_file,
               const std::vector<std::string>& environment = {});
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool has_ended();
  // It and all that it started, now.
  [[nodiscard]] std::vector<pid_t> family() const;
  // SIGKILL to the whole family.
  void kill();

 private:
  pid_t pid_ = -1;
};

// Runs a program to its end; throws when it does not end well.
void run_program(const std::vector<std::string>& command, const std::vector<std::string>& environment = {});

}  // namespace relay::testing
