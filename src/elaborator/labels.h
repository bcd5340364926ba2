// Security labels on a scratch database. PostgreSQL accepts a label only if its provider's module is loaded, which it seldom is
// there. A label is a text that PostgreSQL stores and never reads, so there is nothing to elaborate: Lockstep stores it in
// pg_seclabel itself. Private to the elaborator.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "catalog/catalog.h"
#include "postgres/scratch.h"

namespace lockstep::elaborator {

// Runs a SECURITY LABEL statement; `fields` are those of its parse tree. If the provider is loaded, the statement runs as it is,
// as the unprivileged role (for an object that only a superuser owns, as the superuser), and the provider may refuse it.
// Otherwise a COMMENT finds the object, checks its owner and takes the same lock, and the superuser stores the label. REQUIRES: a
// transaction of the superuser's session, which holds the lock until it ends. Throws DatabaseError.
void set_label(postgres::Scratch& scratch, const support::DeclaredSql& statement, const nlohmann::json& fields);

// The labels of either catalog, on objects that `to` has, whose provider isn't loaded on scratch, each with a reason for people.
// No step that sets one of them is proved.
std::map<catalog::ObjectId, std::string> untried_labels(postgres::Scratch& scratch, const catalog::Catalog& from,
                                                        const catalog::Catalog& to);

}  // namespace lockstep::elaborator
