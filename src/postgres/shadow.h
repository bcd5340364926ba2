// Where scratch databases are made: `shadow:` of lockstep.yaml, `--shadow`.
#pragma once

#include <string>

namespace lockstep::postgres {

struct Shadow {
  enum class Where { embedded, same_server, server };
  Where where = Where::embedded;
  std::string url;  // a secret: of the server, with same_server the target's; empty: embedded

  // "embedded", "same-server" (its `url` is still to be said) or a libpq URI or keyword string. Throws UsageError, which
  // never shows the text.
  static Shadow parse(const std::string& text);
};

}  // namespace lockstep::postgres
