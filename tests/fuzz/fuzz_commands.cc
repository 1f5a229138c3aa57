#include <algorithm>

#include "relay/binlog/gtid_set.h"
#include "relay/server/registration_queries.h"
#include "relay/wire/command.h"
#include "relay/wire/packet_assembler.h"

using namespace relay;

namespace {

struct World {
  server::ServerSettings settings;
  spool::SpoolIndex index{base::posix_file_system(), "/nowhere"};
  spool::PublishedTail tail;
  spool::SpoolLeases leases;
  server::SpoolAccess spool{base::posix_file_system(), index, tail, leases};
  server::SourceFacts facts;
  std::function<bool(std::uint32_t)> kill = [](std::uint32_t) { return false; };
};

void take(const wire::Command& command, World& world, server::SessionState& session) {
  if (const auto* query = std::get_if<wire::QueryCommand>(&command)) {
    static_cast<void>(
        server::answer_query(query->text, {world.settings, world.spool, world.facts, session, world.kill}));
  }
  if (const auto* dump = std::get_if<wire::BinlogDumpGtidCommand>(&command)) {
    static_cast<void>(binlog::MysqlGtidSet::parse_binary(dump->gtid_set));
  }
  if (const auto state = session.variables.get("slave_connect_state")) {
    static_cast<void>(binlog::MariadbGtidList::parse_text(*state));
  }
}

}  // namespace

// Whatever a logged-in client sends: bytes of packets, in pieces whose size the first byte says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  if (size < 1) return 0;
  world.facts.flavor = (data[0] & 1) != 0 ? binlog::Flavor::mariadb : binlog::Flavor::mysql;
  const std::size_t piece = 1 + data[0];
  server::SessionState session;
  wire::PacketAssembler assembler(1 << 20);
  base::ByteView rest(data + 1, size - 1);
  while (!rest.empty()) {
    const auto room = assembler.room();
    const base::ByteView part = rest.sub(0, std::min(piece, room.size()));
    std::copy(part.begin(), part.end(), room.begin());
    assembler.took(part.size());
    rest = rest.sub(part.size());
    for (;;) {
      const auto packet = assembler.next();
      if (!packet) return 0;
      if (!*packet) break;
      if (const auto command = wire::parse_command((*packet)->payload)) take(*command, world, session);
    }
  }
  return 0;
}
