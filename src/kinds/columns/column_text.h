// How a column is written in CREATE TABLE and ADD COLUMN, and small questions about columns that tables ask too.
#pragma once

#include <string>

#include "kinds/kind.h"

namespace lockstep::kinds {

// "name type COLLATE … STORAGE … COMPRESSION … GENERATED … NOT NULL": all but its default, which is an object of its own.
// STATISTICS, options and STORAGE before PostgreSQL 16 need statements of their own: column_settings.
std::string column_definition(const Object& column);
// "ALTER COLUMN c SET STATISTICS 5" … : what CREATE TABLE can't say.
std::vector<std::string> column_settings(const Object& column);
// " storage main statistics 5 …": the same in a declaration, with the compression.
std::string declared_settings(const Object& column);
// It comes from a parent table (a partition's column): made, changed and dropped with the parent's.
bool is_inherited(const Object& column);
std::int64_t position(const Object& column);
// " not null default 5": what an descendant alone says of a column, as its declaration ends (override.cpp).
std::string override_text(const Object& object);

}  // namespace lockstep::kinds
