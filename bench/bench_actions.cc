// What each action costs for one value, in nanoseconds, and how often it allocates. A pseudonym's cost stands beside
// that of the OpenSSL calls that it cannot do without: one HMAC-SHA-256 of as many bytes, or the AES blocks of one FF1.
// All in one run, since machines are noisy.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "bench/allocations.h"
#include "tests/scrub_rules/action_tester.h"

namespace relay::scrub_rules {
namespace {

struct Case {
  const char* column;
  const char* action;
  const char* value;
  const char* primitive;  // the name of another benchmark; empty for actions without a key
};

constexpr const char* kHmac12 = "HMAC-SHA-256 of 12 bytes";
constexpr const char* kHmac23 = "HMAC-SHA-256 of 23 bytes";
constexpr const char* kFf1 = "AES-256, the 11 blocks of FF1";

constexpr const char* kDocument =
    R"({"navn":"Kari","fnr":"01018000000","ordre":[{"id":1,"sum":99.5},{"id":2,"sum":12}]})";

// Values as short as they are in practice.
constexpr Case kCases[] = {
    {"varchar(40)", "hash key=person", "Kari Normann", kHmac12},
    {"varchar(60)", "hash key=person", "kari.normann@example.no", kHmac23},
    {"varchar(60) latin1_swedish_ci", "hash key=person fold=true", "kari.normann@example.no", kHmac23},
    {"varbinary(20)", "hash key=person", "01018000000", kHmac12},
    {"varchar(60)", "email key=person", "kari.normann@example.no", kHmac23},
    {"int", "hash key=person", "4711", kFf1},
    {"bigint unsigned", "hash key=person", "4711", kFf1},
    {"varchar(40)", "hash key=person", "4711", kFf1},
    {"char(11)", "hash key=person encoding=digits", "01018000000", kFf1},
    {"varchar(11)", "digits key=person", "01018000000", kFf1},
    {"varchar(40)", "mask keep_first=1", "Kari Normann", ""},
    {"varchar(40) latin1", "mask keep_first=1", "Kari Normann", ""},
    {"varchar(40)", "truncate length=3", "Kari Normann", ""},
    {"varchar(40)", "ip", "192.0.2.17", ""},
    {"varchar(40)", "ip", "2001:db8::17", ""},
    {"varchar(80)", "redact", "ingenting her", ""},
    {"varchar(80)", "redact", "ring 22 33 44 55 i dag", ""},
    {"date", "date to=year", "1980-02-29", ""},
    {"datetime(6)", "date to=month", "1980-02-29 12:30:00.123456", ""},
    {"timestamp(3)", "date to=year", "2020-02-29 12:30:00.123", ""},
    {"int", "round to=1000", "123456", ""},
    {"decimal(10,2)", "round to=100", "12345.67", ""},
    {"double", "round to=100", "12345.67", ""},
    {"json", "json keep=[\"$.navn\",\"$.ordre[*].id\"]", kDocument, ""},
    {"text", "json keep=[\"$.navn\",\"$.ordre[*].id\"]", kDocument, ""},
    {"json", "json remove=[\"$.fnr\"]", kDocument, ""},
    {"text", "json remove=[\"$.fnr\"]", kDocument, ""},
};

struct Figures {
  double nanoseconds = 0;  // the median of the repetitions
  double allocations = 0;  // for one value
};

// Prints as usual, and keeps the figures by the benchmarks' names.
class Reporter final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.aggregate_name != "median") continue;
      const auto counted = run.counters.find("allocations");
      figures_[run.run_name.function_name] = {run.GetAdjustedRealTime(),
                                              counted != run.counters.end() ? counted->second.value : 0};
    }
    ConsoleReporter::ReportRuns(runs);
  }
  // Null where it was not run.
  [[nodiscard]] const Figures* find(const std::string& name) const {
    const auto found = figures_.find(name);
    return found != figures_.end() ? &found->second : nullptr;
  }

 private:
  std::map<std::string, Figures> figures_;
};

std::string name_of(const Case& tried) { return fmt::format("{} {} '{}'", tried.column, tried.action, tried.value); }

// Those from here on, for one round of `state`.
class CountedAllocations {
 public:
  explicit CountedAllocations(benchmark::State& state) : state_(state), before_(bench::allocations()) {}
  CountedAllocations(const CountedAllocations&) = delete;
  CountedAllocations& operator=(const CountedAllocations&) = delete;
  ~CountedAllocations() {
    const auto count = static_cast<double>(bench::allocations() - before_);
    state_.counters["allocations"] = benchmark::Counter(count, benchmark::Counter::kAvgIterations);
  }

 private:
  benchmark::State& state_;
  std::uint64_t before_;
};

void measure_action(benchmark::State& state, const Case& tried) {
  const testing::Column column = testing::column_of(tried.column);
  const auto transform = testing::made(testing::parsed(tried.action), column);
  const std::string cell = testing::cell_of(column.traits, tried.value);
  base::Buffer into;
  if (!transform->apply(base::ByteView::of(cell), into)) return state.SkipWithError("the action failed");
  const CountedAllocations counted(state);
  for ([[maybe_unused]] const auto& round : state) {
    into.clear();
    benchmark::DoNotOptimize(transform->apply(base::ByteView::of(cell), into));
  }
}

void measure_hmac(benchmark::State& state, std::size_t size) {
  EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* const context = EVP_MAC_CTX_new(hmac);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  const std::string key(32, 'k'), text(size, 't');
  EVP_MAC_init(context, reinterpret_cast<const unsigned char*>(key.data()), key.size(), parameters);
  unsigned char into[32];
  const CountedAllocations counted(state);
  for ([[maybe_unused]] const auto& round : state) {
    std::size_t written = 0;
    EVP_MAC_init(context, nullptr, 0, nullptr);
    EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    EVP_MAC_final(context, into, &written, sizeof into);
    benchmark::DoNotOptimize(into);
  }
  EVP_MAC_CTX_free(context);
  EVP_MAC_free(hmac);
}

void measure_aes(benchmark::State& state) {
  EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
  const std::string key(32, 'k');
  EVP_EncryptInit_ex2(context, EVP_aes_256_ecb(), reinterpret_cast<const unsigned char*>(key.data()), nullptr, nullptr);
  EVP_CIPHER_CTX_set_padding(context, 0);
  unsigned char block[16] = {};
  const CountedAllocations counted(state);
  for ([[maybe_unused]] const auto& round : state) {
    int written = 0;
    for (int i = 0; i < 11; ++i) EVP_EncryptUpdate(context, block, &written, block, sizeof block);
    benchmark::DoNotOptimize(block);
  }
  EVP_CIPHER_CTX_free(context);
}

// Random text of a whole LONGTEXT's size: the time for a byte is the same for all sizes.
void measure_redact(benchmark::State& state, bool printable) {
  const auto transform = testing::made(testing::parsed("redact"), testing::column_of("longtext latin1"));
  const auto size = static_cast<std::size_t>(state.range(0));
  std::mt19937 random(1);
  std::string cell;
  for (int shift = 0; shift < 32; shift += 8) cell += static_cast<char>(size >> shift);
  constexpr std::string_view kSigns = "0123456789 .-@:/abcNO+";
  while (cell.size() < size + 4) cell += printable ? kSigns[random() % kSigns.size()] : static_cast<char>(random());
  base::Buffer into;
  for ([[maybe_unused]] const auto& round : state) {
    into.clear();
    benchmark::DoNotOptimize(transform->apply(base::ByteView::of(cell), into));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}

void register_all() {
  benchmark::RegisterBenchmark(kHmac12, [](benchmark::State& state) { measure_hmac(state, 12); });
  benchmark::RegisterBenchmark(kHmac23, [](benchmark::State& state) { measure_hmac(state, 23); });
  benchmark::RegisterBenchmark(kFf1, measure_aes);
  for (const Case& tried : kCases) {
    benchmark::RegisterBenchmark(name_of(tried).c_str(),
                                 [&tried](benchmark::State& state) { measure_action(state, tried); });
  }
  for (const bool printable : {false, true}) {
    const char* const name = printable ? "redact signs that look like numbers" : "redact random bytes";
    benchmark::RegisterBenchmark(name, [printable](benchmark::State& state) { measure_redact(state, printable); })
        ->RangeMultiplier(10)
        ->Range(1'000'000, 100'000'000)
        ->Unit(benchmark::kMillisecond)
        ->Repetitions(1);
  }
}

void print_ratios(const Reporter& reporter) {
  fmt::print("\n{:<85} {:>6} {:>7} {:>12} {:>7} {:>6}\n", "action", "ns", "allocs", "primitive ns", "allocs", "ratio");
  for (const Case& tried : kCases) {
    const Figures* const action = reporter.find(name_of(tried));
    if (action == nullptr) continue;
    fmt::print("{:<85} {:>6.0f} {:>7.0f}", name_of(tried), action->nanoseconds, action->allocations);
    if (const Figures* const primitive = reporter.find(tried.primitive)) {
      fmt::print(" {:>12.0f} {:>7.0f} {:>6.2f}", primitive->nanoseconds, primitive->allocations,
                 action->nanoseconds / primitive->nanoseconds);
    }
    fmt::print("\n");
  }
}

}  // namespace
}  // namespace relay::scrub_rules

int main(int count, char** arguments) {
  if (!relay::bench::count_openssl_allocations()) return 2;
  std::vector<char*> all(arguments, arguments + count);
  std::string repetitions = "--benchmark_repetitions=5", order = "--benchmark_enable_random_interleaving=true";
  std::string brief = "--benchmark_report_aggregates_only=true";
  for (std::string* option : {&repetitions, &order, &brief}) all.insert(all.begin() + 1, option->data());
  int size = static_cast<int>(all.size());
  benchmark::Initialize(&size, all.data());
  if (benchmark::ReportUnrecognizedArguments(size, all.data())) return 2;
  relay::scrub_rules::register_all();
  relay::scrub_rules::Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  relay::scrub_rules::print_ratios(reporter);
  return 0;
}
