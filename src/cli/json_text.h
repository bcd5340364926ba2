// A JSON document for stdout.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace lockstep::cli {

// Indented, with a newline at the end. Bytes that are not UTF-8 are replaced instead of raising an error.
std::string json_text(const nlohmann::ordered_json& document);
// null if the text is empty.
nlohmann::ordered_json text_or_null(const std::string& text);

}  // namespace lockstep::cli
