#include "kinds/printing/property_text.h"

#include "kinds/printing/option_list.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

namespace {

std::string value_text(const AttrSpec& attribute, const catalog::Value& value) {
  switch (attribute.type) {
    case ValueType::boolean:
      return std::get<bool>(value) ? "true" : "false";
    case ValueType::integer:
      return std::to_string(std::get<std::int64_t>(value));
    case ValueType::text:
      return attribute.expression ? std::get<std::string>(value) : support::quote_literal(std::get<std::string>(value));
    case ValueType::list:
      return "(" + options_text(std::get<List>(value)) + ")";
  }
  return {};
}

}  // namespace

std::string properties_text(const KindSpec& kind, const Object& object) {
  std::vector<std::string> parts;
  for (const auto& attribute : kind.attributes) {
    const auto& value = object.value(attribute.name);
    if (catalog::is_absent(value) || attribute.derived || attribute.name == kOwner.name) continue;
    parts.push_back(std::string(attribute.name) + " = " + value_text(attribute, value));
  }
  return parts.empty() ? "" : " (" + support::join(parts, ", ") + ")";
}

}  // namespace lockstep::kinds
