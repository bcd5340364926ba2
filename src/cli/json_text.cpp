#include "cli/json_text.h"

#include <nlohmann/json.hpp>

namespace lockstep::cli {

using nlohmann::ordered_json;

std::string json_text(const ordered_json& document) {
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

ordered_json text_or_null(const std::string& text) {
  return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

}  // namespace lockstep::cli
