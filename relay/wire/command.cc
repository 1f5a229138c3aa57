#include "relay/wire/command.h"

#include "relay/base/byte_reader.h"

namespace relay::wire {

namespace {

// include/my_command.h
enum : std::uint8_t {
  kComQuit = 0x01,
  kComQuery = 0x03,
  kComStatistics = 0x09,
  kComPing = 0x0e,
  kComBinlogDump = 0x12,
  kComRegisterSlave = 0x15,
  kComBinlogDumpGtid = 0x1e,
};

RegisterReplicaCommand parse_register(base::ByteReader& reader) {
  RegisterReplicaCommand command;
  command.server_id = reader.u32();
  for (int i = 0; i < 3; ++i) reader.bytes(reader.u8());  // host, user, password
  command.port = reader.u16();
  reader.skip(8);  // rank, id of the replica's source
  return command;
}

BinlogDumpCommand parse_dump(base::ByteReader& reader) {
  BinlogDumpCommand command;
  command.position = reader.u32();
  command.flags = reader.u16();
  command.server_id = reader.u32();
  command.file = reader.rest();
  return command;
}

BinlogDumpGtidCommand parse_dump_gtid(base::ByteReader& reader) {
  BinlogDumpGtidCommand command;
  command.flags = reader.u16();
  command.server_id = reader.u32();
  reader.bytes(reader.u32());  // file
  reader.skip(8);              // position
  command.gtid_set = reader.bytes(reader.u32());
  return command;
}

Command parse_body(std::uint8_t code, base::ByteReader& reader) {
  switch (code) {
    case kComQuit:
      return QuitCommand{};
    case kComPing:
      return PingCommand{};
    case kComStatistics:
      return StatisticsCommand{};
    case kComQuery:
      return QueryCommand{reader.rest()};
    case kComRegisterSlave:
      return parse_register(reader);
    case kComBinlogDump:
      return parse_dump(reader);
    case kComBinlogDumpGtid:
      return parse_dump_gtid(reader);
    default:
      return OtherCommand{code};
  }
}

}  // namespace

base::Result<Command> parse_command(base::ByteView packet) {
  base::ByteReader reader(packet);
  const std::uint8_t code = reader.u8();
  if (!reader.ok()) return base::fail(base::ErrorKind::malformed, "an empty command");
  Command command = parse_body(code, reader);
  if (!reader.ok()) {
    return base::fail(base::Error(base::ErrorKind::malformed, "a command is cut off").at(reader.position()));
  }
  return command;
}

}  // namespace relay::wire
