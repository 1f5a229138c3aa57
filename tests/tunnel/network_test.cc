#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/support/ssh_server.h"
#include "tunnel/descriptor.h"
#include "tunnel/ssh_tunnel.h"

using namespace relay;
using tunnel::NetworkWatch;
using tunnel::SshTunnel;
using tunnel::TunnelState;

namespace {

// Runs `body` in a thread with a network of its own, that has nothing but a loopback link, which is down. Where this
// account may not make one, it says so, and CTest counts it as skipped.
void in_new_network(const std::function<void()>& body) {
  bool is_new = false;
  std::thread([&] {
    is_new = ::unshare(CLONE_NEWNET) == 0;
    if (is_new) body();
  }).join();
  if (!is_new) WARN("not tested: this account may not make a network of its own");
}

void bring_loopback_up() {
  const tunnel::Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  CHECK(::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0);
}

}  // namespace

TEST_CASE("network_watch: a link that comes up is news, once", "[tunnel][network]") {
  in_new_network([] {
    NetworkWatch watch;
    CHECK(watch.descriptor() >= 0);
    CHECK_FALSE(watch.take_news());
    bring_loopback_up();
    CHECK(watch.take_news());
    CHECK_FALSE(watch.take_news());
  });
}

TEST_CASE("ssh_tunnel: dials at once when the network comes back", "[tunnel][network]") {
  in_new_network([] {
    const std::string known_hosts =
        std::filesystem::temp_directory_path() / ("binlog-relay-known-hosts-" + std::to_string(::getpid()));
    std::ofstream(known_hosts, std::ios::trunc).close();
    tunnel::TunnelSettings settings;
    settings.host = "127.0.0.1";
    settings.port = 22;
    settings.user = "nobody";
    settings.agent_socket = "/nowhere";
    settings.known_hosts = known_hosts;
    settings.remote_port = 1;
    settings.local_host = "127.0.0.1";
    settings.first_delay = settings.longest_delay = std::chrono::hours(1);
    SshTunnel tunnel(std::move(settings));
    const auto error_has = [&](const char* part) {
      return testing::becomes_true([&] { return tunnel.status().last_error.find(part) != std::string::npos; });
    };
    CHECK(error_has("Network is unreachable"));
    bring_loopback_up();
    CHECK(error_has("Connection refused"));
    std::filesystem::remove(known_hosts);
  });
}
