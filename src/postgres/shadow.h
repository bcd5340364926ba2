// Where scratch databases are made: `shadow:` of lockstep.yaml, `--shadow`.
#pragma once

#include <chrono>
#include <string>

namespace lockstep::postgres {

struct Shadow {
  enum class Where { embedded, same_server, server };
  Where where = Where::embedded;
  std::string url;  // a secret: of the server, with same_server the target's; empty: embedded

  // Of one statement there; all of a scratch database's together have ten times as much. `shadow_timeout`, --shadow-timeout.
  std::chrono::milliseconds statement_timeout{60000};

  // "embedded", "same-server" (its `url` is still to be said) or a libpq URI or keyword string. Throws UsageError, which
  // never shows the text.
  static Shadow parse(const std::string& text);
};

}  // namespace lockstep::postgres
