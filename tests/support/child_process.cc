#include "tests/support/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace relay::testing {

namespace {

pid_t start(const std::vector<std::string>& command, const std::string& log_file,
            const std::vector<std::string>& environment) {
  // Made before the fork: between it and the exec only what is safe in a signal handler may be called.
  std::vector<char*> arguments;
  for (const std::string& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
  arguments.push_back(nullptr);
  std::vector<char*> variables;
  for (char** each = environ; *each != nullptr; ++each) variables.push_back(*each);
  for (const std::string& each : environment) variables.push_back(const_cast<char*>(each.c_str()));
  variables.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("cannot fork");
  if (pid > 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, 0);
  ::dup2(log, 1);
  ::dup2(log, 2);
  ::execvpe(arguments[0], arguments.data(), variables.data());
  ::_exit(127);
}

pid_t parent_of(const std::filesystem::path& process) {
  std::ifstream file(process / "status");
  for (std::string word; file >> word;) {
    pid_t parent = 0;
    if (word == "PPid:" && file >> parent) return parent;
  }
  return 0;
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command, const std::string& log_file,
                           const std::vector<std::string>& environment)
    : pid_(start(command, log_file, environment)) {}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    kill();
    pid_ = std::exchange(other.pid_, -1);
  }
  return *this;
}

ChildProcess::~ChildProcess() { kill(); }

bool ChildProcess::has_ended() {
  if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
  return pid_ < 0;
}

std::vector<pid_t> ChildProcess::family() const {
  std::vector<pid_t> members;
  if (pid_ > 0) members.push_back(pid_);
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const std::string name = entry.path().filename();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      if (parent_of(entry.path()) == members[i]) members.push_back(std::stoi(name));
    }
  }
  return members;
}

void ChildProcess::kill() {
  if (pid_ < 0) return;
  for (const pid_t member : family()) ::kill(member, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void run_program(const std::vector<std::string>& command, const std::vector<std::string>& environment) {
  int status = 0;
  const pid_t pid = start(command, "/dev/null", environment);
  if (::waitpid(pid, &status, 0) != pid || status != 0) throw std::runtime_error(command[0] + " failed");
}

}  // namespace relay::testing
