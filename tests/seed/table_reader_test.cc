#include "relay/seed/table_reader.h"

#include <catch2/catch.hpp>

namespace relay::seed {

TEST_CASE("table_reader: an answer of more or fewer values than were asked for is malformed", "[seed]") {
  const std::vector<std::optional<std::string_view>> row{"1", std::nullopt, "3"};
  CHECK(check_width(row, 3).has_value());
  for (const std::size_t asked : {0U, 2U, 4U}) {
    const auto checked = check_width(row, asked);
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().kind() == base::ErrorKind::malformed);
  }
}

}  // namespace relay::seed
