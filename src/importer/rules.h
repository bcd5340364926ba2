// What is done with each statement of a migration on scratch. Most run as they are; these are the others.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "importer/script.h"

namespace lockstep::importer {

enum class Use {
  run,          // as the unprivileged role
  superuser,    // the same; if that role may not, and the statement does only what an owner or superuser may, as superuser
  extension,    // CREATE EXTENSION
  transaction,  // BEGIN, COMMIT …
  setting,      // SET: what this server doesn't know or allow is left out
  leave_out,    // about the server or the session, not the schema
  refuse,
};

struct Ruling {
  Use use = Use::run;
  std::string_view why = {};  // of leave_out and refuse
};
Ruling ruling(const Piece& piece);

// Whether no transaction may hold it, or what it makes can't be used in the same one.
bool stands_alone(const Piece& piece);
// Whether it is only about roles: CREATE ROLE, GRANT role TO role …
bool about_roles(const nlohmann::json& tree);
// The roles that a statement names, those that it makes too.
std::vector<std::string> roles_in(const nlohmann::json& tree);

}  // namespace lockstep::importer
