#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "relay/base/buffer.h"
#include "relay/proof/egress_check.h"
#include "relay/proof/expectations.h"
#include "relay/proof/made_statements.h"
#include "relay/proof/part_reader.h"
#include "relay/proof/written_rows.h"
#include "relay/proof/written_table.h"

namespace relay::proof {

// The second decoder: reads what was written from the file, byte by byte, and lets pass only what it understands and
// what is expected (README.md of this folder). Memory does not grow with the size of events, save for table maps.
class EgressProof final : public EgressCheck {
 public:
  // All must outlive it. `canaries` may be null.
  EgressProof(const Expectations& expectations, const MadeStatements& made, CanarySearch* canaries)
      : expectations_(expectations), made_(made), canaries_(canaries), reader_(canaries) {}

  [[nodiscard]] base::Result<void> check(base::File& file, WrittenPart part, std::uint64_t begin,
                                         std::uint64_t end) override;

 private:
  [[nodiscard]] base::Result<void> check_opening(base::File& file, std::uint64_t end);
  [[nodiscard]] base::Result<void> learn_format(base::File& file);
  [[nodiscard]] base::Result<void> check_events(WrittenPart part);
  [[nodiscard]] base::Result<void> check_event(const WrittenHeader& header, WrittenPart part);
  [[nodiscard]] base::Result<void> check_body(const WrittenHeader& header, WrittenPart part);
  [[nodiscard]] base::Result<void> check_gtid(const WrittenHeader& header);
  [[nodiscard]] base::Result<void> check_table_map();
  [[nodiscard]] base::Result<void> check_rows(const WrittenHeader& header);
  void start_transaction();

  const Expectations& expectations_;
  const MadeStatements& made_;
  CanarySearch* canaries_;
  PartReader reader_;
  RowsReader rows_;
  bool knows_format_ = false;
  bool mariadb_ = false;
  std::uint64_t begin_ = 0, end_ = 0;                     // of the part
  std::unordered_map<std::string, WrittenTable> tables_;  // by what their maps say
  std::uint64_t tables_version_ = 0;
  std::unordered_map<std::uint64_t, const WrittenTable*> live_;  // of the open statement, by table id
  const WrittenTable* table_ = nullptr;                          // of the event, for messages
  base::Buffer definition_{std::size_t{64} << 20};
};

}  // namespace relay::proof
