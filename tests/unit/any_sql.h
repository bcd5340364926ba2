// The tests' own door of a session: any text, under Lockstep's search_path.
#pragma once

#include <string>

#include "session/session.h"

namespace lockstep::testing {

inline postgres::Result any_sql(postgres::Session& session, const std::string& text) {
  return session.declared(support::DeclaredSql(text));
}

}  // namespace lockstep::testing
