#include "plan/json.h"

namespace lockstep::plan {

namespace {

template <class Item, class Function>
Json list_of(const std::vector<Item>& items, Function convert) {
  Json list = Json::array();
  for (const Item& item : items) list.push_back(convert(item));
  return list;
}

Json json_of(const catalog::ObjectId& id) {
  return Json{{"kind", std::string(id.kind->name)}, {"path", id.path}};
}

Json json_of(const RelationLock& lock) {
  return Json{{"relation", lock.relation}, {"mode", std::string(to_string(lock.mode))}};
}

Json json_of(const Loss& loss) {
  return Json{{"hazard", loss.hazard},     {"object", loss.object}, {"what", loss.what},
              {"relation", loss.relation}, {"query", loss.query},   {"hidden", loss.hidden}};
}

Json json_of(const RowByRow& rows) {
  return Json{{"schema", rows.schema}, {"table", rows.table}, {"condition", rows.condition}, {"shown", rows.shown}};
}

Json json_of(const DataCheck& check) {
  Json json{{"rule", check.rule}, {"count", check.count}, {"sample", check.sample}, {"upfront", check.upfront}};
  if (!check.row_by_row.table.empty()) json["row_by_row"] = json_of(check.row_by_row);
  return json;
}

Json json_of(const Batches& batches) {
  return Json{
      {"schema", batches.schema}, {"table", batches.table}, {"assignment", batches.assignment}, {"pending", batches.pending}};
}

Json json_of(const SizeLimit& limit, Fields fields) {
  Json json{{"relation", limit.relation}, {"most", limit.most}};
  if (fields == Fields::whole) json["bytes"] = limit.bytes;
  return json;
}

Json json_of(const Estimate& estimate) {
  return Json{{"seconds_least", estimate.least},
              {"seconds_most", estimate.most},
              {"disk_bytes", estimate.disk},
              {"wal_bytes", estimate.wal}};
}

Json json_of(const Helper& helper) {
  return Json{{"change", helper.change == Helper::Change::made ? "made" : "taken"},
              {"role", helper.role},
              {"type", helper.type},
              {"names", helper.names},
              {"subject", helper.subject},
              {"undo", helper.undo}};
}

}  // namespace

Json json_of(const std::vector<Unproved>& unproved) {
  return list_of(unproved, [](const Unproved& one) { return Json{{"object", one.object}, {"reason", one.reason}}; });
}

Json json_of(const std::vector<Expectation>& expectations) {
  return list_of(expectations, [](const Expectation& one) {
    return Json{{"relation", one.relation}, {"lock", std::string(to_string(one.lock))}, {"shape", one.shape}};
  });
}

Json json_of(const std::vector<ForeignCode>& foreign_code) {
  return list_of(foreign_code, [](const ForeignCode& one) { return Json{{"object", one.object}, {"message", one.message}}; });
}

Json json_of(const Target& target) {
  return Json{{"system_identifier", target.system_identifier},
              {"database", target.database},
              {"database_oid", target.database_oid},
              {"server_version", target.server_version}};
}

Json json_of(const Undo& undo, Fields fields) {
  Json json{{"steps", list_of(undo.steps, [&](const Step& step) { return json_of(step, fields); })}};
  if (!undo.lost.empty()) json["lost"] = undo.lost;
  if (!undo.refused.empty()) json["refused"] = undo.refused;
  return json;
}

Json json_of(const Step& step, Fields fields) {
  const auto id = [](const catalog::ObjectId& object) { return json_of(object); };
  Json json;
  json["id"] = step.id;
  json["phase"] = std::string(to_string(step.phase));
  if (fields == Fields::whole) {
    json["title"] = step.title;
    json["source"] = step.source;
  }
  json["sql"] = step.sql;
  json["mode"] = std::string(to_string(step.mode));
  json["search_path"] = step.search_path;
  json["lock"] = std::string(to_string(step.lock));
  json["locks"] = list_of(step.locks, [](const RelationLock& lock) { return json_of(lock); });
  json["rewrites"] = step.rewrites;
  json["scans"] = step.scans;
  json["builds"] = step.builds;
  if (fields == Fields::whole) json["bytes"] = step.bytes;
  if (fields == Fields::whole && !step.estimate.empty()) json["estimate"] = json_of(step.estimate);
  json["produces"] = list_of(step.produces, id);
  json["destroys"] = list_of(step.destroys, id);
  json["consumes"] = list_of(step.consumes, id);
  // Omitted where there is nothing to say, so that plans of older versions keep their digests.
  if (step.renames) json["renames"] = true;
  if (!step.helpers.empty()) json["helpers"] = list_of(step.helpers, [](const Helper& helper) { return json_of(helper); });
  if (!step.limits.empty()) json["limits"] = list_of(step.limits, [&](const SizeLimit& limit) { return json_of(limit, fields); });
  json["expects"] = json_of(step.expects);
  json["losses"] = list_of(step.losses, [](const Loss& loss) { return json_of(loss); });
  json["checks"] = list_of(step.checks, [](const DataCheck& check) { return json_of(check); });
  json["postcheck"] = step.postcheck;
  json["repair"] = step.repair;
  if (step.mode == TransactionMode::batches) json["batches"] = json_of(step.batches);
  json["breaking"] = step.breaking;
  json["consequences"] = list_of(step.consequences, [](const Consequence& one) {
    return Json{{"hazard", one.hazard}, {"object", one.object}, {"message", one.message}};
  });
  json["converts"] = step.converts;
  if (!step.undo.empty()) json["undo"] = json_of(step.undo, fields);
  return json;
}

}  // namespace lockstep::plan
