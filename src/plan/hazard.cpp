#include "plan/hazard.h"

#include <algorithm>
#include <array>

#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::plan {

namespace {

constexpr std::array<HazardKind, 12> kKinds{{
    {"drop-table", "A table is dropped with all its rows; they are saved first."},
    {"drop-column", "A column is dropped with all its values; they are saved first."},
    {"drop-object", "An object is dropped whose contents or definition no schema file can restore."},
    {"lossy-type", "A column's type changes so that old values can't be told from the new ones; they are saved first."},
    {"delete-rows", "Rows are deleted or overwritten; they are saved first."},
    {"rewrite", "An existing table is rewritten as a whole while nobody else can use it."},
    {"long-lock", "A table is scanned, or an index is built on it, while writes (or everything) wait."},
    {"breaking", "Statements of the previous application version that worked before can fail or mean something else."},
    {"fires-triggers", "Triggers, rules or publications act on each row that Lockstep itself changes."},
    {"foreign-code",
     "A step or a definition evaluates code of a role that is neither the connected one, a superuser, nor a table owner it acts "
     "for."},
    {"drift",
     "What somebody has changed in the database by hand since it was last applied is undone; `lockstep adopt` keeps it."},
    {"unproved", "Something that could not be tried on a scratch copy first."},
}};

// Whether one of the step's statements names this relation. For steps that neither create nor drop an object of the schema (a
// transitional check).
bool speaks_of(const Step& step, const std::string& relation) {
  return std::any_of(step.sql.begin(), step.sql.end(), [&](const std::string& statement) {
    return (statement + " ").find(" " + relation + " ") != std::string::npos;
  });
}

// Whether the step is about this relation or a part of it.
bool is_about(const Step& step, const std::string& relation) {
  const auto& ids = step.produces.empty() ? step.destroys : step.produces;
  if (ids.empty()) return speaks_of(step, relation);
  return !ids.empty() && ids.front().path.size() > 1 && support::qualified(ids.front().path[0], ids.front().path[1]) == relation;
}

// The strongest lock, which is the one that a reader cares about; among equal ones, that of the step's own relation first.
const RelationLock* hardest(const Step& step) {
  const RelationLock* found = nullptr;
  for (const RelationLock& lock : step.locks) {
    const bool harder = !found || lock.mode > found->mode;
    if (harder || (lock.mode == found->mode && is_about(step, lock.relation))) found = &lock;
  }
  return found;
}

std::string relation_of(const Step& step) {
  const RelationLock* lock = hardest(step);
  if (lock != nullptr) return lock->relation;
  const std::string promised = promised_on(step);  // for a step that nobody tried before
  return promised.empty() ? step.title : promised;
}

// The last part may be empty: that of a function without arguments.
std::string joined(catalog::Path path) {
  while (!path.empty() && path.back().empty()) path.pop_back();
  return support::join(path, ".");
}

std::string object_of(const Step& step) {
  if (!step.destroys.empty() && !step.renames) return joined(step.destroys.front().path);
  if (!step.produces.empty()) return joined(step.produces.front().path);
  return relation_of(step);
}

bool keeps_writers_out(LockMode mode) {
  return mode >= LockMode::share;
}

std::string in_brackets(std::int64_t bytes) {
  return bytes <= 0 ? "" : " (" + size_text(bytes) + ")";
}

// Every table that the step retypes, and so rewrites; else the table that it is about.
std::vector<std::string> rewritten(const Step& step) {
  std::vector<std::string> tables;
  for (const RelationLock& lock : step.locks) {
    const std::string alter = "ALTER TABLE " + lock.relation + " ALTER COLUMN ";
    const bool retypes = std::any_of(step.sql.begin(), step.sql.end(), [&](const std::string& statement) {
      return statement.starts_with(alter) && statement.find(" TYPE ") != std::string::npos;
    });
    if (retypes && lock.mode == LockMode::access_exclusive) tables.push_back(lock.relation);
  }
  if (tables.empty()) tables.push_back(relation_of(step));
  return tables;
}

bool is_locked(const Step& step, const std::string& relation) {
  return std::any_of(step.locks.begin(), step.locks.end(), [&](const RelationLock& lock) { return lock.relation == relation; });
}

// The table that PostgreSQL scans when the step creates or attaches a partition: the table of the step's data checks (the new
// partition itself, or a DEFAULT one beside it). Empty: the step does neither, or the table is unknown.
std::string read_for_partition(const Step& step) {
  const bool places = std::any_of(step.sql.begin(), step.sql.end(), [](const std::string& statement) {
    return statement.find(" ATTACH PARTITION ") != std::string::npos || statement.find(" PARTITION OF ") != std::string::npos;
  });
  if (!places) return {};
  for (const DataCheck& check : step.checks) {
    if (check.row_by_row.table.empty()) continue;
    std::string table = support::qualified(check.row_by_row.schema, check.row_by_row.table);
    if (is_locked(step, table)) return table;
  }
  return {};
}

// Whether the statement scans this relation or builds an index on it.
bool reads(const std::string& statement, const std::string& relation) {
  const bool builds = statement.starts_with("CREATE INDEX ") || statement.starts_with("CREATE UNIQUE INDEX ");
  return statement.starts_with("ALTER TABLE " + relation + " ") ||
         (builds && statement.find(" ON " + relation + " ") != std::string::npos);
}

// Where no statement names a table (a domain's constraint is checked in every table that has a column of it): those that are kept
// from writers, without those that are known to have no rows.
std::vector<std::string> read_unnamed(const Step& step) {
  std::vector<std::string> tables;
  for (const RelationLock& lock : step.locks) {
    const bool empty = std::any_of(step.limits.begin(), step.limits.end(),
                                   [&](const SizeLimit& limit) { return limit.relation == lock.relation && limit.bytes == 0; });
    if (keeps_writers_out(lock.mode) && !empty) tables.push_back(lock.relation);
  }
  return tables;
}

// The tables that the step scans or builds on. A step that recreates a view with one locks the view as strongly, but there are no
// rows of the view to read.
std::vector<std::string> read_tables(const Step& step) {
  if (std::string table = read_for_partition(step); !table.empty()) return {table};
  const std::string about = relation_of(step);
  std::string other;
  const RelationLock* lock = hardest(step);
  for (const RelationLock& one : step.locks) {
    if (one.mode != lock->mode) continue;
    const bool named = std::any_of(step.sql.begin(), step.sql.end(),
                                   [&](const std::string& statement) { return reads(statement, one.relation); });
    if (named && one.relation == about) return {about};
    if (named && other.empty()) other = one.relation;
  }
  if (!other.empty()) return {other};
  auto unnamed = is_about(step, about) ? std::vector<std::string>() : read_unnamed(step);
  return unnamed.empty() ? std::vector<std::string>{about} : unnamed;
}

void add_hazards_of(const Step& step, std::vector<Hazard>& hazards) {
  for (const Loss& loss : step.losses) hazards.push_back({loss.hazard, loss.object, "loses " + loss.what, step.id});

  const RelationLock* lock = hardest(step);
  const LockMode mode = lock ? std::max(lock->mode, step.lock) : step.lock;
  if (step.rewrites && (step.bytes > 0 || lock)) {
    const auto tables = rewritten(step);
    for (const std::string& table : tables) {
      const std::string size = tables.size() == 1 ? in_brackets(step.bytes) : "";
      hazards.push_back({"rewrite", table, "rewrites " + table + size + " under " + std::string(to_string(mode)), step.id});
    }
  }
  if (step.mode == TransactionMode::inside && step.bytes > 0 && (step.scans || step.builds) && keeps_writers_out(mode)) {
    const auto tables = read_tables(step);
    for (const std::string& table : tables) {
      hazards.push_back({"long-lock", table,
                         std::string(step.builds ? "builds an index on " : "reads all of ") + table +
                             (tables.size() == 1 ? in_brackets(step.bytes) : "") + " under " + std::string(to_string(mode)),
                         step.id});
    }
  }
  // Consent to a loss includes that statements which name the lost object fail.
  if (!step.breaking.empty() && step.losses.empty()) {
    hazards.push_back({"breaking", object_of(step), step.breaking, step.id});
  }
  for (const Consequence& one : step.consequences) hazards.push_back({one.hazard, one.object, one.message, step.id});
}

}  // namespace

std::string promised_on(const Step& step) {
  for (const auto* ids : {&step.produces, &step.destroys}) {
    for (const catalog::ObjectId& id : *ids) {
      if (id.path.size() < 2) continue;
      std::string relation = support::qualified(id.path[0], id.path[1]);
      if (speaks_of(step, relation)) return relation;
    }
  }
  return {};
}

// Iterative, because the pattern comes from the command line and may contain any number of `*`.
bool glob_matches(std::string_view glob, std::string_view text) {
  std::size_t g = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (g < glob.size() && (glob[g] == '?' || (glob[g] != '*' && glob[g] == text[t]))) {
      ++g, ++t;
    } else if (g < glob.size() && glob[g] == '*') {
      star = g++, resume = t;
    } else if (star != std::string_view::npos) {
      g = star + 1, t = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

namespace {

// "drop" covers "drop-table": a prefix that ends before a dash.
bool kind_covers(std::string_view item, std::string_view kind) {
  return item == "all" || item == kind ||
         (kind.size() > item.size() && kind[item.size()] == '-' && kind.substr(0, item.size()) == item);
}

}  // namespace

std::span<const HazardKind> hazard_kinds() {
  return kKinds;
}

std::string hazards_markdown() {
  std::string text =
      "# Hazards\n\n"
      "What a plan can do that needs consent. `--yes` never consents to one; `--allow KIND` does, `--allow KIND:GLOB` only for\n"
      "objects that match (`--allow drop:shop.orders*`), `--allow drop` for every kind that starts with `drop-`, `--allow all`\n"
      "for everything. Consents are journalled with the run.\n\n"
      "| kind | meaning |\n|---|---|\n";
  for (const HazardKind& kind : kKinds) {
    text += "| `" + std::string(kind.name) + "` | " + std::string(kind.meaning) + " |\n";
  }
  return text;
}

std::vector<Hazard> hazards_of(const Plan& plan) {
  std::vector<Hazard> hazards;
  for (const Step& step : plan.steps) add_hazards_of(step, hazards);
  for (const ForeignCode& one : plan.foreign_code) hazards.push_back({"foreign-code", one.object, one.message, ""});
  for (const Unproved& one : plan.unproved) {
    hazards.push_back({"unproved", one.object, one.object + " could not be tried first: " + one.reason, ""});
  }
  return hazards;
}

Consent Consent::parse(const std::vector<std::string>& items) {
  Consent consent;
  for (const std::string& item : items) {
    const std::size_t colon = item.find(':');
    const std::string kind = item.substr(0, colon);
    const bool known =
        std::any_of(kKinds.begin(), kKinds.end(), [&kind](const HazardKind& row) { return kind_covers(kind, row.name); });
    if (!known) {
      std::vector<std::string> names;
      for (const HazardKind& row : kKinds) names.emplace_back(row.name);
      throw support::UsageError("--allow " + item + ": no hazard is called \"" + kind +
                                "\"; there are: " + support::join(names, ", ") + ", and all");
    }
    consent.items_.push_back({kind, colon == std::string::npos ? "*" : item.substr(colon + 1)});
  }
  return consent;
}

bool Consent::covers(const Hazard& hazard) const {
  return std::any_of(items_.begin(), items_.end(), [&hazard](const Item& item) {
    return kind_covers(item.kind, hazard.kind) && glob_matches(item.glob, hazard.object);
  });
}

}  // namespace lockstep::plan
