#include "relay/seed/manifest.h"

#include <utility>

#include "relay/seed/record_json.h"

namespace relay::seed {

std::string manifest_text(const Manifest& manifest) {
  const ViewPosition& position = manifest.view.position;
  using Json = nlohmann::ordered_json;
  Json tables = Json::array();
  for (const TableRecord& table : manifest.tables) tables.push_back(table_json(table));
  const Json json = {{"format", kManifestFormat},
                     {"made_by", manifest.made_by},
                     {"source",
                      {{"flavor", manifest.facts.flavor == binlog::Flavor::mariadb ? "mariadb" : "mysql"},
                       {"version", manifest.facts.version},
                       {"server_id", manifest.facts.server_id},
                       {"server_uuid", manifest.facts.server_uuid},
                       {"lower_case_table_names", manifest.facts.lower_case_table_names}}},
                     {"position", {{"file", position.file}, {"offset", position.offset}, {"gtids", position.gtids}}},
                     {"start", position.start()},
                     {"lined_up_by", name_of(manifest.view.way)},
                     {"commits_held_back_ms", manifest.view.blocked_milliseconds},
                     {"readers", manifest.view.readers.size()},
                     {"rules", manifest.rules_digest},
                     {"schema", statements_json(manifest.schema)},
                     {"indexes", statements_json(manifest.indexes)},
                     {"tables", std::move(tables)}};
  // Names of a server that are no UTF-8 would be an error otherwise.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace relay::seed
