#include <cstdlib>
#include <string>

#include "relay/app/configuration.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/support/faulty_file.h"

namespace {

constexpr const char* kSecret = "a password that no input holds: 51c0d7aa";

}  // namespace

// relay.toml of any bytes: it is read or every mistake is told, and no message has a password in it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  // The fuzzer finds the password by what it is compared with.
  if (base::ByteView(data, size).text().find(kSecret) != std::string_view::npos) return 0;
  static const bool kPrepared = ::setenv("RELAY_PASSWORD", kSecret, 1) == 0;
  fuzz::require(kPrepared);
  testing::FaultyFileSystem files;
  static_cast<void>(files.create_directory("etc"));
  files.set_content("etc/relay.toml", std::string(base::ByteView(data, size).text()));
  for (const char* name : {"etc/source.password", "etc/replica.password"}) files.set_content(name, kSecret);
  for (const char* name : {"etc/ca.pem", "etc/cert.pem", "etc/key.pem", "etc/known_hosts"})
    files.set_content(name, "x");
  base::Problems problems;
  const auto configuration = app::read_configuration(files, "etc/relay.toml", problems);
  fuzz::require(configuration.has_value() != base::has_errors(problems));
  for (const base::Problem& problem : problems) {
    const std::string line = base::problem_line(problem);
    fuzz::require(line.find(kSecret) == std::string::npos);
    fuzz::require(line.find('\n') == std::string::npos);
  }
  if (!configuration) return 0;
  fuzz::require(configuration->source.server_id != 0 && !configuration->rule_files.empty());
  fuzz::require(configuration->replicas.tls != app::ReplicaTls::off || configuration->replicas.listen.is_loopback());
  return 0;
}
