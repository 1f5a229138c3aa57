#include "relay/spool/spool_index.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/signing.h"

// A spool's index of any bytes, as it is and with a closing line made for it: what is read is written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  const std::string_view text = base::ByteView(data, size).text();
  for (const std::string& index : {std::string(text), fuzz::signed_index(text)}) {
    const auto entries = spool::decode_index(index);
    if (!entries) {
      fuzz::require(entries.error().kind() == base::ErrorKind::malformed && !entries.error().subject().empty());
      continue;
    }
    const auto again = spool::decode_index(spool::encode_index(*entries));
    fuzz::require(again.has_value() && *again == *entries);
  }
  return 0;
}
