#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/base/result.h"
#include "scrub_rules/action.h"
#include "scrub_rules/json_path.h"

namespace relay::scrub_rules {

// Which values of a JSON document the paths of an action `json` let leave, asked from the root down. The paths are made
// into one automaton, so that a member takes the same time however many there are. Immutable; any number of threads.
//
// `keep` reads paths strictly: a place in an array is one of an array, a member one of an object. `remove` reads them
// widely, as SQL's lax mode does, so that a document of another shape hides nothing: [0] and [*] are also the value
// itself where that is no array, and a member is also that of every element where there is an array.
class JsonSelection {
 public:
  using State = std::uint32_t;
  enum class Kind : std::uint8_t { object, array, scalar };
  enum class Fate : std::uint8_t {
    gone,
    part,   // a container that leaves; its members and elements are asked about
    whole,  // with all that is in it
  };
  struct Step {
    Fate fate = Fate::gone;
    State state = 0;  // of a part: where its members and elements are asked from
  };

  // REQUIRES: either `keep` or `remove` of `action` has paths. Errors: configuration, as parse_json_paths(); ** in
  // `keep`; paths that combine in too many ways. `at` is the path at fault.
  [[nodiscard]] static base::Result<JsonSelection> make(const Action& action, std::size_t& at);

  [[nodiscard]] static State root() { return 0; }
  // The state of a member or element of a part.
  [[nodiscard]] State member(State part, std::string_view name) const;
  [[nodiscard]] State element(State part, std::uint64_t index) const;
  // What becomes of a value in a state.
  [[nodiscard]] Step enter(State state, Kind kind) const;

 private:
  struct Row {
    bool ends = false;   // one of the paths leads here
    bool empty = false;  // none leads here, or on from here
    State other_member = 0;
    State other_element = 0;
    State no_array = 0;                                     // of values that are no arrays
    std::vector<std::pair<std::string, State>> members;     // by name
    std::vector<std::pair<std::uint64_t, State>> elements;  // by place
  };
  class Maker;

  bool keeps_ = true;
  std::vector<Row> rows_;
};

}  // namespace relay::scrub_rules
