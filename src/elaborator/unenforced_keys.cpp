#include "elaborator/unenforced_keys.h"

#include "elaborator/privileged.h"
#include "kinds/constraints/unenforced_keys.h"
#include "support/sql_text.h"

namespace lockstep::elaborator {

void mark_unenforced(postgres::Scratch& scratch, const catalog::Catalog& source) {
  const auto keys = kinds::unenforced_keys(source);
  if (keys.empty()) return;
  postgres::Session& superuser = scratch.superuser();
  if (!is_superuser(superuser)) return;
  for (const catalog::ObjectId& key : keys) {
    superuser.query(
        "UPDATE pg_catalog.pg_trigger SET tgenabled = 'D' WHERE tgisinternal AND tgconstraint IN (SELECT k.oid FROM "
        "pg_catalog.pg_constraint k WHERE k.conname = $1 AND k.conrelid = pg_catalog.to_regclass($2)::pg_catalog.oid)",
        {key.path[2], support::qualified(key.path[0], key.path[1])});
  }
}

}  // namespace lockstep::elaborator
