#include "relay/app/certificate_check.h"

#include <fmt/format.h>

#include "tunnel/certificate_facts.h"
#include "tunnel/tls_context.h"

namespace relay::app {

namespace {

using Severity = base::Problem::Severity;

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kSoon = 30 * kDay;

class CertificateCheck {
 public:
  CertificateCheck(const std::string& file, base::Problems& problems, std::vector<std::string>& notes)
      : file_(file), problems_(problems), notes_(notes) {}

  void judge_certificate(const std::string& key, const std::string& path) {
    if (path.empty()) return;
    const auto facts = tunnel::read_certificate_facts(path);
    if (!facts) return add(Severity::error, key, facts.error().message(), "");
    const std::string owner = base::Subject(facts->owner.subject).text();
    const std::string names = base::Subject(fmt::format("{}", fmt::join(facts->owner.names, ", "))).text();
    notes_.push_back(fmt::format("{}: {}{}{}, {} days left", key, owner, names.empty() ? "" : ", names ", names,
                                 facts->seconds_left / kDay));
    if (facts->seconds_until > 0) {
      add(Severity::error, key, fmt::format("{} is not valid yet", owner),
          "see to the clock, or take another certificate");
    }
    judge_end(key, owner, facts->seconds_left);
    if (!facts->in_order) {
      add(Severity::error, key, "the certificates of the file do not follow each other, each signed by the next",
          "put the own one first, then the one that has signed it, and so on");
    }
  }

  void judge_revoked(const std::string& path) {
    if (path.empty()) return;
    const auto left = tunnel::read_revoked_seconds_left(path);
    if (!left) return add(Severity::error, "replicas.tls_crl", left.error().message(), "");
    judge_end("replicas.tls_crl", "the list of revoked certificates", *left);
  }

  void add(Severity severity, const std::string& key, std::string what, std::string remedy) {
    problems_.push_back({severity, file_, 0, key, std::move(what), std::move(remedy)});
  }

 private:
  void judge_end(const std::string& key, const std::string& what, std::int64_t seconds_left) {
    if (seconds_left < 0) {
      add(Severity::error, key, fmt::format("{} has ended", what), "put a new one in its place, and send SIGHUP");
    } else if (seconds_left < kSoon) {
      add(Severity::warning, key, fmt::format("{} ends in {} days", what, seconds_left / kDay),
          "put a new one in its place, and send SIGHUP");
    }
  }

  const std::string& file_;
  base::Problems& problems_;
  std::vector<std::string>& notes_;
};

}  // namespace

void judge_certificates(const Configuration& configuration, base::Problems& problems, std::vector<std::string>& notes) {
  CertificateCheck check(configuration.file, problems, notes);
  const source::SourceSettings& source = configuration.source.connection;
  check.judge_certificate("source.tls_ca", source.tls_ca);
  check.judge_certificate("source.tls_cert", source.tls_cert);
  const ReplicasSection& replicas = configuration.replicas;
  if (replicas.tls == ReplicaTls::off) return;
  check.judge_certificate("replicas.tls_ca", replicas.tls_ca);
  check.judge_certificate("replicas.tls_cert", replicas.tls_cert);
  check.judge_revoked(replicas.tls_crl);
  const auto context =
      tunnel::TlsContext::server({replicas.tls_cert, replicas.tls_key, replicas.tls_ca, replicas.tls_crl});
  if (!context) check.add(Severity::error, "replicas.tls", context.error().message(), "");
}

}  // namespace relay::app
