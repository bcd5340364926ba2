#include "executor/at_stake.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "support/digest.h"
#include "support/sql_text.h"

namespace lockstep::executor {
namespace {

using Lines = std::map<std::string, std::string>;

// NOT NULL is part of the relation's shape, and the run's own steps set it. Otherwise the whole row of a catalog is compared:
// what changes by itself (a rewrite, a new place) is left out. pg_identify_object() qualifies every name, whatever the
// search_path.
constexpr support::Sql kLines = R"sql(
WITH wanted AS (
  SELECT DISTINCT * FROM pg_catalog.json_to_recordset($1) AS w (namespace pg_catalog.text, relation pg_catalog.text, name pg_catalog.text)
), col AS (
  SELECT pg_catalog.format('column %I.%I.%I', n.nspname, c.relname, a.attname) AS called, c.oid AS relation, a.attnum, a.attacl, a.attoptions,
    pg_catalog.to_jsonb(a) - '{attrelid,attname,attnum,attacl,attoptions,attnotnull,attcacheoff,atthasmissing,attmissingval,attisdropped}'::pg_catalog.text[] AS facts
  FROM wanted w JOIN pg_catalog.pg_namespace n ON n.nspname = w.namespace
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.relation
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND (a.attname = w.name OR w.name IS NULL AND c.relkind = 'v')
), seq AS (
  SELECT pg_catalog.format('sequence %I.%I', n.nspname, s.relname) AS called, s.oid AS relation, coalesce(s.relacl, pg_catalog.acldefault('s', s.relowner)) AS acl, pg_catalog.to_jsonb(q) - 'seqrelid' AS facts
  FROM col JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
    AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = col.relation AND d.refobjsubid = col.attnum
  JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
  JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
), view AS (
  SELECT pg_catalog.format('view %I.%I', n.nspname, c.relname) AS called, c.oid AS relation, coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner)) AS acl, c.reloptions
  FROM wanted w JOIN pg_catalog.pg_namespace n ON n.nspname = w.namespace
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.relation WHERE w.name IS NULL AND c.relkind = 'v'
), part (called, relation, number) AS (
  SELECT called, relation, attnum FROM col UNION ALL SELECT called, relation, 0 FROM seq UNION ALL SELECT called, relation, 0 FROM view
), acl (called, items) AS (  -- one that was given back is as if it had never been given
  SELECT called, coalesce(attacl, '{}') FROM col UNION ALL SELECT called, acl FROM seq UNION ALL SELECT called, acl FROM view
), line (called, what, value) AS (
  SELECT called, e.key, e.value FROM col, pg_catalog.jsonb_each_text(facts) AS e
  UNION ALL SELECT called, e.key, e.value FROM seq, pg_catalog.jsonb_each_text(facts) AS e
  UNION ALL SELECT called, 'privileges', (SELECT pg_catalog.string_agg(i::pg_catalog.text, ' ' ORDER BY i::pg_catalog.text)
    FROM pg_catalog.unnest(items) AS i) FROM acl
  UNION ALL SELECT called, 'options', reloptions::pg_catalog.text FROM view
  UNION ALL SELECT called, 'options', (SELECT pg_catalog.string_agg(o, ' ' ORDER BY o) FROM pg_catalog.unnest(attoptions) AS o
    WHERE o NOT LIKE 'pg\_attver=%') FROM col  -- see kinds/relations/relation_sql.h
  UNION ALL SELECT called, 'default', d.adbin::pg_catalog.text FROM col JOIN pg_catalog.pg_attrdef d ON d.adrelid = relation AND d.adnum = attnum
  UNION ALL SELECT called, 'comment', d.description FROM part JOIN pg_catalog.pg_description d ON d.objoid = relation AND d.objsubid = number
    AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
  UNION ALL SELECT called, 'security label of ' || l.provider, l.label FROM part JOIN pg_catalog.pg_seclabel l ON l.objoid = relation
    AND l.objsubid = number AND l.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
  UNION ALL SELECT called, 'its ' || i.type || ' ' || i.identity, d.deptype::pg_catalog.text FROM part
    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = relation AND d.refobjsubid = number
    CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, d.objsubid) AS i
    WHERE d.classid <> 'pg_catalog.pg_attrdef'::pg_catalog.regclass
)
SELECT called || ': ' || what, pg_catalog.string_agg(coalesce(value, ''), ' ' ORDER BY value) FROM line GROUP BY 1)sql";

bool takes_column(const plan::Helper& helper) {
  return helper.change == plan::Helper::Change::taken && helper.type == "table column" && helper.names.size() == 3;
}

Json named(const std::vector<std::string>& names) {
  Json one{{"namespace", names[0]}, {"relation", names[1]}};
  if (names.size() > 2) one["name"] = names[2];
  return one;
}

// A column that is only renamed keeps all it has.
Json wanted(const plan::Plan& plan, const std::map<std::string, StepState>& states) {
  Json list = Json::array();
  for (const plan::Step& step : plan.steps) {
    const auto state = states.find(step.id);
    if (step.phase != plan::Phase::contract || (state != states.end() && state->second.done)) continue;
    for (const plan::Helper& helper : step.helpers) {
      if (helper.change == plan::Helper::Change::taken && helper.names.size() == 2) list.push_back(named(helper.names));
      if (!takes_column(helper)) continue;
      list.push_back(named(helper.names));
      if ((!step.renames || helper.role == "successor column") && helper.subject.size() == 3)
        list.push_back(named(helper.subject));
    }
  }
  return list;
}

constexpr std::pair<std::string_view, std::string_view> kWords[] = {
    {": attstattarget", ": statistics target"},
    {": attidentity", ": identity"},
    {": atthasdef", ": default"},
    {": attstorage", ": storage"},
    {": attcompression", ": compression"},
    {": attcollation", ": collation"},
    {": atttypmod", ": type"},
    {": atttypid", ": type"},
    {": seqcycle", ": cycle"},
    {": seqincrement", ": increment"},
    {": seqcache", ": cache"},
    {": seqmax", ": maximum"},
    {": seqmin", ": minimum"},
    {": seqstart", ": start"},
    {": seqtypid", ": type"},
};

std::string words(std::string line) {
  for (const auto& [from, to] : kWords) {
    if (line.ends_with(from)) return line.substr(0, line.size() - from.size()) + std::string(to);
  }
  return line;
}

// What the run's steps so far have made, changed or taken away: a line about that says nothing about others.
class Own {
 public:
  Own() = default;
  Own(const plan::Plan& plan, const std::map<std::string, StepState>& states) {
    for (const plan::Step& step : plan.steps) {
      const auto state = states.find(step.id);
      if (state == states.end() || (!state->second.done && !state->second.intent)) continue;
      for (const auto* ids : {&step.produces, &step.destroys})
        for (const catalog::ObjectId& id : *ids) add(id.path);
      for (const plan::Helper& helper : step.helpers) names_.insert(support::quote_identifier(helper.names.back()));
    }
  }

  bool holds(const std::string& line) const {
    const auto starts = [&](const std::string& object) { return line.find(" " + object + ": ") != std::string::npos; };
    return std::any_of(objects_.begin(), objects_.end(), starts) ||
           std::any_of(names_.begin(), names_.end(), [&](const std::string& name) { return has_word(line, name); });
  }

 private:
  // A grant or a comment ends with whom or what it says, after the path of its object.
  void add(const catalog::Path& path) {
    for (const std::ptrdiff_t from : {0, 1}) {  // theirs begins with the kind of that object
      for (auto end = from + 2; end <= std::ssize(path); ++end)
        objects_.insert(support::qualified({path.begin() + from, path.begin() + end}));
    }
    names_.insert(support::quote_identifier(path.back()));
  }
  static bool has_word(const std::string& line, const std::string& word) {
    const auto inside = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '"'; };
    for (std::size_t at = line.find(word); at != std::string::npos; at = line.find(word, at + 1)) {
      const std::size_t end = at + word.size();
      if ((at == 0 || !inside(line[at - 1])) && (end == line.size() || !inside(line[end]))) return true;
    }
    return false;
  }

  std::set<std::string> objects_, names_;
};

void compare(const Lines& before, const Lines& now, const Own& own, std::set<std::string>& moved) {
  const auto is_own = [&](const std::string& line) { return own.holds(line); };
  for (const auto& [line, value] : now) {
    const auto was = before.find(line);
    if (is_own(line) || (was != before.end() && was->second == value)) continue;
    moved.insert(words(line) + (was == before.end() ? " is new" : " has changed"));
  }
  for (const auto& [line, value] : before)
    if (!now.contains(line) && !is_own(line)) moved.insert(words(line) + " is gone");
}

struct Recorded {
  std::string next;  // of a gate: the phase that it stands before
  Lines lines;
};

Recorded recorded(postgres::Session& session, const std::string& run, const char* kind) {
  const auto rows = session.query(
      "SELECT coalesce(last.detail ->> 'next', ''), e.key, e.value FROM (SELECT detail FROM lockstep.event WHERE run = $1 AND "
      "kind = "
      "$2 AND detail -> 'at_stake' IS NOT NULL ORDER BY id DESC LIMIT 1) AS last, pg_catalog.json_each_text(last.detail -> "
      "'at_stake') AS e",
      {run, kind});
  Recorded found;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    found.next = rows.text(row, 0);
    found.lines[rows.text(row, 1)] = rows.text(row, 2);
  }
  return found;
}

}  // namespace

std::map<std::string, std::string> at_stake(postgres::Session& session, const plan::Plan& plan,
                                            const std::map<std::string, StepState>& states) {
  const Json list = wanted(plan, states);
  Lines lines;
  if (list.empty()) return lines;
  const auto rows = session.query(kLines, {list.dump()});
  for (std::size_t row = 0; row < rows.size(); ++row) lines[rows.text(row, 0)] = support::sha256(rows.text(row, 1)).substr(0, 16);
  return lines;
}

void note_at_stake(Json& detail, const std::map<std::string, std::string>& stake) {
  for (const auto& [line, value] : stake) detail["at_stake"][line] = value;
}

std::vector<std::string> moved_at_stake(postgres::Session& session, const std::string& run, const plan::Plan& plan,
                                        const std::map<std::string, StepState>& states) {
  const Lines now = at_stake(session, plan, states);
  if (now.empty() || !plan.undoes.empty()) return {};  // a way back was planned from what is there
  std::set<std::string> moved;
  const Own own(plan, states);
  const Recorded start = recorded(session, run, "run_started"), gate = recorded(session, run, "gate");
  if (!start.lines.empty()) compare(start.lines, now, own, moved);
  const bool stood_still = gate.next == plan::to_string(plan::Phase::contract);
  if (!gate.lines.empty()) compare(gate.lines, now, stood_still ? Own() : own, moved);
  return {moved.begin(), moved.end()};
}

}  // namespace lockstep::executor
