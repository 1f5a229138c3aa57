#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "scrub_rules/single_byte_set.h"

namespace relay::scrub_rules {

// The stored text of one character set of the servers: where its characters end, and what they are. Not for two threads
// at once.
class TextReader {
 public:
  // `character_set` is "utf8mb4", "latin1", "sjis" ... Errors: configuration, where it is not known, or this system
  // cannot convert it.
  [[nodiscard]] static base::Result<TextReader> make(std::string_view character_set);
  ~TextReader();
  TextReader(TextReader&&) noexcept;
  TextReader& operator=(TextReader&&) noexcept;
  TextReader(const TextReader&) = delete;
  TextReader& operator=(const TextReader&) = delete;

  // Bytes of the character at the start of `bytes`; 0 where they begin with none of this set, or with a cut one.
  [[nodiscard]] std::size_t character_size(base::ByteView bytes) const;
  // How many characters `bytes` are; none where they are not characters of the set from end to end.
  [[nodiscard]] std::optional<std::size_t> characters(base::ByteView bytes) const;
  // Bytes of the first `count` characters. REQUIRES: characters(bytes) is `count` or more.
  [[nodiscard]] std::size_t size_of(base::ByteView bytes, std::size_t count) const;
  // Whether `bytes` are characters of the set from end to end.
  [[nodiscard]] bool well_formed(base::ByteView bytes) const;
  // The ASCII character that `bytes`, one whole character, is; 0 where it is another one.
  [[nodiscard]] char ascii(base::ByteView character) const;
  // The whole text as ASCII; false, and `into` is of no use, where it holds anything else.
  [[nodiscard]] bool read_ascii(base::ByteView bytes, std::string& into) const;
  // Appends ASCII text in this set. REQUIRES: letters, digits and characters that stand at their place in every set.
  void append_ascii(std::string_view text, base::Buffer& into) const;
  // Appends the text's canonical form to `into`: UTF-8 where the text is well-formed and comes back from it the same;
  // else 0xff, the set's name, 0xff and the bytes. Two texts never have one form.
  void append_canonical(base::ByteView bytes, std::string& into);
  // Bytes of an ASCII character.
  [[nodiscard]] std::size_t ascii_size() const { return ascii_size_; }

 private:
  enum class Family : std::uint8_t {
    single,
    utf8mb3,
    utf8mb4,
    ucs2,
    utf16,
    utf16le,
    utf32,
    sjis,
    euckr,
    gb2312,
    gbk,
    big5,
    ujis,
    gb18030
  };
  struct Converters;

  TextReader();
  // These append UTF-8; false, and `into` stays, where the text has none that comes back to it.
  [[nodiscard]] bool convert(base::ByteView bytes, std::string& into);
  [[nodiscard]] bool convert_run(base::ByteView bytes, std::string& into);  // by iconv alone
  [[nodiscard]] bool convert_japanese(base::ByteView bytes, std::string& into);

  std::string name_;
  Family family_ = Family::single;
  std::size_t ascii_size_ = 1;
  bool ascii_superset_ = true;  // bytes below 0x80 alone are ASCII text
  bool utf8_ = false;
  bool latin1_ = false;
  bool ascii_only_ = false;  // the set "ascii"
  std::optional<SingleByteSet> single_;
  std::unique_ptr<Converters> converters_;  // of sets of more bytes, but UTF-8
  std::string scratch_;
};

}  // namespace relay::scrub_rules
