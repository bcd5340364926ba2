#include "fleet/lock_file.h"

#include <fmt/format.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "support/error.h"
#include "support/plain_file.h"
#include "support/source_text.h"

namespace lockstep::fleet {
namespace {

using support::UsageError;

constexpr const char* kHeader =
    "# Which database each environment of lockstep.yaml is. Written by Lockstep; commit it.\n"
    "# A URL that leads to another database is refused. To change what is pinned: lockstep identity set|rebind|forget.\n";

std::string text_at(const YAML::Node& node, const char* key) {
  const YAML::Node value = node[key];
  if (!value || !value.IsScalar()) throw YAML::Exception(node.Mark(), fmt::format("\"{}\" is missing", key));
  return value.Scalar();
}

Pin pin_from(const YAML::Node& node) {
  if (!node.IsMap()) throw YAML::Exception(node.Mark(), "an environment must be a mapping");
  Pin pin;
  pin.identity.id = text_at(node, "identity");
  pin.identity.system_identifier = text_at(node, "system_identifier");
  pin.identity.database = text_at(node, "database");
  text_at(node, "database_oid");
  pin.identity.database_oid = node["database_oid"].as<std::int64_t>();
  pin.applied = text_at(node, "applied");
  return pin;
}

}  // namespace

std::string to_text(const Pins& pins) {
  YAML::Emitter out;
  out << YAML::BeginMap << YAML::Key << "environments" << YAML::Value << YAML::BeginMap;
  for (const auto& [name, pin] : pins) {
    out << YAML::Key << name << YAML::Value << YAML::BeginMap;
    out << YAML::Key << "identity" << YAML::Value << pin.identity.id;
    out << YAML::Key << "system_identifier" << YAML::Value << YAML::DoubleQuoted << pin.identity.system_identifier;
    out << YAML::Key << "database" << YAML::Value << pin.identity.database;
    out << YAML::Key << "database_oid" << YAML::Value << pin.identity.database_oid;
    out << YAML::Key << "applied" << YAML::Value << YAML::DoubleQuoted << pin.applied;
    out << YAML::EndMap;
  }
  out << YAML::EndMap << YAML::EndMap;
  return std::string(kHeader) + out.c_str() + "\n";
}

Pins read_pins(const std::string& path) {
  Pins pins;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return pins;
  try {
    const YAML::Node root = YAML::Load(std::string(support::read_source(path)->text()));
    if (!root.IsMap() || !root["environments"] || !root["environments"].IsMap())
      throw YAML::Exception(root.Mark(), "\"environments\" is missing");
    for (const auto& entry : root["environments"]) pins[entry.first.Scalar()] = pin_from(entry.second);
  } catch (const YAML::Exception& error) {
    throw UsageError(
        fmt::format("{}:{}: {}; nothing was touched. Take the committed version back, or pin again with "
                    "`lockstep identity set`",
                    path, error.mark.line + 1, error.msg));
  }
  return pins;
}

void write_pins(const std::string& path, const Pins& pins) {
  support::replace_file(path, to_text(pins));
}

}  // namespace lockstep::fleet
