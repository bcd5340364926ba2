#include "elaborator/invalid_indexes.h"

#include "elaborator/privileged.h"
#include "kinds/relations/invalid_index.h"

namespace lockstep::elaborator {

void mark_invalid(postgres::Scratch& scratch, const catalog::Catalog& source) {
  const auto names = kinds::invalid_indexes(source);
  if (names.empty()) return;
  postgres::Session& superuser = scratch.superuser();
  if (!is_superuser(superuser)) return;
  for (const std::string& name : names) {
    superuser.query(
        "UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indexrelid = pg_catalog.to_regclass($1)::pg_catalog.oid",
        {name});
  }
}

}  // namespace lockstep::elaborator
