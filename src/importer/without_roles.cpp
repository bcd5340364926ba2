#include "importer/without_roles.h"

#include <algorithm>
#include <map>

#include "importer/rules.h"
#include "parser/sql_parse.h"
#include "parser/sql_tree.h"
#include "support/sql_text.h"

namespace lockstep::importer {

using nlohmann::json;
using parser::at;
using parser::text_at;

constexpr support::Sql kMakeRoleFilter = R"sql(
  CREATE OR REPLACE FUNCTION pg_temp.lockstep_import_said(said pg_catalog.text) RETURNS pg_catalog.text LANGUAGE sql
  SET search_path TO pg_catalog AS $$
    SELECT CASE WHEN said ~* '^\s*(create|alter|drop)\s+(role|user|group)\s' AND said !~* '^\s*\w+\s+user\s+mapping\s'
                  OR said ~* '^\s*(grant|revoke)\s' AND said !~* '\son\s'
                THEN 'SELECT' ELSE said END $$)sql";

namespace {

struct Edit {
  std::size_t length = 0;
  std::string text;
};

// The body as the tree has it, if the text contains it as it is (in dollar quotes).
std::optional<std::string> body_of(const Piece& piece) {
  std::string body, language = "plpgsql";
  for (const auto& item : at(piece.fields(), "args")) {
    const auto& option = at(item, "DefElem");
    (text_at(option, "defname") == "as" ? body : language) = parser::string_of(at(option, "arg"));
  }
  if (language != "plpgsql" || body.empty()) return std::nullopt;
  return body;
}

bool is_about_roles(const std::string& statement) {
  std::optional<parser::SqlError> error;
  const auto pieces = parser::split_sql(statement, error);
  return !error && pieces.size() == 1 && about_roles(pieces.front().tree);
}

// The offset of the line with this number, counted from 1.
std::size_t line_start(std::string_view text, std::size_t line) {
  std::size_t at_byte = 0;
  for (; line > 1 && at_byte != std::string_view::npos; --line) {
    at_byte = text.find('\n', at_byte);
    if (at_byte != std::string_view::npos) ++at_byte;
  }
  return std::min(at_byte, text.size());
}

}  // namespace

std::optional<std::string> without_roles(const Piece& piece) {
  if (piece.node() != "DoStmt") return std::nullopt;
  const auto body = body_of(piece);
  if (!body) return std::nullopt;
  std::string text(piece.span.text());
  const std::size_t start = text.find(*body);
  if (start == std::string::npos) return std::nullopt;
  std::string error;
  const auto tree =
      parser::parse_plpgsql("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS " + support::dollar_quote(*body), error);
  if (!tree) return std::nullopt;

  std::map<std::size_t, Edit> edits;  // by offset in the body
  std::vector<const json*> open{&*tree};
  while (!open.empty()) {
    const json& node = *open.back();
    open.pop_back();
    if (!node.is_structured()) continue;
    for (const json& child : node) open.push_back(&child);
    for (const char* kind : {"PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_execsql"}) {
      const json& statement = at(node, kind);
      if (!statement.is_object()) continue;
      const bool dynamic = statement.contains("query");
      const std::string said = text_at(at(at(statement, dynamic ? "query" : "sqlstmt"), "PLpgSQL_expr"), "query");
      if (said.empty() || (!dynamic && !is_about_roles(said))) continue;
      const json& line = at(statement, "lineno");
      std::size_t place = body->find(said, line_start(*body, line.is_number_integer() ? line.get<std::size_t>() : 1));
      while (edits.contains(place)) place = body->find(said, place + 1);  // the same statement twice in a line
      if (place == std::string::npos) return std::nullopt;
      edits[place] = {said.size(), dynamic ? "pg_temp.lockstep_import_said((" + said + ")::text)" : "NULL"};
    }
  }
  if (edits.empty()) return std::nullopt;
  for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit)
    text.replace(start + edit->first, edit->second.length, edit->second.text);
  return text;
}

}  // namespace lockstep::importer
