#include "tunnel/ssh_agent.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "tunnel/descriptor.h"
#include "tunnel/host_key.h"
#include "tunnel/ssh_wire.h"

namespace relay::tunnel {

namespace {

using base::ErrorKind;
using base::Result;

// PROTOCOL.agent, 5.1, and OpenSSH's agent.h for the largest message.
constexpr std::uint8_t kRequestIdentities = 11;
constexpr std::uint8_t kIdentitiesAnswer = 12;
constexpr std::uint8_t kSignRequest = 13;
constexpr std::uint8_t kSignResponse = 14;
constexpr std::size_t kLargestMessage = std::size_t{256} << 10;

tl::unexpected<base::Error> not_understood() {
  return base::fail(ErrorKind::peer, "the SSH agent's answer is not understood");
}

}  // namespace

Result<SshAgent> SshAgent::connect(const std::string& path, Deadline deadline, const base::StopToken& stop) {
  constexpr base::FixedText kRemedy("start one, add the key with ssh-add, and set SSH_AUTH_SOCK; or give key_file");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return base::fail(base::Error(ErrorKind::configuration, "SSH_AUTH_SOCK names no SSH agent").remedy(kRemedy));
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return base::fail(base::Error(ErrorKind::io, "cannot make a socket").code(errno));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return base::fail(base::Error(ErrorKind::configuration, "no SSH agent answers").about(path).remedy(kRemedy));
  return SshAgent(std::make_unique<TcpStream>(socket.release(), stop), deadline);
}

Result<void> SshAgent::read_exactly(std::uint8_t* into, std::size_t size) {
  while (size > 0) {
    RELAY_ASSIGN(const std::size_t got, stream_->read_some(into, size, deadline_));
    if (got == 0) return base::fail(ErrorKind::peer, "the SSH agent closed the connection");
    into += got;
    size -= got;
  }
  return {};
}

Result<SshAgent::Bytes> SshAgent::ask(const Bytes& question) {
  Bytes size;
  append_uint32(size, static_cast<std::uint32_t>(question.size()));
  const std::array<base::ByteView, 2> slices{base::ByteView(size.data(), size.size()),
                                             base::ByteView(question.data(), question.size())};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
  RELAY_TRY(stream_->write_all(slices, std::max(left, std::chrono::milliseconds(0))));
  RELAY_TRY(read_exactly(size.data(), size.size()));
  const std::optional<std::uint32_t> length = SshReader({size.data(), size.size()}).uint32();
  if (*length == 0 || *length > kLargestMessage) return not_understood();
  Bytes answer(*length);
  RELAY_TRY(read_exactly(answer.data(), answer.size()));
  return answer;
}

Result<std::vector<SshAgent::Bytes>> SshAgent::keys() {
  RELAY_ASSIGN(const Bytes answer, ask({kRequestIdentities}));
  SshReader reader({answer.data(), answer.size()});
  if (reader.byte() != kIdentitiesAnswer) return not_understood();
  const std::optional<std::uint32_t> count = reader.uint32();
  if (!count) return not_understood();
  std::vector<Bytes> keys;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto key = reader.string();
    if (!key || !reader.string()) return not_understood();  // the second is a comment
    if (is_key_algorithm(key_type(*key))) keys.emplace_back(key->begin(), key->end());
  }
  return keys;
}

Result<SshAgent::Bytes> SshAgent::sign(base::ByteView key, base::ByteView data) {
  Bytes question{kSignRequest};
  append_string(question, key);
  append_string(question, data);
  append_uint32(question, 0);  // no flags: they are for RSA
  RELAY_ASSIGN(const Bytes answer, ask(question));
  SshReader reader({answer.data(), answer.size()});
  if (reader.byte() != kSignResponse) return base::fail(ErrorKind::peer, "the SSH agent does not sign with its key");
  const auto signature = reader.string();
  if (!signature) return not_understood();
  SshReader parts(*signature);
  const auto algorithm = parts.string();
  const auto bare = parts.string();
  if (!algorithm || !bare) return not_understood();
  return Bytes(bare->begin(), bare->end());
}

}  // namespace relay::tunnel
