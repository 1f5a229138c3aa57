#include "relay/seed/row_shuffle.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include "snapshot_test_folder.h"

namespace relay::seed {

namespace {

using base::ByteView;

class Shuffled {
 public:
  explicit Shuffled(RowShuffle::Limits limits)
      : shuffle_({base::posix_file_system(), folder_.path(), [this] { return "pile" + std::to_string(++piles_); }},
                 limits) {}

  void add(const std::string& row) { REQUIRE(shuffle_.add(ByteView::of(row)).has_value()); }
  std::vector<std::string> drain() {
    std::vector<std::string> rows;
    REQUIRE(shuffle_
                .drain([&](ByteView row) -> base::Result<void> {
                  rows.emplace_back(row.text());
                  return {};
                })
                .has_value());
    return rows;
  }
  [[nodiscard]] std::size_t files() const { return folder_.names().size(); }
  [[nodiscard]] int piles() const { return piles_; }

 private:
  Folder folder_;
  int piles_ = 0;
  RowShuffle shuffle_;
};

// Of the order that rows of 0, 1, 2 ... came out in with the one they went in.
double correlation(const std::vector<std::string>& rows) {
  const double middle = (static_cast<double>(rows.size()) - 1) / 2;
  double products = 0;
  double squares = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    products += (static_cast<double>(i) - middle) * (std::stod(rows[i]) - middle);
    squares += (static_cast<double>(i) - middle) * (static_cast<double>(i) - middle);
  }
  return products / squares;
}

void check_numbers(Shuffled& shuffled, int count) {
  for (int i = 0; i < count; ++i) shuffled.add(std::to_string(i));
  std::vector<std::string> rows = shuffled.drain();
  // Six times the standard deviation of a fair one.
  CHECK(std::abs(correlation(rows)) < 6 / std::sqrt(count));
  std::set<std::string> distinct(rows.begin(), rows.end());
  CHECK(rows.size() == static_cast<std::size_t>(count));
  CHECK(distinct.size() == rows.size());
  CHECK(shuffled.files() == 0);
}

}  // namespace

TEST_CASE("row_shuffle: in memory every row comes once, in another order", "[seed]") {
  Shuffled shuffled({std::size_t{1} << 20, 8});
  check_numbers(shuffled, 10'000);
  CHECK(shuffled.piles() == 0);
}

TEST_CASE("row_shuffle: what memory does not hold goes through files, large ones more than once", "[seed]") {
  Shuffled shuffled({1000, 4});
  check_numbers(shuffled, 20'000);
  CHECK(shuffled.piles() > 16);
}

TEST_CASE("row_shuffle: the first rows are not the first to come", "[seed]") {
  // Of 200 times, a fair order begins with the row that came first about once in ten.
  int first = 0;
  for (int i = 0; i < 200; ++i) {
    Shuffled shuffled({64, 3});
    for (int row = 0; row < 10; ++row) shuffled.add(std::to_string(row));
    first += shuffled.drain().front() == "0" ? 1 : 0;
  }
  CHECK(first > 0);
  CHECK(first < 60);
}

TEST_CASE("row_shuffle: rows larger than its memory pass, and what is not drained leaves no file", "[seed]") {
  Shuffled shuffled({1000, 4});
  const std::string large(3'000'000, 'x');
  for (const std::string& row : {large, std::string("a"), large + "y", std::string()}) shuffled.add(row);
  CHECK(shuffled.files() == 4);
  std::vector<std::string> rows = shuffled.drain();
  std::ranges::sort(rows);
  CHECK(rows == std::vector<std::string>{"", "a", large, large + "y"});

  const Folder folder;
  {
    RowShuffle shuffle({base::posix_file_system(), folder.path(), [n = 0]() mutable { return std::to_string(++n); }},
                       {10, 2});
    for (int i = 0; i < 3; ++i) REQUIRE(shuffle.add(ByteView::of("0123456789")).has_value());
    CHECK(folder.names().size() == 2);
  }
  CHECK(folder.names().empty());
}

}  // namespace relay::seed
