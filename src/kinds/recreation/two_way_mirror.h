// The triggers of a column that gets another name and another type: until contract it has both, each in its type, and either is
// written (docs/adr/0041).
//
// Two triggers BEFORE INSERT OR UPDATE, ENABLE ALWAYS: the first and the last of the table's. The first finds out which of the
// two columns the statement wrote, and converts it to the other one; the last one takes over what the table's own triggers made
// of the old column, the only one that they know. The new column always has what the conversion makes of the old one: a value of
// it that the way back doesn't keep is refused at its writer.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"
#include "kinds/recreation/mirror.h"
#include "recipes/column_succession.h"

namespace lockstep::kinds {

class TwoWayMirror {
 public:
  // `columns`: all of the table's that get successors. Refers to the arguments.
  TwoWayMirror(const recipes::Succession::Column& column, const Mirror::Columns& columns, const Context& context)
      : column_(column), columns_(columns), context_(context) {}

  // Adds the statements and helpers. REQUIRES: the successor exists.
  void create(Step& step) const;
  void drop(std::vector<std::string>& sql) const;

 private:
  std::string body() const;
  std::string forwards() const;
  std::string backwards() const;

  const recipes::Succession::Column& column_;
  const Mirror::Columns& columns_;
  const Context& context_;
};

}  // namespace lockstep::kinds
