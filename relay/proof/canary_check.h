#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "relay/proof/egress_check.h"
#include "relay/proof/part_reader.h"

namespace relay::proof {

// Searches everything that is written for canaries, event by event; of events it knows no more than is needed to name
// the table.
class CanaryCheck final : public EgressCheck {
 public:
  // `canaries` must outlive it.
  explicit CanaryCheck(CanarySearch& canaries) : canaries_(canaries), reader_(&canaries) {}
  [[nodiscard]] base::Result<void> check(base::File& file, WrittenPart part, std::uint64_t begin,
                                         std::uint64_t end) override;

 private:
  // The table that the event is about; empty for events about none.
  [[nodiscard]] std::string table_of(const WrittenHeader& header);

  CanarySearch& canaries_;
  PartReader reader_;
  std::unordered_map<std::uint64_t, std::string> names_;  // of the part, by table id
};

}  // namespace relay::proof
