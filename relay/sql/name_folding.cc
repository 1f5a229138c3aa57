#include <locale.h>
#include <wctype.h>

#include <stdexcept>

#include "relay/sql/character_set.h"
#include "relay/sql/utf8.h"

namespace relay::sql {
namespace {

// The C library's tables of Unicode. MySQL's own, older ones (my_unicase_default of strings/ctype-utf8.cc) fold the
// same letters but for some that came to Unicode later; who takes more names for the same holds back more.
locale_t unicode() {
  static const locale_t locale = [] {
    // glibc has it built in; the rules' names are folded at the start.
    const locale_t made = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (made == nullptr) throw std::runtime_error("the C library has no locale C.UTF-8");
    return made;
  }();
  return locale;
}

}  // namespace

std::string folded(std::string_view name) {
  std::string out;
  out.reserve(name.size());
  for (std::size_t at = 0; at < name.size();) {
    const auto code = decode_utf8(name, at);
    if (!code) {
      out += name[at++];
    } else if (*code < 0x80) {
      out += static_cast<char>(*code >= 'A' && *code <= 'Z' ? *code + 32 : *code);
    } else {
      append_utf8(out, static_cast<std::uint32_t>(::towlower_l(*code, unicode())));
    }
  }
  return out;
}

bool equal_names(std::string_view a, std::string_view b) { return a == b || folded(a) == folded(b); }

}  // namespace relay::sql
