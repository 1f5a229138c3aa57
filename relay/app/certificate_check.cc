#include "relay/app/certificate_check.h"

#include <fmt/format.h>

#include <algorithm>

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

  // The own certificate, with what it is signed by behind it.
  void judge_chain(const std::string& key, const std::string& path) {
    const auto all = read(key, path);
    if (all.empty()) return;
    const std::string owner = told(key, all.front());
    if (all.front().seconds_until > 0) {
      add(Severity::error, key, owner + " is not valid yet", "see to the clock, or take another certificate");
    }
    judge_end(Severity::error, key, owner, all.front().seconds_left);
    if (!std::ranges::all_of(all, &tunnel::CertificateFacts::signs_last)) {
      add(Severity::error, key, "the certificates of the file do not follow each other, each signed by the next",
          "put the own one first, then the one that has signed it, and so on");
    }
  }

  // Any of them will do.
  void judge_authorities(const std::string& key, const std::string& path) {
    const auto all = read(key, path);
    const bool any = std::ranges::any_of(all, [](const auto& facts) { return facts.seconds_left >= 0; });
    for (const tunnel::CertificateFacts& facts : all)
      judge_end(any ? Severity::warning : Severity::error, key, told(key, facts), facts.seconds_left);
  }

  void judge_revoked(const std::string& path) {
    if (path.empty()) return;
    const auto left = tunnel::read_revoked_seconds_left(path);
    if (!left) return add(Severity::error, "replicas.tls_crl", left.error().message(), "");
    judge_end(Severity::error, "replicas.tls_crl", "the list of revoked certificates", *left);
  }

  void add(Severity severity, const std::string& key, std::string what, std::string remedy) {
    problems_.push_back({severity, file_, 0, key, std::move(what), std::move(remedy)});
  }

 private:
  std::vector<tunnel::CertificateFacts> read(const std::string& key, const std::string& path) {
    if (path.empty()) return {};
    auto all = tunnel::read_certificate_facts(path);
    if (all) return std::move(*all);
    add(Severity::error, key, all.error().message(), "");
    return {};
  }

  // Notes whose it is; returns the name.
  std::string told(const std::string& key, const tunnel::CertificateFacts& facts) {
    const std::string owner = base::Subject(facts.owner.subject).text();
    const std::string names = base::Subject(fmt::format("{}", fmt::join(facts.owner.names, ", "))).text();
    notes_.push_back(fmt::format("{}: {}{}{}, {} days left", key, owner, names.empty() ? "" : ", names ", names,
                                 facts.seconds_left / kDay));
    return owner;
  }

  void judge_end(Severity ended, const std::string& key, const std::string& what, std::int64_t seconds_left) {
    if (seconds_left < 0) {
      add(ended, key, fmt::format("{} has ended", what), "put a new one in its place, and send SIGHUP");
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
  check.judge_authorities("source.tls_ca", source.tls_ca);
  check.judge_chain("source.tls_cert", source.tls_cert);
  const ReplicasSection& replicas = configuration.replicas;
  if (replicas.tls == ReplicaTls::off) return;
  check.judge_authorities("replicas.tls_ca", replicas.tls_ca);
  check.judge_chain("replicas.tls_cert", replicas.tls_cert);
  check.judge_revoked(replicas.tls_crl);
  const auto context =
      tunnel::TlsContext::server({replicas.tls_cert, replicas.tls_key, replicas.tls_ca, replicas.tls_crl});
  if (!context) check.add(Severity::error, "replicas.tls", context.error().message(), "");
}

}  // namespace relay::app
