#pragma once

#include <cstdint>
#include <string_view>

namespace relay::seed {

// What a column may hold, as far as `discover` tells kinds apart. What leaves of it follows from the kind and the type.
enum class DataKind : std::uint8_t {
  unknown,
  impersonal,
  // Kinds whose values can be checked.
  national_id,  // fødselsnummer
  d_number,
  organisation,
  phone,
  email,
  iban,
  account,  // Norwegian bank account
  card,
  ip,
  // Kinds that names tell.
  person_name,
  address,
  postcode,
  birth_date,
  birth_year,
  age,
  free_text,
  health,
  about_person,  // sex, religion, citizenship, convictions and their like
  credential,
  online_id,  // user names, devices
  location,
  income,
  document,  // passport, driving licence, number plate
  image,
};

[[nodiscard]] constexpr std::string_view text_of(DataKind kind) {
  switch (kind) {
    case DataKind::unknown:
      return "unknown";
    case DataKind::impersonal:
      return "no personal data";
    case DataKind::national_id:
      return "national identity number";
    case DataKind::d_number:
      return "D-number";
    case DataKind::organisation:
      return "organisation number";
    case DataKind::phone:
      return "telephone number";
    case DataKind::email:
      return "e-mail address";
    case DataKind::iban:
      return "IBAN";
    case DataKind::account:
      return "bank account number";
    case DataKind::card:
      return "card number";
    case DataKind::ip:
      return "IP address";
    case DataKind::person_name:
      return "name of a person";
    case DataKind::address:
      return "address";
    case DataKind::postcode:
      return "postcode";
    case DataKind::birth_date:
      return "date of birth";
    case DataKind::birth_year:
      return "year of birth";
    case DataKind::age:
      return "age";
    case DataKind::free_text:
      return "free text";
    case DataKind::health:
      return "health";
    case DataKind::about_person:
      return "traits of a person";
    case DataKind::credential:
      return "credential";
    case DataKind::online_id:
      return "identifier of a user or device";
    case DataKind::location:
      return "place";
    case DataKind::income:
      return "income or debt";
    case DataKind::document:
      return "number of a document or vehicle";
    case DataKind::image:
      return "picture or signature";
  }
  return "unknown";
}

}  // namespace relay::seed
