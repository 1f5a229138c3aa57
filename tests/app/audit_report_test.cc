#include "relay/app/audit_report.h"

#include <catch2/catch.hpp>

namespace relay::app {
namespace {

TEST_CASE("audit_report: an entry becomes a line, counts become sums", "[app]") {
  AuditReport report;
  CHECK(report.take(R"({"n":1,"time":"T","kind":"started","rules":"r","spool":["spool.000001",4],"keys":["a","b"]})") ==
        "T started           rules=r spool=spool.000001:4 keys=a, b\n");
  CHECK(report
            .take(R"({"n":2,"time":"T","kind":"counts","transactions":3,"tables":[{"table":"d.t","events":[1,2,3],)"
                  R"("rows":4,"columns":{"c":[5,6,7]}}]})")
            .empty());
  CHECK(report.sums() ==
        "\n3 transactions were spooled\n\nd.t: 4 rows left; of its row events 1 left as they came, 2 rewritten, 3 did "
        "not leave\n  c  values: 5 left as they are, 6 altered, 7 dropped\n");
}

TEST_CASE("audit_report: names bring no control characters to a terminal", "[app]") {
  AuditReport report;
  CHECK(report.take(R"({"time":"T","kind":"halted","table":"d.\u001b[2J\u007f\n"})") ==
        "T halted            table=d.?[2J??\n");
  CHECK(report.take("{\"time\":\"T\",\"kind\":\"halted\",\"table\":\"\xc3\xa6\xc2\x9b\"}") ==
        "T halted            table=\xc3\xa6??\n");
  CHECK(report.take(R"({"kind":"counts","tables":[{"table":"d.\u001b","columns":{"\u001bc":[1,1,1]}}]})").empty());
  CHECK(report.sums().find('\x1b') == std::string::npos);
}

TEST_CASE("audit_report: an entry that somebody edited is passed over as far as it is not one", "[app]") {
  AuditReport report;
  std::string deep = "{\"kind\":";
  for (int i = 0; i < 100'000; ++i) deep += '[';
  for (const std::string& entry :
       {std::string(), std::string("[]"), std::string("{"), deep, std::string(R"({"kind":"counts","tables":5})"),
        std::string(R"({"kind":"counts","tables":[5,{"table":[],"events":{},"rows":-1,"columns":[1]}]})"),
        std::string(R"({"kind":"counts","transactions":"x","tables":[{"columns":{"c":[],"d":5}}]})")}) {
    CHECK(report.take(entry).empty());
  }
  CHECK(report.take(R"({"kind":5,"time":{},"x":"\ud800"})").empty());
  CHECK(report.take(R"({"kind":5,"time":{},"x":[1,"y"]})") == "                   x=1, y\n");
}

}  // namespace
}  // namespace relay::app
