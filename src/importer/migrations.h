// A project's existing migrations, as files in the order in which its tool runs them. Reads files only.
//
// The files are hostile text: names are shown escaped, and a link that leads out of the folder is refused.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/source_text.h"

namespace lockstep::importer {

using Variables = std::map<std::string, std::string>;  // --variable NAME=VALUE

struct Migrations {
  std::vector<support::SourcePtr> files;
  std::vector<std::string> notes;  // what is in the folder and is not read, and why
};

// One tool, by the name on the command line.
struct Format {
  std::string_view name;
  std::string_view path;  // what PATH is, for the help
  // The tables in which the tool notes what has run: globs on names in any schema. They are no part of the schema.
  std::span<const std::string_view> bookkeeping;
  // Throws UsageError.
  Migrations (*read)(const std::string& path, const Variables& variables);
};
std::span<const Format> formats();

// One file each.
Migrations read_prisma(const std::string& path, const Variables& variables);
Migrations read_rails(const std::string& path, const Variables& variables);
Migrations read_flyway(const std::string& path, const Variables& variables);
Migrations read_alembic(const std::string& path, const Variables& variables);
Migrations read_sql(const std::string& path, const Variables& variables);

}  // namespace lockstep::importer
