// The trigger that keeps the old column of a succession up to date while the run is held, so that a rollback only has to exchange
// names (docs/adr/0031).
//
// BEFORE INSERT OR UPDATE, fires after all others, ENABLE ALWAYS. A row whose value in the new column isn't touched keeps what
// the old column had, also where the conversion was lossy. Nobody's write fails for it: a value that can't be converted back
// leaves NULL, and the rollback asks for such rows before its first step. Nor does a cast that would round or cut it give it
// another one.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"
#include "kinds/recreation/mirror.h"
#include "recipes/column_succession.h"

namespace lockstep::kinds {

class BackMirror {
 public:
  // `column`: of Successions::back. `back`: `from` is the schema after the swap, `to` the one before it. Refers to both.
  // `under`: the names that the table's columns have while it fires: those of the hold, which may be new, or those before.
  enum class Names { of_hold, before };
  BackMirror(const recipes::Succession::Column& column, const Context& back, Names under);

  // Adds the statements and helpers. REQUIRES: the old column has its hidden name.
  void create(Step& step) const;
  void drop(std::vector<std::string>& sql) const;
  std::vector<plan::Helper> helpers() const;
  // A condition: the row's old value is neither that of before, which becomes the present one, nor what the way back makes of the
  // present one: the trigger was off when somebody wrote it. For a lossy conversion. `differ`: a condition, it is not the latter.
  // `columns`: the retyped ones of the table.
  std::string lost(const std::string& differ, const std::vector<const recipes::Succession::Column*>& columns) const;

 private:
  std::string forward_again(const std::vector<const recipes::Succession::Column*>& columns) const;
  std::string function() const;
  std::string trigger() const;
  bool has_new_names() const;
  std::string present() const;
  std::string row(const std::string& record) const;
  std::string unless_it_survives() const;
  std::string body() const;

  const recipes::Succession::Column& column_;
  const Context& context_;
  const Names under_;
};

// What the way back from a succession is planned with. The context refers to the members.
struct Backwards {
  explicit Backwards(const Context& forward);
  Backwards(const Backwards&) = delete;
  Backwards& operator=(const Backwards&) = delete;

  catalog::Intents intents;
  std::map<ObjectId, recipes::ColumnProbe> probes;
  Context context;
};

// A condition over a row: the old column of a held run isn't what it is to be. What a lossy conversion made of its values says
// nothing.
std::string lacking_former(const Mirror::Columns& columns, const Context& back);

}  // namespace lockstep::kinds
