#include <nlohmann/json.hpp>

#include "catalog/value_json.h"
#include "cli/inspect_document.h"
#include "cli/json_text.h"

namespace lockstep::cli {
namespace inspect_json {
namespace {

using nlohmann::ordered_json;

std::string text_of(const InspectDocument& inspected, const Look&) {
  const postgres::Snapshot& snapshot = inspected.snapshot;
  ordered_json objects = ordered_json::array();
  for (const catalog::Object& object : snapshot.catalog.objects()) {
    ordered_json one = catalog::id_json(object.id);
    if (object.parent) one["parent"] = catalog::id_json(*object.parent);
    for (const auto& [name, value] : object.attributes) one["attributes"][std::string(name)] = catalog::value_json(value);
    objects.push_back(std::move(one));
  }
  ordered_json document;
  document["format"] = "lockstep-catalog/1";
  document["database"] = snapshot.target.database;
  document["server_version"] = snapshot.target.server_version;
  document["objects"] = std::move(objects);
  document["unmanaged"] = ordered_json::array();
  for (const postgres::Unmanaged& one : snapshot.unmanaged) document["unmanaged"].push_back(one.description);
  return json_text(document);
}

}  // namespace
}  // namespace inspect_json

constinit const Renderer<InspectDocument> kInspectJson{
    .format = "json", .text = inspect_json::text_of, .exact = true, .complete = true};

}  // namespace lockstep::cli
