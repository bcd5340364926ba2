#include "parser/sql_tree.h"

namespace lockstep::parser {

using nlohmann::json;

namespace {

const json kNull;

}  // namespace

const json& at(const json& node, std::string_view key) {
  if (!node.is_object()) return kNull;
  const auto found = node.find(std::string(key));
  return found == node.end() ? kNull : *found;
}

std::string text_at(const json& node, std::string_view key) {
  const json& found = at(node, key);
  return found.is_string() ? found.get<std::string>() : std::string{};
}

bool true_at(const json& node, std::string_view key) {
  const json& found = at(node, key);
  return found.is_boolean() && found.get<bool>();
}

std::string string_of(const json& node) {
  return text_at(at(node, "String"), "sval");
}

std::vector<std::string> strings_of(const json& list) {
  std::vector<std::string> result;
  for (const json& item : list) result.push_back(string_of(item));
  return result;
}

std::optional<std::string> constant_of(const json& node) {
  const json& constant = at(node, "A_Const");
  if (constant.is_null()) return std::nullopt;
  if (constant.contains("sval")) return text_at(constant["sval"], "sval");
  if (constant.contains("fval")) return text_at(constant["fval"], "fval");
  if (constant.contains("boolval")) return true_at(constant["boolval"], "boolval") ? "on" : "off";
  if (constant.contains("ival")) {
    const json& value = at(constant["ival"], "ival");
    return value.is_number_integer() ? std::to_string(value.get<long long>()) : "0";
  }
  return std::nullopt;
}

}  // namespace lockstep::parser
