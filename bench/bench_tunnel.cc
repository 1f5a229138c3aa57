// The pieces that bench/tunnel puts together and measures: each a process of its own, so that its processor time is.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <stdexcept>

#include "bench/bare_forward.h"
#include "bench/zero_drain.h"
#include "bench/zero_source.h"
#include "tests/support/sample_spool.h"
#include "tunnel/ssh_tunnel.h"

using namespace relay;

namespace {

// To be made before any thread is: none of them may be given the signal.
class EndSignal {
 public:
  EndSignal() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  void wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
  }

 private:
  sigset_t set_{};
};

tunnel::TunnelSettings tunnel_settings(const bench::SshHost& host, std::uint16_t local_port) {
  tunnel::TunnelSettings settings;
  settings.host = "127.0.0.1";
  settings.port = host.port;
  settings.user = host.user;
  settings.key_file = host.key_file;
  settings.known_hosts = host.known_hosts;
  settings.remote_host = "127.0.0.1";
  settings.remote_port = host.remote_port;
  settings.local_host = "127.0.0.1";
  settings.local_port = local_port;
  return settings;
}

// The half of a relay that serves replicas: a spool of at least `megabytes`, mostly events of 8 KB, and what sends it.
// With a tunnel it is joined to that, as the relay joins its own.
void serve_spool(std::uint64_t megabytes, std::uint16_t port, const bench::SshHost& host, const tunnel::TlsFiles& tls) {
  constexpr std::size_t kRowBytes = 8000;
  const EndSignal end;
  testing::SampleSpool spool("my97-nopk");
  spool.start_file();
  for (std::uint64_t number = 1; number * kRowBytes < megabytes * 1000000; ++number) spool.add(number, kRowBytes);
  server::ServerSettings settings = spool.settings();
  settings.listen_port = port;
  if (!tls.certificate.empty()) settings.tls = tls;
  const auto server = spool.serve(std::move(settings));
  std::optional<tunnel::SshTunnel> tunnel;
  if (host.port != 0) tunnel.emplace(tunnel_settings(host, port));
  end.wait();
}

int run(int argc, char** argv) {
  CLI::App program("Pieces of the throughput measurement; bench/tunnel runs them.", "bench_tunnel");
  program.require_subcommand(1);
  std::uint16_t port = 0;
  std::uint64_t megabytes = 0;
  bench::SshHost host;
  tunnel::TlsFiles tls;
  bench::DrainSettings drain;
  const auto with_port = [&](CLI::App* command) {
    command->add_option("--port", port)->required();
    return command;
  };
  const auto with_host = [&](CLI::App* command) {
    command->add_option("--ssh-port", host.port);
    command->add_option("--remote-port", host.remote_port);
    command->add_option("--user", host.user);
    command->add_option("--key", host.key_file);
    command->add_option("--known-hosts", host.known_hosts);
    return command;
  };
  const auto with_tls = [&](CLI::App* command) {
    command->add_option("--certificate", tls.certificate);
    command->add_option("--certificate-key", tls.key);
    return command;
  };
  with_port(program.add_subcommand("source", "Sends zeros to whoever connects, until it leaves."))->callback([&] {
    bench::send_zeros(port);
  });
  std::string ciphers;
  CLI::App* const bare =
      with_host(program.add_subcommand("bare", "libssh2 and nothing else: a reverse forward of zeros."));
  bare->add_option("--ciphers", ciphers);
  bare->callback([&] { bench::forward_zeros(host, ciphers); });
  with_port(with_host(program.add_subcommand("tunnel", "The relay's tunnel, joined to a port here.")))->callback([&] {
    const EndSignal end;
    const tunnel::SshTunnel tunnel(tunnel_settings(host, port));
    end.wait();
  });
  CLI::App* const tls_proxy = with_port(with_tls(
      program.add_subcommand("tls", "Hands on what the source sends through the TLS stream of a replica's session.")));
  std::uint16_t source_port = 0;
  tls_proxy->add_option("--source", source_port)->required();
  tls_proxy->callback([&] { bench::send_by_tls(port, source_port, tls); });
  CLI::App* const relay = with_tls(with_port(with_host(program.add_subcommand("relay", "Serves a spool."))));
  relay->add_option("--megabytes", megabytes)->required();
  relay->callback([&] { serve_spool(megabytes, port, host, tls); });
  CLI::App* const drain_command =
      with_port(program.add_subcommand("drain", "Reads so many bytes, and prints how many seconds that took."));
  drain_command->add_option("--megabytes", megabytes)->required();
  drain_command->add_flag("--tls", drain.tls);
  drain_command->add_flag("--replica", drain.replica);
  drain_command->callback([&] {
    drain.bytes = megabytes * 1000000;
    std::printf("%.6f\n", bench::drain(port, drain));
  });
  CLI11_PARSE(program, argc, argv);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_tunnel: %s\n", error.what());
    return 1;
  }
}
