#pragma once

#include "relay/server/query_answer.h"
#include "relay/server/replica_login.h"
#include "relay/server/replica_registry.h"
#include "relay/wire/command.h"

namespace relay::server {

// What all sessions share.
struct SessionTools {
  LoginTools login;
  SpoolAccess spool;
  ReplicaRegistry& registry;
  // Ends another session of the same account; false when there is none of that id.
  std::function<bool(std::uint32_t connection_id, const std::string& user)> kill;
  // Tells the server whose session this is, for kill().
  std::function<void(std::uint32_t connection_id, const std::string& user)> logged_in;
};

// One client from its greeting to its end; its thread owns it.
class ReplicaSession {
 public:
  ReplicaSession(std::unique_ptr<tunnel::ByteStream> stream, std::uint32_t connection_id, const SessionTools& tools,
                 base::StopToken& stop);
  void run();

 private:
  void wait_for_first_file() const;
  [[nodiscard]] base::Result<void> serve();
  [[nodiscard]] base::Result<bool> answer(base::ByteView packet);  // false: the session is over
  [[nodiscard]] base::Result<void> answer_query(base::ByteView statement);
  [[nodiscard]] base::Result<bool> dump(const wire::BinlogDumpCommand& command);
  [[nodiscard]] base::Result<bool> dump(const wire::BinlogDumpGtidCommand& command);
  [[nodiscard]] base::Result<bool> send(struct DumpRequest request, std::uint16_t flags, std::uint32_t server_id);
  void fill_from_variables(struct DumpRequest& request, std::uint16_t flags) const;

  PacketChannel channel_;
  const SessionTools& tools_;
  base::StopToken& stop_;
  SourceFacts facts_;
  SessionState state_;
  std::function<bool(std::uint32_t)> kill_;
};

}  // namespace relay::server
