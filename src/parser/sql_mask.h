// Hides what psql reads and PostgreSQL never sees: backslash commands and the rows after COPY … FROM stdin.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lockstep::parser {

struct PsqlCommand {
  std::size_t begin = 0, end = 0;  // bytes
};

struct Masked {
  std::string text;                   // of the same length, with the same lines; those parts are blanks
  std::vector<PsqlCommand> commands;  // without \restrict and \unrestrict, which pg_dump writes around every dump
};

Masked mask_psql(std::string_view text);

}  // namespace lockstep::parser
