#include "tests/fuzz/fuzz_input.h"
#include "tunnel/host_key.h"
#include "tunnel/known_hosts.h"

// A file of pinned host keys of any bytes: it is read, or the error is one line that has nothing of it, and a key that
// it does not pin is refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  const std::string_view text = base::ByteView(data, size).text();
  const auto hosts = tunnel::KnownHosts::parse(text, "known_hosts", "cloud.example", 22);
  if (!hosts) {
    fuzz::require(hosts.error().subject().starts_with("known_hosts, line "));
    return 0;
  }
  const auto algorithms = hosts->algorithms();
  fuzz::require(algorithms.has_value() ? !algorithms->empty()
                                       : algorithms.error().kind() == base::ErrorKind::configuration);
  const auto checked = hosts->check({data, size});
  fuzz::require(!checked && checked.error().message().find('\n') == std::string::npos);
  return 0;
}
