#include <fmt/format.h>

#include "cli/identity_document.h"

namespace lockstep::cli {

std::string identity_text(const executor::Identity& one) {
  return fmt::format("{}  database \"{}\", oid {}, cluster {}", one.id, one.database, one.database_oid,
                     one.system_identifier.empty() ? "unknown" : one.system_identifier);
}
namespace identity_renderers {
namespace {

std::string text_of(const IdentityDocument& document, const Look&) {
  const plan::Target& here = document.here;
  std::string text = fmt::format("here     database \"{}\", oid {}, cluster {}\n", here.database, here.database_oid,
                                 here.system_identifier.empty() ? "unknown" : here.system_identifier);
  text += "journal  " + (document.journal ? identity_text(*document.journal) : "none: never applied") + "\n";
  if (!document.environment.empty()) text += "pinned   " + (document.pinned ? identity_text(*document.pinned) : "no") + "\n";
  return text + "verdict  " + (document.problem.empty() ? "fits" : "wrong: " + document.problem) + "\n";
}

std::string pins_text(const fleet::Pins& pins, const Look&) {
  if (pins.empty()) return "no environment is pinned\n";
  std::string text;
  for (const auto& [name, pin] : pins) text += fmt::format("{}  {}\n", name, identity_text(pin.identity));
  return text;
}

}  // namespace
}  // namespace identity_renderers

constinit const Renderer<IdentityDocument> kIdentityText{.format = "text", .text = identity_renderers::text_of};
constinit const Renderer<fleet::Pins> kPinsText{.format = "text", .text = identity_renderers::pins_text};

}  // namespace lockstep::cli
