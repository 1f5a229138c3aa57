#include "scrub_rules/row_rewriter.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>

#include "scrub_rules/cell_action.h"
#include "scrub_rules/constant.h"
#include "tests/scrub_rules/row_model.h"

namespace relay::scrub_rules::testing {
namespace {

using base::ByteView;
using base::ErrorKind;
using binlog::RowsKind;

// What the transforms of the model do.
class Inverted final : public CellAction {
 public:
  base::Result<void> apply(ByteView value, base::Buffer& into) override {
    for (const std::uint8_t byte : value) into.append_u8(static_cast<std::uint8_t>(~byte));
    return {};
  }
};

TablePlan plan_of(const std::vector<ModelColumn>& columns, std::vector<CellFate> fates,
                  std::vector<std::string> replacements) {
  const std::string body = encode_table_map(columns);
  binlog::TableMap map;
  REQUIRE(binlog::TableMap::parse(ByteView::of(body), map));
  TablePlan plan;
  plan.leaves = plan.identity = true;
  plan.name = "d.t";
  plan.columns = map.columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    plan.shapes.push_back(*binlog::cell_shape(map.columns[i]));
    if (columns[i].is_json()) ++plan.json_columns;
    if (fates[i] != CellFate::drop) ++plan.kept_columns;
    if (fates[i] != CellFate::keep) plan.identity = false;
    const auto inverted = [&] {
      return std::make_shared<CellTransform>(std::make_unique<Inverted>(), columns[i].prefix, UINT64_MAX);
    };
    plan.transforms.push_back(fates[i] == CellFate::transform ? inverted() : nullptr);
  }
  plan.fates = std::move(fates);
  plan.replacements = std::move(replacements);
  return plan;
}

TablePlan random_plan(Random& random, const std::vector<ModelColumn>& columns) {
  std::vector<CellFate> fates;
  std::vector<std::string> replacements(columns.size());
  const bool keep_all = one_in(random, 8);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    CellFate fate = one_in(random, 2) ? CellFate::keep : static_cast<CellFate>(pick(random, 5));
    if (fate == CellFate::transform && columns[i].is_json()) fate = CellFate::keep;
    if (keep_all || (fate == CellFate::null && !columns[i].nullable)) fate = CellFate::keep;
    if (fate == CellFate::replace) replacements[i] = random_cell(random, columns[i]);
    fates.push_back(fate);
  }
  if (std::ranges::count(fates, CellFate::drop) == std::ssize(fates)) fates[0] = CellFate::keep;
  return plan_of(columns, std::move(fates), std::move(replacements));
}

base::Result<std::string> rewrite(RowRewriter& rewriter, binlog::EventType type, const std::string& body,
                                  const TablePlan& plan) {
  RELAY_ASSIGN(const binlog::RowsEvent event, binlog::RowsEvent::parse(type, ByteView::of(body)));
  RELAY_ASSIGN(const std::vector<ByteView>* slices, rewriter.rewrite(event, plan));
  std::string text;
  for (const ByteView slice : *slices) text += slice.text();
  return text;
}

// An image by which no row is found, or that says nothing of the row to insert, cannot be written.
bool has_empty_image(const ModelEvent& event, const TablePlan& plan) {
  const ModelEvent expected = expected_event(event, plan);
  return std::ranges::none_of(expected.images[0], &ModelCell::present);
}

// What an inserted row holds in a column that it does not name is made by the source's default.
bool lacks_transformed(const ModelEvent& event, const TablePlan& plan) {
  for (std::size_t i = 0; event.kind == RowsKind::write && i < plan.fates.size(); ++i) {
    if (plan.fates[i] == CellFate::transform && !event.images[0][i].present) return true;
  }
  return false;
}

std::vector<ModelColumn> random_columns(Random& random) {
  std::vector<ModelColumn> columns;
  const std::size_t count = one_in(random, 10) ? 1 + pick(random, 300) : 1 + pick(random, 12);
  for (std::size_t i = 0; i < count; ++i) columns.push_back(random_column(random));
  return columns;
}

void check_random_event(RowRewriter& rewriter, std::uint32_t seed) {
  Random random(seed);
  const std::vector<ModelColumn> columns = random_columns(random);
  const TablePlan plan = random_plan(random, columns);
  const ModelEvent event = random_event(random, columns);
  const std::string body = encode_event(random, event, columns);
  const base::Result<std::string> written = rewrite(rewriter, event.type(), body, plan);
  INFO("seed " << seed);
  if (has_empty_image(event, plan) || lacks_transformed(event, plan)) {
    REQUIRE_FALSE(written);
    REQUIRE(written.error().kind() == ErrorKind::rule);
    return;
  }
  REQUIRE(written);
  const bool equal = decode_event(event.type(), *written, kept_columns(columns, plan)) == expected_event(event, plan);
  REQUIRE(equal);
  // Whatever is cut off or changed: never more than an error.
  const std::size_t cut = 1 + pick(random, std::min<std::size_t>(body.size(), 20));
  const bool one_row = event.images.size() == (event.kind == RowsKind::update ? 2 : 1);
  const bool cut_passes = rewrite(rewriter, event.type(), body.substr(0, body.size() - cut), plan).has_value();
  REQUIRE_FALSE((one_row && cut_passes));
  std::string changed = body;
  changed[pick(random, changed.size())] = static_cast<char>(pick(random, 256));
  (void)rewrite(rewriter, event.type(), changed, plan);
}

TEST_CASE("row_rewriter: a rewritten event holds the wanted cells, whatever types, images and fates", "[scrub_rules]") {
  RowRewriter rewriter;
  const auto base_seed = static_cast<std::uint32_t>(std::random_device{}());
  for (std::uint32_t i = 0; i < 4000; ++i) check_random_event(rewriter, base_seed + i);
}

// INT, VARCHAR, JSON, JSON.
const std::vector<ModelColumn> kColumns = {{3, "", 0, 4, false},
                                           {15, std::string("\144\0", 2), 1, 100, true},
                                           {245, "\4", 4, 100, true},
                                           {245, "\4", 4, 100, true}};
constexpr CellFate K = CellFate::keep;
constexpr CellFate D = CellFate::drop;

TEST_CASE("row_rewriter: an event of a kept table differs only in extra data and padding", "[scrub_rules]") {
  RowRewriter rewriter;
  const TablePlan plan = plan_of(kColumns, {K, K, K, K}, {"", "", "", ""});
  const std::string head("\1\0\0\0\0\0\1\0", 8);
  const std::string row("\xf0\1\0\0\0\1a\1\0\0\0x\1\0\0\0y", 17);
  const auto written =
      rewrite(rewriter, binlog::EventType::write_rows_v2, head + std::string("\5\0\1\7\0\4\xff", 7) + row, plan);
  REQUIRE(written);
  CHECK(*written == head + std::string("\2\0\4\x0f", 4) + row);
}

TEST_CASE("row_rewriter: dropping one of two JSON columns re-packs the bits of a partial update", "[scrub_rules]") {
  RowRewriter rewriter;
  const TablePlan plan = plan_of(kColumns, {K, D, D, K}, {"", "", "", ""});
  const std::string head("\1\0\0\0\0\0\1\0\2\0", 10);
  const std::string before("\0\1\0\0\0\1a\1\0\0\0x\1\0\0\0y", 17);
  // Only the second JSON column is a diff; its bit moves to the first place.
  const std::string after("\1\2\0\1\0\0\0\1a\1\0\0\0x\3\0\0\0dif", 21);
  const auto written = rewrite(rewriter, binlog::EventType::partial_update_rows,
                               head + std::string("\4\x0f\x0f", 3) + before + after, plan);
  REQUIRE(written);
  CHECK(*written == head + std::string("\2\3\3", 3) + std::string("\0\1\0\0\0\1\0\0\0y", 10) +
                        std::string("\1\1\0\1\0\0\0\3\0\0\0dif", 14));
}

TEST_CASE("row_rewriter: bits of a partial update are re-packed though the image has no JSON column", "[scrub_rules]") {
  RowRewriter rewriter;
  const TablePlan plan = plan_of(kColumns, {K, K, D, D}, {"", "", "", ""});
  const std::string head("\1\0\0\0\0\0\1\0\2\0", 10);
  const auto written = rewrite(rewriter, binlog::EventType::partial_update_rows,
                               head + std::string("\4\3\2\0\1\0\0\0\1a\1\0\0\1b", 15), plan);
  REQUIRE(written);
  CHECK(*written == head + std::string("\2\3\2\0\1\0\0\0\1a\0\0\1b", 14));
}

// A plan of kColumns in which the first JSON column is treated by an action `json`.
TablePlan plan_of_json(const Action& action) {
  TablePlan plan = plan_of(kColumns, {K, K, CellFate::transform, K}, {"", "", "", ""});
  ColumnTraits traits;
  traits.type = plan.columns[2];
  const auto made = CellTransform::make(action, traits, "", KeyRing());
  REQUIRE(made);
  plan.transforms[2] = *made;
  return plan;
}

std::string json_cell(std::string_view text) {
  ColumnTraits traits;
  traits.type = {binlog::TypeCode::json, 4};
  base::Buffer cell;
  REQUIRE(encode_constant(traits, text, cell));
  return std::string(cell.view().text());
}

std::string diff(char operation, std::string_view path, std::string_view value = {}) {
  std::string text{operation, static_cast<char>(path.size())};
  text += path;
  if (value.empty()) return text;
  const std::string cell = json_cell(value).substr(4);
  return text + static_cast<char>(cell.size()) + cell;
}

std::string diff_cell(const std::string& diffs) {
  return std::string{static_cast<char>(diffs.size()), '\0', '\0', '\0'} + diffs;
}

TEST_CASE("row_rewriter: a partial update of a JSON column that a rule filters becomes a whole one", "[scrub_rules]") {
  RowRewriter rewriter;
  const TablePlan plan = plan_of_json({.kind = ActionKind::json, .remove = {"$.secret"}});
  const std::string head("\1\0\0\0\0\0\1\0\2\0\4\5\5", 13);
  const auto after = [&](const std::string& before, const std::string& diffs) {
    const std::string body =
        head + std::string("\0\7\0\0\0", 5) + json_cell(before) + std::string("\1\1\0\7\0\0\0", 7) + diff_cell(diffs);
    const auto written = rewrite(rewriter, binlog::EventType::partial_update_rows, body, plan);
    return written ? *written : "error: " + written.error().message();
  };
  const auto wanted = [&](const std::string& before, const std::string& now) {
    return head + std::string("\0\7\0\0\0", 5) + json_cell(before) + std::string("\1\0\0\7\0\0\0", 7) + json_cell(now);
  };
  const std::string was = R"({"a":[1,{"b":2}],"secret":{"x":1},"zz":3})";
  const std::string left = R"({"a":[1,{"b":2}],"zz":3})";
  CHECK(after(was, "") == wanted(left, left));
  CHECK(after(was, diff('\0', "$.a[1].b", "\"new\"")) == wanted(left, R"({"a":[1,{"b":"new"}],"zz":3})"));
  CHECK(after(was, diff('\0', "$.secret.x", "\"LEAK\"") + diff('\1', "$.secret.LEAK", "[]")) == wanted(left, left));
  CHECK(after(was, diff('\2', "$.secret") + diff('\1', "$.secret", "\"LEAK\"")) == wanted(left, left));
  CHECK(after(was, diff('\1', R"($."b c")", "{\"secret\":1}") + diff('\2', "$.zz") + diff('\1', "$.a[0]", "0") +
                       diff('\1', "$.a[9]", "9")) == wanted(left, R"({"a":[0,1,{"b":2},9],"b c":{"secret":1}})"));
  for (const std::string& wrong :
       {diff('\0', "$.b", "1"), diff('\2', "$.a[2]"), diff('\1', "$.a", "1"), diff('\1', "$.zz.x", "1"),
        diff('\3', "$.a", "1"), diff('\0', "$.a[1"), diff('\0', "$.a", "1").substr(0, 6), std::string("\0", 1),
        std::string("\0\3$.a\2\2\7", 8), diff('\0', "$", "1")}) {
    CHECK(after(was, wrong).starts_with("error: "));
  }
}

TEST_CASE("row_rewriter: a partial update without its document before stops the stream", "[scrub_rules]") {
  RowRewriter rewriter;
  const TablePlan plan = plan_of_json({.kind = ActionKind::json, .keep = {"$.a"}});
  const auto written = rewrite(
      rewriter, binlog::EventType::partial_update_rows,
      std::string("\1\0\0\0\0\0\1\0\2\0\4\1\5\0\7\0\0\0\1\1\0\7\0\0\0", 25) + diff_cell(diff('\2', "$.a")), plan);
  REQUIRE_FALSE(written);
  CHECK(written.error().kind() == ErrorKind::rule);
  CHECK(written.error().remedy().find("binlog_row_value_options") != std::string_view::npos);
}

TEST_CASE("row_rewriter: a row to insert gets the columns that a rule sets though its image lacks them",
          "[scrub_rules]") {
  RowRewriter rewriter;
  const TablePlan plan = plan_of(kColumns, {K, CellFate::replace, CellFate::null, K}, {"", "\2no", "", ""});
  const std::string head("\1\0\0\0\0\0\1\0", 8);
  const auto written =
      rewrite(rewriter, binlog::EventType::write_rows_v1, head + std::string("\4\1\0\7\0\0\0", 7), plan);
  REQUIRE(written);
  CHECK(*written == head + std::string("\4\7\4\7\0\0\0\2no", 10));
}

TEST_CASE("row_rewriter: long runs of kept bytes are slices of the event, short ones are copied", "[scrub_rules]") {
  RowRewriter rewriter;
  const std::vector<ModelColumn> columns = {{3, "", 0, 4, true}, {252, "\2", 2, 5000, true}};
  const TablePlan plan = plan_of(columns, {D, K}, {"", ""});
  const std::string blob(5000, 'b');
  std::string body("\1\0\0\0\0\0\1\0\2\3", 10);
  for (int i = 0; i < 3; ++i) body += std::string("\0\7\0\0\0\x88\x13", 7) + blob;
  const binlog::RowsEvent event = *binlog::RowsEvent::parse(binlog::EventType::write_rows_v1, ByteView::of(body));
  const auto slices = rewriter.rewrite(event, plan);
  REQUIRE(slices);
  REQUIRE((*slices)->size() == 6);
  for (std::size_t i = 1; i < 6; i += 2) {
    const ByteView slice = (**slices)[i];
    CHECK(slice.size() == blob.size() + 2);
    CHECK((slice.data() >= ByteView::of(body).begin() && slice.end() <= ByteView::of(body).end()));
  }
}

TEST_CASE("row_rewriter: halts on what it cannot rewrite rightly", "[scrub_rules]") {
  RowRewriter rewriter;
  TablePlan plan = plan_of(kColumns, {K, D, K, K}, {"", "", "", ""});
  const auto kind_of = [&](binlog::EventType type, const std::string& body) -> std::optional<ErrorKind> {
    const auto written = rewrite(rewriter, type, body, plan);
    return written ? std::nullopt : std::optional(written.error().kind());
  };
  const std::string head("\1\0\0\0\0\0\1\0", 8);
  using binlog::EventType;
  INFO("another width than the table map's");
  CHECK(kind_of(EventType::write_rows_v1, head + std::string("\3\1\0\7\0\0\0", 7)) == ErrorKind::malformed);
  INFO("an image of dropped columns only");
  CHECK(kind_of(EventType::delete_rows_v1, head + std::string("\4\2\0\1a", 5)) == ErrorKind::rule);
  CHECK(kind_of(EventType::write_rows_v1, head + std::string("\4\2\0\1a", 5)) == ErrorKind::rule);
  INFO("no rows, an image without columns");
  CHECK(kind_of(EventType::write_rows_v1, head + std::string("\4\1", 2)) == ErrorKind::malformed);
  CHECK(kind_of(EventType::delete_rows_v1, head + std::string("\4\0\0\0", 4)) == ErrorKind::malformed);
  CHECK(kind_of(EventType::update_rows_v1, head + std::string("\4\0\1\0\7\0\0\0", 8)) == ErrorKind::unsupported);
  INFO("a flag and a value option that are not known");
  CHECK(kind_of(EventType::write_rows_v1, std::string("\1\0\0\0\0\0\x20\0\4\1\0\7\0\0\0", 15)) ==
        ErrorKind::unsupported);
  CHECK(kind_of(EventType::partial_update_rows, std::string("\1\0\0\0\0\0\1\0\2\0\4\1\1\0\7\0\0\0\2\0\7\0\0\0", 24)) ==
        ErrorKind::unsupported);
  INFO("rows to be found by half of a key");
  plan.key_altered = true;
  CHECK(kind_of(EventType::delete_rows_v1, head + std::string("\4\1\0\7\0\0\0", 7)) == ErrorKind::rule);
  CHECK(kind_of(EventType::delete_rows_v1, head + std::string("\4\x0f\x0e\7\0\0\0", 7)) == std::nullopt);
}

}  // namespace
}  // namespace relay::scrub_rules::testing
