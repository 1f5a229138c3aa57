#include "scrub_rules/json_selection.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;
using LegKind = JsonLeg::Kind;

constexpr std::size_t kMostTransitions = 100'000;

// A place in the tree of all paths.
struct Place {
  std::vector<std::pair<JsonLeg, std::uint32_t>> next;
  bool ends = false;
  bool any_depth = false;  // the place behind **: it stays, whatever step is taken
};

// A place that a value is at. `in_array`: it was reached through the array that the place is at, and its members count.
struct Position {
  std::uint32_t place = 0;
  bool in_array = false;
  friend auto operator<=>(const Position&, const Position&) = default;
};
using Positions = std::set<Position>;

}  // namespace

// Subset construction over the tree of paths.
class JsonSelection::Maker {
 public:
  Maker(const std::vector<JsonPath>& paths, bool keeps) : keeps_(keeps) {
    places_.emplace_back();
    for (const JsonPath& path : paths) insert(path);
  }

  base::Result<std::vector<Row>> make() {
    std::ignore = state_of(closed({{0, false}}));
    for (State state = 0; state < rows_.size(); ++state) {
      fill(state);
      if (transitions_ > kMostTransitions) {
        return base::fail(Error(ErrorKind::configuration, "the JSON paths combine in too many ways")
                              .remedy("write fewer of them with * and ** in the same column"));
      }
    }
    return std::move(rows_);
  }

 private:
  void insert(const JsonPath& path) {
    std::uint32_t at = 0;
    for (const JsonLeg& leg : path) {
      const auto found = std::ranges::find(places_[at].next, leg, &std::pair<JsonLeg, std::uint32_t>::first);
      if (found != places_[at].next.end()) {
        at = found->second;
        continue;
      }
      const auto made = static_cast<std::uint32_t>(places_.size());
      places_.emplace_back().any_depth = leg.kind == LegKind::any_depth;
      places_[at].next.emplace_back(leg, made);
      at = made;
    }
    places_[at].ends = true;
  }

  // With what ** leads to without a step.
  [[nodiscard]] Positions closed(const Positions& positions) const {
    Positions all = positions;
    for (const Position& position : positions) {
      for (const auto& [leg, place] : places_[position.place].next) {
        if (leg.kind == LegKind::any_depth) all.insert({place, false});
      }
    }
    return all;
  }

  [[nodiscard]] Positions step_to_member(const Positions& from, const std::string* name) const {
    Positions to;
    for (const Position& position : from) {
      const Place& place = places_[position.place];
      if (place.any_depth) to.insert({position.place, false});
      for (const auto& [leg, next] : place.next) {
        const bool named = leg.kind == LegKind::member && name != nullptr && leg.name == *name;
        if (named || leg.kind == LegKind::any_member) to.insert({next, false});
      }
    }
    return closed(to);
  }

  // `inside`: the element is one of an array; else the value itself is taken for the only element of one.
  [[nodiscard]] Positions step_to_element(const Positions& from, std::optional<std::uint64_t> index,
                                          bool inside) const {
    Positions to;
    for (const Position& position : from) {
      const Place& place = places_[position.place];
      if (place.any_depth) to.insert({position.place, false});
      for (const auto& [leg, next] : place.next) {
        const bool is_member = leg.kind == LegKind::member || leg.kind == LegKind::any_member;
        if (is_member && inside && !keeps_ && !place.any_depth) to.insert({position.place, true});
        if (position.in_array) continue;
        const bool numbered = leg.kind == LegKind::element && index && leg.index == *index;
        if (numbered || leg.kind == LegKind::any_element) to.insert({next, false});
      }
    }
    return closed(to);
  }

  [[nodiscard]] Positions without_array(const Positions& from) const {
    Positions all = from;
    if (keeps_) return all;
    for (std::size_t size = 0; size != all.size();) {
      size = all.size();
      all.merge(step_to_element(all, 0, false));
    }
    return all;
  }

  State state_of(const Positions& positions) {
    const auto [found, made] = states_.try_emplace(positions, static_cast<State>(rows_.size()));
    if (!made) return found->second;
    Row& row = rows_.emplace_back();
    row.empty = positions.empty();
    row.ends = std::ranges::any_of(
        positions, [this](const Position& position) { return places_[position.place].ends && !position.in_array; });
    pending_.push_back(positions);
    return found->second;
  }

  void fill(State state) {
    const Positions here = pending_[state];
    std::set<std::string> names;
    std::set<std::uint64_t> indexes;
    for (const Position& position : here) {
      for (const auto& [leg, next] : places_[position.place].next) {
        if (leg.kind == LegKind::member) names.insert(leg.name);
        if (leg.kind == LegKind::element) indexes.insert(leg.index);
      }
    }
    Row row = rows_[state];
    row.no_array = state_of(without_array(here));
    row.other_member = state_of(step_to_member(here, nullptr));
    row.other_element = state_of(step_to_element(here, std::nullopt, true));
    for (const std::string& name : names) row.members.emplace_back(name, state_of(step_to_member(here, &name)));
    for (const std::uint64_t index : indexes) {
      row.elements.emplace_back(index, state_of(step_to_element(here, index, true)));
    }
    transitions_ += 3 + row.members.size() + row.elements.size();
    rows_[state] = std::move(row);
  }

  bool keeps_;
  std::vector<Place> places_;
  std::map<Positions, State> states_;
  std::vector<Positions> pending_;  // of each state
  std::vector<Row> rows_;
  std::size_t transitions_ = 0;
};

base::Result<JsonSelection> JsonSelection::make(const Action& action, std::size_t& at) {
  JsonSelection selection;
  selection.keeps_ = action.remove.empty();
  RELAY_ASSIGN(const std::vector<JsonPath> paths, parse_json_paths(selection.keeps_ ? action.keep : action.remove, at));
  for (at = 0; selection.keeps_ && at < paths.size(); ++at) {
    const bool any_depth =
        std::ranges::any_of(paths[at], [](const JsonLeg& leg) { return leg.kind == LegKind::any_depth; });
    if (!any_depth) continue;
    return base::fail(
        Error(ErrorKind::configuration, "** in `keep` would let every object and array leave, with the names in them")
            .remedy("write the paths out; * stands for every member of one object"));
  }
  at = 0;
  RELAY_ASSIGN(selection.rows_, Maker(paths, selection.keeps_).make());
  return selection;
}

JsonSelection::State JsonSelection::member(State part, std::string_view name) const {
  const Row& row = rows_[part];
  const auto found = std::ranges::lower_bound(row.members, name, {},
                                              [](const auto& entry) -> std::string_view { return entry.first; });
  return found != row.members.end() && found->first == name ? found->second : row.other_member;
}

JsonSelection::State JsonSelection::element(State part, std::uint64_t index) const {
  const Row& row = rows_[part];
  const auto found = std::ranges::lower_bound(row.elements, index, {}, &std::pair<std::uint64_t, State>::first);
  return found != row.elements.end() && found->first == index ? found->second : row.other_element;
}

JsonSelection::Step JsonSelection::enter(State state, Kind kind) const {
  if (kind != Kind::array) state = rows_[state].no_array;
  const Row& row = rows_[state];
  const bool on_the_way = !row.ends && !row.empty && kind != Kind::scalar;
  if (on_the_way) return {Fate::part, state};
  const bool named = row.ends;
  return {named == keeps_ ? Fate::whole : Fate::gone, state};
}

}  // namespace relay::scrub_rules
