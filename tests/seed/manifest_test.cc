#include "relay/seed/manifest.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace relay::seed {

TEST_CASE("manifest: says where the stream goes on, by which rules, and what lies in each file", "[seed]") {
  source::SourceFacts facts;
  facts.version = "9.7.0";
  facts.server_id = 7;
  ConsistentView view;
  view.position = {"binlog.000003", 157, "0b3a8f3e-0000-0000-0000-000000000001:1-9"};
  const Manifest manifest{
      "binlog-relay 1",
      facts,
      view,
      "digest",
      {"schema.sql", 0, 10, 10, "ab"},
      {"indexes.sql", 0, 11, 11, "ef"},
      {{"shop", "orders", "PRIMARY", 3, {{"shop.orders.00001.sql.zst", 3, 20, 50, "cd"}}}, {"shop", "log", "", 0, {}}}};
  const auto json = nlohmann::json::parse(manifest_text(manifest));
  CHECK(json["format"] == kManifestFormat);
  CHECK(json["start"] == "gtid:0b3a8f3e-0000-0000-0000-000000000001:1-9");
  CHECK(json["position"]["file"] == "binlog.000003");
  CHECK(json["position"]["offset"] == 157);
  CHECK(json["rules"] == "digest");
  CHECK(json["indexes"]["sha256"] == "ef");
  CHECK(json["tables"][0]["read_by"] == "PRIMARY");
  CHECK(json["tables"][0]["files"][0]["sha256"] == "cd");
  CHECK(json["tables"][1]["read_by"].is_null());
  CHECK(json["tables"][1]["files"].empty());
}

TEST_CASE("manifest: without GTIDs the stream goes on from file and offset", "[seed]") {
  CHECK(ViewPosition{"binlog.000003", 157, ""}.start() == "binlog.000003:157");
}

}  // namespace relay::seed
