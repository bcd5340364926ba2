// A .sql file (from pg_dump -s, or hand-written) → Script. It may contain definitions only; other statements are refused by
// name, all at once.
#pragma once

#include "parser/script.h"
#include "support/diagnostic.h"

namespace lockstep::parser {

// Reports every error of the text at its place (LS0100, LS0103, LS0110 to LS0113). `part`: the bytes of the file to read, if
// not all; `search_path`: the initial one, if not "$user", public. Thread-safe.
Script read_sql(const support::SourcePtr& source, support::Diagnostics& diagnostics);
Script read_sql(const support::Span& part, const std::string& search_path, support::Diagnostics& diagnostics);

}  // namespace lockstep::parser
