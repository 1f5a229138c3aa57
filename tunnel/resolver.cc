#include "tunnel/resolver.h"

#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <cstring>
#include <memory>
#include <system_error>
#include <thread>

#include "tunnel/descriptor.h"
#include "tunnel/wait.h"

namespace relay::tunnel {

namespace {

using Addresses = std::vector<SocketAddress>;

Addresses look_up(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* found = nullptr;
  Addresses addresses;
  const char* const name = host.empty() && flags == AI_PASSIVE ? nullptr : host.c_str();
  if (::getaddrinfo(name, std::to_string(port).c_str(), &hints, &found) != 0) return addresses;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    SocketAddress address;
    std::memcpy(address.get(), each->ai_addr, each->ai_addrlen);
    *address.size_to_fill() = each->ai_addrlen;
    addresses.push_back(address);
  }
  return addresses;
}

// What the asking thread and the waiting one share; the last of them to leave frees it.
struct Question {
  Descriptor done{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  Addresses answer;  // read only after `done`
};

}  // namespace

base::Result<Addresses> resolve_all(const std::string& host, std::uint16_t port, Deadline deadline,
                                    const base::StopToken& stop) {
  const auto none = [&host] {
    return base::fail(base::Error(base::ErrorKind::io, "the host has no address")
                          .about(host)
                          .remedy("check the name, and this machine's name server"));
  };
  Addresses numeric = look_up(host, port, AI_NUMERICHOST);
  if (!numeric.empty()) return numeric;
  // getaddrinfo(3) cannot be interrupted: a thread of its own waits for the name server, for as long as that takes.
  const auto question = std::make_shared<Question>();
  try {
    std::thread([question, host, port] {
      question->answer = look_up(host, port, 0);
      ::eventfd_write(question->done.get(), 1);
    }).detach();
  } catch (const std::system_error&) {
    return none();
  }
  if (auto answered = wait_ready(question->done.get(), POLLIN, deadline, stop); !answered) {
    if (answered.error().kind() == base::ErrorKind::interrupted) return base::fail(std::move(answered).error());
    return none();
  }
  // Reading the counter puts the other thread's writing of the answer before this.
  eventfd_t count = 0;
  ::eventfd_read(question->done.get(), &count);
  if (question->answer.empty()) return none();
  return std::move(question->answer);
}

base::Result<SocketAddress> resolve_own(const std::string& host, std::uint16_t port) {
  const Addresses found = look_up(host, port, AI_PASSIVE);
  if (found.empty())
    return base::fail(base::Error(base::ErrorKind::configuration, "the host has no address").about(host));
  return found.front();
}

}  // namespace relay::tunnel
