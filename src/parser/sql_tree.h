// Reading a parse tree of libpg_query: what is not there is null, empty or false, never an error.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::parser {

const nlohmann::json& at(const nlohmann::json& node, std::string_view key);
std::string text_at(const nlohmann::json& node, std::string_view key);
bool true_at(const nlohmann::json& node, std::string_view key);
std::string string_of(const nlohmann::json& node);  // {"String":{"sval":"a"}}
std::vector<std::string> strings_of(const nlohmann::json& list);
// As SET takes it; nullopt: no constant. False and 0 are what the tree leaves out.
std::optional<std::string> constant_of(const nlohmann::json& node);

}  // namespace lockstep::parser
