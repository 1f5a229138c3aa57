#include "scrub_rules/key_ring.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "scrub_rules/pseudonym_key.h"

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;
using base::Secret;

constexpr std::size_t kMostRead = PseudonymKey::kLongestKey + 3;  // one too many, and a line end

constexpr std::size_t kTellingRun = 16;  // bytes of a key, or half of a longer one, that tell too much of it

tl::unexpected<Error> refuse_key(FixedText what, FixedText remedy) {
  return base::fail(Error(ErrorKind::configuration, what).remedy(remedy));
}

// One line end behind printable text is no part of a key, wherever it comes from.
base::Result<Secret> key_of(std::string_view text, FixedText remedy) {
  std::string_view line = text;
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (std::ranges::all_of(line, [](char c) { return c >= 0x20 && c < 0x7f; })) text = line;
  if (text.size() < PseudonymKey::kShortestKey || text.size() > PseudonymKey::kLongestKey) {
    return refuse_key("the key is shorter than 32 bytes, or longer than 4096", remedy);
  }
  return Secret(std::string(text));
}

// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

// Bytes of a key on their way; wiped whatever happens. Its size never changes, so that no copy is left behind.
class KeyBytes {
 public:
  KeyBytes() = default;
  KeyBytes(const KeyBytes&) = delete;
  KeyBytes& operator=(const KeyBytes&) = delete;
  ~KeyBytes() { base::wipe_memory(bytes_.data(), bytes_.size()); }

  // Bytes read, 0 at the end, -1 on an error.
  ssize_t read_from(int descriptor) {
    ssize_t got = 0;
    do got = ::read(descriptor, bytes_.data() + size_, bytes_.size() - size_);
    while (got < 0 && errno == EINTR);
    if (got > 0) size_ += static_cast<std::size_t>(got);
    return got;
  }
  [[nodiscard]] bool full() const { return size_ == bytes_.size(); }

  [[nodiscard]] base::Result<Secret> take() {
    return key_of({bytes_.data(), size_}, "make one with: openssl rand -out person.key 32");
  }

 private:
  std::array<char, kMostRead> bytes_{};
  std::size_t size_ = 0;
};

base::Result<Secret> from_file(const std::string& place, const std::string& directory) {
  const std::filesystem::path path = std::filesystem::path(directory) / place;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return refuse_key("the key's file cannot be read",
                      "check its path, which is relative to the rule file, and permissions");
  }
  if ((status.st_mode & (S_IROTH | S_IWOTH)) != 0) {
    return refuse_key("the key's file can be read or written by everyone", "chmod 600 it");
  }
  KeyBytes bytes;
  ssize_t got = 1;
  while (got > 0 && !bytes.full()) got = bytes.read_from(file.number());
  if (got < 0) return refuse_key("the key's file cannot be read", "check its permissions");
  return bytes.take();
}

base::Result<Secret> from_environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): read at start-up
  if (value == nullptr || *value == '\0') {
    return refuse_key("the environment has no such variable, or an empty one", "export the variable that env names");
  }
  return key_of(value, "make one with: openssl rand -hex 32");
}

// Starts /bin/sh with `command` in a process group of its own, its output into `output`, without signals blocked.
// The process, or -1.
pid_t start(const std::string& command, int output) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  if (posix_spawn_file_actions_init(&files) != 0) return -1;
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  // What a vault's program says when it fails may hold what it should not.
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  std::string shell = "sh";
  std::string option = "-c";
  std::string text = command;
  const std::array<char*, 4> arguments = {shell.data(), option.data(), text.data(), nullptr};
  pid_t process = -1;
  const int failed = posix_spawn(&process, "/bin/sh", &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return failed == 0 ? process : -1;
}

// Waits for the process until `end`, then kills it and what it started: a command may close its output and go on.
bool ended_well(pid_t process, std::chrono::steady_clock::time_point end) {
  constexpr useconds_t kStep = 10000;
  int status = 0;
  while (std::chrono::steady_clock::now() < end) {
    const pid_t ended = ::waitpid(process, &status, WNOHANG);
    if (ended == process) return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (ended < 0 && errno != EINTR) return false;
    ::usleep(kStep);
  }
  ::kill(-process, SIGKILL);
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return false;
}

base::Result<Secret> from_command(const std::string& command, int milliseconds) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return refuse_key("the key's command cannot be run", "try again");
  const Descriptor output(ends[0]);
  Descriptor input(ends[1]);
  const pid_t process = start(command, input.number());
  input.close();
  if (process < 0) return refuse_key("the key's command cannot be run", "check that /bin/sh is there");
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  KeyBytes bytes;
  ssize_t got = 1;
  while (got > 0 && !bytes.full()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd wait{output.number(), POLLIN, 0};
    const int ready = left.count() > 0 ? ::poll(&wait, 1, static_cast<int>(left.count())) : 0;
    if (ready < 0 && errno == EINTR) continue;
    got = ready > 0 ? bytes.read_from(output.number()) : -1;
  }
  if (got != 0) ::kill(-process, SIGKILL);
  if (!ended_well(process, end) || got != 0) {
    return refuse_key("the key's command failed, wrote too much or took longer than 30 seconds",
                      "run it by hand, as the relay's user, to see why");
  }
  return bytes.take();
}

}  // namespace

bool shows_key(std::string_view words, const Secret& key) {
  // A shell joins what quotes and backslashes part, and has them before those of the key.
  const auto plain = [](std::string text) {
    std::erase_if(text, [](char c) { return c == '\'' || c == '"' || c == '\\'; });
    return text;
  };
  const std::string joined = plain(std::string(words));
  std::string bytes = plain(key.reveal());
  const std::size_t telling = std::max(kTellingRun, bytes.size() / 2);
  bool shown = false;
  for (std::size_t at = 0; !shown && at + telling <= bytes.size(); ++at)
    shown = joined.find(std::string_view(bytes).substr(at, telling)) != std::string::npos;
  base::wipe_memory(bytes.data(), bytes.size());
  return shown;
}

void KeyRing::put(const std::string& name, Secret key) {
  fingerprints_[name] = PseudonymKey::fingerprint(key, name).value_or(std::string());
  keys_[name] = std::make_shared<const Secret>(std::move(key));
}

base::Result<Secret> SystemKeys::read(const KeySource& source, const std::string& directory) {
  switch (source.kind) {
    case KeySource::Kind::file:
      return from_file(source.place, directory);
    case KeySource::Kind::environment:
      return from_environment(source.place);
    case KeySource::Kind::command:
      break;
  }
  return from_command(source.place, command_milliseconds_);
}

}  // namespace relay::scrub_rules
