// The SQL for a column in CREATE TABLE and ADD COLUMN, and facts about columns that tables need too.
#pragma once

#include <string>

#include "kinds/kind.h"

namespace lockstep::kinds {

// "name type COLLATE … STORAGE … COMPRESSION … GENERATED … NOT NULL". The default is not included, because it is an object of
// its own. STATISTICS, options and, before PostgreSQL 16, STORAGE need separate statements: column_settings().
std::string column_definition(const Object& column);
// "ALTER COLUMN c SET STATISTICS 5" …: the settings that CREATE TABLE has no syntax for.
std::vector<std::string> column_settings(const Object& column);
// " storage main statistics 5 …": all settings, including the compression, as written in a declaration.
std::string declared_settings(const Object& column);
// Whether the column is inherited (as a partition's are). It is then created, changed and dropped together with the parent's
// column.
bool is_inherited(const Object& column);
// Whether the column becomes inherited by the change, or its table's own. What it is stands elsewhere then, so that its
// attributes come or go; its type and values are what they were.
bool is_said_elsewhere(const Change& change);
// Where, for people. REQUIRES: is_said_elsewhere(change).
std::string said_where(const Change& change);
std::int64_t position(const Object& column);
// " not null default 5": what a descendant declares for itself about a column, as it is written at the end of a declaration
// (override.cpp).
std::string override_text(const Object& object);

}  // namespace lockstep::kinds
