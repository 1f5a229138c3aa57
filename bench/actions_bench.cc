// What an action costs per value, in nanoseconds and allocations, beside the bare primitive that it stands on.

#include <benchmark/benchmark.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "scrub_rules/cell_action.h"
#include "scrub_rules/column_type_of.h"
#include "scrub_rules/rule_set.h"
#include "tests/scrub_rules/declared_column.h"

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

// Not inline: g++ 12 takes the pair for a mismatch then.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace relay;
using scrub_rules::CellTransform;

class OneKey final : public scrub_rules::KeyReader {
 public:
  base::Result<base::Secret> read(const scrub_rules::KeySource&, const std::string&) override {
    return base::Secret(std::string(32, 'k'));
  }
};

struct Subject {
  const char* declared;
  const char* action;
  std::string value;
};

std::shared_ptr<CellTransform> transform_of(const Subject& subject, std::string* cell) {
  OneKey key;
  base::Problems problems;
  const auto rules = scrub_rules::RuleSet::parse(
      std::string("[keys]\nk = { env = \"K\" }\n[[table]]\nname = \"d.t\"\n[table.columns]\nc = { action = ") +
          subject.action + " }\n",
      "rules.toml", problems, &key);
  const auto flavor = std::string(subject.declared) == "inet6" ? binlog::Flavor::mariadb : binlog::Flavor::mysql;
  const sql::ColumnDefinition column = scrub_rules::testing::declared_column(subject.declared);
  const auto traits = scrub_rules::column_traits(column, *scrub_rules::column_type_of(column, flavor), flavor);
  base::Buffer encoded;
  if (cell != nullptr && !scrub_rules::encode_constant(traits, subject.value, encoded)) std::abort();
  if (cell != nullptr) *cell = std::string(encoded.view().text());
  return CellTransform::make(rules.tables()[0].columns[0].action, traits, "utf8mb4_general_ci", rules.keys()).value();
}

void run_action(benchmark::State& state, const Subject& subject) {
  std::string cell;
  const auto transform = transform_of(subject, &cell);
  base::Buffer into;
  static_cast<void>(transform->apply(base::ByteView::of(cell), into));
  const std::size_t before = allocations;
  for (auto _ : state) {
    into.clear();
    benchmark::DoNotOptimize(transform->apply(base::ByteView::of(cell), into));
  }
  state.counters["allocations"] =
      benchmark::Counter(static_cast<double>(allocations - before), benchmark::Counter::kAvgIterations);
}

// OpenSSL's HMAC-SHA-256 of a short text, with a context that has its key.
void run_hmac(benchmark::State& state) {
  EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* const context = EVP_MAC_CTX_new(hmac);
  std::string digest = "SHA256";
  const std::array<OSSL_PARAM, 2> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0), OSSL_PARAM_construct_end()};
  const std::array<unsigned char, 32> key{1};
  const std::array<unsigned char, 13> text{2};
  std::array<unsigned char, 32> out{};
  std::size_t size = 0;
  EVP_MAC_init(context, key.data(), key.size(), parameters.data());
  for (auto _ : state) {
    EVP_MAC_init(context, nullptr, 0, nullptr);
    EVP_MAC_update(context, text.data(), text.size());
    EVP_MAC_final(context, out.data(), &size, out.size());
    benchmark::DoNotOptimize(out);
  }
  EVP_MAC_CTX_free(context);
  EVP_MAC_free(hmac);
}

// The blocks of AES-256 that FF1 needs for one number of up to 32 bits a half: one, and one for each of ten rounds.
void run_aes(benchmark::State& state) {
  EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
  const std::array<unsigned char, 32> key{1};
  std::array<unsigned char, 16> block{2};
  int written = 0;
  EVP_EncryptInit_ex2(context, EVP_aes_256_ecb(), key.data(), nullptr, nullptr);
  EVP_CIPHER_CTX_set_padding(context, 0);
  for (auto _ : state) {
    for (int i = 0; i < 11; ++i) EVP_EncryptUpdate(context, block.data(), &written, block.data(), 16);
    benchmark::DoNotOptimize(block);
  }
  EVP_CIPHER_CTX_free(context);
}

// Random text of a whole LONGTEXT's size: the time for a byte is the same for all sizes.
void run_redact(benchmark::State& state, bool printable) {
  const auto transform = transform_of({"longtext charset latin1", "\"redact\"", ""}, nullptr);
  std::mt19937 random(1);
  const auto size = static_cast<std::size_t>(state.range(0));
  std::string cell;
  for (int shift = 0; shift < 32; shift += 8) cell += static_cast<char>(size >> shift);
  constexpr std::string_view kSigns = "0123456789 .-@:/abcNO+";
  while (cell.size() < size + 4) cell += printable ? kSigns[random() % kSigns.size()] : static_cast<char>(random());
  base::Buffer into;
  for (auto _ : state) {
    into.clear();
    benchmark::DoNotOptimize(transform->apply(base::ByteView::of(cell), into));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}

const std::vector<Subject>& subjects() {
  static const std::vector<Subject> all = {
      {"int", R"("hash", key = "k")", "4711"},
      {"bigint", R"("hash", key = "k")", "4711"},
      {"decimal(10,2)", R"("hash", key = "k")", "12.50"},
      {"varchar(40) charset utf8mb4", R"("hash", key = "k")", "Kari Nordmann"},
      {"varchar(40) charset latin1", R"("hash", key = "k")", "Kari Nordmann"},
      {"varchar(40) charset utf8mb4", R"("hash", key = "k", fold = true)", "Kari Nordmann"},
      {"varchar(40) charset utf8mb4", R"("hash", key = "k")", "4711"},
      {"char(11) charset latin1", R"("hash", key = "k", encoding = "digits")", "15108695088"},
      {"varbinary(40)", R"("hash", key = "k")", "0x00112233"},
      {"varchar(80) charset utf8mb4", R"("email", key = "k")", "kari@firma.example"},
      {"varchar(40) charset utf8mb4", R"("digits", key = "k")", "+47 22 33 44 55"},
      {"varchar(40) charset utf8mb4", R"("mask", keep_last = 2)", "Kari Nordmann"},
      {"varchar(40) charset utf8mb4", R"("truncate", length = 4)", "Kari Nordmann"},
      {"date", R"("date", to = "year")", "1987-06-05"},
      {"datetime", R"("date", to = "month")", "1987-06-05 13:14:15"},
      {"timestamp", R"("date", to = "day")", "1987-06-05 13:14:15"},
      {"int", R"("round", to = 100)", "4711"},
      {"decimal(10,2)", R"("round", to = 100)", "4711.25"},
      {"double", R"("round", to = 0.5)", "4711.3"},
      {"varchar(45) charset latin1", R"("ip")", "192.0.2.129"},
      {"int unsigned", R"("ip")", "3221225985"},
      {"varchar(80) charset utf8mb4", R"("redact")", "ring 22 33 44 55 i dag"},
      {"varchar(80) charset utf8mb4", R"("redact")", "ingenting her"},
  };
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::RegisterBenchmark("HMAC-SHA-256 alone", run_hmac);
  benchmark::RegisterBenchmark("11 blocks of AES-256 alone", run_aes);
  for (const Subject& subject : subjects()) {
    const std::string name = std::string(subject.declared) + ": " + subject.action + " of " + subject.value;
    benchmark::RegisterBenchmark(name.c_str(), [&subject](benchmark::State& state) { run_action(state, subject); });
  }
  for (const bool printable : {false, true}) {
    const char* const name = printable ? "redact, signs that look like numbers" : "redact, random bytes";
    benchmark::RegisterBenchmark(name, [printable](benchmark::State& state) { run_redact(state, printable); })
        ->Arg(1 << 20)
        ->Arg(10 << 20)
        ->Arg(100 << 20)
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
