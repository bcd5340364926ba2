// Security labels on scratch. PostgreSQL takes one only where the module of its provider is loaded, which it seldom is there. A
// label is a text that PostgreSQL keeps and never reads, so nothing of it is elaborated: it is put where PostgreSQL keeps it.
// Private to the elaborator.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "catalog/catalog.h"
#include "postgres/scratch.h"

namespace lockstep::elaborator {

// SECURITY LABEL, with its parse tree's fields. Where the provider is loaded it is said as it stands, as the unprivileged role
// (of what only a superuser owns, as the superuser), and the provider may refuse it. Where it isn't, PostgreSQL finds the object,
// checks who owns it and locks it as for a COMMENT, and the superuser stores the label. To be called within a transaction of the
// superuser's session, which keeps the lock until it ends. Throws DatabaseError.
void say_label(postgres::Scratch& scratch, const support::DeclaredSql& statement, const nlohmann::json& fields);

// Labels of either catalog whose provider isn't loaded on scratch, on objects that `to` has, and what that means: no step that
// says one is proved.
std::map<catalog::ObjectId, std::string> untried_labels(postgres::Scratch& scratch, const catalog::Catalog& from,
                                                        const catalog::Catalog& to);

}  // namespace lockstep::elaborator
