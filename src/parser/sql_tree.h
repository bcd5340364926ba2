// Reads a parse tree of libpg_query. A missing node is null, empty or false, never an error.
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
// A constant as SET takes it; nullopt: not a constant. libpg_query leaves false and 0 out of the tree.
std::optional<std::string> constant_of(const nlohmann::json& node);

}  // namespace lockstep::parser
