#include "executor/provenance.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace lockstep::executor {

namespace {

constexpr std::pair<const char*, std::string Provenance::*> kTexts[] = {
    {"message", &Provenance::message},
    {"commit", &Provenance::commit},
    {"branch", &Provenance::branch},
    {"author", &Provenance::author},
    {"job", &Provenance::job},
    {"declarations", &Provenance::declarations},
    {"promoted_by", &Provenance::promoted_by},
    {"unpromoted", &Provenance::unpromoted},
};

constexpr std::pair<const char*, std::vector<std::string> Provenance::*> kLists[] = {{"backups", &Provenance::backups},
                                                                                     {"approvals", &Provenance::approvals}};

}  // namespace

bool Provenance::empty() const {
  for (const auto& [name, member] : kTexts)
    if (!(this->*member).empty()) return false;
  return approvals.empty() && backups.empty();
}

nlohmann::ordered_json to_json(const Provenance& provenance) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const auto& [name, member] : kTexts)
    if (!(provenance.*member).empty()) object[name] = provenance.*member;
  if (!provenance.commit.empty()) object["clean"] = provenance.clean;
  for (const auto& [name, member] : kLists)
    if (!(provenance.*member).empty()) object[name] = provenance.*member;
  return object;
}

Provenance provenance_from(const nlohmann::ordered_json& object) {
  Provenance provenance;
  if (!object.is_object()) return provenance;
  for (const auto& [name, member] : kTexts)
    if (const auto at = object.find(name); at != object.end() && at->is_string()) provenance.*member = at->get<std::string>();
  provenance.clean = object.value("clean", false);
  for (const auto& [name, member] : kLists) {
    const auto at = object.find(name);
    if (at == object.end() || !at->is_array()) continue;
    for (const auto& one : *at)
      if (one.is_string()) (provenance.*member).push_back(one.get<std::string>());
  }
  return provenance;
}

}  // namespace lockstep::executor
