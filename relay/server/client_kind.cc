#include "relay/server/client_kind.h"

#include <fmt/format.h>

namespace relay::server {

namespace {

using binlog::Flavor;

// No MySQL has a two-digit major version; every MariaDB since 2014 has.
constexpr std::uint32_t kFirstMariadbVersion = 100000;

std::string leading_version(std::string_view text) {
  return std::string(text.substr(0, std::min<std::size_t>(text.find_first_not_of("0123456789."), 32)));
}

}  // namespace

std::string ClientKind::name() const {
  if (!flavor) return "unknown client";
  const std::string name = *flavor == Flavor::mysql ? "MySQL" : "MariaDB";
  return version_text.empty() ? name : name + " " + version_text;
}

ClientKind client_kind_of(const wire::HandshakeResponse& response) {
  ClientKind kind;
  kind.version_text = leading_version(response.attribute("_client_version"));
  kind.version = version_number(kind.version_text);
  const std::string library = response.attribute("_client_name");
  if (library.find("maria") != std::string::npos) {
    // MariaDB's connector has version numbers of its own; the server's is in an attribute beside it, if anywhere.
    kind.flavor = Flavor::mariadb;
    kind.version_text = leading_version(response.attribute("_server_version"));
    kind.version = version_number(kind.version_text);
  } else if (kind.version >= kFirstMariadbVersion) {
    kind.flavor = Flavor::mariadb;
  } else if (kind.version != 0) {
    kind.flavor = Flavor::mysql;
  }
  return kind;
}

std::optional<std::string> refusal_of(const ClientKind& client, const SourceFacts& source) {
  if (!client.flavor) return std::nullopt;
  const std::string pair = fmt::format("a {} replica cannot follow a {} source", client.name(), source.name());
  if (*client.flavor != source.flavor) {
    return pair + ": GTIDs, events and statements differ between MySQL and MariaDB; use a replica of the source's kind";
  }
  if (client.version == 0) return std::nullopt;
  if (!source.mariadb() && source.version_number >= 80000 && client.version < 80000) {
    return pair +
           ": it knows neither the collations nor the events of MySQL 8 and newer; use a replica of the source's "
           "version";
  }
  // The collations 2048 and up, which 11.4 and newer name in every statement, came with 10.10.
  if (source.mariadb() && source.version_number >= 110400 && client.version < 101000) {
    return pair + ": it does not know the collations that the source names; use a replica of version 10.10 or newer";
  }
  return std::nullopt;
}

}  // namespace relay::server
