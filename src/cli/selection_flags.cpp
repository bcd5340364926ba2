#include "cli/selection_flags.h"

namespace lockstep::cli {

void selection_flags(Flags app, reconciler::Selection& selection) {
  app.option("--only", selection.only,
             "only the changes of these objects, and of what those need: names as `plan` prints them (table shop.orders, or "
             "shop.orders), or globs")
      .type("OBJECT")
      .several();
  app.option("--exclude", selection.exclude, "leave out the changes of these objects; refused if other changes need them")
      .type("OBJECT")
      .several();
}

}  // namespace lockstep::cli
