#include "elaborator/pending_detaches.h"

#include "elaborator/privileged.h"
#include "kinds/inheritance/change_parents.h"

namespace lockstep::elaborator {

void mark_pending(postgres::Scratch& scratch, const catalog::Catalog& source) {
  const auto names = kinds::pending_detaches(source);
  if (names.empty()) return;
  postgres::Session& superuser = scratch.superuser();
  if (!is_superuser(superuser)) return;
  for (const std::string& name : names) {
    superuser.query(
        "UPDATE pg_catalog.pg_inherits SET inhdetachpending = true WHERE inhrelid = pg_catalog.to_regclass($1)::pg_catalog.oid",
        {name});
  }
}

}  // namespace lockstep::elaborator
