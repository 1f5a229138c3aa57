#include "relay/app/admin_endpoint.h"

#include <catch2/catch.hpp>

namespace relay::app::testing {

namespace {

AdminAnswers answers() {
  AdminAnswers made;
  made.health = [] { return AdminAnswers::Health{true, ""}; };
  made.ready = [](double maximum_lag) { return AdminAnswers::Health{maximum_lag > 5, "behind"}; };
  made.status_json = [] { return std::string("{}"); };
  made.metrics_text = [] { return std::string("binlog_relay_up 1\n"); };
  return made;
}

}  // namespace

TEST_CASE("admin_endpoint: can be stopped as soon as it is started", "[app]") {
  for (int round = 0; round < 300; ++round) {
    const auto endpoint = AdminEndpoint::start("127.0.0.1", 0, answers());
    REQUIRE(endpoint);
  }
}

TEST_CASE("admin_endpoint: answers what it is asked for", "[app]") {
  const auto endpoint = AdminEndpoint::start("127.0.0.1", 0, answers());
  REQUIRE(endpoint);
  const std::uint16_t port = (*endpoint)->port();
  CHECK(admin_get("127.0.0.1", port, "/health").value() == "ok\n");
  CHECK(admin_get("127.0.0.1", port, "/ready?max_lag=10").value() == "ok\n");
  CHECK(admin_get("127.0.0.1", port, "/ready?max_lag=1").error().system_code() == 503);
  CHECK(admin_get("127.0.0.1", port, "/ready?max_lag=x").error().system_code() == 400);
  CHECK(admin_get("127.0.0.1", port, "/status").value() == "{}");
  CHECK(admin_get("127.0.0.1", port, "/metrics").value() == "binlog_relay_up 1\n");
  CHECK(admin_get("127.0.0.1", port, "/nothing").error().system_code() == 404);
}

}  // namespace relay::app::testing
