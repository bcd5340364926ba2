// Schema `lockstep` may be somebody's who may create schemas, and every command reads it: what a role that isn't trusted put
// there must not run.
#pragma once

#include "postgres/session.h"

namespace lockstep::postgres {

// Reads catalogs only. Throws RefusedError where reading or writing a relation of schema `lockstep` would evaluate code of a role
// other than superusers and the connected one: it is a view, has a trigger, a check …. Tables as Lockstep makes them have none.
void refuse_planted_journal(Session& session);

}  // namespace lockstep::postgres
