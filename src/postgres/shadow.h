// Where scratch databases are created: `shadow:` of lockstep.yaml, `--shadow`.
#pragma once

#include <chrono>
#include <string>

namespace lockstep::postgres {

struct Shadow {
  enum class Where { embedded, same_server, server };
  Where where = Where::embedded;
  std::string url;  // a secret: of the server; with same_server, of the target; empty for embedded

  // The limit for one statement; all statements of a scratch database together have ten times as much. `shadow_timeout`,
  // --shadow-timeout.
  std::chrono::milliseconds statement_timeout{60000};

  // Parses "embedded", "same-server" (the caller sets its `url`), or a libpq URI or keyword string. Throws UsageError, whose
  // message never contains the text.
  static Shadow parse(const std::string& text);
};

}  // namespace lockstep::postgres
