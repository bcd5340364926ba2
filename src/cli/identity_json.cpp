#include <nlohmann/json.hpp>

#include "cli/identity_document.h"
#include "cli/json_text.h"

namespace lockstep::cli {
namespace identity_json {
namespace {

using executor::Identity;
using nlohmann::ordered_json;

ordered_json json(const Identity& one) {
  return {{"id", one.id},
          {"database", one.database},
          {"database_oid", one.database_oid},
          {"system_identifier", one.system_identifier}};
}

std::string text_of(const IdentityDocument& document, const Look&) {
  const plan::Target& here = document.here;
  return json_text({{"format", "lockstep-identity/1"},
                    {"environment", text_or_null(document.environment)},
                    {"here", json({"", here.system_identifier, here.database, here.database_oid})},
                    {"journal", document.journal ? json(*document.journal) : ordered_json(nullptr)},
                    {"pinned", document.pinned ? json(*document.pinned) : ordered_json(nullptr)},
                    {"problem", text_or_null(document.problem)}});
}

std::string pins_json(const fleet::Pins& pins, const Look&) {
  ordered_json document = {{"format", "lockstep-identity/1"}, {"environments", ordered_json::object()}};
  for (const auto& [name, pin] : pins) {
    document["environments"][name] = json(pin.identity);
    document["environments"][name]["applied"] = pin.applied;
  }
  return json_text(document);
}

}  // namespace
}  // namespace identity_json

constinit const Renderer<IdentityDocument> kIdentityJson{.format = "json", .text = identity_json::text_of, .complete = true};
constinit const Renderer<fleet::Pins> kPinsJson{.format = "json", .text = identity_json::pins_json, .complete = true};

}  // namespace lockstep::cli
