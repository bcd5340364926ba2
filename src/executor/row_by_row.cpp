#include "executor/row_by_row.h"

#include <fmt/format.h>

#include "support/sql_text.h"

namespace lockstep::executor {
namespace {

// Errors that a value causes: of the value itself, of a domain's constraint, or raised by a function. Any other error is not
// the row's and ends the check.
constexpr std::string_view kErrorsOfValues = "data_exception OR integrity_constraint_violation OR raise_exception";

// Conditions use plain column names, or the table's name, so the row gets that name. A newline ends a comment in them.
constexpr std::string_view kBody = R"(
#variable_conflict use_column
DECLARE
  lockstep_row {relation}%ROWTYPE;
  lockstep_rows pg_catalog.int8 := 0;
  lockstep_keys pg_catalog.text[] := '{{}}';
  lockstep_key pg_catalog.text;
  lockstep_breaks pg_catalog.bool;
BEGIN
  FOR lockstep_row IN SELECT * FROM {relation} LOOP
    BEGIN
      SELECT ({condition}
      ) INTO lockstep_breaks FROM (SELECT (lockstep_row).*) AS {alias};
    EXCEPTION WHEN {errors} THEN
      lockstep_breaks := true;
    END;
    IF lockstep_breaks THEN
      lockstep_rows := lockstep_rows + 1;
      IF lockstep_rows <= 5 THEN
        SELECT ({shown}
        ) INTO lockstep_key FROM (SELECT (lockstep_row).*) AS {alias};
        lockstep_keys := lockstep_keys || lockstep_key;
      END IF;
    END IF;
  END LOOP;
  PERFORM pg_catalog.set_config('lockstep.rows', lockstep_rows::pg_catalog.text, true),
    pg_catalog.set_config('lockstep.keys', pg_catalog.to_json(lockstep_keys)::pg_catalog.text, true);
END)";

}  // namespace

std::string row_by_row(const plan::RowByRow& question) {
  using fmt::arg;
  return "DO " + support::dollar_quote(fmt::format(kBody, arg("relation", support::qualified(question.schema, question.table)),
                                                   arg("alias", support::quote_identifier(question.table)),
                                                   arg("condition", question.condition), arg("shown", question.shown),
                                                   arg("errors", kErrorsOfValues)));
}

}  // namespace lockstep::executor
