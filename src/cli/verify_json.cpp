#include <nlohmann/json.hpp>

#include "cli/json_text.h"
#include "cli/places.h"

namespace lockstep::cli {
namespace verify_json {
namespace {

std::string text_of(const Places& places, const Look&) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Place& place : places) list.push_back(place_json(place));
  return json_text({{"format", "lockstep-verify/1"}, {"databases", std::move(list)}});
}

}  // namespace
}  // namespace verify_json

constinit const Renderer<Places> kVerifyJson{.format = "json", .text = verify_json::text_of, .complete = true};

}  // namespace lockstep::cli
