#include "elaborator/builder.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <set>

#include "catalog/keys.h"
#include "elaborator/external_objects.h"
#include "elaborator/privileged.h"
#include "elaborator/stubs.h"
#include "kinds/registry.h"
#include "parser/sql_parse.h"
#include "planner/planner.h"
#include "session/limited_session.h"
#include "session/quiet.h"
#include "support/sql_text.h"

namespace lockstep::elaborator {

using catalog::Catalog;
using catalog::Change;
using catalog::Object;
using plan::Step;
using support::DatabaseError;
using support::DeclaredSql;

std::map<std::string, catalog::ObjectId> roles_of(const Catalog& catalog) {
  std::map<std::string, catalog::ObjectId> roles;
  for (const Object& object : catalog.objects()) {
    if (object.has(kinds::kOwner)) roles.emplace(object.get(kinds::kOwner), object.id);
    if (const auto* list = std::get_if<catalog::List>(&object.value(keys::kRoles.name))) {
      for (const auto& role : *list) roles.emplace(role, object.id);
    }
    if (kinds::of(object.id).placement == kinds::Placement::target_by_role) roles.emplace(object.id.path.back(), object.id);
  }
  for (const auto* spelled : {"PUBLIC", "public", "current_user", "session_user", "current_role", ""}) roles.erase(spelled);
  return roles;
}

namespace {

Object with_owner(Object object, std::string owner) {
  object.set(kinds::kOwner.name, std::move(owner));
  return object;
}

}  // namespace

std::vector<std::string> owner_statements(postgres::Scratch& scratch, const Catalog& to) {
  std::vector<std::string> statements;
  for (const Object& object : to.objects()) {
    if (!object.has(kinds::kOwner)) continue;
    const auto step = kinds::owner_step(with_owner(object, scratch.owner_for(object.get(kinds::kOwner))));
    if (step) statements.insert(statements.end(), step->sql.begin(), step->sql.end());
  }
  return statements;
}

std::vector<std::string> owner_statements(const Catalog& to) {
  std::vector<std::string> statements;
  for (const Object& object : to.objects()) {
    const auto step = object.has(kinds::kOwner) ? kinds::owner_step(object) : std::nullopt;
    if (step) statements.insert(statements.end(), step->sql.begin(), step->sql.end());
  }
  return statements;
}

Catalog with_meant_owners(const postgres::Scratch& scratch, Catalog read) {
  const auto meant = [&](const Object& object) { return scratch.owner_meant(object.get(kinds::kOwner)); };
  const bool any = std::any_of(read.objects().begin(), read.objects().end(), [&](const Object& object) {
    return object.has(kinds::kOwner) && meant(object) != object.get(kinds::kOwner);
  });
  if (!any) return read;
  std::vector<Object> objects = read.objects();
  for (Object& object : objects) {
    if (!object.has(kinds::kOwner)) continue;
    const std::string owner = meant(object);
    object.set(kinds::kOwner.name, owner.empty() ? catalog::Value{} : catalog::Value{owner});
  }
  return Catalog(std::move(objects), read.edges());
}

namespace {

// A chain of objects in the wrong order needs one pass for each link. A longer chain is not plausible.
constexpr int kMostPasses = 200;
constexpr const char* kTooManyPasses =
    "given up after 200 passes over what was declared: it may need something that needs another, and so on, too many times over";

class Builder {
 public:
  // `apart`: the same steps with a statement for each default.
  Builder(postgres::Scratch& scratch, const Catalog& to, ScriptRun* scripts, Stubs* stubs,
          std::function<std::vector<Step>()> apart)
      : scratch_(scratch), to_(to), scripts_(scripts), stubs_(stubs), make_apart_(std::move(apart)) {}

  // If a statement exceeds the time limit, the build ends, and that is the only failure.
  std::vector<BuildFailure> run(const std::vector<Step>& steps) {
    try {
      return make(steps);
    } catch (const PastLimit& past) {
      return {past.failure};
    }
  }

 private:
  struct PastLimit {
    BuildFailure failure;
  };

  // Satellites (grants, comments) run after owners, so that a grant is made by the object's final owner.
  std::vector<BuildFailure> make(const std::vector<Step>& steps) {
    std::vector<const Step*> things, satellites;
    for (const Step& step : steps) (is_satellite(step) ? satellites : things).push_back(&step);
    // A script's objects may use an extension's types, so they run after extensions. A declaration of an object that a script
    // creates too must fail, not replace it.
    std::vector<BuildFailure> failed;
    if (scripts_ != nullptr) scripts_->make_schemas();
    things = extensions_first(things);
    if (scripts_ != nullptr) {
      const auto middle =
          std::stable_partition(things.begin(), things.end(), [this](const Step* step) { return by_superuser(*step); });
      std::vector<const Step*> first(things.begin(), middle), rest(middle, things.end());
      things = in_chunks(first);
      scripts_->make();
      for (const Step* step : in_chunks(rest)) things.push_back(step);
      failed = passes(things, [&] { return scripts_->make(); });
    } else {
      failed = passes(taken_apart(in_chunks(things)), [] { return false; });
    }
    auto refused = superuser_statements();
    failed.insert(failed.end(), refused.begin(), refused.end());
    if (scratch_.gives_owners()) {
      owners();
      if (scripts_ != nullptr) scripts_->own();
    }
    auto more = passes(in_chunks(satellites), [&] { return scripts_ != nullptr && scripts_->grant(); });
    failed.insert(failed.end(), more.begin(), more.end());
    // If objects can't be given to other roles, everything belongs to the unprivileged role, which grants what it has. Only a
    // script's owners are not known otherwise, so they are still read.
    if (!scratch_.gives_owners() && scripts_ != nullptr) scripts_->own();
    return failed;
  }

  static const catalog::ObjectId* object_of(const Step& step) {
    if (!step.produces.empty()) return &step.produces.front();
    return step.destroys.empty() ? nullptr : &step.destroys.front();
  }
  static bool is_satellite(const Step& step) {
    const auto* id = object_of(step);
    return id != nullptr && kinds::of(*id).is_satellite();
  }
  bool by_superuser(const Step& step) const { return needs_superuser(scratch_, step); }

  // An extension's script runs as a superuser, so it runs before there is any code of the files that it could call. Returns the
  // other steps in order; an extension among them has failed for good.
  std::vector<const Step*> extensions_first(const std::vector<const Step*>& steps) {
    std::vector<const Step*> schemas, extensions, rest;
    for (const Step* step : steps) {
      const auto* id = object_of(*step);
      const bool schema =
          id != nullptr && !step->produces.empty() && id->path.size() == 1 && kinds::schema_of(*id) == id->path.front();
      const bool extension = id != nullptr && known_by_name(kinds::of(*id));
      (schema ? schemas : extension ? extensions : rest).push_back(step);
    }
    std::vector<const Step*> left = in_chunks(schemas);
    for (std::size_t before = extensions.size() + 1; extensions.size() < before && !extensions.empty();) {
      before = extensions.size();
      std::erase_if(extensions, [this](const Step* step) {
        try {
          execute(*step);
          return true;
        } catch (const DatabaseError& error) {
          if (error.facts().connection_lost) throw;
          refused_[step] = error.facts();
          return false;
        }
      });
    }
    left.insert(left.end(), extensions.begin(), extensions.end());
    left.insert(left.end(), rest.begin(), rest.end());
    return left;
  }

  // Whether the step's statements would run too early (a parent's default overwrites its descendant's): it waits for what it
  // depends on as long as that can still be created.
  static bool awaits(const Step& step, const std::set<catalog::ObjectId>& missing) {
    return std::any_of(step.consumes.begin(), step.consumes.end(), [&](const auto& id) { return missing.contains(id); });
  }

  // `beside`: runs one more pass of the scripts; returns whether it made progress.
  template <class Beside>
  std::vector<BuildFailure> passes(std::vector<const Step*> open, const Beside& beside) {
    std::vector<BuildFailure> failures;
    int count = 0;
    for (bool hope = true;;) {
      const bool last = ++count >= kMostPasses;
      std::vector<const Step*> still;
      std::set<catalog::ObjectId> missing;
      bool held = false;
      failures.clear();
      for (const Step* step : open) {
        if (hope && awaits(*step, missing)) {
          still.push_back(step);
          missing.insert(step->produces.begin(), step->produces.end());
          held = true;
          continue;
        }
        try {
          if (const auto refused = refused_.find(step); refused != refused_.end()) throw DatabaseError(refused->second);
          execute(*step);
        } catch (const DatabaseError& error) {
          if (error.facts().connection_lost) throw;
          still.push_back(step);
          missing.insert(step->produces.begin(), step->produces.end());
          const auto* id = object_of(*step);
          BuildFailure failure{id ? *id : catalog::ObjectId{catalog::intern_kind("step"), {step->title}}, error.facts()};
          if (postgres::is_time_limit(failure.facts)) throw PastLimit{std::move(failure)};
          if (last) failure.facts.hint = kTooManyPasses;
          failures.push_back(std::move(failure));
        }
      }
      const bool progress = still.size() < open.size();
      open = std::move(still);
      if (last && !open.empty()) return failures;
      const bool more = beside();
      if (!more && (open.empty() || (!progress && !held))) {
        if (!stub(open, failures)) return failures;
        hope = true;
      } else {
        hope = more || progress;
      }
    }
  }

  // `failures`: those of the steps in `open`.
  bool stub(std::vector<const Step*>& open, const std::vector<BuildFailure>& failures) {
    if (stubs_ == nullptr) return false;
    std::vector<const Step*> still;
    for (std::size_t i = 0; i < open.size(); ++i) {
      const Object* object = to_.find(failures[i].object);
      if (object == nullptr || !stubs_->make(*open[i], *object, failures[i].facts)) {
        still.push_back(open[i]);
      } else if (by_superuser(*open[i])) {
        lend_wrappers(scratch_);
      }
    }
    const bool any = still.size() < open.size();
    open = std::move(still);
    return any;
  }

  // A view's query or a function's body may end its statement and begin another one ("select 1; create table …"). Such a step
  // uses the extended protocol, which refuses more than one statement.
  static bool may_hold_several(const Step& step) { return !std::all_of(step.sql.begin(), step.sql.end(), parser::surely_single); }
  // The duration is unknown. If such a statement exceeded the limit within a chunk, the whole chunk would be cancelled, and the
  // error would not tell which one it was.
  static bool runs_a_query(const Step& step) {
    return !step.sql.empty() && step.sql.front().starts_with("CREATE MATERIALIZED VIEW ");
  }
  static bool runs_alone(const Step& step) { return may_hold_several(step) || runs_a_query(step); }

  // A table whose statement failed with its defaults is made without them, so that what fails is what can't be made.
  std::vector<const Step*> taken_apart(std::vector<const Step*> open) {
    const auto joined = [](const Step* step) { return step->produces.size() > 1; };
    if (std::none_of(open.begin(), open.end(), joined)) return open;
    apart_ = make_apart_();
    std::map<catalog::ObjectId, const Step*> making;
    for (const Step& step : apart_) {
      if (!step.produces.empty()) making.emplace(step.produces.front(), &step);
    }
    std::vector<const Step*> defaults;
    for (const Step*& step : open) {
      const std::size_t before = defaults.size();
      for (std::size_t i = 1; i < step->produces.size(); ++i) {
        if (const auto own = making.find(step->produces[i]); own != making.end()) defaults.push_back(own->second);
      }
      if (defaults.size() > before) step = making.at(step->produces.front());
    }
    open.insert(open.end(), defaults.begin(), defaults.end());
    return open;
  }

  // Runs many statements in one round trip. A chunk in which one fails is rolled back and left for the passes.
  std::vector<const Step*> in_chunks(const std::vector<const Step*>& steps) {
    constexpr std::size_t kChunk = 200;
    std::vector<const Step*> open;
    std::set<catalog::ObjectId> missing;
    for (std::size_t begin = 0; begin < steps.size();) {
      if (awaits(*steps[begin], missing) || refused_.contains(steps[begin]) || runs_alone(*steps[begin])) {
        missing.insert(steps[begin]->produces.begin(), steps[begin]->produces.end());
        open.push_back(steps[begin++]);
        continue;
      }
      const bool super = by_superuser(*steps[begin]);
      std::size_t end = begin;
      std::vector<DeclaredSql> sql;
      const std::size_t most = super ? 1 : kChunk;  // what one statement creates must not run in another
      for (; end < steps.size() && end - begin < most && by_superuser(*steps[end]) == super && !awaits(*steps[end], missing) &&
             !refused_.contains(steps[end]) && !runs_alone(*steps[end]);
           ++end) {
        for (const auto& statement : steps[end]->sql) sql.emplace_back(statement, steps[end]->search_path);
      }
      try {
        if (super) {
          execute(*steps[begin]);
        } else {
          scratch_.session().declared(sql);
        }
      } catch (const DatabaseError& error) {
        if (error.facts().connection_lost) throw;
        for (std::size_t step = begin; step < end; ++step) {
          open.push_back(steps[step]);
          missing.insert(steps[step]->produces.begin(), steps[step]->produces.end());
        }
      }
      begin = end;
    }
    return open;
  }

  void execute(const Step& step) {
    if (by_superuser(step)) return execute_by_superuser(step);
    postgres::Session& session = scratch_.session();
    postgres::Transaction transaction(session);
    for (const auto& statement : step.sql) session.declared_single(DeclaredSql(statement, step.search_path));
    transaction.commit();
  }

  void execute_by_superuser(const Step& step) {
    const Object* object = to_.find(*object_of(step));
    postgres::Transaction transaction(scratch_.superuser());
    for (const auto& statement : step.sql) say_privileged(scratch_, DeclaredSql(statement, step.search_path));
    if (object != nullptr) refuse_other_privileges(scratch_.superuser(), *object);
    refuse_undisarmed(scratch_.superuser());
    transaction.commit();
    lend_wrappers(scratch_);
  }

  // One at a time with the extended protocol, which accepts a single statement: a declared name may contain anything.
  std::vector<BuildFailure> superuser_statements() {
    std::vector<BuildFailure> failures;
    for (const Object& object : to_.objects()) {
      const auto& kind = kinds::of(object.id);
      if (kind.superuser_statements == nullptr) continue;
      for (const auto& statement : kind.superuser_statements(object)) {
        try {
          postgres::Transaction transaction(scratch_.superuser());
          say_privileged(scratch_, DeclaredSql(statement));
          transaction.commit();
        } catch (const DatabaseError& error) {
          if (error.facts().connection_lost) throw;
          failures.push_back({object.id, error.facts()});
        }
      }
    }
    return failures;
  }

  void owners() {
    const std::vector<std::string> statements = owner_statements(scratch_, to_);
    if (statements.empty()) return;
    try {
      say_privileged(scratch_, statements);
    } catch (const DatabaseError&) {
      // Some objects may not exist (they have failures of their own); the others still get their owners.
      for (const auto& statement : statements) {
        try {
          say_privileged(scratch_, DeclaredSql(statement));
        } catch (const DatabaseError& error) {
          if (error.facts().connection_lost) throw;
        }
      }
    }
  }

  postgres::Scratch& scratch_;
  const Catalog& to_;
  std::map<const Step*, DatabaseError::Facts> refused_;  // extensions that can't be created
  ScriptRun* const scripts_;                             // may be null
  Stubs* const stubs_;                                   // may be null
  const std::function<std::vector<Step>()> make_apart_;
  std::vector<Step> apart_;
};

}  // namespace

std::vector<BuildFailure> build(postgres::Scratch& scratch, const Catalog& baseline, const Catalog& to, int server_version,
                                bool drop_others, ScriptRun* scripts, Stubs* stubs) {
  auto changes = catalog::diff(baseline, to, [](const Object& from, const Object& wanted, std::string_view name) {
    const auto* attribute = kinds::attribute(kinds::of(from.id), name);
    return attribute == nullptr || attribute->derived || name == kinds::kOwner.name || catalog::is_absent(wanted.value(name));
  });
  if (!drop_others) std::erase_if(changes, [](const Change& change) { return change.what == Change::What::removed; });
  const auto steps = [&](bool inline_defaults) {
    return planner::make_plan({.from = baseline,
                               .to = to,
                               .changes = changes,
                               .server_version = server_version,
                               .elaborating = true,
                               .inline_defaults = inline_defaults})
        .steps;
  };
  const bool scripted = scripts != nullptr;  // a script may make the objects that the defaults need
  return Builder(scratch, to, scripts, stubs, [&] { return steps(false); }).run(steps(!scripted));
}

}  // namespace lockstep::elaborator
