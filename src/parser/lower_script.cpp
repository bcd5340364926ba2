// What must be known of a script before PostgreSQL reads it: objects that only a superuser may create, and double declarations.
#include <algorithm>

#include "kinds/registry.h"
#include "parser/lowering.h"
#include "parser/sql_reader.h"
#include "support/sql_text.h"

namespace lockstep::parser {

// sql name $$ … $$: a small script. Its text is padded so that every character has the same offset as in the file.
void Lowering::sql(const ast::Node& node, const Enclosing& around) {
  const ast::Property& written = *node.find("script");
  const std::string& text = std::get<std::string>(written.value);
  const std::size_t begin = written.span.text().find(text);
  if (begin == std::string_view::npos) {
    diagnostics_.error("LS0107", "this form of text can't stand here", written.span, "write the statements as $$ … $$");
    return;
  }
  Span part = written.span;
  part.begin += begin;
  part.end = part.begin + text.size();
  script(read_sql(part, around.schema.empty() ? std::string{} : support::quote_identifier(around.schema), diagnostics_));
}

void Lowering::script(Script script) {
  for (const auto& object : script.objects) declare(object);
  owners(script);
  result_.scripts.push_back(std::move(script));
}

void Lowering::declare(const Script::Object& stated) {
  const kinds::KindSpec& kind = *kinds::find(stated.kind);
  const ObjectId id{&kind.tag, stated.path};
  if (stated.if_missing && by_id_.contains(id)) return;
  Object* made = add(kind, stated.path, std::nullopt, stated.span);
  if (made == nullptr) return;
  for (const auto& [name, value] : stated.attributes) made->set(kinds::attribute(kind, name)->name, value);
  if (stated.comment.empty()) return;
  Path path{stated.kind};
  path.append(stated.path);
  const kinds::KindSpec& comment_kind = *kinds::find("comment");
  if (Object* comment = add(comment_kind, std::move(path), id, stated.comment_span))
    comment->set(kinds::attribute(comment_kind, "text")->name, stated.comment);
}

void Lowering::owners(const Script& script) {
  for (const auto& [object, owner] : script.owners) {
    const ObjectId id{&kinds::find(object.first)->tag, object.second};
    const auto declared = by_id_.find(id);
    if (declared != by_id_.end()) {
      declared->second->set(kinds::kOwner.name, owner);
    } else {
      result_.owners[id] = owner;
    }
  }
}

// Across files only: within one file PostgreSQL's own error is clear enough, and CREATE OR REPLACE may legitimately repeat.
void Lowering::refuse_twice() {
  struct Maker {
    Span span;
    const Script* script = nullptr;  // null: a .schema file
  };
  std::map<Path, Maker> makers;
  for (const auto& [id, place] : result_.places) {
    if (kinds::of(id).is_relation() && id.path.size() == 2) makers.emplace(id.path, Maker{place.head, nullptr});
  }
  for (const Script& script : result_.scripts) {
    for (const Statement& statement : script.statements) {
      if (statement.makes.size() != (statement.routine ? 3U : 2U)) continue;
      const auto [known, added] = makers.emplace(statement.makes, Maker{statement.span, &script});
      if (added || known->second.script == &script) continue;
      std::string name = statement.makes[0] + "." + statement.makes[1];
      if (statement.routine) name += "(" + statement.makes[2] + ")";
      support::Diagnostic twice{support::Severity::error, "LS0201", name + " is declared twice", statement.span, {}, {}};
      twice.notes.push_back({"the other declaration is here", known->second.span});
      diagnostics_.add(std::move(twice));
    }
  }
}

}  // namespace lockstep::parser
