#pragma once

#include <string_view>
#include <vector>

#include "scrub_rules/detectors.h"

namespace relay::scrub_rules {

class WrittenNumber;

// The detectors that look for numbers of digits alone, all of them at once.
class NumberDetectors {
 public:
  // One of national_id, phone, account, organisation and card.
  void add(Detector detector) { wanted_ |= bit(detector); }
  [[nodiscard]] bool any() const { return wanted_ != 0; }
  // Appends what they find in `text`.
  void detect(std::string_view text, std::vector<TextSpan>& into) const;

 private:
  static unsigned bit(Detector detector) { return 1U << static_cast<unsigned>(detector); }
  [[nodiscard]] bool wants(Detector detector) const { return (wanted_ & bit(detector)) != 0; }
  [[nodiscard]] bool take(const WrittenNumber& written) const;

  unsigned wanted_ = 0;
};

// Appends the telephone numbers of all countries that have a + before them.
void detect_international_phones(std::string_view text, std::vector<TextSpan>& into);

void detect_ibans(std::string_view text, std::vector<TextSpan>& into);

}  // namespace relay::scrub_rules
